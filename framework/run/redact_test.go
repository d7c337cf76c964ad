package run

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRedactedSettings(t *testing.T) {
	got := redacted([]string{"msb.msb-iag.istioSidecar=false", "global.masterPassword=geheim"})
	want := []string{"msb.msb-iag.istioSidecar=false", "global.masterPassword=[redacted]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings in a report (-want +got):\n%s", diff)
	}
}

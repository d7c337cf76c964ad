package cluster

import (
	"context"
	"slices"
	"testing"
)

// TestCanaryNamesItsTrace: in the format of either tracer, and the same trace.
func TestCanaryNamesItsTrace(t *testing.T) {
	var asked []string
	o := &Observer{exec: func(_ context.Context, _, _, _ string, command ...string) (string, error) {
		asked = command
		return echoed, nil
	}}
	seen, err := insider{place: outsider, observer: o, pod: "client-1"}.canary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	span := seen.TraceID[16:]
	for _, header := range []string{"x-b3-traceid: " + seen.TraceID, "x-b3-spanid: " + span, "traceparent: 00-" + seen.TraceID + "-" + span + "-01"} {
		if !slices.Contains(asked, header) {
			t.Errorf("%q is not among %q", header, asked)
		}
	}
}

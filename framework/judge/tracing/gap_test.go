package tracing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

// TestKnownGap: what the catalogue knows to drop headers is a note, unless the
// ideal is asked for; another application that drops them is no known gap.
func TestKnownGap(t *testing.T) {
	release := sample.Release(t, "casablanca")
	split := judged(t, "check-vim-capacity", `
		1 sent server msb-iag 0 24
		2 1 client msb-iag 1 22
		3 2 server multicloud 2 18`, nil, `
		4 - client multicloud 6 13
		5 4 server msb-iag 9 8
		6 5 client msb-iag 10 6
		7 6 server multicloud-vio 13 1`)
	otherDrops := judged(t, "check-vim-capacity", `1 sent server msb-iag 0 24`, nil, `
		2 - client msb-iag 1 22
		3 2 server multicloud 2 18
		4 3 client multicloud 6 13
		5 4 server msb-iag 9 8
		6 5 client msb-iag 10 6
		7 6 server multicloud-vio 13 1`)
	for name, c := range map[string]struct {
		findings []verdict.Finding
		ideal    bool
		want     verdict.Verdict
		gap      string
	}{
		"as known":        {split, false, verdict.Pass, "check-vim-capacity-drops-headers"},
		"as known, ideal": {split, true, verdict.Fail, "check-vim-capacity-drops-headers"},
		"another drops":   {otherDrops, false, verdict.Fail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := verdict.Excuse("tracing.check-vim-capacity", c.findings, release.Gaps, c.ideal)
			if len(got) != 1 || verdict.Of(got) != c.want || got[0].Gap != c.gap {
				t.Errorf("want one finding, %s, gap %q: %+v", c.want, c.gap, got)
			}
		})
	}
}

func TestServices(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	want := []string{"msb-iag.onap", "multicloud.onap", "multicloud-vio.onap"}
	if diff := cmp.Diff(want, tracing.Services(path, "onap")); diff != "" {
		t.Error(diff)
	}
}

package tracing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
)

// drawn is one waterfall a line: the trace's oddities, then its bars.
func drawn(all []tracing.Waterfall) string {
	var out strings.Builder
	for _, w := range all {
		fmt.Fprintf(&out, "%s: %d spans, %d hops, roots %v, orphans %v, twice %d, self %v, skew %s\n",
			w.TraceID[:4], w.Spans, w.Hops, w.Roots, w.Orphans, w.Duplicates, w.SelfCalls, w.Skew)
		for _, b := range w.Bars {
			fmt.Fprintf(&out, "%s%s %s %s %s+%s %s\n", strings.Repeat(" ", b.Depth+1), b.ID, b.Kind, b.Service, b.Start, b.Duration, b.Status)
		}
	}
	return out.String()
}

func TestDraw(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	one := trace(t, wanted, upTo+`
		3 2 server multicloud 2 18
		8 2 server msb-iag 1 50 status=200
		9 lost client msb-eag 3 1`)
	rest := trace(t, other, rest)
	foreign := trace(t, strings.Repeat("b", 32), `1 - server vfc-nslcm 0 3`)
	seen := tracing.Seen{Pods: sample.Pods(release, catalogue.Enabled), Traces: evidence.Traces{Wanted: &one, Others: []evidence.Trace{foreign, rest}}}
	want := `a999: 5 spans, 2 hops, roots [1 9], orphans [1 9], twice 1, self [8], skew 28ms
 1 server msb-iag.onap 0s+24ms 
  2 client msb-iag.onap 1ms+22ms 
   8 server msb-iag.onap 1ms+50ms 200
   3 server multicloud.onap 2ms+18ms 
 9 client msb-eag.onap 3ms+1ms 
7a01: 4 spans, 2 hops, roots [4], orphans [], twice 0, self [], skew 0s
 4 client multicloud.onap 0s+13ms 
  5 server msb-iag.onap 3ms+8ms 
   6 client msb-iag.onap 4ms+6ms 
    7 server multicloud-vio.onap 7ms+1ms 
`
	if diff := cmp.Diff(want, drawn(tracing.Draw(release, path, seen))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := tracing.Draw(release, path, tracing.Seen{}); got != nil {
		t.Errorf("nothing is drawn as %v", got)
	}
}

// TestDrawSkew: a callee whose clock is behind seems to begin before it was called.
func TestDrawSkew(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	one := trace(t, wanted, `
		1 sent server msb-iag 0 24
		2 1 client msb-iag 1 22
		3 2 server multicloud -40 18`)
	got := tracing.Draw(release, path, tracing.Seen{Traces: evidence.Traces{Wanted: &one}})
	if len(got) != 1 || got[0].Skew != 41*time.Millisecond {
		t.Errorf("got %+v, want a skew of 41 ms", got)
	}
}

// TestDrawIsBounded: what nobody can read is not drawn, and circles end.
func TestDrawIsBounded(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	seen := large(release, 100_000, func(i int) (int, int) { return i, i - 1 })
	if got := tracing.Draw(release, path, seen); len(got) != 1 || len(got[0].Bars) != 1000 || got[0].Spans != 100_007 {
		t.Errorf("%d waterfalls, %d bars of %d spans", len(got), len(got[0].Bars), got[0].Spans)
	}
	circle := trace(t, wanted, `
		1 sent server msb-iag 0 24
		2 1 client msb-iag 1 22
		3 2 client msb-iag 2 21
		2 3 client msb-iag 3 20`)
	if got := tracing.Draw(release, path, tracing.Seen{Traces: evidence.Traces{Wanted: &circle}}); len(got) != 1 || len(got[0].Bars) != 4 {
		t.Errorf("a circle is drawn as %+v", got)
	}
}

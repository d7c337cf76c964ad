package diff

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/report"
)

func TestBeyond(t *testing.T) {
	for _, c := range []struct {
		name    string
		m       measured
		changed bool
	}{
		{"twice as long", measured{"s", []float64{31}, 62}, true},
		{"twice as long, of little", measured{"s", []float64{1}, 30.9}, false},
		{"much longer, of much", measured{"s", []float64{100}, 199}, false},
		{"half as long", measured{"s", []float64{100}, 49}, true},
		{"from nothing", measured{"s", []float64{0}, 31}, true},
		{"two runs tell no spread", measured{"s", []float64{10, 12}, 35}, false},
		{"several that agree", measured{"s", []float64{10, 10.1, 9.9}, 15.5}, true},
		{"several that agree, a bit off", measured{"s", []float64{10, 10.1, 9.9}, 14.5}, false},
		{"several that vary", measured{"s", []float64{10, 16, 20}, 45}, false},
		{"several that vary, far off", measured{"s", []float64{10, 16, 20}, 50}, true},
		{"one of several far off", measured{"s", []float64{10, 10.1, 9.9, 500}, 10}, false},
		{"slower answers", measured{"ms", []float64{14}, 140}, true},
		{"slower answers, by little", measured{"ms", []float64{14}, 60}, false},
		{"a count", measured{"", []float64{1}, 1e9}, false},
		{"a unit nobody knows", measured{"pages", []float64{1}, 1e9}, false},
		{"all to some", measured{"%", []float64{100}, 94}, true},
		{"none to some", measured{"%", []float64{0}, 6}, true},
		{"all to most", measured{"%", []float64{100}, 96}, false},
		{"some to some", measured{"%", []float64{20}, 80}, false},
		{"no number", measured{"s", []float64{math.NaN()}, 100}, false},
		{"to no number", measured{"s", []float64{1}, math.NaN()}, false},
		{"nothing", measured{"s", nil, 100}, false},
	} {
		if _, changed := c.m.beyond(); changed != c.changed {
			t.Errorf("%s: changed %t", c.name, changed)
		}
	}
}

// TestBaseline: with several runs on A's side a smaller difference is one, if
// they agree among themselves.
func TestBaseline(t *testing.T) {
	run := func(id string, seconds, p99 float64) Run {
		return made(t, func(s *sample) {
			s.run.ID = id
			s.spec("graph.edges").Seconds, s.phases[0].Seconds = seconds, 20*seconds
			s.spec("metrics.load").Figures[0].Value = p99
		})
	}
	a, b := run("a", 2, 14), run("b", 9, 40)
	if got := told(compared(a, b)); len(got) > 0 && !strings.Contains(got[0], "phase") {
		t.Errorf("one run a side: %q", got)
	}
	quiet := []*report.Report{run("c", 2.2, 15).Report, run("d", 1.9, 13).Report}
	want := []string{"figures ~ metrics.load p99, with sidecars: 14 ms → 40 ms", "durations ~ phase cluster: 40 s → 180 s", "durations ~ graph.edges: 2 s → 9 s"}
	d := compared(a, b, quiet...)
	if diff := cmp.Diff(want, told(d)); diff != "" {
		t.Errorf("runs that agree, -want +got:\n%s", diff)
	}
	if method := d.Section(Durations).Method; !strings.Contains(method, "of 3 runs like A") {
		t.Errorf("the method is %q", method)
	}
	loud := []*report.Report{run("c", 12, 90).Report, run("d", 7, 60).Report}
	if got := told(compared(a, b, loud...)); len(got) > 0 {
		t.Errorf("runs that vary: %q", got)
	}
	killed := made(t, func(s *sample) { s.run.ID, s.killed = "e", true }).Report
	for name, more := range map[string][]*report.Report{
		"none": {nil, nil}, "A again": {a.Report, a.Report}, "killed ones": {killed, killed},
	} {
		if method := compared(a, b, more...).Section(Durations).Method; strings.Contains(method, "runs like A") {
			t.Errorf("%s: taken for runs like A: %q", name, method)
		}
	}
}

func TestMask(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"in new trace 7a01…", "in new trace f69b74d0…", true},
		{"span 98ee623c1a2b3c4d has no child", "span 0000000000000001 has no child", true},
		{"starts a new trace 0 ms later", "starts a new trace 11 ms later", true},
		{"good after 1m0.5s", "good after 300ms", true},
		{"valid at 2026-11-24T02:43:58Z", "valid at 2027-01-01T00:00:00.5+01:00", true},
		{"from 2026-11-24 to 2027-11-24", "from 2026-01-01 to 2027-01-01", true},
		{"no route to 10.96.123.227:8080", "no route to 10.244.0.1", true},
		{"the proxy of msb-msb-iag-764d5d8d6d-qsllw", "the proxy of msb-msb-iag-6bdc84f68d-kgxdb", true},
		{"the proxy of msb-msb-iag-764d5d8d6d-qsllw", "the proxy of msb-msb-eag-764d5d8d6d-qsllw", false},
		{"1313, before 314", "1000, before 0", true},
		{"client → msb-iag: 22.5 of 10.", "client → msb-iag: 5 of 10.", true},
		{"istiod 1.31.0", "istiod 1.32.0", false},
		{"Kubernetes v1.34.4", "Kubernetes v1.35.0", false},
		{"msb-iag drops traceparent", "msb-iag drops tracestate", false},
		{"200: an older answer", "200: a newer answer", false},
		{"vfc-vnflcm", "vfc-vnfmgr", false},
		{"deadface", "facedead", false},
		{"", "0", false},
	} {
		if same := mask(c.a) == mask(c.b); same != c.same {
			t.Errorf("%q and %q: %q and %q", c.a, c.b, mask(c.a), mask(c.b))
		}
		if again := mask(mask(c.a)); again != mask(c.a) {
			t.Errorf("masked twice: %q, once: %q", again, mask(c.a))
		}
	}
}

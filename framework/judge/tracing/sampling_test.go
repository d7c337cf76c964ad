package tracing

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/verdict"
)

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		n            int
		percent      float64
		fewest, most int
	}{
		{300, 0, 0, 0}, {300, 100, 300, 300}, {0, 50, 0, 0}, {1, 50, 0, 1},
		// 0.99^1500 is 2.8e-7, so that not even one traced is no longer believed.
		{1500, 1, 1, 37},
		{300, 50, 109, 191},
	} {
		if fewest, most := bounds(c.n, c.percent); fewest != c.fewest || most != c.most {
			t.Errorf("%d at %g %%: %d to %d, want %d to %d", c.n, c.percent, fewest, most, c.fewest, c.most)
		}
	}
}

// TestBoundsHold: what is sampled right stays within, and the neighbours' shares do not.
func TestBoundsHold(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	drawn := func(n int, percent float64) int {
		k := 0
		for range n {
			if random.Float64()*100 < percent {
				k++
			}
		}
		return k
	}
	for _, c := range []struct {
		n              int
		percent, wrong float64
	}{{1500, 1, 0}, {1500, 1, 10}, {300, 50, 100}, {300, 50, 1}, {300, 0, 10}, {300, 100, 90}} {
		for range 200 {
			fewest, most := bounds(c.n, c.percent)
			if k := drawn(c.n, c.percent); k < fewest || k > most {
				t.Fatalf("%d of %d at %g %% are not within %d to %d", k, c.n, c.percent, fewest, most)
			}
			if k := drawn(c.n, c.wrong); k >= fewest && k <= most {
				t.Fatalf("%d of %d at %g %% are taken for %g %%", k, c.n, c.wrong, c.percent)
			}
		}
	}
}

func TestJudgeSampling(t *testing.T) {
	for name, c := range map[string]struct {
		seen    Sampled
		kind    verdict.Kind
		verdict verdict.Verdict
	}{
		"as set":            {Sampled{50, 300, 150, true}, "", verdict.Pass},
		"nothing at 0":      {Sampled{0, 300, 0, true}, "", verdict.Pass},
		"one at 0":          {Sampled{0, 300, 1, true}, "sampling-wrong", verdict.Fail},
		"one too few":       {Sampled{100, 300, 299, true}, "sampling-wrong", verdict.Fail},
		"nothing at 1":      {Sampled{1, 1500, 0, true}, "sampling-wrong", verdict.Fail},
		"too many":          {Sampled{1, 1500, 38, true}, "sampling-wrong", verdict.Fail},
		"the last not seen": {Sampled{0, 300, 0, false}, "traces-late", verdict.Inconclusive},
		"nothing sent":      {Sampled{0, 0, 0, true}, "no-requests", verdict.Inconclusive},
		"more than any":     {Sampled{1, 1 << 60, 1, true}, "no-requests", verdict.Inconclusive},
	} {
		check(t, name, JudgeSampling("Deployment x/y", c.seen), c.kind, c.verdict)
	}
	attack.NeverGreen(t, map[string]Sampled{"nothing": {}}, sampledBy)
	attack.Mutations(t, Sampled{50, 300, 150, true}, sampledBy)
}

func sampledBy(s Sampled) []verdict.Finding { return JudgeSampling("Deployment x/y", s) }

func check(t *testing.T, name string, findings []verdict.Finding, kind verdict.Kind, v verdict.Verdict) {
	t.Helper()
	if kind == "" {
		if len(findings) > 0 {
			t.Errorf("%s: %+v, want nothing", name, findings)
		}
		return
	}
	if len(findings) != 1 || findings[0].Kind != kind || findings[0].Verdict != v {
		t.Errorf("%s: %+v, want %s, %s", name, findings, kind, v)
		return
	}
	if missing := findings[0].Incomplete(); len(missing) > 0 {
		t.Errorf("%s: the finding does not say %q", name, missing)
	}
}

func volumeBy(v Volume) []verdict.Finding { return JudgeVolume("Deployment x/y", v) }

func TestJudgeVolume(t *testing.T) {
	const collector = "outbound|9411||jaeger"
	reports := func(accepted, failed int) evidence.Reports {
		return evidence.Reports{Collector: collector, Addresses: 1, Accepted: accepted, Failed: failed}
	}
	whole := Volume{Asked: 10000, Answered: 10000, Traced: 10000, Before: reports(5, 1), After: reports(900, 1), Backend: "Deployment x/z"}
	with := func(change func(*Volume)) Volume { v := whole; change(&v); return v }
	for name, c := range map[string]struct {
		seen    Volume
		kind    verdict.Kind
		verdict verdict.Verdict
	}{
		"nothing lost":                  {whole, "", verdict.Pass},
		"some not answered":             {with(func(v *Volume) { v.Answered, v.Traced = 9000, 9000 }), "", verdict.Pass},
		"too few answered":              {with(func(v *Volume) { v.Answered, v.Traced = 8999, 8999 }), "requests-failed", verdict.Inconclusive},
		"one lost":                      {with(func(v *Volume) { v.Traced--; v.Missing = []string{"a"} }), "traces-lost", verdict.Fail},
		"one lost, and a report failed": {with(func(v *Volume) { v.Traced--; v.After.Failed++ }), "loss-explained", verdict.Pass},
		"nothing counted":               {with(func(v *Volume) { v.After = evidence.Reports{} }), "no-reports", verdict.Inconclusive},
		"counts from before":            {with(func(v *Volume) { v.After = v.Before }), "no-reports", verdict.Inconclusive},
	} {
		check(t, name, volumeBy(c.seen), c.kind, c.verdict)
	}
	if f := volumeBy(with(func(v *Volume) { v.Traced = 0; v.Missing = []string{"a", "b", "c", "d"} })); !strings.Contains(f[0].Where, "a, b, c") || strings.Contains(f[0].Where, "d") && strings.HasSuffix(f[0].Where, "d") {
		t.Errorf("missing ids: %s", f[0].Where)
	}
	attack.NeverGreen(t, map[string]Volume{"nothing": {}}, volumeBy)
	attack.Mutations(t, whole, volumeBy)
}

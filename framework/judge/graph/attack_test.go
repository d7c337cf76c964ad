package graph_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of all judges: the graph before and after path identity was called.
type look struct{ Before, After evidence.Graph }

func healthy(release *catalogue.Release) look {
	l := look{Before: evidence.Graph{Source: "servicegraph", Observed: sample.Now, Horizon: time.Minute}}
	l.After = l.Before
	for _, e := range release.Edges {
		units := map[string]string{"http": "reqs/sec", "tcp": "bytes/sec"}
		from, to := "unknown", ""
		if w, ok := release.Workload(e.From); ok {
			from = w.Name
		}
		if w, ok := release.Workload(e.To); ok {
			to = w.Name
		}
		edge := evidence.Edge{From: from, To: to, FromApp: e.From, ToApp: e.To, Rate: 0.5, Unit: units[e.Protocol]}
		same := func(o evidence.Edge) bool { return o.From == edge.From && o.To == edge.To && o.Unit == edge.Unit }
		if (e.When != catalogue.Always && e.When != "identity") || slices.ContainsFunc(l.After.Edges, same) {
			continue
		}
		l.After.Edges = append(l.After.Edges, edge)
		if e.When == catalogue.Always {
			l.Before.Edges = append(l.Before.Edges, edge)
		}
	}
	return l
}

func called(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding {
		return graph.Judge(release, catalogue.Enabled, []string{"identity"}, l.Before, l.After)
	}
}

func quiet(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding {
		return graph.JudgeQuiet(release, catalogue.Enabled, []string{"identity"}, l.Before)
	}
}

func same(l look) []verdict.Finding { return graph.JudgeSame(l.Before, l.After) }

func before(l *look) *[]evidence.Edge { return &l.Before.Edges }
func after(l *look) *[]evidence.Edge  { return &l.After.Edges }

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	attack.Mutations(t, seen, called(release))
	attack.NeverGreen(t, attack.Without(seen, after), called(release))
	attack.NeverGreen(t, map[string]look{"nothing": {}, "nothing before": {After: seen.After}, "nothing after": {Before: seen.Before}}, called(release))
	attack.Shuffled(t, seen, after, called(release))
	attack.Shuffled(t, seen, before, called(release))

	twice := look{Before: seen.After, After: seen.After}
	attack.Mutations(t, seen, quiet(release))
	attack.NeverGreen(t, map[string]look{"nothing": {}, "nothing before": {After: seen.After}, "busy": twice}, quiet(release))

	attack.Mutations(t, twice, same)
	attack.NeverGreen(t, attack.Without(twice, after), same)
	attack.NeverGreen(t, map[string]look{"nothing": {}, "one of them": {After: seen.After}, "the other": {Before: seen.After}}, same)
	attack.Shuffled(t, twice, after, same)
}

// TestRatesThatAreNone: whatever a broken rate is compared with, it is no proof.
func TestRatesThatAreNone(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for _, rate := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
		for i := range healthy(release).After.Edges {
			l := healthy(release)
			l.After.Edges[i].Rate = rate
			attack.NeverGreen(t, map[string]look{"rate": l}, called(release))
		}
		l := healthy(release)
		l.Before.Edges[0].Rate = rate
		attack.NeverGreen(t, map[string]look{"rate before": l}, called(release))
		attack.NeverGreen(t, map[string]look{"rate before": l}, quiet(release))
	}
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	attack.Fuzz(f, func(l look) []verdict.Finding {
		return append(append(called(release)(l), quiet(release)(l)...), same(l)...)
	}, healthy(release))
}

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

// rated is the evidence of JudgeRates, compared that of JudgeDrawings, and so on:
// what was sent belongs to it, since it is kept too.
type (
	rated struct {
		Sent graph.Load
		Seen evidence.Graph
	}
	compared struct {
		Sent graph.Load
		Seen evidence.Drawings
	}
	explained struct {
		Sent graph.Load
		Seen evidence.Callers
	}
)

func ratesJudge(release *catalogue.Release) attack.Judge[rated] {
	return func(r rated) []verdict.Finding { return graph.JudgeRates(release, catalogue.Enabled, r.Sent, r.Seen) }
}

func drawingsJudge(release *catalogue.Release) attack.Judge[compared] {
	return func(c compared) []verdict.Finding {
		return graph.JudgeDrawings(release, catalogue.Enabled, c.Sent, c.Seen)
	}
}

func callersJudge(release *catalogue.Release) attack.Judge[explained] {
	return func(e explained) []verdict.Finding {
		graph.Explained(release, catalogue.Enabled, e.Sent, e.Seen)
		return graph.JudgeCallers(release, catalogue.Enabled, e.Sent, e.Seen)
	}
}

func beforeJudge(release *catalogue.Release) attack.Judge[graph.Before] {
	return func(b graph.Before) []verdict.Finding { return graph.JudgeBefore(release, catalogue.Enabled, b) }
}

func TestBrokenLoads(t *testing.T) {
	release := sample.Release(t, "casablanca")
	r := rated{load, shows(release, "servicegraph", calls(release, sent), 1.1)}
	edges := func(r *rated) *[]evidence.Edge { return &r.Seen.Edges }
	attack.Mutations(t, r, ratesJudge(release))
	attack.NeverGreen(t, attack.Without(r, edges), ratesJudge(release))
	attack.NeverGreen(t, map[string]rated{"nothing": {}, "nothing sent": {Seen: r.Seen}, "nothing seen": {Sent: load}}, ratesJudge(release))
	attack.Shuffled(t, r, edges, ratesJudge(release))

	c := compared{load, all(release)}
	attack.Mutations(t, c, drawingsJudge(release))
	nothing := map[string]compared{"nothing": {}, "nothing sent": {Seen: c.Seen}, "nothing seen": {Sent: load}}
	for name, list := range map[string]func(*compared) *[]evidence.Edge{
		"servicegraph": func(c *compared) *[]evidence.Edge { return &c.Seen.Servicegraph.Edges },
		"prometheus":   func(c *compared) *[]evidence.Edge { return &c.Seen.Prometheus.Edges },
		"traces":       func(c *compared) *[]evidence.Edge { return &c.Seen.Traces.Edges },
	} {
		attack.NeverGreen(t, attack.Without(c, list), drawingsJudge(release))
		attack.Shuffled(t, c, list, drawingsJudge(release))
		one := c
		*list(&one) = nil
		nothing["without "+name] = one
	}
	attack.NeverGreen(t, nothing, drawingsJudge(release))

	attack.Mutations(t, graph.Before{Graph: shows(release, "prometheus", calls(release, 0), 1)}, beforeJudge(release))
}

func TestBrokenCallers(t *testing.T) {
	release := sample.Release(t, "casablanca")
	e := explained{load, outside()}
	arrivals := func(e *explained) *[]evidence.Arrival { return &e.Seen.Arrivals }
	attack.Mutations(t, e, callersJudge(release))
	attack.NeverGreen(t, attack.Without(e, arrivals), callersJudge(release))
	attack.NeverGreen(t, attack.Without(e, func(e *explained) *[]evidence.Sample { return &e.Seen.After.Items }), callersJudge(release))
	attack.NeverGreen(t, map[string]explained{"nothing": {}, "nothing sent": {Seen: e.Seen}, "nothing seen": {Sent: load}}, callersJudge(release))
	e.Seen.Arrivals = append(e.Seen.Arrivals, evidence.Arrival{To: "msb-iag.onap", Peer: "10.244.0.2", Host: "x", Requests: 1})
	attack.Shuffled(t, e, arrivals, callersJudge(release))
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

func FuzzLoads(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	type everything struct {
		Sent    graph.Load
		Graph   graph.Before
		Three   evidence.Drawings
		Callers evidence.Callers
	}
	attack.Fuzz(f, func(e everything) []verdict.Finding {
		return slices.Concat(ratesJudge(release)(rated{e.Sent, e.Graph.Graph}), beforeJudge(release)(e.Graph),
			drawingsJudge(release)(compared{e.Sent, e.Three}), callersJudge(release)(explained{e.Sent, e.Callers}))
	}, everything{load, graph.Before{Graph: shows(release, "prometheus", calls(release, sent), 1)}, all(release), outside()})
}

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

// healthyFilters is a graph with traffic, without, of a release's workloads, of
// one that is not the release's and of nobody known.
func healthyFilters() evidence.GraphFilters {
	edge := func(from, to string, rate float64) evidence.Edge {
		return evidence.Edge{From: from, To: to, Rate: rate, Unit: "reqs/sec"}
	}
	registry, idle := edge("msb-msb-iag", "msb-msb-consul", 1), edge("msb-msb-iag", "multicloud-multicloud", 0)
	outside, other := edge("unknown", "msb-msb-iag", 0.5), edge("aai-aai", "msb-msb-iag", 0.1)
	all := []evidence.Edge{registry, idle, outside, other}
	return evidence.GraphFilters{
		All: evidence.Graph{Source: "servicegraph", Observed: sample.Now, Horizon: 10 * time.Second, Edges: all},
		Filtered: []evidence.FilteredGraph{
			{Parameter: "filter_empty", Value: "true", Edges: []evidence.Edge{registry, outside, other}},
			{Parameter: "source_namespace", Value: "onap", Edges: []evidence.Edge{registry, idle}},
			{Parameter: "source_namespace", Value: "nowhere"},
			{Parameter: "destination_namespace", Value: "onap", Edges: slices.Clone(all)},
			{Parameter: "destination_namespace", Value: "nowhere"},
			{Parameter: "source_workload", Value: "msb-msb-iag", Edges: []evidence.Edge{registry, idle}},
			{Parameter: "destination_workload", Value: "msb-msb-consul", Edges: []evidence.Edge{registry}},
		},
		Refusal: evidence.GraphRefusal{Horizon: "soon", Status: 500, Body: `could not parse time_horizon: not a valid duration string: "soon"`},
	}
}

func filterJudge(t testing.TB) attack.Judge[evidence.GraphFilters] {
	t.Helper()
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	return func(seen evidence.GraphFilters) []verdict.Finding { return graph.JudgeFilters(release, seen) }
}

func TestFilters(t *testing.T) {
	judge := filterJudge(t)
	for name, c := range map[string]struct {
		spoil func(*evidence.GraphFilters)
		want  []verdict.Kind
		red   verdict.Verdict
	}{
		"as it should be": {func(*evidence.GraphFilters) {}, nil, verdict.Pass},
		"another workload of the namespace may be kept or not": {func(s *evidence.GraphFilters) {
			s.Filtered[1].Edges = append(s.Filtered[1].Edges, s.All.Edges[3])
		}, nil, verdict.Pass},
		"an empty edge is kept":     {func(s *evidence.GraphFilters) { s.Filtered[0].Edges = s.All.Edges }, []verdict.Kind{"filter-ignored"}, verdict.Fail},
		"traffic is left out":       {func(s *evidence.GraphFilters) { s.Filtered[0].Edges = s.Filtered[0].Edges[1:] }, []verdict.Kind{"filter-loses"}, verdict.Fail},
		"a label that is not there": {func(s *evidence.GraphFilters) { s.Filtered[1].Edges, s.Filtered[3].Edges = nil, nil }, []verdict.Kind{"filter-loses", "filter-loses"}, verdict.Fail},
		"namespaces are ignored":    {func(s *evidence.GraphFilters) { s.Filtered[2].Edges, s.Filtered[4].Edges = s.All.Edges, s.All.Edges }, []verdict.Kind{"filter-ignored", "filter-ignored"}, verdict.Fail},
		"unknown is let through":    {func(s *evidence.GraphFilters) { s.Filtered[1].Edges = s.All.Edges }, []verdict.Kind{"filter-ignored"}, verdict.Fail},
		"source is destination":     {func(s *evidence.GraphFilters) { s.Filtered[5].Edges = s.All.Edges[2:3] }, []verdict.Kind{"filter-ignored", "filter-loses"}, verdict.Fail},
		"workloads are ignored":     {func(s *evidence.GraphFilters) { s.Filtered[6].Edges = s.All.Edges }, []verdict.Kind{"filter-ignored"}, verdict.Fail},
		"a filter was not tried":    {func(s *evidence.GraphFilters) { s.Filtered = s.Filtered[1:] }, []verdict.Kind{"nothing-to-filter"}, verdict.Inconclusive},
		"no edge is empty": {func(s *evidence.GraphFilters) {
			s.All.Edges = slices.Delete(slices.Clone(s.All.Edges), 1, 2)
		}, []verdict.Kind{"nothing-to-filter"}, verdict.Inconclusive},
		"no edges":                  {func(s *evidence.GraphFilters) { *s = evidence.GraphFilters{} }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"the horizon was not tried": {func(s *evidence.GraphFilters) { s.Refusal = evidence.GraphRefusal{} }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"the horizon is accepted":   {func(s *evidence.GraphFilters) { s.Refusal.Status, s.Refusal.Body = 200, "{}" }, []verdict.Kind{"horizon-accepted"}, verdict.Fail},
		"refused without a reason":  {func(s *evidence.GraphFilters) { s.Refusal.Body = "" }, []verdict.Kind{"horizon-accepted"}, verdict.Fail},
		"refused by another":        {func(s *evidence.GraphFilters) { s.Refusal.Status = 400 }, []verdict.Kind{"horizon-accepted"}, verdict.Fail},
		"a rate that is none":       {func(s *evidence.GraphFilters) { s.Filtered[0].Edges[0].Rate = math.NaN() }, []verdict.Kind{"filter-ignored"}, verdict.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthyFilters()
			c.spoil(&seen)
			findings := judge(seen)
			var kinds []verdict.Kind
			for _, f := range findings {
				kinds = append(kinds, f.Kind)
			}
			if !slices.Equal(kinds, c.want) || verdict.Of(findings) != c.red {
				t.Errorf("%s with %q, want %s with %q: %+v", verdict.Of(findings), kinds, c.red, c.want, findings)
			}
			sample.Complete(t, findings)
		})
	}
}

func TestBrokenFilters(t *testing.T) {
	judge, seen := filterJudge(t), healthyFilters()
	attack.Mutations(t, seen, judge)
	attack.NeverGreen(t, map[string]evidence.GraphFilters{"nothing": {}, "nothing filtered": {All: seen.All, Refusal: seen.Refusal}}, judge)
	less := attack.Without(seen, func(s *evidence.GraphFilters) *[]evidence.FilteredGraph { return &s.Filtered })
	delete(less, "without evidence.FilteredGraph 2") // that a source unknown is left out shows that the filter works, too
	attack.NeverGreen(t, less, judge)
	attack.Shuffled(t, seen, func(s *evidence.GraphFilters) *[]evidence.FilteredGraph { return &s.Filtered }, judge)
	attack.Shuffled(t, seen, func(s *evidence.GraphFilters) *[]evidence.Edge { return &s.All.Edges }, judge)
}

func FuzzFilters(f *testing.F) { attack.Fuzz(f, filterJudge(f), healthyFilters()) }

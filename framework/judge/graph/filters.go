package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// The status of Servicegraph's answer to a horizon that is none, and how its text begins.
const (
	refused = 500
	refusal = "could not parse time_horizon"
)

// filters are Servicegraph's parameters that leave something out.
func filters() []string {
	return []string{"filter_empty", "source_namespace", "destination_namespace", "source_workload", "destination_workload"}
}

// JudgeFilters says whether each filter leaves out what it should and nothing
// else, and whether a horizon that is none is refused. Of the workloads in a
// graph only the release's are known to be in its namespace, and only unknown
// not to be; no other namespace than the release's may keep anything.
//
// Kinds: no-evidence and nothing-to-filter (inconclusive), filter-ignored,
// filter-loses, horizon-accepted.
func JudgeFilters(release *catalogue.Release, seen evidence.GraphFilters) []verdict.Finding {
	if len(seen.Filtered) == 0 || seen.Refusal.Status == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "the filters of the service graph were not tried", Object: servicegraph,
			Want: "a graph with an edge between two workloads to filter by", Got: object.Count(len(seen.All.Edges), "edge"),
			Where: fmt.Sprintf("%s, horizon %s", object.Text(seen.All.Source), seen.All.Horizon),
			Why:   "where nothing is drawn nothing can be left out",
			Next:  "see that Prometheus has samples of istio_requests_total",
		}}
	}
	var findings []verdict.Finding
	for _, name := range filters() {
		tried := slices.DeleteFunc(slices.Clone(seen.Filtered), func(f evidence.FilteredGraph) bool { return f.Parameter != name })
		findings = append(findings, judgeFilter(release, seen.All, name, tried)...)
	}
	if seen.Refusal.Status != refused || !strings.HasPrefix(seen.Refusal.Body, refusal) {
		findings = append(findings, verdict.Finding{
			Kind: "horizon-accepted", Verdict: verdict.Fail, Summary: fmt.Sprintf("horizon %q is not refused as it should be", seen.Refusal.Horizon), Object: servicegraph,
			Want: fmt.Sprintf("status %d, %q", refused, refusal+": …"), Got: fmt.Sprintf("status %d, %q", seen.Refusal.Status, seen.Refusal.Body),
			Where: "/graph?time_horizon=" + seen.Refusal.Horizon,
			Why:   "who mistypes a horizon is shown a graph of some other time, or no reason",
			Next:  "see how Servicegraph reads time_horizon",
		})
	}
	return findings
}

// judgeFilter judges all that was tried with one parameter. Together they must
// have had something to keep and something to leave out.
func judgeFilter(release *catalogue.Release, all evidence.Graph, name string, tried []evidence.FilteredGraph) []verdict.Finding {
	var findings []verdict.Finding
	kept, out := false, false
	for _, f := range tried {
		var ignored, lost []string
		for _, e := range f.Edges {
			if keep, known := keeps(release, f, e); known && !keep {
				ignored = append(ignored, arrow(e))
			}
		}
		for _, e := range all.Edges {
			keep, known := keeps(release, f, e)
			kept, out = kept || known && keep, out || known && !keep
			if known && keep && !slices.ContainsFunc(f.Edges, func(o evidence.Edge) bool { return o.From == e.From && o.To == e.To && o.Unit == e.Unit }) {
				lost = append(lost, arrow(e))
			}
		}
		if len(ignored) > 0 {
			findings = append(findings, filterFinding(f, "filter-ignored", "shows what it should leave out", "none of the edges that it leaves out", ignored))
		}
		if len(lost) > 0 {
			findings = append(findings, filterFinding(f, "filter-loses", "leaves out what it should show", "all edges of the whole graph that it keeps", lost))
		}
	}
	if kept && out {
		return findings
	}
	return append(findings, verdict.Finding{
		Kind: "nothing-to-filter", Verdict: verdict.Inconclusive, Summary: "parameter " + name + " had nothing to tell apart", Object: servicegraph,
		Want: "an edge that it keeps and one that it leaves out", Got: fmt.Sprintf("tried %d times on %s", len(tried), object.Count(len(all.Edges), "edge")),
		Where: fmt.Sprintf("%s, horizon %s", object.Text(all.Source), all.Horizon),
		Why:   "a filter that does nothing would have answered the same",
		Next:  "look again when there is traffic, and some that is over",
	})
}

// keeps tells whether the filter is to keep the edge, where that is known.
func keeps(release *catalogue.Release, f evidence.FilteredGraph, e evidence.Edge) (keep, known bool) {
	inside := func(workload string) (keep, known bool) {
		in := slices.ContainsFunc(release.Workloads, func(w catalogue.Workload) bool { return w.Name == workload })
		switch {
		case f.Value != object.Namespace:
			return false, true
		case workload == unknown:
			return false, true
		}
		return in, in
	}
	switch f.Parameter {
	case "filter_empty":
		return e.Rate > 0, true
	case "source_workload":
		return e.From == f.Value, true
	case "destination_workload":
		return e.To == f.Value, true
	case "source_namespace":
		return inside(e.From)
	case "destination_namespace":
		return inside(e.To)
	}
	return false, false
}

func filterFinding(f evidence.FilteredGraph, kind verdict.Kind, does, want string, edges []string) verdict.Finding {
	slices.Sort(edges)
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: fmt.Sprintf("the graph with %s=%s %s", f.Parameter, f.Value, does), Object: servicegraph,
		Want: want, Got: strings.Join(edges[:min(len(edges), shownEdges)], ", ") + more(len(edges)-shownEdges),
		Where: fmt.Sprintf("/graph?%s=%s", f.Parameter, f.Value),
		Why:   "a filter of another label, or of none, shows the calls of others or hides those that were asked for",
		Next:  "see the labels that istio_requests_total has for its two ends",
	}
}

func arrow(e evidence.Edge) string {
	return fmt.Sprintf("%s → %s (%.6g %s)", e.From, e.To, e.Rate, e.Unit)
}

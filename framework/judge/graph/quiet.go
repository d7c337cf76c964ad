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

// JudgeQuiet says whether earlier traffic of the causes has left the graph's
// horizon, so that the graph can be the one before new traffic.
func JudgeQuiet(release *catalogue.Release, policy catalogue.Policy, causes []string, seen evidence.Graph) []verdict.Finding {
	if f, missing := noEvidence(release, causes, seen, seen); missing {
		return []verdict.Finding{f}
	}
	j := judge{release: release, policy: policy, causes: causes, after: inWorkloads(release, seen)}
	var busy []string
	for _, e := range release.Edges {
		if rate := j.rate(seen, e); slices.Contains(causes, e.When) && rate > 0 {
			busy = append(busy, fmt.Sprintf("%s → %s (%.6g %s)", e.From, e.To, rate, units[e.Protocol]))
		}
	}
	if len(busy) == 0 {
		return nil
	}
	slices.Sort(busy)
	return []verdict.Finding{{
		Kind: "not-quiet", Verdict: verdict.Inconclusive,
		Summary: "traffic of before is still in the graph, so new traffic cannot be told from it",
		Object:  drawer(seen),
		Want:    "no traffic over the edges of " + described(causes), Got: strings.Join(slices.Compact(busy), ", "),
		Where: fmt.Sprintf("%s, horizon %s", object.Text(seen.Source), seen.Horizon),
		Why:   "rates are means over the horizon: requests of an earlier spec have not left it yet, or somebody still sends some",
		Next:  "see who sends these requests, and run again",
	}}
}

// JudgeSame says whether two drawings of one moment show the same edges. Rates
// are not compared: the moment is not exactly one.
func JudgeSame(one, other evidence.Graph) []verdict.Finding {
	if len(one.Edges) == 0 || len(other.Edges) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "a drawing of the service graph has no edges", Object: servicegraph,
			Want:  "the edges of the background traffic at least",
			Got:   fmt.Sprintf("%s: %s, %s: %s", one.Source, object.Count(len(one.Edges), "edge"), other.Source, object.Count(len(other.Edges), "edge")),
			Where: fmt.Sprintf("%s and %s, horizon %s", object.Text(one.Source), object.Text(other.Source), one.Horizon),
			Why:   "two drawings can only be compared when both show something",
			Next:  "see that Prometheus has samples of istio_requests_total",
		}}
	}
	var findings []verdict.Finding
	for _, pair := range [][2]evidence.Graph{{one, other}, {other, one}} {
		if lacking := without(pair[0], pair[1]); len(lacking) > 0 {
			findings = append(findings, verdict.Finding{
				Kind: "drawings-differ", Verdict: verdict.Fail,
				Summary: fmt.Sprintf("%s lacks %s that %s shows", pair[1].Source, object.Count(len(lacking), "edge"), pair[0].Source),
				Object:  servicegraph,
				Want:    "the same edges in both", Got: "lacking " + strings.Join(lacking, ", "),
				Where: fmt.Sprintf("%s, horizon %s", object.Text(pair[1].Source), pair[1].Horizon),
				Why:   "both are drawn from the same metrics over the same horizon, moments apart: an edge that stays in one only is lost in drawing",
				Next:  "compare the two answers in the artifacts",
			})
		}
	}
	return findings
}

// without lists the edges of a graph that the other one lacks.
func without(g, other evidence.Graph) []string {
	var lacking []string
	for _, e := range g.Edges {
		same := func(o evidence.Edge) bool { return o.From == e.From && o.To == e.To && o.Unit == e.Unit }
		if !slices.ContainsFunc(other.Edges, same) {
			lacking = append(lacking, fmt.Sprintf("%s → %s (%s)", e.From, e.To, e.Unit))
		}
	}
	slices.Sort(lacking)
	return lacking
}

// Package graph judges a service graph, drawn from rates over a horizon, against
// the edges of a release. Old edges live on in such a graph and new ones start
// at zero, so the graph after the traffic is always compared with the one
// before it. An empty graph is never a pass.
//
// Only calls to a workload with a sidecar can be seen: Servicegraph asks for
// the destination's report. An edge that is called "always" must have traffic; the
// edges of the causes that were at work, paths or registration, must have
// risen; any other edge that rose must be one that no path makes: at a start,
// by a registration or sometimes.
//
// When not one of the expected edges is drawn, the drawing is doubted, not every
// workload.
//
// JudgeRates holds the rates of a graph against the requests that were sent,
// JudgeDrawings the graphs of Servicegraph, Prometheus and the traces against each
// other, JudgeCallers explains who calls without a name.
//
// Metrics of Istio 0.8 know Services and not workloads; their edges are judged
// as those of the workloads that the catalogue has behind the Services.
//
// Kinds: no-evidence, no-number, unknown-path, not-quiet, not-warm, edge-not-risen, foreign-graph, not-answered,
// too-few-scrapes, source-absent, caller-untold (all inconclusive), missing-edge, forbidden-edge, drawings-differ,
// requests-lost, counted-too-often, counted-twice, source-blind, not-counted, edge-nowhere, edge-lacking,
// edge-invented, rates-disagree, foreign-caller.
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

// servicegraph draws the graph, so it answers for one that shows nothing.
const servicegraph = "Deployment istio-system/servicegraph"

// unknown is the node of a caller or callee the mesh cannot name.
const unknown = catalogue.Unnamed

// units are the labels of Servicegraph's edges by protocol.
var units = map[string]string{"http": "reqs/sec", "tcp": "bytes/sec"}

// Judge compares the graph after the traffic of the given causes, ids of paths
// or catalogue.Registering, with the one before it.
func Judge(release *catalogue.Release, policy catalogue.Policy, causes []string, before, after evidence.Graph) []verdict.Finding {
	if f, missing := noEvidence(release, causes, before, after); missing {
		return []verdict.Finding{f}
	}
	j := judge{release: release, policy: policy, causes: causes, before: inWorkloads(release, before), after: inWorkloads(release, after)}
	forbidden := j.forbidden()
	if f, foreign := j.foreign(); foreign && len(forbidden) == 0 {
		return []verdict.Finding{f}
	}
	findings := append(j.missed(), forbidden...)
	verdict.Sort(findings)
	return findings
}

func noEvidence(release *catalogue.Release, causes []string, before, after evidence.Graph) (verdict.Finding, bool) {
	for _, id := range causes {
		if _, ok := release.Path(id); !ok && id != catalogue.Registering {
			return verdict.Finding{
				Kind: "unknown-path", Verdict: verdict.Inconclusive,
				Summary: fmt.Sprintf("%s has no path %q", release.Name, id),
				Object:  "Catalogue " + release.Name,
				Want:    "a path of the catalogue", Got: id, Where: "causes of the traffic",
				Why:  "which edges a path must leave is known from the catalogue only",
				Next: "name a path that fixtures/catalogue/" + release.Name + ".yaml has",
			}, true
		}
	}
	for i, g := range []evidence.Graph{before, after} {
		when := []string{"before", "after"}[i]
		if len(g.Edges) == 0 {
			return verdict.Finding{
				Kind: "no-evidence", Verdict: verdict.Inconclusive,
				Summary: fmt.Sprintf("the service graph %s the traffic has no edges", when), Object: servicegraph,
				Want: "the edges of the background traffic at least", Got: "none",
				Where: fmt.Sprintf("%s, horizon %s", object.Text(g.Source), g.Horizon),
				Why:   "msb-iag and msb-eag call msb-consul all the time, so an empty drawing says that nothing reaches it, and nothing of what was called",
				Next:  "see that Prometheus has samples of istio_requests_total and that the proxies send their logs to istio-telemetry",
			}, true
		}
		for _, e := range g.Edges {
			if !isNumber(e.Rate) {
				return noNumber(when+" the traffic", g, e), true
			}
		}
	}
	return verdict.Finding{}, false
}

func noNumber(when string, g evidence.Graph, e evidence.Edge) verdict.Finding {
	return verdict.Finding{
		Kind: "no-number", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the service graph %s has a rate that is none", when), Object: drawer(g),
		Want: "a number of at least zero", Got: fmt.Sprintf("%s → %s: %g", e.From, e.To, e.Rate),
		Where: fmt.Sprintf("%s, horizon %s", object.Text(g.Source), g.Horizon),
		Why:   "no rate can be compared with it, so a rise would be neither seen nor missed",
		Next:  "look again; see what Prometheus answers to rate(istio_requests_total)",
	}
}

// drawer is who answers for a graph.
func drawer(g evidence.Graph) string {
	if g.Source == "prometheus" {
		return prometheus
	}
	return servicegraph
}

type judge struct {
	release       *catalogue.Release
	policy        catalogue.Policy
	causes        []string
	before, after evidence.Graph
}

// expected are the edges that must have traffic, each once.
func (j judge) expected() []catalogue.Edge {
	var edges []catalogue.Edge
	done := map[string]bool{}
	for _, e := range j.release.Edges {
		key := fmt.Sprint(e.From, e.To, e.Protocol)
		if (e.When != catalogue.Always && !j.called(e)) || !j.visible(e) || done[key] {
			continue
		}
		done[key] = true
		edges = append(edges, e)
	}
	return edges
}

func (j judge) called(e catalogue.Edge) bool { return slices.Contains(j.causes, e.When) }

// foreign says that of several expected edges not one is drawn: what is missing
// everywhere is no workload's fault.
func (j judge) foreign() (verdict.Finding, bool) {
	expected := j.expected()
	drawn := slices.ContainsFunc(expected, func(e catalogue.Edge) bool { return j.rate(j.after, e) > 0 })
	if len(expected) < 2 || drawn {
		return verdict.Finding{}, false
	}
	var seen []string
	for _, e := range j.after.Edges {
		seen = append(seen, fmt.Sprintf("%s → %s (%.6g %s)", e.From, e.To, e.Rate, e.Unit))
	}
	slices.Sort(seen)
	return verdict.Finding{
		Kind: "foreign-graph", Verdict: verdict.Inconclusive,
		Summary: "the service graph shows none of the calls of " + j.release.Name,
		Object:  servicegraph,
		Want:    fmt.Sprintf("%d edges with traffic, %s → %s among them", len(expected), j.workload(expected[0].From), j.workload(expected[0].To)),
		Got:     strings.Join(seen[:min(len(seen), shownEdges)], ", ") + more(len(seen)-shownEdges),
		Where:   fmt.Sprintf("%s, horizon %s", object.Text(j.after.Source), j.after.Horizon),
		Why:     "workloads that do not know of each other do not all fall silent at once: Servicegraph draws something else, or Prometheus holds nothing newer",
		Next:    "see which Prometheus Servicegraph asks (its argument prometheusAddr), and what istio_requests_total holds there of namespace " + object.Namespace,
	}, true
}

// shownEdges bounds how many edges a finding lists.
const shownEdges = 5

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

// missed names expected edges that are not there or did not rise.
func (j judge) missed() []verdict.Finding {
	var findings []verdict.Finding
	for _, e := range j.expected() {
		rate := j.rate(j.after, e)
		switch {
		case rate <= 0:
			findings = append(findings, j.missing(e))
		case j.called(e) && rate <= j.rate(j.before, e):
			findings = append(findings, j.notRisen(e, rate))
		}
	}
	return findings
}

// visible tells whether the mesh can report the edge: the callee has a sidecar.
func (j judge) visible(e catalogue.Edge) bool {
	to, ok := j.release.Workload(e.To)
	return ok && to.Injected(j.policy)
}

// rate is the traffic of the catalogue's edge in the graph. A caller without a
// sidecar may be drawn by its name or as unknown.
func (j judge) rate(g evidence.Graph, e catalogue.Edge) float64 {
	sum := 0.0
	for _, seen := range g.Edges {
		if j.is(seen, e) {
			sum += seen.Rate
		}
	}
	return sum
}

func (j judge) callers(app string) []string { return j.release.CallerNames(app, j.policy) }

func (j judge) workload(app string) string { return j.release.WorkloadName(app) }

func (j judge) missing(e catalogue.Edge) verdict.Finding {
	f := verdict.Finding{
		Kind: "missing-edge", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("the graph lacks %s → %s", e.From, e.To),
		Object:  object.App(j.release, object.Namespace, e.To),
		Want:    fmt.Sprintf("%s → %s with traffic (%s)", e.From, e.To, units[e.Protocol]),
		Got:     j.edgesTo(e.To),
		Where:   fmt.Sprintf("%s, horizon %s", object.Text(j.after.Source), j.after.Horizon),
		Next:    fmt.Sprintf("see the requests that the proxy of %s reports, and the protocol of port %d in its listener", e.To, e.Port),
	}
	switch e.When {
	case catalogue.Always:
		f.Why = fmt.Sprintf("%s calls %s all the time, without anybody's doing", e.From, e.To)
	case catalogue.Registering:
		f.Why = "a Service's registration was changed, which leads over it"
	default:
		f.Why = fmt.Sprintf("path %s was called and leads over it", e.When)
	}
	return f
}

func (j judge) notRisen(e catalogue.Edge, rate float64) verdict.Finding {
	return verdict.Finding{
		Kind: "edge-not-risen", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the rate of %s → %s did not rise", e.From, e.To),
		Object:  object.App(j.release, object.Namespace, e.To),
		Want:    fmt.Sprintf("more than %.6g %s", j.rate(j.before, e), units[e.Protocol]),
		Got:     fmt.Sprintf("%.6g", rate),
		Where:   fmt.Sprintf("%s, horizon %s", object.Text(j.after.Source), j.after.Horizon),
		Why:     "older traffic of the same edge may have left the horizon meanwhile, so the new requests cannot be told from it",
		Next:    "wait until the horizon holds no old traffic, or send more requests",
	}
}

// edgesTo lists who is seen to call the app.
func (j judge) edgesTo(app string) string {
	var seen []string
	for _, e := range j.after.Edges {
		if e.To == j.workload(app) {
			seen = append(seen, fmt.Sprintf("%s → %s (%.6g %s)", e.From, e.To, e.Rate, e.Unit))
		}
	}
	if len(seen) == 0 {
		return "no edge to " + app
	}
	slices.Sort(seen)
	return strings.Join(seen, ", ")
}

// forbidden names edges that rose although nobody was to call.
func (j judge) forbidden() []verdict.Finding {
	var findings []verdict.Finding
	for _, seen := range j.after.Edges {
		if seen.Rate > rateOf(j.before, seen) && j.concerns(seen) && !j.allowed(seen) {
			findings = append(findings, j.notAllowed(seen))
		}
	}
	return findings
}

// concerns tells whether an end of the edge belongs to the release.
func (j judge) concerns(e evidence.Edge) bool {
	return slices.ContainsFunc(j.release.Workloads, func(w catalogue.Workload) bool { return w.Name == e.From || w.Name == e.To })
}

func (j judge) allowed(seen evidence.Edge) bool {
	return slices.ContainsFunc(j.release.Edges, func(e catalogue.Edge) bool {
		when := slices.Contains(append([]string{catalogue.Always, catalogue.Start, catalogue.Registering, catalogue.Sometimes}, j.causes...), e.When)
		return when && j.is(seen, e)
	})
}

func (j judge) notAllowed(e evidence.Edge) verdict.Finding {
	f := verdict.Finding{
		Kind: "forbidden-edge", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("the graph shows %s → %s, which was not called", e.From, e.To),
		Object:  object.Workload(j.release, object.Namespace, e.To),
		Want:    "no new traffic besides " + described(j.causes),
		Got:     fmt.Sprintf("%.6g %s, before %.6g", e.Rate, e.Unit, rateOf(j.before, e)),
		Where:   fmt.Sprintf("%s, horizon %s", object.Text(j.after.Source), j.after.Horizon),
		Next:    "see who sent these requests: the access log of the callee's proxy names the peer",
	}
	switch {
	case e.From == unknown:
		f.Why = "the caller is unknown: its address is no pod's, so it is a client outside the mesh, a node or the API server"
	case e.To == unknown:
		f.Object = object.Workload(j.release, object.Namespace, e.From)
		f.Why = "the callee is unknown: the request left for an address that is no pod of the mesh"
	default:
		f.Why = "the catalogue of " + j.release.Name + " knows no such call here"
	}
	return f
}

func rateOf(g evidence.Graph, e evidence.Edge) float64 {
	sum := 0.0
	for _, seen := range g.Edges {
		if seen.From == e.From && seen.To == e.To && seen.Unit == e.Unit {
			sum += seen.Rate
		}
	}
	return sum
}

func described(causes []string) string {
	return strings.Join(append([]string{"the background"}, causes...), ", ")
}

package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Load is requests that were sent over every path of a release that is a request.
type Load struct {
	// Requests is how many over each path.
	Requests int       `json:"requests"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	// Wrong are those that were not answered as the catalogue says: "portal: status 502, want 200".
	Wrong []string `json:"wrong,omitempty"`
}

// Before is the graph before a load.
type Before struct {
	evidence.Graph
	// Warmed is how long ago each path was first called, so that there are series
	// that can rise; 0 when that was not needed.
	Warmed time.Duration `json:"warmed,omitempty"`
}

// warm is how long new series may take to be there: a few scrapes.
const warm = 6 * time.Second

// JudgeBefore says whether a load may be sent: nothing else calls over its paths,
// and there are series that can rise. A graph that shows nothing of the paths a
// while after they were called does not hinder: that is for the load's judge to see.
func JudgeBefore(release *catalogue.Release, policy catalogue.Policy, seen Before) []verdict.Finding {
	j := loaded(release, policy, Load{Requests: 1}, seen.Graph)
	for _, e := range j.after.Edges {
		if !isNumber(e.Rate) {
			return []verdict.Finding{noNumber("before the traffic", j.after, e)}
		}
	}
	if lacking := j.lacking(); len(lacking) > 0 && seen.Warmed < warm {
		return []verdict.Finding{{
			Kind: "not-warm", Verdict: verdict.Inconclusive,
			Summary: "not every path has left its edges yet, so new traffic cannot be told from nothing", Object: prometheus,
			Want: "series of every edge of the paths", Got: "none of " + strings.Join(lacking, ", "),
			Where: fmt.Sprintf("%s, horizon %s, each path called %s ago", object.Text(seen.Source), seen.Horizon, seen.Warmed),
			Why:   "a rate is a rise, and what a series holds when it is first seen is none",
			Next:  "look again after the next scrape",
		}}
	}
	if len(j.after.Edges) == 0 {
		return nil
	}
	return JudgeQuiet(release, policy, j.causes, j.after)
}

// Lacking names the edges of the release's requests that the graph does not have,
// not even with a rate of zero.
func Lacking(release *catalogue.Release, policy catalogue.Policy, seen evidence.Graph) []string {
	return loaded(release, policy, Load{Requests: 1}, seen).lacking()
}

// lacking names the edges of the load that the graph after it does not have.
func (j load) lacking() []string {
	var names []string
	for _, c := range j.calls() {
		drawn := func(e evidence.Edge) bool { return j.of(e, c) }
		if !slices.ContainsFunc(j.after.Edges, drawn) {
			names = append(names, c.arrow())
		}
	}
	return names
}

// load is a judge of graphs by what was sent.
type load struct {
	judge
	Load
}

func loaded(release *catalogue.Release, policy catalogue.Policy, sent Load, after evidence.Graph) load {
	var causes []string
	for _, path := range release.Requests() {
		causes = append(causes, path.ID)
	}
	return load{judge{release: release, policy: policy, causes: causes, after: inWorkloads(release, after)}, sent}
}

// call is an edge over which a known number of requests was sent. Callers of one
// callee that may all be drawn as unknown are one call.
type call struct {
	catalogue.Edge
	// callers are the workloads that it may be drawn from.
	callers []string
	want    float64
	// exact tells that nothing but the load calls over it.
	exact bool
}

func (c call) arrow() string { return c.From + " → " + c.To }

// calls are the load's edges that the mesh can report, in the order of the catalogue.
func (j load) calls() []call {
	var all []call
	for _, e := range j.expected() {
		n := j.crossings(e)
		if e.Protocol != "http" || n == 0 {
			continue
		}
		c := call{e, j.callers(e.From), float64(n * j.Requests), j.alone(e)}
		i := slices.IndexFunc(all, func(o call) bool { return o.To == e.To && j.nameless(o.From) && j.nameless(e.From) })
		if i < 0 {
			all = append(all, c)
			continue
		}
		all[i].callers = append(all[i].callers, c.callers...)
		all[i].want += c.want
	}
	return all
}

// crossings is how often one request over each path makes the call.
func (j load) crossings(e catalogue.Edge) int {
	n := 0
	for _, path := range j.release.Requests() {
		from := catalogue.Client
		for _, to := range path.Hops {
			if from == e.From && to == e.To {
				n++
			}
			from = to
		}
	}
	return n
}

// nameless tells whether the app's calls may be drawn as those of an unknown.
func (j load) nameless(app string) bool { return slices.Contains(j.callers(app), unknown) }

// alone tells whether only requests over paths are drawn as the edge, and nothing
// that happens by itself.
func (j load) alone(e catalogue.Edge) bool {
	return !slices.ContainsFunc(j.release.Edges, func(o catalogue.Edge) bool {
		same := o.From == e.From || j.nameless(o.From) && j.nameless(e.From)
		return same && o.To == e.To && o.Protocol == e.Protocol && !slices.Contains(j.causes, o.When)
	})
}

// of tells whether a drawn edge is the call.
func (j load) of(drawn evidence.Edge, c call) bool {
	return drawn.Unit == units[c.Protocol] && drawn.To == j.workload(c.To) && slices.Contains(c.callers, drawn.From)
}

// count is how many requests of the call are in the graph's horizon.
func (j load) count(g evidence.Graph, c call) float64 {
	sum := 0.0
	for _, e := range g.Edges {
		if j.of(e, c) {
			sum += e.Rate * g.Horizon.Seconds()
		}
	}
	return sum
}

// is tells whether a drawn edge is the catalogue's.
func (j judge) is(drawn evidence.Edge, e catalogue.Edge) bool {
	return drawn.Unit == units[e.Protocol] && drawn.To == j.workload(e.To) && slices.Contains(j.callers(e.From), drawn.From)
}

// rounding is what a count may lack by the six decimals of Servicegraph's rates.
const rounding = 0.01

// stretch is how much more than the true rise Prometheus' increase and rate may
// be, as a factor, with that many samples in the range. They stretch the rise
// between the first and the last sample to the ends of the range, at each by at
// most 1.1 times the mean distance of two samples (promql/functions.go,
// extrapolatedRate, the same since 1.0), and they never make it less. Of s samples there
// are s-1 distances.
func stretch(scrapes int) float64 {
	if scrapes < 2 {
		return math.Inf(1)
	}
	return 1 + 2.2/float64(scrapes-1)
}

// farthest is the greatest stretch that still tells once from twice.
const farthest = 1.8

// enough says what is wrong with a load or with the accuracy it is judged with.
func (j load) enough(scrapes int) (verdict.Finding, bool) {
	switch s := stretch(scrapes); {
	case j.Requests < 1 || len(j.calls()) == 0:
		return verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "nothing was sent that the mesh could count, so nothing was judged", Object: "Namespace " + object.Namespace,
			Want: "at least one request over each path, and a callee with a sidecar", Got: fmt.Sprintf("%s over each path, %s", object.Count(j.Requests, "request"), object.Count(len(j.calls()), "edge")),
			Where: "the load", Why: "a graph is compared with what was sent", Next: "see the policy of the run and the paths of the catalogue",
		}, true
	case len(j.Wrong) > 0:
		return verdict.Finding{
			Kind: "not-answered", Verdict: verdict.Inconclusive,
			Summary: "requests were not answered as they should be, so they may not have taken their paths to the end", Object: "Service " + object.Namespace + "/msb-iag",
			Want: "the status that the catalogue names for each path", Got: strings.Join(j.Wrong[:min(len(j.Wrong), shownEdges)], ", ") + more(len(j.Wrong)-shownEdges),
			Where: "answers to the load", Why: "how many calls a request makes is known of those only that get to the end",
			Next: "see that the workloads of the path are ready and registered: make e2e FOCUS=msb REUSE=1",
		}, true
	case s > farthest:
		return verdict.Finding{
			Kind: "too-few-scrapes", Verdict: verdict.Inconclusive,
			Summary: "Prometheus has too few samples of that time to tell one count from twice as many", Object: prometheus,
			Want: "at least 4 samples of a series in the horizon", Got: object.Count(scrapes, "sample"),
			Where: fmt.Sprintf("istio_requests_total, horizon %s", j.after.Horizon),
			Why:   "Prometheus stretches a rise to the whole horizon, by up to 1.1 times the distance of two samples at each end",
			Next:  "see that Prometheus scrapes and how often; look again",
		}, true
	}
	return verdict.Finding{}, false
}

func isNumber(rate float64) bool { return rate >= 0 && !math.IsInf(rate, 1) }

// prometheus answers for what it counts; mesh for how often the mesh reports.
const (
	prometheus = "Deployment istio-system/prometheus"
	mesh       = "Telemetry istio-system/mesh-default"
)

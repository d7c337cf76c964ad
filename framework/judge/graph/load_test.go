package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	sent    = 5
	horizon = 20 * time.Second
	scrapes = 10
)

var load = graph.Load{Requests: sent, Start: sample.Now, End: sample.Now.Add(2 * time.Second)}

// calls counts what n requests over every path make, "FROM TO" by app name.
func calls(release *catalogue.Release, n float64) map[[2]string]float64 {
	counts := map[[2]string]float64{}
	for _, path := range release.Requests() {
		from := "unknown"
		for _, to := range path.Hops {
			counts[[2]string{from, to}] += n
			from = to
		}
	}
	return counts
}

// shows is a graph of the calls with that stretch, and of the database.
func shows(release *catalogue.Release, source string, counts map[[2]string]float64, stretch float64) evidence.Graph {
	g := evidence.Graph{Source: source, Observed: sample.Now, Horizon: horizon, Scrapes: scrapes}
	name := func(app string) string {
		if w, ok := release.Workload(app); ok {
			return w.Name
		}
		return app
	}
	for ends, n := range counts {
		g.Edges = append(g.Edges, evidence.Edge{
			From: name(ends[0]), To: name(ends[1]), FromApp: ends[0], ToApp: ends[1], Rate: n * stretch / horizon.Seconds(), Unit: "reqs/sec",
		})
	}
	slices.SortFunc(g.Edges, func(a, b evidence.Edge) int { return strings.Compare(a.From+" "+a.To, b.From+" "+b.To) })
	return g
}

// less leaves out the edges of that caller and callee, "" being any.
func less(g evidence.Graph, from, to string) evidence.Graph {
	g.Edges = slices.DeleteFunc(slices.Clone(g.Edges), func(e evidence.Edge) bool {
		return (from == "" || e.FromApp == from) && (to == "" || e.ToApp == to)
	})
	return g
}

// times multiplies the rates of the edges of that caller and callee, "" being any.
func times(g evidence.Graph, factor float64, from, to string) evidence.Graph {
	g.Edges = slices.Clone(g.Edges)
	for i, e := range g.Edges {
		if (from == "" || e.FromApp == from) && (to == "" || e.ToApp == to) {
			g.Edges[i].Rate *= factor
		}
	}
	return g
}

// plus adds an edge with that many requests.
func plus(g evidence.Graph, from, to string, n float64, unit string) evidence.Graph {
	g.Edges = append(slices.Clone(g.Edges), evidence.Edge{From: from, To: to, FromApp: from, ToApp: to, Rate: n / g.Horizon.Seconds(), Unit: unit})
	return g
}

func found(t *testing.T, findings []verdict.Finding, want ...string) {
	t.Helper()
	var got []string
	for _, f := range findings {
		got = append(got, string(f.Kind)+" "+f.Object)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s%+v", diff, findings)
	}
	sample.Complete(t, findings)
}

const (
	vio          = "Deployment onap/multicloud-multicloud-vio"
	iag          = "Deployment onap/msb-msb-iag"
	prometheus   = "Deployment istio-system/prometheus"
	servicegraph = "Deployment istio-system/servicegraph"
	jaeger       = "Deployment istio-system/jaeger"
	telemetry    = "Telemetry istio-system/mesh-default"
)

func TestJudgeRates(t *testing.T) {
	release := sample.Release(t, "casablanca")
	right := shows(release, "servicegraph", calls(release, sent), 1.11)
	few := right
	few.Scrapes = 3
	for name, c := range map[string]struct {
		load graph.Load
		seen evidence.Graph
		want []string
	}{
		"what was sent":                       {seen: right},
		"stretched as far as Prometheus does": {seen: times(right, 1.12, "", "")},
		"not stretched":                       {seen: shows(release, "servicegraph", calls(release, sent), 1)},
		"rounded down":                        {seen: shows(release, "servicegraph", calls(release, sent), 0.999)},
		"more where others call too":          {seen: times(right, 3, "vfc-nslcm", "msb-iag")},
		"an edge is missing":                  {seen: less(right, "msb-iag", "multicloud-vio"), want: []string{"missing-edge " + vio}},
		"an edge without traffic":             {seen: times(right, 0, "msb-iag", "multicloud-vio"), want: []string{"missing-edge " + vio}},
		"half is lost on an edge":             {seen: times(right, 0.5, "msb-iag", "multicloud-vio"), want: []string{"requests-lost " + vio}},
		"one is lost where others call too":   {seen: times(right, 0.5, "vfc-nslcm", "msb-iag"), want: []string{"requests-lost " + iag}},
		"twice on an edge":                    {seen: times(right, 2, "msb-iag", "multicloud-vio"), want: []string{"counted-too-often " + vio}},
		"twice everywhere":                    {seen: times(right, 2, "", ""), want: []string{"counted-twice " + telemetry}},
		"half everywhere":                     {seen: times(right, 0.5, "", ""), want: []string{"requests-lost " + prometheus}},
		"nothing is drawn":                    {seen: less(right, "", ""), want: []string{"no-evidence " + servicegraph}},
		"other things are drawn":              {seen: plus(less(right, "", ""), "a", "b", 5, "reqs/sec"), want: []string{"foreign-graph " + servicegraph}},
		"too few samples":                     {seen: few, want: []string{"too-few-scrapes " + prometheus}},
		"nothing was sent":                    {load: graph.Load{Start: sample.Now}, seen: right, want: []string{"no-evidence Namespace onap"}},
		"a wrong answer": {load: graph.Load{Requests: sent, Wrong: []string{"portal: status 502 , want 200"}}, seen: right,
			want: []string{"not-answered Service onap/msb-iag"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.load.Start.IsZero() && c.load.Requests == 0 {
				c.load = load
			}
			found(t, graph.JudgeRates(release, catalogue.Enabled, c.load, c.seen), c.want...)
		})
	}
}

// TestRatesWithoutSidecars: what the policy leaves out of the mesh is not expected.
func TestRatesWithoutSidecars(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := shows(release, "servicegraph", calls(release, sent), 1)
	for _, w := range release.Workloads {
		if !w.Injected(catalogue.Disabled) {
			seen = less(seen, "", w.App)
		}
	}
	found(t, graph.JudgeRates(release, catalogue.Disabled, load, seen))
}

// TestCallersThatMayBeUnknown: where callers have no sidecar, some telemetry names
// them by their address and some does not; spans always do.
func TestCallersThatMayBeUnknown(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := all(release)
	for _, g := range []*evidence.Graph{&seen.Servicegraph.Graph, &seen.Prometheus.Graph, &seen.Traces.Graph} {
		for _, w := range release.Workloads {
			if !w.Injected(catalogue.Disabled) {
				*g = less(*g, "", w.App)
			}
		}
	}
	seen.Servicegraph.Graph = less(seen.Servicegraph.Graph, "vfc-vfc-catalog", "")
	seen.Prometheus.Graph = less(seen.Prometheus.Graph, "vfc-vfc-catalog", "")
	found(t, graph.JudgeDrawings(release, catalogue.Disabled, load, seen))
	for _, g := range []*evidence.Graph{&seen.Servicegraph.Graph, &seen.Prometheus.Graph} {
		for i, e := range g.Edges {
			if e.FromApp == "multicloud" {
				g.Edges[i].From, g.Edges[i].FromApp = "unknown", "unknown"
			}
		}
	}
	found(t, graph.JudgeDrawings(release, catalogue.Disabled, load, seen))
	found(t, graph.JudgeRates(release, catalogue.Disabled, load, seen.Servicegraph.Graph))
	found(t, graph.JudgeRates(release, catalogue.Disabled, load, times(seen.Servicegraph.Graph, 2, "unknown", "msb-iag")), "counted-too-often "+iag)
	found(t, graph.JudgeRates(release, catalogue.Disabled, load, times(seen.Servicegraph.Graph, 0.8, "unknown", "msb-iag")), "requests-lost "+iag)
}

func TestJudgeBefore(t *testing.T) {
	release := sample.Release(t, "casablanca")
	zero := shows(release, "prometheus", calls(release, 0), 1)
	for name, c := range map[string]struct {
		seen   evidence.Graph
		warmed time.Duration
		want   []string
	}{
		"quiet":                     {seen: zero},
		"somebody calls":            {seen: plus(less(zero, "msb-iag", "multicloud"), "msb-msb-iag", "multicloud-multicloud", 1, "reqs/sec"), want: []string{"not-quiet " + prometheus}},
		"an edge was never seen":    {seen: less(zero, "msb-iag", "multicloud-vio"), want: []string{"not-warm " + prometheus}},
		"nor soon after it was":     {seen: less(zero, "msb-iag", "multicloud-vio"), warmed: time.Second, want: []string{"not-warm " + prometheus}},
		"nor a while after":         {seen: less(zero, "msb-iag", "multicloud-vio"), warmed: 10 * time.Second},
		"nothing at all, at once":   {seen: less(zero, "", ""), want: []string{"not-warm " + prometheus}},
		"nothing at all, and later": {seen: less(zero, "", ""), warmed: 10 * time.Second},
		"no number":                 {seen: plus(zero, "a", "b", -1, "reqs/sec"), want: []string{"no-number " + prometheus}},
	} {
		t.Run(name, func(t *testing.T) {
			found(t, graph.JudgeBefore(release, catalogue.Enabled, graph.Before{Graph: c.seen, Warmed: c.warmed}), c.want...)
		})
	}
}

func all(release *catalogue.Release) evidence.Drawings {
	seen := evidence.Drawings{Backend: jaeger}
	seen.Servicegraph.Graph = plus(shows(release, "servicegraph", calls(release, sent), 1.1), "vfc-vfc-catalog", "vfc-vfc-db", 100, "bytes/sec")
	seen.Prometheus.Graph = plus(shows(release, "prometheus", calls(release, sent), 1.12), "vfc-vfc-catalog", "vfc-vfc-db", 100, "bytes/sec")
	seen.Traces.Graph = shows(release, "traces", calls(release, sent), 1)
	return seen
}

func TestJudgeDrawings(t *testing.T) {
	release := sample.Release(t, "casablanca")
	type change func(sg, prom, traces *evidence.Graph)
	metrics := func(do func(evidence.Graph) evidence.Graph) change {
		return func(sg, prom, _ *evidence.Graph) { *sg, *prom = do(*sg), do(*prom) }
	}
	nothing := func(g evidence.Graph) evidence.Graph { return less(g, "", "") }
	for name, c := range map[string]struct {
		change change
		want   []string
		text   string
	}{
		"all agree":                    {change: func(_, _, _ *evidence.Graph) {}},
		"Servicegraph lacks an edge":   {change: func(sg, _, _ *evidence.Graph) { *sg = toVio(*sg) }, want: []string{"edge-lacking " + servicegraph}},
		"Prometheus lacks it":          {change: func(_, p, _ *evidence.Graph) { *p = toVio(*p) }, want: []string{"edge-lacking " + prometheus}, text: "asks another one"},
		"the traces lack all of vio":   {change: func(_, _, tr *evidence.Graph) { *tr = toVio(*tr) }, want: []string{"edge-lacking " + vio}, text: "reports no span"},
		"the traces lack one into iag": {change: func(_, _, tr *evidence.Graph) { *tr = less(*tr, "vfc-nslcm", "msb-iag") }, want: []string{"edge-lacking " + jaeger}, text: "vfc-nslcm is known to split"},
		"the metrics lack vio":         {change: metrics(toVio), want: []string{"edge-invented " + vio}, text: "counts nothing"},
		"the metrics lack one into iag": {change: metrics(func(g evidence.Graph) evidence.Graph { return less(g, "multicloud", "msb-iag") }),
			want: []string{"edge-invented " + prometheus}},
		"only Servicegraph has it": {change: func(_, p, tr *evidence.Graph) { *p, *tr = toVio(*p), toVio(*tr) }, want: []string{"edge-invented " + servicegraph}},
		"only Prometheus has it":   {change: func(sg, _, tr *evidence.Graph) { *sg, *tr = toVio(*sg), toVio(*tr) }, want: []string{"edge-invented " + prometheus}},
		"nobody has it":            {change: func(sg, p, tr *evidence.Graph) { *sg, *p, *tr = toVio(*sg), toVio(*p), toVio(*tr) }, want: []string{"edge-nowhere " + vio}, text: "answers without calling"},
		"Servicegraph shows twice": {change: func(sg, _, _ *evidence.Graph) { *sg = times(*sg, 2, "msb-iag", "multicloud-vio") }, want: []string{"rates-disagree " + servicegraph}},
		"Prometheus shows twice":   {change: func(_, p, _ *evidence.Graph) { *p = times(*p, 2, "msb-iag", "multicloud-vio") }, want: []string{"rates-disagree " + prometheus}},
		"both show twice":          {change: metrics(func(g evidence.Graph) evidence.Graph { return times(g, 2, "msb-iag", "multicloud-vio") }), want: []string{"rates-disagree " + telemetry}},
		"both show half":           {change: metrics(func(g evidence.Graph) evidence.Graph { return times(g, 0.5, "msb-iag", "multicloud-vio") }), want: []string{"rates-disagree " + prometheus}},
		"spans are lost":           {change: func(_, _, tr *evidence.Graph) { *tr = times(*tr, 0.5, "msb-iag", "multicloud-vio") }, want: []string{"rates-disagree " + jaeger}, text: "spans are lost"},
		"spans came in twice":      {change: func(_, _, tr *evidence.Graph) { *tr = times(*tr, 2, "msb-iag", "multicloud-vio") }, want: []string{"rates-disagree " + jaeger}, text: "twice"},
		"no two agree": {change: func(sg, _, tr *evidence.Graph) {
			*sg, *tr = times(*sg, 4, "msb-iag", "multicloud-vio"), times(*tr, 2, "msb-iag", "multicloud-vio")
		}, want: []string{"rates-disagree " + prometheus}, text: "no two"},
		"Servicegraph is blind":     {change: func(sg, _, _ *evidence.Graph) { *sg = nothing(*sg) }, want: []string{"source-blind " + servicegraph}},
		"Prometheus is blind":       {change: func(_, p, _ *evidence.Graph) { *p = nothing(*p) }, want: []string{"source-blind " + prometheus}},
		"the traces are blind":      {change: func(_, _, tr *evidence.Graph) { *tr = nothing(*tr) }, want: []string{"source-blind " + jaeger}},
		"the metrics are blind":     {change: metrics(nothing), want: []string{"not-counted " + prometheus}},
		"the metrics stood still":   {change: metrics(func(g evidence.Graph) evidence.Graph { return times(g, 0, "", "") }), want: []string{"not-counted " + prometheus}},
		"Prometheus alone sees":     {change: func(sg, _, tr *evidence.Graph) { *sg, *tr = nothing(*sg), nothing(*tr) }, want: []string{"source-blind " + jaeger, "source-blind " + servicegraph}},
		"all are blind":             {change: func(sg, p, tr *evidence.Graph) { *sg, *p, *tr = nothing(*sg), nothing(*p), nothing(*tr) }, want: []string{"no-evidence " + prometheus}},
		"bytes that only one shows": {change: func(sg, _, _ *evidence.Graph) { *sg = less(*sg, "vfc-vfc-catalog", "") }, want: []string{"edge-lacking " + servicegraph}, text: "leaves no spans"},
		"bytes in Servicegraph":     {change: func(_, p, _ *evidence.Graph) { *p = less(*p, "vfc-vfc-catalog", "") }, want: []string{"edge-lacking " + prometheus}},
		"a stranger in one": {change: func(sg, _, _ *evidence.Graph) {
			*sg = plus(*sg, "stranger", "multicloud-multicloud-vio", 3, "reqs/sec")
		}, want: []string{"edge-invented " + servicegraph}},
		"a stranger in all": {change: func(sg, p, tr *evidence.Graph) {
			*sg, *p, *tr = plus(*sg, "stranger", "multicloud-multicloud-vio", 3, "reqs/sec"), plus(*p, "stranger", "multicloud-multicloud-vio", 3, "reqs/sec"), plus(*tr, "unknown", "multicloud-multicloud-vio", 3, "reqs/sec")
		}},
		"too few samples": {change: func(_, p, _ *evidence.Graph) { p.Scrapes = 2 }, want: []string{"too-few-scrapes " + prometheus}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := all(release)
			c.change(&seen.Servicegraph.Graph, &seen.Prometheus.Graph, &seen.Traces.Graph)
			findings := graph.JudgeDrawings(release, catalogue.Enabled, load, seen)
			found(t, findings, c.want...)
			if len(findings) > 0 && !strings.Contains(findings[0].Why, c.text) {
				t.Errorf("%q not in %q", c.text, findings[0].Why)
			}
		})
	}
}

func TestDrawingsThatAreNone(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for i, object := range []string{servicegraph, prometheus, jaeger} {
		seen := all(release)
		*[]*evidence.Drawing{&seen.Servicegraph, &seen.Prometheus, &seen.Traces}[i] = evidence.Drawing{Error: "connection refused"}
		found(t, graph.JudgeDrawings(release, catalogue.Enabled, load, seen), "source-absent "+object)
	}
	seen := all(release)
	for _, d := range []*evidence.Drawing{&seen.Servicegraph, &seen.Prometheus, &seen.Traces} {
		d.Graph = toVio(d.Graph)
	}
	seen.Halves = []evidence.Edge{{From: "msb-msb-iag", To: "multicloud-multicloud-vio", Rate: 1, Unit: "reqs/sec"}}
	findings := graph.JudgeDrawings(release, catalogue.Enabled, load, seen)
	found(t, findings, "edge-nowhere "+vio)
	if !strings.Contains(findings[0].Why, "it has no sidecar") {
		t.Errorf("why: %s", findings[0].Why)
	}
}

func toVio(g evidence.Graph) evidence.Graph { return less(g, "msb-iag", "multicloud-vio") }

func TestDrawingsGolden(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := all(release)
	seen.Traces.Graph = times(seen.Traces.Graph, 0.5, "vfc-nslcm", "msb-iag")
	want := []verdict.Finding{{
		Kind: "rates-disagree", Verdict: verdict.Fail,
		Summary: "vfc-nslcm → msb-iag has another number of requests in the traces than in the other two",
		Object:  jaeger,
		Want:    "at least 5 requests in all three",
		Got:     "5.5 of Servicegraph, 5.6 of Prometheus, 2.5 of the traces",
		Where:   "horizons 20s, 20s, 20s; 10 samples",
		Why: "spans are lost, or were not sampled; vfc-nslcm is known to split the trace of path nslcm-to-catalog before this call, " +
			"so the sampling of its own sidecar decides whether it is traced",
		Next: "compare the three graphs in the artifacts; see the log of " + jaeger,
	}}
	if diff := cmp.Diff(want, graph.JudgeDrawings(release, catalogue.Enabled, load, seen)); diff != "" {
		t.Error(diff)
	}
}

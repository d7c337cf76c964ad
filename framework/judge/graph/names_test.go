package graph_test

import (
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
)

// mixed is the graph as metrics of Istio 0.8 show it: Services and versions.
func mixed(t *testing.T, release *catalogue.Release, g evidence.Graph) evidence.Graph {
	t.Helper()
	service := func(app string) string {
		if w, ok := release.Workload(app); ok && len(w.Services) > 0 {
			return w.Services[0].Name + ".onap"
		}
		return app
	}
	edges := make([]evidence.Edge, len(g.Edges))
	for i, e := range g.Edges {
		e.From, e.FromApp, e.To, e.ToApp = "unknown", service(e.FromApp), "v1", service(e.ToApp)
		edges[i] = e
	}
	g.Edges = edges
	return g
}

// TestServicesBecomeWorkloads: what metrics of Istio 0.8 show is judged alike.
func TestServicesBecomeWorkloads(t *testing.T) {
	release := sample.Release(t, "casablanca")
	right := mixed(t, release, shows(release, "servicegraph", calls(release, sent), 1.1))
	for _, e := range right.Edges {
		if strings.Contains(e.From+e.To, "msb-msb") {
			t.Fatalf("%+v names a workload", e)
		}
	}
	found(t, graph.JudgeRates(release, catalogue.Enabled, load, right))
	found(t, graph.JudgeRates(release, catalogue.Enabled, load, less(right, "msb-iag.onap", "multicloud-vio.onap")), "missing-edge "+vio)
	seen := all(release)
	for _, d := range []*evidence.Drawing{&seen.Servicegraph, &seen.Prometheus} {
		d.Graph = mixed(t, release, less(d.Graph, "vfc-vfc-catalog", ""))
	}
	found(t, graph.JudgeDrawings(release, catalogue.Enabled, load, seen))

	before := mixed(t, release, drawn(t, release, background...))
	found(t, graph.Judge(release, catalogue.Enabled, nil, before, before))
	foreign := mixed(t, release, drawn(t, release, append(background, "msb-iag vfc-nslcm 1")...))
	found(t, graph.Judge(release, catalogue.Enabled, nil, before, foreign), "forbidden-edge Deployment onap/vfc-vfc-nslcm")
	other := right
	other.Edges = []evidence.Edge{{From: "v1", FromApp: "msb-iag.elsewhere", To: "v1", ToApp: "vfc-nslcm.elsewhere", Rate: 1, Unit: "reqs/sec"}}
	found(t, graph.JudgeRates(release, catalogue.Enabled, load, other), "foreign-graph "+servicegraph)
}

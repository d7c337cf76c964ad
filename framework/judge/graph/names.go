package graph

import (
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
)

// inWorkloads is the graph with the release's workloads at the ends of its edges.
// Metrics of Istio 0.8 know no workloads, so that its edges name Services
// ("msb-iag.onap"): the catalogue tells whose they are. Everything else stays.
func inWorkloads(release *catalogue.Release, g evidence.Graph) evidence.Graph {
	edges := make([]evidence.Edge, len(g.Edges))
	for i, e := range g.Edges {
		if w, ok := serving(release, e.FromApp); ok {
			e.From, e.FromApp = w.Name, w.App
		}
		if w, ok := serving(release, e.ToApp); ok {
			e.To, e.ToApp = w.Name, w.App
		}
		edges[i] = e
	}
	g.Edges = edges
	return g
}

// serving is the workload of the Service "NAME.NAMESPACE", if it is the release's.
func serving(release *catalogue.Release, service string) (catalogue.Workload, bool) {
	name, namespace, _ := strings.Cut(service, ".")
	if namespace != object.Namespace {
		return catalogue.Workload{}, false
	}
	for _, w := range release.Workloads {
		for _, s := range w.Services {
			if s.Name == name {
				return w, true
			}
		}
	}
	return catalogue.Workload{}, false
}

package graph

import (
	"context"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// pageSpecs are the specs of what a person opens in a browser.
func pageSpecs() []spec.Spec {
	views := []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC}
	return []spec.Spec{
		{
			ID:      "graph.d3graph",
			Proves:  "/d3graph shows the same nodes and edges as /graph",
			FailsIf: "one of the two lacks a node or an edge of the other, or a link names no node",
			Labels:  []spec.Label{spec.Extended, spec.MSB},
			Run:     d3graph,
		},
		{
			ID:      "graph.dotviz",
			Proves:  "the page /dotviz holds the same graph as /graph, and Servicegraph itself serves all that draws it",
			FailsIf: "the page's graph differs, or the page loads a file that is not there or is another server's",
			Labels:  views,
			Run:     dotviz,
		},
		{
			ID:      "graph.force",
			Proves:  "Servicegraph itself serves the page of the force graph and all that draws it, and answers what the page asks for",
			FailsIf: "the page loads a file that is not there or is another server's, or there is no graph to draw",
			Labels:  views,
			Run:     force,
		},
		{
			ID:      "graph.filters",
			Proves:  "filter_empty and the filters by namespace and workload leave out what they should and nothing else, and a horizon that is none is refused",
			FailsIf: "a filtered graph shows an edge that it should leave out or lacks one that it should show, or a bad time_horizon is not answered with 500 and its reason",
			Labels:  []spec.Label{spec.Extended, spec.MSB, spec.Traffic},
			Run:     filters,
		},
		{
			ID:      "graph.outside",
			Proves:  "Servicegraph shows at node port 30088, outside the cluster, the graph that it shows inside",
			FailsIf: "the Service has another node port or none, or the graph there lacks an edge",
			Labels:  views,
			Run:     outside,
		},
	}
}

// nodePort is where the document opens Servicegraph.
const nodePort = 30088

// nodeGraphs are two answers of one moment.
type nodeGraphs struct {
	Graph evidence.NodeGraph `json:"graph"`
	D3    evidence.NodeGraph `json:"d3"`
}

func d3graph(ctx context.Context, env *spec.Env) {
	spec.Look[nodeGraphs]{
		Name: "graphs", Source: servicegraph,
		Observe: func(ctx context.Context) (nodeGraphs, error) {
			graph, err := env.Graph.Nodes(ctx, dotHorizon)
			if err != nil {
				return nodeGraphs{}, err
			}
			d3, err := env.Graph.D3(ctx, dotHorizon)
			return nodeGraphs{graph, d3}, err
		},
		Judge: func(seen nodeGraphs) []verdict.Finding { return graph.JudgeNodes(seen.Graph, seen.D3) },
	}.Settle(ctx, env)
}

// page is a page and the graph that Servicegraph has at the moment.
type page struct {
	Page  evidence.GraphPage `json:"page"`
	Graph evidence.NodeGraph `json:"graph"`
}

func dotviz(ctx context.Context, env *spec.Env) {
	seen := spec.Look[page]{
		Name: "page", Source: servicegraph,
		Observe: func(ctx context.Context) (page, error) {
			graph, err := env.Graph.Nodes(ctx, dotHorizon)
			if err != nil {
				return page{}, err
			}
			dotviz, err := env.Graph.Dotviz(ctx, dotHorizon)
			return page{dotviz, graph}, err
		},
		Judge: func(seen page) []verdict.Finding { return graph.JudgeDotviz(seen.Page, seen.Graph) },
	}.Settle(ctx, env)
	env.Note("%d files and %d edges in the page", len(seen.Page.Assets), len(seen.Graph.Edges))
}

func force(ctx context.Context, env *spec.Env) {
	seen := spec.Look[page]{
		Name: "page", Source: servicegraph,
		Observe: func(ctx context.Context) (page, error) {
			force, err := env.Graph.Force(ctx)
			if err != nil {
				return page{}, err
			}
			polled, err := env.Graph.D3(ctx, dotHorizon)
			return page{force, polled}, err
		},
		Judge: func(seen page) []verdict.Finding { return graph.JudgeForce(seen.Page, seen.Graph) },
	}.Settle(ctx, env)
	env.Note("%d files in the page", len(seen.Page.Assets))
}

// filters looks over the short horizon while it calls one path again and again: so
// there are edges with traffic and edges without.
func filters(ctx context.Context, env *spec.Env) {
	paths := env.Release.Requests()
	spec.Look[evidence.GraphFilters]{
		Name: "filters", Source: servicegraph,
		Observe: func(ctx context.Context) (evidence.GraphFilters, error) {
			for _, path := range paths[:min(1, len(paths))] {
				if _, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.None}); err != nil {
					return evidence.GraphFilters{}, err
				}
			}
			return env.Graph.Filters(ctx, horizon, spec.Namespace)
		},
		Judge: func(seen evidence.GraphFilters) []verdict.Finding { return graph.JudgeFilters(env.Release, seen) },
	}.Settle(ctx, env)
}

func outside(ctx context.Context, env *spec.Env) {
	seen := spec.Look[evidence.GraphOutside]{
		Name: "outside", Source: servicegraph,
		Observe: func(ctx context.Context) (evidence.GraphOutside, error) { return env.Graph.Outside(ctx, dotHorizon) },
		Judge:   func(seen evidence.GraphOutside) []verdict.Finding { return graph.JudgeOutside(nodePort, seen) },
	}.Settle(ctx, env)
	env.Note("seen at %s", seen.Address)
}

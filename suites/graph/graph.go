// Package graph holds the specs that prove that Servicegraph draws who calls
// whom, and nothing else.
package graph

import (
	"context"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic graph.
func Specs() []spec.Spec {
	return slices.Concat([]spec.Spec{
		{
			ID:      "graph.edges",
			Proves:  "Servicegraph's /graph shows an edge for every call of the traffic that was sent, and no new edge to a workload that was not called",
			FailsIf: "an edge is missing, or one appears that nobody's call explains",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic},
			Run:     edges,
		},
		{
			ID:      "graph.dot",
			Proves:  "/dotgraph draws the same edges as /graph",
			FailsIf: "the drawing cannot be read, or one of the two lacks an edge of the other",
			Labels:  []spec.Label{spec.Extended, spec.MSB},
			Run:     dot,
		},
	}, loadSpecs(), pageSpecs())
}

const servicegraph = "Deployment istio-system/servicegraph"

// horizon is over how long the graph's rates are taken: long enough for several
// scrapes, short enough that the calls of earlier specs soon fade.
const horizon = 10 * time.Second

// burst is how many requests a look sends over each path.
const burst = 10

// edges waits until earlier traffic has faded, sends traffic over all paths and
// draws the graph. The first traffic makes the series, since a rate needs a
// sample to rise from; so every look sends some more.
func edges(ctx context.Context, env *spec.Env) {
	causes := []string{catalogue.Registering}
	for _, path := range env.Release.Requests() {
		causes = append(causes, path.ID)
	}
	before := spec.Look[evidence.Graph]{
		Name:    "graph-before",
		Source:  servicegraph,
		Limit:   time.Minute,
		Observe: func(ctx context.Context) (evidence.Graph, error) { return env.Graph.Graph(ctx, horizon) },
		Judge: func(seen evidence.Graph) []verdict.Finding {
			return graph.JudgeQuiet(env.Release, env.Policy, causes, seen)
		},
	}.Settle(ctx, env)
	env.Cleanup(env.Registrar.Remove)
	spec.Look[evidence.Graph]{
		Name:   "graph",
		Source: servicegraph,
		Limit:  time.Minute,
		Observe: func(ctx context.Context) (evidence.Graph, error) {
			if err := send(ctx, env); err != nil {
				return evidence.Graph{}, err
			}
			return env.Graph.Graph(ctx, horizon)
		},
		Judge: func(after evidence.Graph) []verdict.Finding {
			return graph.Judge(env.Release, env.Policy, causes, before, after)
		},
	}.Settle(ctx, env)
}

// send makes MSB register something and sends requests over every path.
func send(ctx context.Context, env *spec.Env) error {
	if err := env.Registrar.Touch(ctx); err != nil {
		return err
	}
	for _, path := range env.Release.Requests() {
		for range burst {
			if _, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.None}); err != nil {
				return err
			}
		}
	}
	return nil
}

// drawings are two answers of one moment.
type drawings struct {
	Graph evidence.Graph `json:"graph"`
	Dot   evidence.Graph `json:"dot"`
}

func dot(ctx context.Context, env *spec.Env) {
	seen := spec.Look[drawings]{
		Name: "drawings", Source: servicegraph,
		Observe: func(ctx context.Context) (drawings, error) {
			graph, err := env.Graph.Graph(ctx, dotHorizon)
			if err != nil {
				return drawings{}, err
			}
			dot, err := env.Graph.Dot(ctx, dotHorizon)
			return drawings{graph, dot}, err
		},
		Judge: func(seen drawings) []verdict.Finding { return graph.JudgeSame(seen.Graph, seen.Dot) },
	}.Settle(ctx, env)
	env.Note("%d edges in both drawings", len(seen.Dot.Edges))
}

// dotHorizon is Servicegraph's own default.
const dotHorizon = 5 * time.Minute

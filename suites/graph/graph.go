// Package graph holds the specs that prove that Servicegraph draws who calls
// whom, and nothing else.
package graph

import (
	"context"
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
	faults := []string{"servicegraph-other-namespace", "prometheus-not-scraping", "vio-without-sidecar"}
	return []spec.Spec{
		{
			ID:      "graph.edges",
			Proves:  "Servicegraph's /graph shows an edge for every call of the traffic that was sent, and no new edge to a workload that was not called",
			FailsIf: "an edge is missing, or one appears that nobody's call explains",
			Faults:  faults,
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic},
			Run:     edges,
		},
		{
			ID:      "graph.dot",
			Proves:  "/dotgraph draws the same calls as /graph",
			FailsIf: "the drawing cannot be read, or lacks a call of the traffic",
			Faults:  faults,
			Labels:  []spec.Label{spec.Extended, spec.MSB, spec.Traffic},
			Run:     dot,
		},
	}
}

// horizon is over how long the graph's rates are taken: long enough for several
// scrapes, short enough that the calls of earlier specs fade.
const horizon = 30 * time.Second

// burst is how many requests a look sends over each path, so that the rate
// rises above what the specs before left.
const burst = 10

func edges(ctx context.Context, env *spec.Env) { compare(ctx, env, env.Graph.Graph) }

func dot(ctx context.Context, env *spec.Env) { compare(ctx, env, env.Graph.Dot) }

// draw returns the graph over a horizon.
type draw func(context.Context, time.Duration) (evidence.Graph, error)

// compare draws the graph, sends traffic over all paths and draws it again. The
// first traffic makes the series, since a rate needs a sample to rise from; so
// every look sends some more.
func compare(ctx context.Context, env *spec.Env, graphOf draw) {
	before, err := graphOf(ctx, horizon)
	before = spec.Must(env, "drawing the graph before the traffic", before, err)
	env.Keep("graph-before", before)
	env.Cleanup(env.Registrar.Remove)
	paths := []string{catalogue.Registering}
	for _, path := range env.Release.Paths {
		paths = append(paths, path.ID)
	}
	spec.Look[evidence.Graph]{
		Name:  "graph",
		Limit: time.Minute,
		Observe: func(ctx context.Context) (evidence.Graph, error) {
			if err := send(ctx, env); err != nil {
				return evidence.Graph{}, err
			}
			return graphOf(ctx, horizon)
		},
		Judge: func(after evidence.Graph) []verdict.Finding {
			return graph.Judge(env.Release, env.Policy, paths, before, after)
		},
	}.Settle(ctx, env)
}

func send(ctx context.Context, env *spec.Env) error {
	if err := env.Registrar.Touch(ctx); err != nil {
		return err
	}
	for _, path := range env.Release.Paths {
		for range burst {
			if _, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.None}); err != nil {
				return err
			}
		}
	}
	return nil
}

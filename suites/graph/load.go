package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// loadSpecs are the specs that compare graphs with what was sent.
func loadSpecs() []spec.Spec {
	labels := []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic}
	return []spec.Spec{
		{
			ID:      "graph.rates",
			Proves:  "the rates in Servicegraph's /graph, times their horizon, are the requests that were sent over each edge",
			FailsIf: "an edge shows fewer requests than were sent, or more than Prometheus' extrapolation explains",
			Labels:  labels,
			Run:     rates,
		},
		{
			ID:      "graph.sources-agree",
			Proves:  "Servicegraph, Prometheus and the traces show the same edges with the same numbers of requests",
			FailsIf: "one of the three lacks an edge that the others show, shows one alone, or another number of requests",
			Labels:  labels,
			Run:     sourcesAgree,
		},
		{
			ID:      "graph.unknown-explained",
			Proves:  "every caller that the mesh cannot name is explained by evidence: it is outside, has no sidecar or called by Pod IP",
			FailsIf: "somebody whom the catalogue does not know calls a workload, or nothing tells who a caller is",
			Labels:  labels,
			Run:     unknownExplained,
		},
	}
}

// each is how many requests a load sends over each path.
const each = 5

// lead is how long no path may be called before a load, so that nothing else is
// in its horizon: several scrapes.
const lead = 8 * time.Second

// scraped is how many looks in a row must see no traffic before a load: those of
// a scrape, so that requests of before are in what is seen.
const scraped = 6

// load waits until nobody calls over the paths, and sends requests over them.
func load(ctx context.Context, env *spec.Env) graph.Load {
	var warmed time.Time
	spec.Look[graph.Before]{
		Name:   "before",
		Source: spec.Prometheus,
		Limit:  time.Minute,
		Steady: scraped,
		Observe: func(ctx context.Context) (graph.Before, error) {
			seen, err := env.Metrics.Edges(ctx, lead)
			if err != nil {
				return graph.Before{}, err
			}
			if warmed.IsZero() && len(graph.Lacking(env.Release, env.Policy, seen)) > 0 {
				warmed = time.Now()
				if _, err := pour(ctx, env, 1); err != nil {
					return graph.Before{}, err
				}
			}
			before := graph.Before{Graph: seen}
			if !warmed.IsZero() {
				before.Warmed = time.Since(warmed)
			}
			return before, nil
		},
		Judge: func(seen graph.Before) []verdict.Finding { return graph.JudgeBefore(env.Release, env.Policy, seen) },
	}.Settle(ctx, env)
	return spec.Step[graph.Load]{
		Name: "sent", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) (graph.Load, error) { return pour(ctx, env, each) },
	}.Take(ctx, env)
}

// pour sends n requests over each path, all of which are to be traced.
func pour(ctx context.Context, env *spec.Env, n int) (graph.Load, error) {
	sent := graph.Load{Requests: n, Start: time.Now().UTC()}
	for _, path := range env.Release.Requests() {
		for range n {
			one, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.Both, Sampled: true})
			if err != nil {
				return graph.Load{}, err
			}
			if one.Response.Status != path.Status {
				sent.Wrong = append(sent.Wrong, fmt.Sprintf("%s: status %d %s, want %d", path.ID, one.Response.Status, one.Response.Error, path.Status))
			}
		}
	}
	sent.End = time.Now().UTC()
	return sent, nil
}

// since is a horizon, in whole seconds, that holds the load and the quiet before it.
func since(sent graph.Load) time.Duration {
	return (time.Since(sent.Start) + lead).Truncate(time.Second)
}

func rates(ctx context.Context, env *spec.Env) {
	sent := load(ctx, env)
	spec.Look[evidence.Graph]{
		Name:   "graph",
		Source: servicegraph,
		Observe: func(ctx context.Context) (evidence.Graph, error) {
			horizon := since(sent)
			seen, err := env.Graph.Graph(ctx, horizon)
			if err != nil {
				return evidence.Graph{}, err
			}
			counted, err := env.Metrics.Edges(ctx, horizon)
			seen.Scrapes = counted.Scrapes
			return seen, err
		},
		Judge: func(seen evidence.Graph) []verdict.Finding {
			return graph.JudgeRates(env.Release, env.Policy, sent, seen)
		},
	}.Settle(ctx, env)
	env.Note("%d requests over each of %d paths, %s", sent.Requests, len(env.Release.Requests()), sent.End.Sub(sent.Start).Round(time.Millisecond))
}

func sourcesAgree(ctx context.Context, env *spec.Env) {
	sent := load(ctx, env)
	seen := spec.Look[evidence.Drawings]{
		Name:    "drawings",
		Source:  "Namespace istio-system",
		Observe: func(ctx context.Context) (evidence.Drawings, error) { return drawAll(ctx, env, sent), nil },
		Judge: func(seen evidence.Drawings) []verdict.Finding {
			return graph.JudgeDrawings(env.Release, env.Policy, sent, seen)
		},
	}.Settle(ctx, env)
	env.Note("%d edges of Servicegraph, %d of Prometheus, %d of the traces; edges of TCP are not in traces",
		len(seen.Servicegraph.Edges), len(seen.Prometheus.Edges), len(seen.Traces.Edges))
}

// drawAll asks all three; that one cannot be asked is for the judge to say.
func drawAll(ctx context.Context, env *spec.Env, sent graph.Load) evidence.Drawings {
	horizon := since(sent)
	seen := evidence.Drawings{Backend: env.Traces.Source()}
	seen.Servicegraph = drawing(env.Graph.Graph(ctx, horizon))
	seen.Prometheus = drawing(env.Metrics.Edges(ctx, horizon))
	found, err := tracesOf(ctx, env, graph.Services(env.Release), sent.Start.Add(-time.Second), time.Now())
	if err == nil {
		found.Pods, err = env.Pods.List(ctx, spec.Namespace)
	}
	drawn, halves := graph.OfTraces(env.Release, found, horizon)
	drawn.Observed = time.Now().UTC()
	seen.Traces, seen.Halves = drawing(drawn, err), halves
	return seen
}

func drawing(seen evidence.Graph, err error) evidence.Drawing {
	if err != nil {
		return evidence.Drawing{Error: err.Error()}
	}
	return evidence.Drawing{Graph: seen}
}

// tracesOf are the traces in which the services have a span of that time.
func tracesOf(ctx context.Context, env *spec.Env, services []string, from, to time.Time) (graph.Traces, error) {
	seen := graph.Traces{From: from, To: to}
	found, err := traces.Find(ctx, env.Traces, traces.Search{TraceID: noTrace, Services: services, Start: from, End: to})
	seen.All = found.Others
	return seen, err
}

// noTrace is an id that no back end has: what is looked for is not known by id.
const noTrace = "ffffffffffffffffffffffffffffffff"

// callersFor is from how long before our own requests on callers are explained.
const callersFor = 15 * time.Second

func unknownExplained(ctx context.Context, env *spec.Env) {
	sent := spec.Step[graph.Load]{
		Name: "sent", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) (graph.Load, error) { return pour(ctx, env, 1) },
	}.Take(ctx, env)
	seen := spec.Look[evidence.Callers]{
		Name:    "callers",
		Source:  spec.Prometheus,
		Observe: func(ctx context.Context) (evidence.Callers, error) { return callers(ctx, env, sent) },
		Judge: func(seen evidence.Callers) []verdict.Finding {
			return graph.JudgeCallers(env.Release, env.Policy, sent, seen)
		},
	}.Settle(ctx, env)
	for _, line := range graph.Explained(env.Release, env.Policy, sent, seen) {
		env.Note("%s", line)
	}
}

// callers asks Prometheus for two moments, and the traces for what came between
// them to the workloads that were called without a name.
func callers(ctx context.Context, env *spec.Env, sent graph.Load) (evidence.Callers, error) {
	var seen evidence.Callers
	var err error
	now := time.Now()
	ago := (now.Sub(sent.Start) + callersFor).Truncate(time.Second)
	if seen.After, err = env.Metrics.Query(ctx, graph.CallersQuery(0)); err != nil {
		return seen, err
	}
	if seen.Before, err = env.Metrics.Query(ctx, graph.CallersQuery(ago)); err != nil {
		return seen, err
	}
	if address, err := url.Parse(env.Kube.Config.Host); err == nil {
		seen.APIServer = address.Host
	}
	var services []string
	for _, s := range seen.After.Items {
		for _, w := range env.Release.Workloads {
			if name := w.App + "." + spec.Namespace; w.Name == s.Labels["destination_workload"] && !slices.Contains(services, name) {
				services = append(services, name)
			}
		}
	}
	found, err := tracesOf(ctx, env, services, now.Add(-ago), now)
	if err != nil {
		return seen, err
	}
	var peers []evidence.Pods
	for _, namespace := range append([]string{spec.Namespace}, graph.OurNamespaces()...) {
		pods, err := env.Pods.List(ctx, namespace)
		if err != nil {
			return seen, err
		}
		peers = append(peers, pods)
	}
	seen.Arrivals = graph.Arrivals(found, peers)
	return seen, nil
}

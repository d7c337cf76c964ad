package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/metric"
)

// Source is what the graphs of Edges name as theirs.
const Source = "prometheus"

// generation is how a generation of Istio's metrics tells who called whom.
type generation struct {
	metric.Generation
	by []string
	// end reads the workload and the app of an end ("source", "destination").
	end func(labels map[string]string, end string) (workload, app string)
}

// series is the quantity's series as the destinations count it.
func (g generation) series(q metric.Quantity) string {
	name := g.Series(q)[0]
	if !g.Knows(metric.Reporter) {
		return name
	}
	return fmt.Sprintf("%s{%s=%q}", name, metric.Reporter, metric.ByDestination)
}

// workloads is a generation that knows workloads: since Istio 1.0.
func workloads(g metric.Generation) generation {
	return generation{
		Generation: g, by: []string{"source_workload", "source_app", "destination_workload", "destination_app"},
		end: func(labels map[string]string, end string) (string, string) {
			return known(labels[end+"_workload"]), known(labels[end+"_app"])
		},
	}
}

// services is a generation that knows Services and versions: before Istio 1.0.
func services(g metric.Generation) generation {
	return generation{
		Generation: g, by: []string{"source_service", "source_version", "destination_service", "destination_version"},
		end: func(labels map[string]string, end string) (string, string) {
			return known(labels[end+"_version"]), strings.TrimSuffix(known(labels[end+"_service"]), ".svc.cluster.local")
		},
	}
}

func known(value string) string { return cmp.Or(value, "unknown") }

// Edges returns who called whom within the horizon, whole milliseconds, as the destinations
// count: the increase of requests and of TCP bytes received, as rates. It takes
// the metrics of the generation that Prometheus has, the newer of two. Edges
// without traffic are kept; they are sorted by caller, callee and unit.
func (o *Observer) Edges(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	graph, err := o.edges(ctx, horizon)
	return graph, absent(err)
}

func (o *Observer) edges(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	if horizon < time.Second {
		return evidence.Graph{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus for edges: horizon %s is too short: give at least a second", horizon))
	}
	g, err := o.generation(ctx)
	if err != nil {
		return evidence.Graph{}, err
	}
	graph := evidence.Graph{Source: Source, Horizon: horizon}
	for _, part := range []struct {
		counted metric.Quantity
		unit    string
	}{{metric.Requests, "reqs/sec"}, {metric.ReceivedBytes, "bytes/sec"}} {
		rose, err := o.numbers(ctx, fmt.Sprintf("sum by (%s) (increase(%s[%s]))", strings.Join(g.by, ", "), g.series(part.counted), model.Duration(horizon)))
		if err != nil {
			return evidence.Graph{}, err
		}
		for _, s := range rose.Items {
			e := evidence.Edge{Rate: s.Value / horizon.Seconds(), Unit: part.unit}
			e.From, e.FromApp = g.end(s.Labels, "source")
			e.To, e.ToApp = g.end(s.Labels, "destination")
			graph.Edges = append(graph.Edges, e)
		}
	}
	slices.SortFunc(graph.Edges, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.FromApp, b.FromApp), cmp.Compare(a.To, b.To), cmp.Compare(a.ToApp, b.ToApp), cmp.Compare(a.Unit, b.Unit))
	})
	if graph.Scrapes, err = o.scrapes(ctx, g, horizon); err != nil {
		return evidence.Graph{}, err
	}
	graph.Observed = time.Now().UTC()
	return graph, nil
}

// generation is read off the names of metrics; without any it is the newest.
func (o *Observer) generation(ctx context.Context) (generation, error) {
	all := metric.Generations()
	oldest, newest := services(all[0]), workloads(all[len(all)-1])
	match := fmt.Sprintf(`{__name__=~"%s|%s"}`, newest.Series(metric.Requests)[0], oldest.Series(metric.Requests)[0])
	names, _, _, err := o.api.LabelValues(ctx, model.MetricNameLabel, []string{match}, time.Time{}, time.Time{})
	if err != nil {
		return generation{}, fmt.Errorf("ask Prometheus for the names of Istio's metrics: %w", err)
	}
	has := func(g generation) bool { return slices.Contains(names, model.LabelValue(g.Series(metric.Requests)[0])) }
	if has(oldest) && !has(newest) {
		return oldest, nil
	}
	return newest, nil
}

// scrapes counts the samples in the horizon of the series that has most.
func (o *Observer) scrapes(ctx context.Context, g generation, horizon time.Duration) (int, error) {
	most, err := o.numbers(ctx, fmt.Sprintf("max(count_over_time(%s[%s]))", g.series(metric.Requests), model.Duration(horizon)))
	if err != nil || len(most.Items) == 0 {
		return 0, err
	}
	return int(most.Items[0].Value), nil
}

// numbers is an answer in which everything is a number.
func (o *Observer) numbers(ctx context.Context, promql string) (evidence.Samples, error) {
	seen, err := o.query(ctx, promql)
	if err == nil && len(seen.Warnings) > 0 {
		err = fmt.Errorf("ask Prometheus for %s: %s", promql, strings.Join(seen.Warnings, "; "))
	}
	return seen, err
}

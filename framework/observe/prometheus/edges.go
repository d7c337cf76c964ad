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
)

// Source is what the graphs of Edges name as theirs.
const Source = "prometheus"

// generation is one way in which Istio has named its metrics: where the counts
// are, and what tells who called whom.
type generation struct {
	requests, bytes string
	// selector is what the destination's reports are chosen by.
	selector string
	by       []string
	// end reads the workload and the app of an end ("source", "destination").
	end func(labels map[string]string, end string) (workload, app string)
}

// The metrics by which generations are told apart.
const (
	requestsToday = "istio_requests_total"
	requestsMixer = "istio_request_count"
)

// today are the metrics since Istio 1.0.
func today() generation {
	return generation{
		requests: requestsToday, bytes: "istio_tcp_received_bytes_total", selector: `{reporter="destination"}`,
		by: []string{"source_workload", "source_app", "destination_workload", "destination_app"},
		end: func(labels map[string]string, end string) (string, string) {
			return known(labels[end+"_workload"]), known(labels[end+"_app"])
		},
	}
}

// mixer are the metrics of Istio 0.8 and before: they know Services and
// versions, and only the destination reports.
func mixer() generation {
	return generation{
		requests: requestsMixer, bytes: "istio_tcp_bytes_received",
		by: []string{"source_service", "source_version", "destination_service", "destination_version"},
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
	for _, part := range []struct{ metric, unit string }{{g.requests, "reqs/sec"}, {g.bytes, "bytes/sec"}} {
		rose, err := o.numbers(ctx, fmt.Sprintf("sum by (%s) (increase(%s%s[%s]))", strings.Join(g.by, ", "), part.metric, g.selector, model.Duration(horizon)))
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

// generation is read off the names of metrics; without any it is today's.
func (o *Observer) generation(ctx context.Context) (generation, error) {
	match := fmt.Sprintf(`{__name__=~"%s|%s"}`, requestsToday, requestsMixer)
	names, _, _, err := o.api.LabelValues(ctx, model.MetricNameLabel, []string{match}, time.Time{}, time.Time{})
	if err != nil {
		return generation{}, fmt.Errorf("ask Prometheus for the names of Istio's metrics: %w", err)
	}
	if slices.Contains(names, requestsMixer) && !slices.Contains(names, requestsToday) {
		return mixer(), nil
	}
	return today(), nil
}

// scrapes counts the samples in the horizon of the series that has most.
func (o *Observer) scrapes(ctx context.Context, g generation, horizon time.Duration) (int, error) {
	most, err := o.numbers(ctx, fmt.Sprintf("max(count_over_time(%s%s[%s]))", g.requests, g.selector, model.Duration(horizon)))
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

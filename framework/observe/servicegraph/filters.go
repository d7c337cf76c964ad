package servicegraph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// What the filters are asked for beside what is there: a namespace that is not,
// and a horizon that is none.
const (
	Nowhere   = "meshcert-nowhere"
	noHorizon = "soon"
)

// Filters asks GET /graph over the horizon: as it is, then once with each filter
// (filter_empty; the namespace given and one that is not there; both ends of one
// edge of the graph), and with a horizon that cannot be parsed. Without an edge
// between two workloads there is nothing to filter by, and Filtered is empty.
func (o *Observer) Filters(ctx context.Context, horizon time.Duration, namespace string) (evidence.GraphFilters, error) {
	seen, err := o.filters(ctx, horizon, namespace)
	return seen, observe.Absent(err)
}

func (o *Observer) filters(ctx context.Context, horizon time.Duration, namespace string) (evidence.GraphFilters, error) {
	all, err := o.Graph(ctx, horizon)
	if err != nil {
		return evidence.GraphFilters{}, err
	}
	seen := evidence.GraphFilters{All: all}
	i := slices.IndexFunc(all.Edges, func(e evidence.Edge) bool { return e.From != unknown && e.To != unknown && e.From != e.To })
	if i < 0 {
		return seen, nil
	}
	for _, f := range []evidence.FilteredGraph{
		{Parameter: "filter_empty", Value: "true"},
		{Parameter: "source_namespace", Value: namespace}, {Parameter: "source_namespace", Value: Nowhere},
		{Parameter: "destination_namespace", Value: namespace}, {Parameter: "destination_namespace", Value: Nowhere},
		{Parameter: "source_workload", Value: all.Edges[i].From}, {Parameter: "destination_workload", Value: all.Edges[i].To},
	} {
		query := parameters(horizon)
		query.Set(f.Parameter, f.Value)
		graph, err := o.draw(ctx, "graph", query, decode)
		if err != nil {
			return evidence.GraphFilters{}, fmt.Errorf("with %s=%s: %w", f.Parameter, f.Value, err)
		}
		f.Edges = graph.Edges
		seen.Filtered = append(seen.Filtered, f)
	}
	seen.Refusal, err = o.refusal(ctx)
	return seen, err
}

// unknown is the name of an end of an edge that the mesh cannot name.
const unknown = "unknown"

func (o *Observer) refusal(ctx context.Context) (evidence.GraphRefusal, error) {
	body, err := observe.Get(ctx, o.client, observe.At(o.base, "graph", url.Values{"time_horizon": {noHorizon}}))
	var status *observe.StatusError
	switch {
	case errors.As(err, &status):
		return evidence.GraphRefusal{Horizon: noHorizon, Status: status.Status, Body: cut(status.Body)}, nil
	case err != nil:
		return evidence.GraphRefusal{}, fmt.Errorf("ask Servicegraph for /graph over horizon %q: %w", noHorizon, err)
	}
	return evidence.GraphRefusal{Horizon: noHorizon, Status: http.StatusOK, Body: cut(string(body))}, nil
}

// cut is as much of an answer as a person reads.
func cut(body string) string { return strings.ToValidUTF8(body[:min(len(body), 200)], "") }

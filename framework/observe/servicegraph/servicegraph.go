// Package servicegraph observes Servicegraph: its graph in all the forms it has,
// its pages, its filters and its NodePort. Shapes: Istio's addon of the same name
// (0.x to 1.2). It guarantees that a graph that cannot be read whole is an error.
package servicegraph

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// What the graphs of this observer name as their source.
const (
	Source     = "servicegraph"
	DotSource  = "servicegraph's drawing"
	D3Source   = "servicegraph's graph for D3"
	PageSource = "servicegraph's page"
	DoorSource = "servicegraph's NodePort"
)

// Where Servicegraph is.
const (
	service = "servicegraph"
	port    = 8088
)

// Observer asks Servicegraph.
type Observer struct {
	base   *url.URL
	client *http.Client
	// door finds the NodePort, and where it can be asked.
	door func(context.Context) (door, error)
}

// New returns an observer of Service servicegraph of istio-system.
func New(client *kube.Client) (*Observer, error) {
	base, web, err := client.HTTPClient(observe.IstioNamespace, service, fmt.Sprint(port), observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach Servicegraph: %w", err)
	}
	o := At(base, web)
	o.door = func(ctx context.Context) (door, error) { return findDoor(ctx, client) }
	return o, nil
}

// At returns an observer of Servicegraph at a URL, without a NodePort.
func At(base *url.URL, client *http.Client) *Observer {
	return &Observer{base: base, client: client, door: func(context.Context) (door, error) { return door{}, nil }}
}

// Graph asks GET /graph over the horizon; zero is Servicegraph's own, 5 minutes.
// Edges without traffic are kept. They are sorted by caller, callee and unit.
func (o *Observer) Graph(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	graph, err := o.Nodes(ctx, horizon)
	return graph.Graph, err
}

// Nodes is Graph with its nodes.
func (o *Observer) Nodes(ctx context.Context, horizon time.Duration) (evidence.NodeGraph, error) {
	graph, err := o.draw(ctx, "graph", parameters(horizon), decode)
	return sourced(graph, Source, horizon), observe.Absent(err)
}

// D3 asks GET /d3graph over the horizon: the same as Nodes, if both are right.
func (o *Observer) D3(ctx context.Context, horizon time.Duration) (evidence.NodeGraph, error) {
	graph, err := o.draw(ctx, "d3graph", parameters(horizon), decodeD3)
	return sourced(graph, D3Source, horizon), observe.Absent(err)
}

// Dot asks GET /dotgraph over the horizon and reads the graph from it: the same
// as Graph, if both are right.
func (o *Observer) Dot(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	graph, err := o.draw(ctx, "dotgraph", parameters(horizon), decodeDot)
	return sourced(graph, DotSource, horizon).Graph, observe.Absent(err)
}

// parameters are those of a graph over the horizon.
func parameters(horizon time.Duration) url.Values {
	query := url.Values{}
	if horizon != 0 {
		query.Set("time_horizon", model.Duration(horizon).String())
	}
	return query
}

func sourced(graph evidence.NodeGraph, source string, horizon time.Duration) evidence.NodeGraph {
	graph.Source, graph.Horizon = source, horizon
	return graph
}

// draw asks for a graph and reads it.
func (o *Observer) draw(ctx context.Context, path string, query url.Values, decode decoder) (evidence.NodeGraph, error) {
	address := observe.At(o.base, path, query)
	body, err := observe.Get(ctx, o.client, address)
	if err != nil {
		return evidence.NodeGraph{}, fmt.Errorf("ask Servicegraph for /%s: %w", path, err)
	}
	graph, err := decode(address, body)
	if err != nil {
		return evidence.NodeGraph{}, fmt.Errorf("read Servicegraph's /%s: %w", path, err)
	}
	sortEdges(graph.Edges)
	graph.Observed = time.Now().UTC()
	return graph, nil
}

func sortEdges(edges []evidence.Edge) {
	slices.SortFunc(edges, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Unit, b.Unit))
	})
}

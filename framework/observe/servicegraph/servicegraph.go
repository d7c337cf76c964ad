// Package servicegraph observes Servicegraph's graph. Shapes: Istio's addon of
// the same name (0.x to 1.2). It guarantees that a graph whose edges cannot be
// read whole is an error.
package servicegraph

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// What the graphs of this observer name as their source.
const (
	Source    = "servicegraph"
	DotSource = "servicegraph's drawing"
)

// Observer asks Servicegraph.
type Observer struct {
	base   *url.URL
	client *http.Client
}

// New returns an observer of Service servicegraph of istio-system.
func New(client *kube.Client) (*Observer, error) {
	base, web, err := client.HTTPClient(observe.IstioNamespace, "servicegraph", "8088", observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach Servicegraph: %w", err)
	}
	return At(base, web), nil
}

// At returns an observer of Servicegraph at a URL.
func At(base *url.URL, client *http.Client) *Observer { return &Observer{base: base, client: client} }

// Graph asks GET /graph over the horizon; zero is Servicegraph's own, 5 minutes.
// Edges without traffic are kept. They are sorted by caller, callee and unit.
func (o *Observer) Graph(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	graph, err := o.draw(ctx, "graph", horizon, decode)
	return graph, observe.Absent(err)
}

// Dot asks GET /dotgraph over the horizon and reads the graph from it: the same
// as Graph, if both are right.
func (o *Observer) Dot(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	graph, err := o.draw(ctx, "dotgraph", horizon, decodeDot)
	graph.Source = DotSource
	return graph, observe.Absent(err)
}

type decoder func(address string, body []byte) ([]evidence.Edge, error)

func (o *Observer) draw(ctx context.Context, path string, horizon time.Duration, decode decoder) (evidence.Graph, error) {
	query := url.Values{}
	if horizon != 0 {
		query.Set("time_horizon", model.Duration(horizon).String())
	}
	address := observe.At(o.base, path, query)
	body, err := observe.Get(ctx, o.client, address)
	if err != nil {
		return evidence.Graph{}, fmt.Errorf("ask Servicegraph for /%s: %w", path, err)
	}
	edges, err := decode(address, body)
	if err != nil {
		return evidence.Graph{}, fmt.Errorf("read Servicegraph's /%s: %w", path, err)
	}
	slices.SortFunc(edges, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Unit, b.Unit))
	})
	return evidence.Graph{Source: Source, Observed: time.Now().UTC(), Horizon: horizon, Edges: edges}, nil
}

// decode reads {"nodes":{"NAME":{}},"edges":[{"source","target","labels":{"reqs/sec":"0.123456"}}]}.
func decode(address string, body []byte) ([]evidence.Edge, error) {
	var graph struct {
		Nodes map[string]struct{} `json:"nodes"`
		// Edges are null in the original's graph without any.
		Edges json.RawMessage `json:"edges"`
	}
	var arrows []struct {
		Source string            `json:"source"`
		Target string            `json:"target"`
		Labels map[string]string `json:"labels"`
	}
	if err := observe.DecodeJSON(address, body, &graph); err != nil {
		return nil, err
	}
	malformed := func(format string, args ...any) error {
		return &observe.MalformedError{URL: address, Reason: fmt.Sprintf(format, args...), Body: string(body)}
	}
	if graph.Nodes == nil || graph.Edges == nil {
		return nil, malformed("no object nodes or no list edges")
	}
	if err := json.Unmarshal(graph.Edges, &arrows); err != nil {
		return nil, malformed("edges: %v", err)
	}
	var edges []evidence.Edge
	for i, e := range arrows {
		for _, name := range []string{e.Source, e.Target} {
			if _, ok := graph.Nodes[name]; !ok {
				return nil, malformed("edges[%d] names node %q, which is not in nodes", i, name)
			}
		}
		if len(e.Labels) == 0 {
			return nil, malformed("edges[%d] has no labels", i)
		}
		for _, unit := range slices.Sorted(maps.Keys(e.Labels)) {
			edge, err := edge(e.Source, e.Target, unit, e.Labels[unit])
			if err != nil {
				return nil, malformed("edges[%d]: %v", i, err)
			}
			edges = append(edges, edge)
		}
	}
	return edges, nil
}

const dotHead = `digraph "istio-servicegraph" {`

var (
	dotEdge  = regexp.MustCompile(`^\s*"([^"]+)" -> "([^"]+)" \[label="([^"]*)"\];$`)
	dotNode  = regexp.MustCompile(`^\s*"([^"]+)" \[label="([^"]+)"\];$`)
	dotLabel = regexp.MustCompile(`^([^:]+): (\S+)$`)
)

// decodeDot reads /dotgraph: edges between ids, then the ids' names.
func decodeDot(address string, body []byte) ([]evidence.Edge, error) {
	malformed := func(format string, args ...any) error {
		return &observe.MalformedError{URL: address, Reason: fmt.Sprintf(format, args...), Body: string(body)}
	}
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	if len(lines) < 2 || strings.TrimSpace(lines[0]) != dotHead || strings.TrimSpace(lines[len(lines)-1]) != "}" {
		return nil, malformed("not a whole digraph \"istio-servicegraph\"")
	}
	names := map[string]string{}
	var arrows [][]string
	for i, line := range lines[1 : len(lines)-1] {
		if found := dotEdge.FindStringSubmatch(line); found != nil {
			arrows = append(arrows, found[1:])
		} else if found := dotNode.FindStringSubmatch(line); found != nil {
			names[found[1]] = found[2]
		} else if strings.TrimSpace(line) != "" {
			return nil, malformed("line %d is neither edge nor node: %s", i+2, line)
		}
	}
	var edges []evidence.Edge
	for _, a := range arrows {
		if names[a[0]] == "" || names[a[1]] == "" {
			return nil, malformed("edge %q to %q names a node that is not there", a[0], a[1])
		}
		for _, part := range strings.Split(a[2], ", ") {
			label := dotLabel.FindStringSubmatch(part)
			if label == nil {
				return nil, malformed("edge %q to %q has label %q", a[0], a[1], a[2])
			}
			edge, err := edge(names[a[0]], names[a[1]], label[1], label[2])
			if err != nil {
				return nil, malformed("edge %q to %q: %v", a[0], a[1], err)
			}
			edges = append(edges, edge)
		}
	}
	return edges, nil
}

var nodeName = regexp.MustCompile(`^(.+) \((.+)\)$`)

// edge reads the names "APP (WORKLOAD)" and the rate.
func edge(source, target, unit, rate string) (evidence.Edge, error) {
	from, to := nodeName.FindStringSubmatch(source), nodeName.FindStringSubmatch(target)
	if from == nil || to == nil {
		return evidence.Edge{}, fmt.Errorf("node %q or %q is not \"app (workload)\"", source, target)
	}
	if unit != "reqs/sec" && unit != "bytes/sec" {
		return evidence.Edge{}, fmt.Errorf("label %q, want reqs/sec or bytes/sec", unit)
	}
	value, err := strconv.ParseFloat(rate, 64)
	if err != nil || !(value >= 0) || math.IsInf(value, 1) {
		return evidence.Edge{}, fmt.Errorf("rate %q is no number of at least zero", rate)
	}
	return evidence.Edge{FromApp: from[1], From: from[2], ToApp: to[1], To: to[2], Rate: value, Unit: unit}, nil
}

package servicegraph

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// decoder reads the answer from an address: all nodes and edges, or an error.
type decoder func(address string, body []byte) (evidence.NodeGraph, error)

// malformed makes errors about an answer.
func malformed(address string, body []byte) func(format string, args ...any) (evidence.NodeGraph, error) {
	return func(format string, args ...any) (evidence.NodeGraph, error) {
		return evidence.NodeGraph{}, &observe.MalformedError{URL: address, Reason: fmt.Sprintf(format, args...), Body: string(body)}
	}
}

// decode reads {"nodes":{"NAME":{}},"edges":[{"source","target","labels":{"reqs/sec":"0.123456"}}]}.
func decode(address string, body []byte) (evidence.NodeGraph, error) {
	var answer struct {
		Nodes map[string]struct{} `json:"nodes"`
		// Edges may be null in a graph without any.
		Edges json.RawMessage `json:"edges"`
	}
	var arrows []struct {
		Source string            `json:"source"`
		Target string            `json:"target"`
		Labels map[string]string `json:"labels"`
	}
	if err := observe.DecodeJSON(address, body, &answer); err != nil {
		return evidence.NodeGraph{}, err
	}
	malformed := malformed(address, body)
	if answer.Nodes == nil || answer.Edges == nil {
		return malformed("no object nodes or no list edges")
	}
	if err := json.Unmarshal(answer.Edges, &arrows); err != nil {
		return malformed("edges: %v", err)
	}
	graph := evidence.NodeGraph{Nodes: slices.Sorted(maps.Keys(answer.Nodes))}
	for i, e := range arrows {
		for _, name := range []string{e.Source, e.Target} {
			if _, ok := answer.Nodes[name]; !ok {
				return malformed("edges[%d] names node %q, which is not in nodes", i, name)
			}
		}
		edges, err := edgesOf(e.Source, e.Target, e.Labels)
		if err != nil {
			return malformed("edges[%d]: %v", i, err)
		}
		graph.Edges = append(graph.Edges, edges...)
	}
	return graph, nil
}

// decodeD3 reads {"nodes":[{"name"}],"links":[{"source","target","labels"}]}, where
// source and target are places in nodes.
func decodeD3(address string, body []byte) (evidence.NodeGraph, error) {
	var answer struct {
		Nodes []struct {
			Name string `json:"name"`
		} `json:"nodes"`
		Links []struct {
			Source *int              `json:"source"`
			Target *int              `json:"target"`
			Labels map[string]string `json:"labels"`
		} `json:"links"`
	}
	if err := observe.DecodeJSON(address, body, &answer); err != nil {
		return evidence.NodeGraph{}, err
	}
	malformed := malformed(address, body)
	if answer.Nodes == nil || answer.Links == nil {
		return malformed("no list nodes or no list links")
	}
	names := map[string]struct{}{}
	for i, n := range answer.Nodes {
		if _, twice := names[n.Name]; twice || n.Name == "" {
			return malformed("nodes[%d] has no name of its own: %q", i, n.Name)
		}
		names[n.Name] = struct{}{}
	}
	graph := evidence.NodeGraph{Nodes: slices.Sorted(maps.Keys(names))}
	for i, l := range answer.Links {
		for _, place := range []*int{l.Source, l.Target} {
			if place == nil || *place < 0 || *place >= len(answer.Nodes) {
				return malformed("links[%d] names no place in the %d nodes", i, len(answer.Nodes))
			}
		}
		edges, err := edgesOf(answer.Nodes[*l.Source].Name, answer.Nodes[*l.Target].Name, l.Labels)
		if err != nil {
			return malformed("links[%d]: %v", i, err)
		}
		graph.Edges = append(graph.Edges, edges...)
	}
	return graph, nil
}

const dotHead = `digraph "istio-servicegraph" {`

var (
	dotEdge  = regexp.MustCompile(`^\s*"([^"]+)" -> "([^"]+)" \[label="([^"]*)"\];$`)
	dotNode  = regexp.MustCompile(`^\s*"([^"]+)" \[label="([^"]+)"\];$`)
	dotLabel = regexp.MustCompile(`^([^:]+): (\S+)$`)
)

// decodeDot reads /dotgraph: edges between ids, and the ids' names.
func decodeDot(address string, body []byte) (evidence.NodeGraph, error) {
	malformed := malformed(address, body)
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	if len(lines) < 2 || strings.TrimSpace(lines[0]) != dotHead || strings.TrimSpace(lines[len(lines)-1]) != "}" {
		return malformed("not a whole digraph \"istio-servicegraph\"")
	}
	names := map[string]string{}
	var arrows [][]string
	for i, line := range lines[1 : len(lines)-1] {
		if found := dotEdge.FindStringSubmatch(line); found != nil {
			arrows = append(arrows, found[1:])
		} else if found := dotNode.FindStringSubmatch(line); found != nil {
			names[found[1]] = found[2]
		} else if strings.TrimSpace(line) != "" {
			return malformed("line %d is neither edge nor node: %s", i+2, line)
		}
	}
	graph := evidence.NodeGraph{Nodes: slices.Sorted(maps.Values(names))}
	for _, a := range arrows {
		if names[a[0]] == "" || names[a[1]] == "" {
			return malformed("edge %q to %q names a node that is not there", a[0], a[1])
		}
		labels := map[string]string{}
		for _, part := range strings.Split(a[2], ", ") {
			label := dotLabel.FindStringSubmatch(part)
			if label == nil {
				return malformed("edge %q to %q has label %q", a[0], a[1], a[2])
			}
			labels[label[1]] = label[2]
		}
		edges, err := edgesOf(names[a[0]], names[a[1]], labels)
		if err != nil {
			return malformed("edge %q to %q: %v", a[0], a[1], err)
		}
		graph.Edges = append(graph.Edges, edges...)
	}
	return graph, nil
}

var nodeName = regexp.MustCompile(`^(.+) \((.+)\)$`)

// edgesOf are the edges of one arrow, one for each label: unit to rate.
func edgesOf(source, target string, labels map[string]string) ([]evidence.Edge, error) {
	if len(labels) == 0 {
		return nil, errors.New("no labels")
	}
	var edges []evidence.Edge
	for _, unit := range slices.Sorted(maps.Keys(labels)) {
		one, err := edge(source, target, unit, labels[unit])
		if err != nil {
			return nil, err
		}
		edges = append(edges, one)
	}
	return edges, nil
}

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

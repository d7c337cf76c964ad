package evidence

import "time"

// NodeGraph is a graph of which the nodes were read too: one may have no edge.
type NodeGraph struct {
	Graph
	// Nodes are "APP (WORKLOAD)" as the answer has them, sorted.
	Nodes []string `json:"nodes"`
}

// GraphPage is a page that shows a graph, and what it loads.
type GraphPage struct {
	Observed time.Time `json:"observed"`
	// Path is the page's on its server: "/dotviz".
	Path  string `json:"path"`
	Title string `json:"title"`
	// Assets are what the page names to be loaded, each once, in its order.
	Assets []Asset `json:"assets"`
	// Drawing is the graph that the page holds; nil where it asks for one.
	Drawing *NodeGraph `json:"drawing,omitempty"`
}

// Asset is a file that a page loads.
type Asset struct {
	// Name is as the page has it: "js/viz/viz-global.js".
	Name string `json:"name"`
	// Element is "script", "link" or any other that loads something.
	Element string `json:"element"`
	// Elsewhere tells that it is not the page's own server that has it. Nobody was asked then.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Bytes is the answer's size.
	Bytes int `json:"bytes"`
	// Error is why there is none: another status than 200, an empty body.
	Error string `json:"error,omitempty"`
}

// GraphFilters are one graph as it is, and cut down by parameters, moments later.
type GraphFilters struct {
	All      Graph           `json:"all"`
	Filtered []FilteredGraph `json:"filtered"`
	Refusal  GraphRefusal    `json:"refusal"`
}

// FilteredGraph is a graph under one filter: Parameter "source_workload", Value "msb-msb-iag".
type FilteredGraph struct {
	Parameter string `json:"parameter"`
	Value     string `json:"value"`
	Edges     []Edge `json:"edges"`
}

// GraphRefusal is the answer to a horizon that is none.
type GraphRefusal struct {
	Horizon string `json:"horizon"`
	Status  int    `json:"status"`
	Body    string `json:"body"`
}

// GraphOutside is a graph as it is seen through the NodePort of its Service.
type GraphOutside struct {
	// NodePort is the Service's, 0 for none; then nothing was asked.
	NodePort int `json:"nodePort"`
	// Address is where it was asked: "http://172.18.0.2:30088".
	Address string `json:"address,omitempty"`
	// Graph came over the NodePort, Inside through the API server.
	Graph  Graph `json:"graph"`
	Inside Graph `json:"inside"`
}

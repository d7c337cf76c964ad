package evidence

import "time"

// Graph is a service graph: who called whom, with which rate.
type Graph struct {
	// Source says who drew it: "servicegraph", "servicegraph's drawing",
	// "prometheus" or "traces".
	Source   string        `json:"source"`
	Observed time.Time     `json:"observed"`
	Horizon  time.Duration `json:"horizon"`
	// Scrapes is how many samples Prometheus has of its oldest series in the
	// horizon, on which the rates' accuracy depends; 0 where nobody asked.
	Scrapes int    `json:"scrapes,omitempty"`
	Edges   []Edge `json:"edges"`
}

// Edge is one arrow of a graph.
type Edge struct {
	// From and To are workload names ("msb-msb-iag"); "unknown" where the mesh could
	// not tell. Metrics of Istio 0.8 know no workloads: there they are versions.
	From string `json:"from"`
	To   string `json:"to"`
	// FromApp and ToApp are their app labels ("msb-iag"), of metrics of Istio 0.8
	// the Service and its namespace ("msb-iag.onap").
	FromApp string `json:"fromApp"`
	ToApp   string `json:"toApp"`
	// Rate is requests or bytes a second, by Unit ("reqs/sec", "bytes/sec").
	Rate float64 `json:"rate"`
	Unit string  `json:"unit"`
}

// Drawing is the graph of one source, or why there is none.
type Drawing struct {
	Graph
	Error string `json:"error,omitempty"`
}

// Drawings are the graphs of one traffic from all that can draw one.
type Drawings struct {
	Servicegraph Drawing `json:"servicegraph"`
	Prometheus   Drawing `json:"prometheus"`
	// Traces has a rate for each edge that is its number of calls over the horizon.
	Traces Drawing `json:"traces"`
	// Halves are calls of which the caller's span is there and the callee's is not.
	Halves []Edge `json:"halves,omitempty"`
	// Backend is who keeps the traces, as Kubernetes names it.
	Backend string `json:"backend"`
}

// Callers is what is seen of callers without an identity of the mesh.
type Callers struct {
	// Before and After are the counters of their calls, After the later ones.
	Before Samples `json:"before"`
	After  Samples `json:"after"`
	// APIServer is the host under which we ask the API server, which is what it asks
	// a Service for when it passes a request on.
	APIServer string `json:"apiServer,omitempty"`
	// Arrivals are requests as the callees' sidecars saw them come between the two.
	Arrivals []Arrival `json:"arrivals"`
}

// Arrival is requests that came to a sidecar, and of which no other reported that it
// sent them over a route of the mesh.
type Arrival struct {
	// To is the callee as spans name it: "msb-iag.onap".
	To string `json:"to"`
	// Peer is the address they came from, Host what they asked for ("10.1.2.3:30280").
	Peer     string `json:"peer"`
	Host     string `json:"host"`
	Requests int    `json:"requests"`
	// Pod has the address; nil when it is no pod's of the namespaces that were looked at.
	Pod *Peer `json:"pod,omitempty"`
}

// Peer is a pod that calls.
type Peer struct {
	Namespace string `json:"namespace"`
	Pod       string `json:"pod"`
	// Workload is the pod's owner; empty for a bare pod.
	Workload string `json:"workload"`
	Sidecar  bool   `json:"sidecar"`
}

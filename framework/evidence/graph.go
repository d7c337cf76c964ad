package evidence

import "time"

// Graph is a service graph: who called whom, with which rate.
type Graph struct {
	// Source says who drew it: "servicegraph" or "servicegraph's drawing".
	Source   string        `json:"source"`
	Observed time.Time     `json:"observed"`
	Horizon  time.Duration `json:"horizon"`
	Edges    []Edge        `json:"edges"`
}

// Edge is one arrow of a graph.
type Edge struct {
	// From and To are workload names ("msb-msb-iag"); "unknown" where the mesh could not tell.
	From string `json:"from"`
	To   string `json:"to"`
	// FromApp and ToApp are their app labels ("msb-iag").
	FromApp string `json:"fromApp"`
	ToApp   string `json:"toApp"`
	// Rate is requests or bytes a second, by Unit ("reqs/sec", "bytes/sec").
	Rate float64 `json:"rate"`
	Unit string  `json:"unit"`
}

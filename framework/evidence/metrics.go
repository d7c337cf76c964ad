package evidence

import "time"

// Samples is the answer to one instant query.
type Samples struct {
	Query    string    `json:"query"`
	Observed time.Time `json:"observed"`
	Items    []Sample  `json:"items"`
	// Warnings are the server's own doubts about the answer.
	Warnings []string `json:"warnings,omitempty"`
}

// Sample is one series' value. A value that is no number (NaN, infinite) is not
// kept, but named in Warnings.
type Sample struct {
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`
}

// Measured is what Prometheus says of all workloads at about one moment.
type Measured struct {
	// Requests are the totals by both ends, reporter, code and security.
	Requests Samples `json:"requests"`
	// Latency are the durations' histograms by callee and reporter.
	Latency Samples `json:"latency"`
	// P50 and P95 are quantiles of the durations of the last while, by callee and
	// reporter, in milliseconds.
	P50 Samples `json:"p50"`
	P95 Samples `json:"p95"`
}

// Scraping is what there is to be scraped, and what Prometheus scrapes.
type Scraping struct {
	Targets Targets `json:"targets"`
	// Programs are those that offer metrics: sidecars, and istiod.
	Programs []Program `json:"programs"`
	// Ages are the seconds since each target was scraped, by labels job and
	// instance; Counts those since the newest count of requests, by job. Both are
	// by the server's own clock.
	Ages   Samples `json:"ages"`
	Counts Samples `json:"counts"`
}

// Program is one that offers metrics.
type Program struct {
	// Workload is who runs it, as Kubernetes names it: "Deployment onap/msb-msb-iag".
	Workload string `json:"workload"`
	Pod      string `json:"pod"`
	// Address is host:port of its metrics.
	Address string `json:"address"`
}

package evidence

import "time"

// Volley is many requests of the same kind and what came of them.
type Volley struct {
	Asked int `json:"asked"`
	// Answered is how many got the answer that was wanted; Problem is what became
	// of one of the others.
	Answered int           `json:"answered"`
	Problem  string        `json:"problem,omitempty"`
	Took     time.Duration `json:"took"`
}

// Counts are totals and histograms' counts at one moment.
type Counts struct {
	// Requests are the totals, series by series.
	Requests Samples `json:"requests"`
	// Histograms are the counts of all histograms (NAME_count) by source,
	// destination and reporter.
	Histograms Samples `json:"histograms"`
}

// Tally is what has been counted at one moment, and what sidecars have reported to be counted.
type Tally struct {
	Requests Samples `json:"requests"`
	// Received are the log entries that the telemetry has from each pod's sidecar.
	Received Samples `json:"received"`
	// Written are the log entries that each pod's sidecar has written or dropped,
	// by its own counters.
	Written Samples `json:"written"`
	// Since is when the telemetry's counting began, in seconds since 1970; a restart
	// that loses nothing does not change it.
	Since Samples `json:"since"`
	// Sidecars maps the release's pods to their workloads.
	Sidecars map[string]string `json:"sidecars"`
	// Telemetry names the ready pods of the telemetry service.
	Telemetry []string `json:"telemetry"`
}

// Connections are the counters of TCP connections and their bytes, by name and reporter.
type Connections struct {
	Last Samples `json:"last"`
	Now  Samples `json:"now"`
}

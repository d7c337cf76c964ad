package evidence

import "time"

// LoadWay is the way that a load's requests take.
type LoadWay string

// The ways.
const (
	// Meshed: from a pod of ours with a sidecar to another with one.
	Meshed LoadWay = "meshed"
	// Plain: from a pod of ours without a sidecar to another without one.
	Plain LoadWay = "plain"
	// Gateway: from a pod of ours with a sidecar through msb-iag.
	Gateway LoadWay = "gateway"
)

// LoadProbe is one request on a way, before the load.
type LoadProbe struct {
	Way LoadWay `json:"way"`
	// ForwardedClientCert is the header X-Forwarded-Client-Cert as the server got it.
	ForwardedClientCert string `json:"forwardedClientCert,omitempty"`
	// Error says why no answer came.
	Error string `json:"error,omitempty"`
}

// LoadOrder is what one round of a load is to be.
type LoadOrder struct {
	Way LoadWay `json:"way"`
	// URL is called with GET; Status is the answer wanted.
	URL    string `json:"url"`
	Status int    `json:"status"`
	// Rate is requests a second, never more; Lasts is for how long.
	Rate  int           `json:"rate"`
	Lasts time.Duration `json:"lasts"`
}

// LoadRound is one round, and what came of it.
type LoadRound struct {
	LoadOrder
	Started time.Time  `json:"started"`
	Result  LoadResult `json:"result"`
}

// LoadResult is what the program that sent the requests counted and measured.
// Times are in seconds.
type LoadResult struct {
	Requests int64 `json:"requests"`
	// Errors are the requests that were not answered with a status of 200 to 299,
	// or 418, which fortio takes for good too.
	Errors int64 `json:"errors"`
	// Codes counts the requests by the status of their answer; "-1" is none.
	Codes map[string]int64 `json:"codes"`
	// Rate is requests a second over Seconds.
	Rate    float64 `json:"rate"`
	Seconds float64 `json:"seconds"`
	Min     float64 `json:"min"`
	Mean    float64 `json:"mean"`
	Max     float64 `json:"max"`
	// Percentiles are those asked for, lowest first.
	Percentiles []LoadPercentile `json:"percentiles"`
	// Buckets are those of the histogram of times that are not empty, lowest first.
	Buckets []LoadBucket `json:"buckets"`
}

// LoadPercentile says that so many percent of the requests took at most Value.
type LoadPercentile struct {
	Percentile float64 `json:"percentile"`
	Value      float64 `json:"value"`
}

// LoadBucket counts the requests that took more than Start and at most End.
type LoadBucket struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
	Count int64   `json:"count"`
}

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

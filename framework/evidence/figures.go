package evidence

// Figure is something measured that is neither right nor wrong. It becomes a cell
// of the report's tables: figures with one Object are a row, figures with one
// Name and Unit a column.
type Figure struct {
	// Name is what was measured: "p99", "requests", "mutual TLS".
	Name string `json:"name"`
	// Object is of what: "Deployment onap/msb-iag", "with a sidecar".
	Object string  `json:"object"`
	Value  float64 `json:"value"`
	// Unit is "ms", "%", "1/s"; empty for a count.
	Unit string `json:"unit,omitempty"`
}

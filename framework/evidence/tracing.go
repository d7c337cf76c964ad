package evidence

import "time"

// Tracers is how the sidecars of some workloads treat requests, and what became
// of the spans they reported.
type Tracers struct {
	Observed time.Time `json:"observed"`
	Items    []Tracer  `json:"items"`
}

// Tracer is one pod's sidecar.
type Tracer struct {
	Pod       string `json:"pod"`
	Namespace string `json:"namespace"`
	Workload  string `json:"workload"`
	// Provider is Envoy's tracer of the inbound listener ("zipkin",
	// "opentelemetry"), empty when it traces nothing.
	Provider string `json:"provider,omitempty"`
	// Sampling is the share of the traces that the sidecar begins and reports, in percent.
	Sampling float64 `json:"sampling"`
	// Since is when the inbound listener became what it is (last_updated of Envoy's
	// config_dump). Connections that were open go on by the one before for a while.
	Since time.Time `json:"since,omitzero"`
	// Ports are those of the pod's Services.
	Ports   []TracedPort `json:"ports,omitempty"`
	Reports Reports      `json:"reports"`
	// Error says why the sidecar could not be asked.
	Error string `json:"error,omitempty"`
}

// PortProtocol is how a sidecar's inbound listener treats a port.
type PortProtocol string

// The treatments of a port.
const (
	// HTTP: every connection is HTTP.
	HTTP PortProtocol = "http"
	// TCP: no connection is looked into, so no request leaves a span.
	TCP PortProtocol = "tcp"
	// Sniffed: what begins like HTTP is HTTP.
	Sniffed PortProtocol = "sniffed"
)

// TracedPort is a Service's port as it arrives at the pod.
type TracedPort struct {
	// Service and Name are the Service's and its port's; AppProtocol the port's.
	Service     string `json:"service"`
	Name        string `json:"name"`
	AppProtocol string `json:"appProtocol,omitempty"`
	// Port is the container's.
	Port int `json:"port"`
	// Protocol is empty when no filter chain of the listener takes the port.
	Protocol PortProtocol `json:"protocol,omitempty"`
}

// Reports counts the requests by which a sidecar sent spans to the collector,
// since the collector has the addresses it has.
type Reports struct {
	// Collector is Envoy's cluster; Addresses how many it has.
	Collector string `json:"collector,omitempty"`
	Addresses int    `json:"addresses"`
	Accepted  int    `json:"accepted"`
	// Failed are those refused, timed out or without a connection.
	Failed int `json:"failed"`
}

// HeaderState is what became of a request header in an application.
type HeaderState string

// The states of a header.
const (
	// Forwarded: it was passed on as it came.
	Forwarded HeaderState = "forwarded"
	// Changed: it was passed on with another value.
	Changed HeaderState = "changed"
	// Dropped: it was not passed on.
	Dropped HeaderState = "dropped"
	// Unknown: it did not reach the application, or was not seen.
	Unknown HeaderState = "unknown"
)

// HeaderSurvey is a table: which request headers the workloads pass on in the
// calls they make.
type HeaderSurvey struct {
	// Declared tells that stand-ins made the calls: the table shows what they are
	// declared to do, and not what ONAP's programs do.
	Declared bool `json:"declared"`
	// Headers are the columns.
	Headers []string    `json:"headers"`
	Rows    []HeaderRow `json:"rows"`
}

// HeaderRow is one call of a workload.
type HeaderRow struct {
	// App is the workload's app name, Call the path in which it calls.
	App  string `json:"app"`
	Call string `json:"call"`
	// States are by the columns.
	States []HeaderState `json:"states"`
	// Spans are, for each request that was followed, the server span of what came
	// and the client span of the call: "5c3f… → 91be…", whole ids.
	Spans []string `json:"spans"`
}

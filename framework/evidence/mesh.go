package evidence

import "time"

// Portal is MSB's portal page.
type Portal struct {
	Observed time.Time `json:"observed"`
	URL      string    `json:"url"`
	// Services are the names of the API services it lists, in the page's order.
	Services []string `json:"services"`
}

// Targets is what Prometheus says of the programs it scrapes.
type Targets struct {
	Observed time.Time `json:"observed"`
	Items    []Target  `json:"items"`
}

// Target is one scraped program.
type Target struct {
	Pool string `json:"pool"`
	URL  string `json:"url"`
	// Instance is its label of that name, host:port unless somebody changed it.
	Instance string `json:"instance,omitempty"`
	// Interval is the time between two scrapes; zero when it is not told.
	Interval time.Duration `json:"interval,omitempty"`
	// Health is "up", "down" or "unknown"; Error the last scrape's.
	Health string `json:"health"`
	Error  string `json:"error,omitempty"`
}

// Services are the Services of a namespace.
type Services struct {
	Namespace string    `json:"namespace"`
	Observed  time.Time `json:"observed"`
	Items     []Service `json:"items"`
}

// Service is one Service.
type Service struct {
	Name  string        `json:"name"`
	Type  string        `json:"type"`
	Ports []ServicePort `json:"ports"`
}

// ServicePort is one port of a Service.
type ServicePort struct {
	Name     string `json:"name"`
	Port     int    `json:"port"`
	NodePort int    `json:"nodePort,omitempty"`
}

// HelmReleases are the Helm releases of a namespace, one per name at its last revision.
type HelmReleases struct {
	Namespace string        `json:"namespace"`
	Observed  time.Time     `json:"observed"`
	Items     []HelmRelease `json:"items"`
}

// Canary is one request between our own two meshed pods, over a port whose name
// says nothing of its protocol.
type Canary struct {
	Observed time.Time `json:"observed"`
	// TraceID is the one sent, 32 hex digits.
	TraceID  string   `json:"traceID"`
	Response Response `json:"response"`
	// ForwardedClientCert is the header X-Forwarded-Client-Cert as the server got it.
	ForwardedClientCert string `json:"forwardedClientCert,omitempty"`
	// ClientIdentity and ServerIdentity are the SPIFFE ids of the pods' ServiceAccounts.
	ClientIdentity string `json:"clientIdentity"`
	ServerIdentity string `json:"serverIdentity"`
	// Backend is who keeps the traces, as Kubernetes names it; Jaeger when it is empty.
	Backend string `json:"backend,omitempty"`
	// Trace holds the spans of the request; nil when the back end has none.
	Trace *Trace `json:"trace"`
	// ServerService is the server as spans name it: "server.meshcert-canary".
	ServerService string `json:"serverService"`
}

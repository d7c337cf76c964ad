// Package evidence holds the types that are observed. They carry what a server
// said, trimmed to what judges read, and nothing that was concluded from it.
// All of them marshal to JSON, so that they can be kept, redacted and replayed.
package evidence

import "time"

// Pods is the state of all pods of a namespace at one moment.
type Pods struct {
	Namespace string    `json:"namespace"`
	Observed  time.Time `json:"observed"`
	Items     []Pod     `json:"items"`
}

// Pod is one pod and the workload that owns it.
type Pod struct {
	Name string `json:"name"`
	// Workload is the owning Deployment, StatefulSet or DaemonSet; empty for a bare pod.
	Workload    string `json:"workload"`
	Phase       string `json:"phase"`
	Ready       bool   `json:"ready"`
	Terminating bool   `json:"terminating,omitempty"`
	IP          string `json:"ip,omitempty"`
	Node        string `json:"node,omitempty"`
	// ServiceAccount is the pod's identity in its namespace.
	ServiceAccount string            `json:"serviceAccount,omitempty"`
	Labels         map[string]string `json:"labels,omitempty"`
	Annotations    map[string]string `json:"annotations,omitempty"`
	Containers     []Container       `json:"containers"`
	// InitContainers includes native sidecars, marked by Sidecar.
	InitContainers []Container `json:"initContainers,omitempty"`
}

// Container is one container of a pod as spec and status say.
type Container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// ImageID is the digest the node reports.
	ImageID string `json:"imageID,omitempty"`
	Ready   bool   `json:"ready"`
	// Sidecar marks an init container with restartPolicy Always.
	Sidecar  bool `json:"sidecar,omitempty"`
	Restarts int  `json:"restarts"`
	// State is "running", "waiting: REASON" or "terminated: REASON".
	State string `json:"state,omitempty"`
}

// Proxies is what istiod and the proxies say of their connection.
type Proxies struct {
	Observed time.Time `json:"observed"`
	// Root is the mesh's CA certificate as istiod publishes it (ConfigMap
	// istio-ca-root-cert), SHA-256 of its DER, hex.
	Root  string  `json:"root"`
	Items []Proxy `json:"items"`
	// Rejects is istiod's count of configuration that proxies refused
	// (pilot_total_xds_rejects), by type ("cds", "lds"); empty when it counted none.
	Rejects map[string]float64 `json:"rejects"`
}

// Proxy is one sidecar.
type Proxy struct {
	// Pod is the pod's name; Namespace its namespace.
	Pod       string `json:"pod"`
	Namespace string `json:"namespace"`
	// Workload is the pod's, where the pod was asked about; else empty.
	Workload string `json:"workload,omitempty"`
	// Sync maps CDS, LDS, EDS and RDS to SYNCED, STALE or NOT SENT; empty when
	// istiod does not know the proxy.
	Sync map[string]string `json:"sync,omitempty"`
	// Rejected maps a type to the reason the proxy gave for refusing it.
	Rejected map[string]string `json:"rejected,omitempty"`
	// Root is the SHA-256 (hex, of the DER) of the CA certificate the proxy trusts.
	Root string `json:"root,omitempty"`
	// Identity is the SPIFFE id of the proxy's own certificate.
	Identity  string    `json:"identity,omitempty"`
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
	// Error says why the proxy could not be asked.
	Error string `json:"error,omitempty"`
}

// SpanKind is the side of a call a span was made on.
type SpanKind string

const (
	Server SpanKind = "server"
	Client SpanKind = "client"
)

// Trace is all spans the back end has for one trace id.
type Trace struct {
	ID    string `json:"id"`
	Spans []Span `json:"spans"`
}

// Span is one span, trimmed.
type Span struct {
	ID      string   `json:"id"`
	TraceID string   `json:"traceID"`
	Parent  string   `json:"parent,omitempty"`
	Kind    SpanKind `json:"kind,omitempty"`
	// Service is the reporting service as Istio names it: "msb-iag.onap".
	Service  string        `json:"service"`
	Name     string        `json:"name"`
	Start    time.Time     `json:"start"`
	Duration time.Duration `json:"duration"`
	// Tags holds the tags judges read: http.method, http.url, http.status_code,
	// upstream_cluster, guid:x-request-id, node_id, peer.address, response_flags,
	// traceparent, tracestate, b3, x-b3-traceid, x-ot-span-context, x-transactionid
	// (headers of the request as the sidecar noted them).
	Tags map[string]string `json:"tags,omitempty"`
}

// Traces is what a search returned: the trace asked for and those that may be
// its lost continuation.
type Traces struct {
	// Wanted is the trace of the id that was sent; nil when the back end has none.
	Wanted *Trace `json:"wanted"`
	// Others are traces of the services on the path that began while the
	// request was under way.
	Others []Trace `json:"others,omitempty"`
}

// Registrations is what MSB discovery lists.
type Registrations struct {
	Observed time.Time      `json:"observed"`
	Items    []Registration `json:"items"`
}

// Registration is one service version registered in MSB.
type Registration struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	URL      string   `json:"url"`
	Protocol string   `json:"protocol"`
	Nodes    []string `json:"nodes"` // ip:port
	Range    string   `json:"range"`
}

// Response is the answer to one HTTP request we sent.
type Response struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	// Status is 0 when no answer came; Error says why.
	Status   int           `json:"status"`
	Error    string        `json:"error,omitempty"`
	Header   string        `json:"header,omitempty"`
	Body     string        `json:"body,omitempty"`
	Duration time.Duration `json:"duration"`
}

// Cluster is what the API server says of itself and its nodes.
type Cluster struct {
	Observed time.Time `json:"observed"`
	// Version is the API server's, e.g. "v1.34.4".
	Version string `json:"version"`
	Nodes   []Node `json:"nodes"`
	// System are the pods of kube-system.
	System Pods `json:"system"`
	// Resolved maps a name asked inside the cluster to the addresses answered
	// ("10.96.0.1,fd00::1"), or "error: …".
	Resolved map[string]string `json:"resolved,omitempty"`
	// Dialed maps an address (host:port) dialed inside the cluster to "connected" or "error: …".
	Dialed map[string]string `json:"dialed,omitempty"`
}

// Node is one node.
type Node struct {
	Name    string `json:"name"`
	Ready   bool   `json:"ready"`
	Kubelet string `json:"kubelet"`
	OS      string `json:"os"`
	Runtime string `json:"runtime"`
	PodCIDR string `json:"podCIDR"`
	// Kubeadm tells that kubeadm joined the node: it carries kubeadm's CRI socket
	// annotation (written before Kubernetes 1.34), or the cluster holds kubeadm's
	// own configuration, from which every node of it joins.
	Kubeadm bool `json:"kubeadm"`
}

// ControlPlane is the state of Istio's own parts and of the add-ons.
type ControlPlane struct {
	Observed time.Time `json:"observed"`
	Pods     Pods      `json:"pods"`
	// Version is what istiod says it is.
	Version string `json:"version"`
	// Root is the SHA-256 (hex, of the DER) of the CA certificate istiod publishes.
	Root string `json:"root"`
	// WebhookRoots maps each injection webhook ("CONFIGURATION/WEBHOOK") to the
	// SHA-256 of its CA bundle's certificate, empty when it has none.
	WebhookRoots map[string]string `json:"webhookRoots"`
	// Services maps a Service of istio-system to its ports ("8088:30088/TCP").
	Services map[string][]string `json:"services"`
	// Backend is who keeps the traces, as Kubernetes names it; Jaeger when it is empty.
	Backend string `json:"backend,omitempty"`
}

// HelmRelease is one Helm release as its storage says.
type HelmRelease struct {
	Name         string `json:"name"`
	Namespace    string `json:"namespace"`
	Chart        string `json:"chart"`
	ChartVersion string `json:"chartVersion"`
	// ChartDigest and ValuesDigest are "sha256:…" of the chart and of its values, the
	// chart's own with what it was given laid over them.
	ChartDigest  string `json:"chartDigest,omitempty"`
	ValuesDigest string `json:"valuesDigest,omitempty"`
	Status       string `json:"status"`
	Revision     int    `json:"revision"`
}

// Package catalogue says what a release of ONAP is: its workloads with their
// containers, Services and annotations, what MSB lists, who calls whom, which
// paths a request takes, and what is known to be wrong. It is written from
// ONAP's sources (fixtures/catalogue), never from the charts that are
// installed, so that comparing the two proves something.
package catalogue

import (
	"cmp"

	"github.com/onap/meshcert/framework/verdict"
)

// Policy is the sidecar injector's default for pods that say nothing.
type Policy string

const (
	// Disabled injects only where a pod asks for it (the source document's setting).
	Disabled Policy = "disabled"
	// Enabled injects unless a pod refuses.
	Enabled Policy = "enabled"
)

// The kinds of workloads.
const (
	Deployment  = "Deployment"
	StatefulSet = "StatefulSet"
	DaemonSet   = "DaemonSet"
)

// Release is the catalogue of one ONAP release.
type Release struct {
	// Name is the release's id, e.g. "casablanca".
	Name string `json:"name"`
	// Title is a line for people; Source names the chart snapshot it was read from.
	Title  string `json:"title"`
	Source string `json:"source"`
	// Policy is the injector policy the release is run with unless told otherwise.
	Policy    Policy     `json:"policy"`
	Workloads []Workload `json:"workloads"`
	// Portal lists the API services MSB's portal page shows, sorted.
	Portal []string `json:"portal"`
	Edges  []Edge   `json:"edges"`
	Paths  []Path   `json:"paths"`
	// Endpoints are the requests that must answer through msb-iag.
	Endpoints []Endpoint         `json:"endpoints"`
	Gaps      []verdict.KnownGap `json:"gaps"`
}

// Namespace is where all of a release runs.
const Namespace = "onap"

// Workload is one Deployment, StatefulSet or DaemonSet.
type Workload struct {
	// Kind is "Deployment", "StatefulSet" or "DaemonSet"; a catalogue that says
	// nothing means a Deployment.
	Kind string `json:"kind,omitempty"`
	// Name is the object's name, e.g. "msb-msb-iag"; App its app label and
	// the name the mesh reports ("msb-iag").
	Name string `json:"name"`
	App  string `json:"app"`
	// Project is MSB, MultiCloud or VF-C; HelmRelease the release that installs it.
	Project     string `json:"project"`
	HelmRelease string `json:"helmRelease"`
	// Annotation is the value of sidecar.istio.io/inject on the pod template: "true", "false" or "".
	Annotation     string          `json:"annotation"`
	ServiceAccount string          `json:"serviceAccount"`
	Containers     []Container     `json:"containers"`
	InitContainers []InitContainer `json:"initContainers,omitempty"`
	// Env is the app container's environment; a value taken from the pod's
	// fields is written "fieldRef:status.podIP".
	Env           map[string]string `json:"env,omitempty"`
	Services      []Service         `json:"services,omitempty"`
	Registrations []Registration    `json:"registrations,omitempty"`
	Probes        Probes            `json:"probes"`
}

// Object names the workload in that namespace as Kubernetes does: "Deployment
// onap/msb-msb-iag".
func (w Workload) Object(namespace string) string {
	return cmp.Or(w.Kind, Deployment) + " " + namespace + "/" + w.Name
}

// Injected tells whether the injector adds a sidecar under the policy, in a
// namespace labelled istio-injection=enabled. Rule of Istio's
// pkg/kube/inject injectRequired.
func (w Workload) Injected(p Policy) bool {
	switch w.Annotation {
	case "true":
		return true
	case "false":
		return false
	}
	return p == Enabled
}

// Container is a container as the chart makes it.
type Container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	Ports []int  `json:"ports,omitempty"`
}

// InitContainer is an init container that waits for a container to be ready.
type InitContainer struct {
	Name     string `json:"name"`
	Image    string `json:"image"`
	WaitsFor string `json:"waitsFor"`
}

// Probes are the app container's, in the form "tcp:8500 delay=10 period=10" or
// "http:9001/path delay=30 period=10" (seconds), empty when absent.
type Probes struct {
	Liveness  string `json:"liveness,omitempty"`
	Readiness string `json:"readiness,omitempty"`
}

// Service is a Kubernetes Service of a workload.
type Service struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Ports []Port `json:"ports"`
}

// Port is a Service port.
type Port struct {
	Name     string `json:"name"`
	Port     int    `json:"port"`
	NodePort int    `json:"nodePort,omitempty"`
}

// Registration is what the Service's msb.onap.org/service-info annotation asks MSB to list.
type Registration struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	URL     string `json:"url"`
	Port    int    `json:"port"`
}

// The values of Edge.When that are no path's id.
const (
	// Always: in the background, again and again; a rate must show the edge.
	Always = "always"
	// Start: when the caller starts, then seldom or never; a total shows the
	// edge, a rate only soon after.
	Start = "start"
	// Registering: when the annotation of a Service changes.
	Registering = "registration"
	// Sometimes: by requests no path sends; the edge may be seen.
	Sometimes = "sometimes"
)

// Client is the caller outside the mesh in an edge.
const Client = "client"

// Unnamed is how the mesh calls who has no name in it, as callers outside it.
const Unnamed = "unknown"

// Edge is a call one workload makes to another in this release, by App name.
// From may be Client.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Port int    `json:"port"`
	// Protocol is "http" or "tcp" as the mesh sees it.
	Protocol string `json:"protocol"`
	// When says what makes the call: Always, Start, Registering, Sometimes or the id of a path.
	When string `json:"when"`
}

// Path is one request and the hops it must take.
type Path struct {
	// ID is kebab-case, e.g. "identity".
	ID   string `json:"id"`
	Text string `json:"text"`
	// When says what sets the path off: nothing means the request to msb-iag that
	// the following four describe; Registering a change of a Service's annotation,
	// on which the first hop begins to call by itself.
	When   string `json:"when,omitempty"`
	Method string `json:"method,omitempty"`
	// URL is the path on msb-iag; Body the request's JSON body.
	URL  string `json:"url,omitempty"`
	Body string `json:"body,omitempty"`
	// Status is the answer expected.
	Status int `json:"status,omitempty"`
	// Hops are the workloads by App name in the order of the call, the gateway
	// first where the path is a request.
	Hops []string `json:"hops"`
	// DropsAt is the App that is known to drop trace headers, empty when the
	// trace stays whole; Source says where that is known from.
	DropsAt string `json:"dropsAt,omitempty"`
	Source  string `json:"source,omitempty"`
}

// Requested tells whether the path is a request to msb-iag.
func (p Path) Requested() bool { return p.When == "" }

// Cause is what its edges name as Edge.When.
func (p Path) Cause() string { return cmp.Or(p.When, p.ID) }

// Endpoint is a GET through msb-iag that must answer.
type Endpoint struct {
	URL    string `json:"url"`
	Status int    `json:"status"`
	// Contains is text the body must hold, empty for any.
	Contains string `json:"contains,omitempty"`
	// App is the workload that answers.
	App string `json:"app"`
}

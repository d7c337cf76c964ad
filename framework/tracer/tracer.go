// Package tracer names who keeps the mesh's traces and how sidecars send their
// spans there, and which of these go together. All parts of the suite that have
// to agree on it take a Tracing.
package tracer

import (
	"cmp"
	"fmt"
	"strings"
)

// Backend keeps traces; its name is also that of its add-on.
type Backend string

// The back ends.
const (
	Jaeger Backend = "jaeger"
	Zipkin Backend = "zipkin"
)

// Object is the back end as Kubernetes names it.
func (b Backend) Object() string { return "Deployment istio-system/" + string(b) }

// Protocol is the form in which sidecars send spans.
type Protocol string

// The protocols: Zipkin's JSON, with B3 headers between the sidecars, and OTLP
// over gRPC, with W3C headers.
const (
	ZipkinSpans   Protocol = "zipkin"
	OpenTelemetry Protocol = "opentelemetry"
)

// Tracing is a back end and the protocol it gets its spans by.
type Tracing struct {
	Backend  Backend  `json:"backend"`
	Protocol Protocol `json:"protocol"`
}

// All lists the tracings there are, the default first. Zipkin's server does not
// take OTLP.
func All() []Tracing {
	return []Tracing{{Jaeger, ZipkinSpans}, {Jaeger, OpenTelemetry}, {Zipkin, ZipkinSpans}}
}

// Complete fills in what is not said, Jaeger and Zipkin's protocol, and refuses
// what is not among All.
func (t Tracing) Complete() (Tracing, error) {
	t.Backend = cmp.Or(t.Backend, Jaeger)
	t.Protocol = cmp.Or(t.Protocol, ZipkinSpans)
	var known []string
	for _, one := range All() {
		if one == t {
			return t, nil
		}
		known = append(known, one.String())
	}
	return Tracing{}, fmt.Errorf("no tracing is %q: use %s", t.String(), strings.Join(known, ", "))
}

// String is "opentelemetry to jaeger".
func (t Tracing) String() string { return string(t.Protocol) + " to " + string(t.Backend) }

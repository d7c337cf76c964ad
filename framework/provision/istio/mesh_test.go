package istio

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/tracer"
)

// providers returns the names in the first entry of a list of the Telemetry.
func providers(t *testing.T, telemetry *unstructured.Unstructured, list string) []string {
	t.Helper()
	entries, _, err := unstructured.NestedSlice(telemetry.Object, "spec", list)
	if err != nil || len(entries) != 1 {
		t.Fatalf("Telemetry has %d entries in %s (%v), want 1", len(entries), list, err)
	}
	var names []string
	for _, p := range entries[0].(map[string]any)["providers"].([]any) {
		names = append(names, p.(map[string]any)["name"].(string))
	}
	return names
}

// TestUpstreamAlwaysHasALPN: whatever else is chosen, the packaged Envoy never
// goes without the filter, and Istio's own proxy never has it.
func TestUpstreamAlwaysHasALPN(t *testing.T) {
	for _, o := range every() {
		t.Run(name(o), func(t *testing.T) {
			objects, err := mesh(o)
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, object := range objects {
				kinds = append(kinds, kube.Name(object))
			}
			want := []string{"Telemetry istio-system/mesh-default"}
			logs := []string{"envoy"}
			if o.DataPlane == Upstream {
				want = slices.Insert(want, 0, "EnvoyFilter istio-system/meshcert-alpn")
				logs = append(logs, "istio-telemetry")
			}
			if diff := cmp.Diff(want, kinds); diff != "" {
				t.Errorf("mesh configuration (-want +got):\n%s", diff)
			}
			reports := objects[len(objects)-1]
			if diff := cmp.Diff(logs, providers(t, reports, "accessLogging")); diff != "" {
				t.Errorf("access log providers (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{tracingProvider(o.Tracing)}, providers(t, reports, "tracing")); diff != "" {
				t.Errorf("tracing providers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALPNFilter(t *testing.T) {
	filter, err := fixture(alpnFile)
	if err != nil {
		t.Fatal(err)
	}
	patches, _, err := unstructured.NestedSlice(filter.Object, "spec", "configPatches")
	if err != nil || len(patches) != 1 {
		t.Fatalf("%d patches (%v), want 1", len(patches), err)
	}
	patch := patches[0].(map[string]any)
	config, _, err := unstructured.NestedMap(patch, "patch", "value", "typed_config")
	if err != nil {
		t.Fatal(err)
	}
	actions := config["on_request_headers"].([]any)
	protocols, _, err := unstructured.NestedString(actions[0].(map[string]any), "format_string", "text_format_source", "inline_string")
	if err != nil {
		t.Fatal(err)
	}
	context, _, _ := unstructured.NestedString(patch, "match", "context")
	got := []any{patch["applyTo"], context, config["@type"], actions[0].(map[string]any)["object_key"], protocols}
	// Istio's inbound listener takes HTTP over mutual TLS by the ALPN names
	// istio-http/1.1 and istio-h2 (pilot/pkg/networking/core, mtlsHTTPALPNs).
	want := []any{
		"HTTP_FILTER", "SIDECAR_OUTBOUND",
		"type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config",
		"envoy.network.application_protocols",
		"%CEL(request.protocol == 'HTTP/2' ? 'istio-h2,istio,h2' : 'istio-http/1.1,istio,http/1.1')%",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ALPN filter (-want +got):\n%s", diff)
	}
}

// TestProvidersExist: what the Telemetry names is a provider of the mesh
// configuration, and what a provider names is a port of an add-on's Service.
func TestProvidersExist(t *testing.T) {
	ports := servicePorts(t)
	known := map[string]string{"envoy": "built in"}
	logStreams := 0
	rendered := data(t, render(t, Options{Policy: catalogue.Enabled, DataPlane: Upstream})["ConfigMap istio"], "mesh")
	for _, p := range rendered["extensionProviders"].([]any) {
		provider := p.(map[string]any)
		for kind, value := range provider {
			target, isMap := value.(map[string]any)
			if !isMap {
				continue
			}
			if strings.HasSuffix(kind, "Als") {
				logStreams++
			}
			at := fmt.Sprintf("%v:%v", target["service"], target["port"])
			if ports[at] == "" {
				t.Errorf("provider %s sends to %s, which no add-on serves: %v", provider["name"], at, ports)
			}
			known[provider["name"].(string)] = ports[at]
		}
	}
	if logStreams != 1 {
		t.Errorf("%d access log services: one, or every request counts more than once", logStreams)
	}
	want := map[string]string{
		"envoy": "built in", "zipkin": "jaeger-collector http-zipkin", "otel": "jaeger-collector grpc-otlp", "zipkin-server": "zipkin http-zipkin", "istio-telemetry": "istio-telemetry grpc-als",
	}
	if diff := cmp.Diff(want, known); diff != "" {
		t.Errorf("providers and the ports they send to (-want +got):\n%s", diff)
	}
	for _, o := range every() {
		objects, err := mesh(o)
		if err != nil {
			t.Fatal(err)
		}
		reports := objects[len(objects)-1]
		for _, p := range slices.Concat(providers(t, reports, "tracing"), providers(t, reports, "accessLogging")) {
			if known[p] == "" {
				t.Errorf("%s: Telemetry names provider %s, which does not exist", name(o), p)
			}
		}
	}
}

// TestTracingProviders: each tracing has a provider of its own.
func TestTracingProviders(t *testing.T) {
	got := map[string]string{}
	for _, tracing := range tracer.All() {
		got[tracing.String()] = tracingProvider(tracing)
	}
	want := map[string]string{"zipkin to jaeger": "zipkin", "opentelemetry to jaeger": "otel", "zipkin to zipkin": "zipkin-server"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
}

// servicePorts maps host:port of the add-ons' Services to Service and port name.
func servicePorts(t *testing.T) map[string]string {
	t.Helper()
	ports := map[string]string{}
	for _, file := range []string{"jaeger.yaml", "zipkin.yaml", "istio-telemetry.yaml"} {
		text, err := addons.FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := kube.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, o := range objects {
			if o.GetKind() != "Service" {
				continue
			}
			list, _, _ := unstructured.NestedSlice(o.Object, "spec", "ports")
			for _, p := range list {
				port := p.(map[string]any)
				ports[fmt.Sprintf("%s.%s.svc.cluster.local:%v", o.GetName(), o.GetNamespace(), port["port"])] = o.GetName() + " " + port["name"].(string)
			}
		}
	}
	return ports
}

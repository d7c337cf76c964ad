package istio

import (
	"context"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/tracer"
)

// definition lets a bare API server keep Telemetries.
const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: telemetries.telemetry.istio.io}
spec:
  group: telemetry.istio.io
  scope: Namespaced
  names: {kind: Telemetry, plural: telemetries, singular: telemetry, listKind: TelemetryList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

// TestRetraces: another back end or protocol is a change, the same is none, and where
// no mesh is nothing changes.
func TestRetraces(t *testing.T) {
	c := kubetest.Start(t).Client
	if err := c.EnsureNamespace(t.Context(), Namespace, nil); err != nil {
		t.Fatal(err)
	}
	options := func(tracing tracer.Tracing) Options { return Options{Tracing: tracing, DataPlane: Upstream} }
	all := tracer.All()
	check := func(what string, o Options, want bool) {
		t.Helper()
		if got, err := Retraces(t.Context(), c, o); got != want || err != nil {
			t.Errorf("%s: %t (%v), want %t", what, got, err, want)
		}
	}
	check("no mesh", options(all[0]), false)
	definitions, err := kube.Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(t.Context(), "", definitions...); err != nil {
		t.Fatal(err)
	}
	there, err := telemetry(options(all[0]))
	if err != nil {
		t.Fatal(err)
	}
	err = kube.Until(t.Context(), "the new kind to be served", time.Minute, func(ctx context.Context) error { return c.Apply(ctx, Namespace, there) })
	if err != nil {
		t.Fatal(err)
	}
	check("the same", options(all[0]), false)
	for _, other := range all[1:] {
		check(other.String(), options(other), true)
	}
}

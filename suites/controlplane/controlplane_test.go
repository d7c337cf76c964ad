package controlplane

import (
	"slices"
	"testing"

	"github.com/onap/meshcert/framework/tracer"
)

// TestWanted: the back end that keeps the traces is wanted, and no other.
func TestWanted(t *testing.T) {
	for backend, c := range map[string]struct {
		workload, other string
		services        []string
	}{
		"":                     {"jaeger", "zipkin", []string{"jaeger-collector", "jaeger-query"}},
		tracer.Jaeger.Object(): {"jaeger", "zipkin", []string{"jaeger-collector", "jaeger-query"}},
		tracer.Zipkin.Object(): {"zipkin", "jaeger", []string{"zipkin"}},
	} {
		got := wanted(backend)
		if !slices.Contains(got.Workloads, c.workload) || slices.Contains(got.Workloads, c.other) {
			t.Errorf("%q: workloads %v", backend, got.Workloads)
		}
		if len(got.Services) != 4+len(c.services) {
			t.Errorf("%q: Services %v", backend, got.Services)
		}
		for _, s := range c.services {
			if len(got.Services[s]) == 0 {
				t.Errorf("%q: no Service %s in %v", backend, s, got.Services)
			}
		}
	}
}

package environment

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
)

func TestSidecarsAndTracer(t *testing.T) {
	native := pod("a", true)
	native.InitContainers = []evidence.Container{{Name: "istio-proxy", Sidecar: true}}
	classic := pod("b", true, evidence.Container{Name: "istio-proxy"})
	leaving := pod("zipkin", true)
	leaving.Terminating = true
	for _, c := range []struct {
		namespace        string
		items            []evidence.Pod
		sidecars, tracer string
	}{
		{"onap", []evidence.Pod{native}, "native", ""},
		{"onap", []evidence.Pod{classic}, "classic", ""},
		{"onap", []evidence.Pod{classic, native}, "mixed", ""},
		{"onap", []evidence.Pod{pod("jaeger", true)}, "", ""},
		{"istio-system", []evidence.Pod{pod("jaeger", true), leaving}, "", "jaeger"},
		{"istio-system", []evidence.Pod{pod("jaeger", false), pod("zipkin", true)}, "", "zipkin"},
		{"istio-system", []evidence.Pod{pod("jaeger", true), pod("zipkin", true)}, "", ""},
		{"istio-system", nil, "", ""},
	} {
		all := []evidence.Pods{{Namespace: c.namespace, Items: c.items}}
		if s, b := sidecarsOf(all), tracerOf(all); s != c.sidecars || b != c.tracer {
			t.Errorf("%s %+v: sidecars %q, tracer %q; want %q, %q", c.namespace, c.items, s, b, c.sidecars, c.tracer)
		}
	}
}

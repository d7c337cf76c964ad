package environment

import (
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/tracer"
)

// sidecarsOf is how the proxies are in their pods: native, classic, or both.
func sidecarsOf(all []evidence.Pods) string {
	native, classic := false, false
	isProxy := func(c evidence.Container) bool { return c.Name == catalogue.Proxy }
	for _, pods := range all {
		for _, p := range pods.Items {
			native = native || slices.ContainsFunc(p.InitContainers, func(c evidence.Container) bool { return isProxy(c) && c.Sidecar })
			classic = classic || slices.ContainsFunc(p.Containers, isProxy)
		}
	}
	switch {
	case native && classic:
		return "mixed"
	case native:
		return "native"
	case classic:
		return "classic"
	}
	return ""
}

// tracerOf is the back end of traces beside istiod; "" when there is none or two.
func tracerOf(all []evidence.Pods) string {
	var found []string
	for _, backend := range []tracer.Backend{tracer.Jaeger, tracer.Zipkin} {
		for _, pods := range all {
			ready := func(p evidence.Pod) bool { return p.Workload == string(backend) && p.Ready && !p.Terminating }
			if pods.Namespace == observe.IstioNamespace && slices.ContainsFunc(pods.Items, ready) {
				found = append(found, string(backend))
			}
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

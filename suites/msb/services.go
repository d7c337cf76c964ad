package msb

import (
	"context"
	"slices"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/msb"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// registrar is the workload that registers.
const registrar = "msb-kube2msb"

// right is the Service that is made after the wrong ones.
const right = "meshcert-right"

// wrongServices are Services whose annotation asks for nothing MSB may list:
// a list that breaks off, an object where the list should be, and a protocol
// that MSB does not have.
func wrongServices() []traffic.Service {
	annotated := func(name, annotation string) traffic.Service {
		return traffic.Service{Name: name, Ports: []int{port}, Annotation: annotation}
	}
	return []traffic.Service{
		annotated("meshcert-malformed", `[{"serviceName":"meshcert-malformed","version":"v1","url":"/api/meshcert-malformed/v1","protocol":"REST","port":"8080"`),
		annotated("meshcert-no-list", `{"serviceName":"meshcert-no-list","version":"v1","url":"/api/meshcert-no-list/v1","protocol":"REST","port":"8080"}`),
		annotated("meshcert-protocol", `[{"serviceName":"meshcert-protocol","version":"v1","url":"/api/meshcert-protocol/v1","protocol":"GOPHER","port":"8080"}]`),
	}
}

// wrongAnnotation makes the wrong Services and then a right one, so that what
// kube2msb made of the wrong ones is known when the right one is listed.
func wrongAnnotation(ctx context.Context, env *spec.Env) {
	before := spec.Step[evidence.Pods]{
		Name: "pods-before", What: "listing the pods of kube2msb", Source: spec.APIServer,
		Do: func(ctx context.Context) (evidence.Pods, error) { return registrars(ctx, env) },
	}.Take(ctx, env)
	var wrong []evidence.Offer
	for _, s := range wrongServices() {
		withdrawn(env, s.Name)
		wrong = append(wrong, offered(ctx, env, "service-"+s.Name, func(ctx context.Context) (evidence.Offer, error) { return env.Registrar.Make(ctx, s) }))
	}
	withdrawn(env, right)
	last := offered(ctx, env, "service-"+right, func(ctx context.Context) (evidence.Offer, error) {
		return env.Registrar.Make(ctx, traffic.Service{
			Name: right, Ports: []int{port}, Entries: []traffic.Entry{inside(right, "v1", "/api/"+right+"/v1", port)},
		})
	})
	spec.Look[evidence.Registering]{
		Name: "registering", Source: discovery, Limit: lookLimit, Steady: 3,
		Observe: func(ctx context.Context) (evidence.Registering, error) {
			pods, err := registrars(ctx, env)
			if err != nil {
				return evidence.Registering{}, err
			}
			listed, err := env.MSB.Registrations(ctx)
			return evidence.Registering{Registrations: listed, Pods: pods}, err
		},
		Judge: func(seen evidence.Registering) []verdict.Finding { return msb.JudgeWrong(wrong, last, before, seen) },
	}.Settle(ctx, env)
	env.Note("the right Service was registered, and none of %d wrong ones", len(wrong))
}

// registrars are the pods of kube2msb.
func registrars(ctx context.Context, env *spec.Env) (evidence.Pods, error) {
	pods, err := env.Pods.List(ctx, spec.Namespace)
	pods.Items = slices.DeleteFunc(pods.Items, func(p evidence.Pod) bool { return p.Workload != registrar })
	return pods, err
}

// double is what both Services of doubleRegistration ask for.
const double = "meshcert-double"

// askedOften is how many requests are sent to a service with two nodes, which
// a gateway serves in turn.
const askedOften = 8

// doubleRegistration lets two Services with different programs behind them ask
// for one name and version, then removes one.
func doubleRegistration(ctx context.Context, env *spec.Env) {
	const first, second = double + "-1", double + "-2"
	withdrawn(env, first, second)
	offer := func(service, app string, target int) func(context.Context) (evidence.Offer, error) {
		return func(ctx context.Context) (evidence.Offer, error) {
			return env.Registrar.Make(ctx, traffic.Service{
				Name: service, App: app, Ports: []int{port}, Target: target, Entries: []traffic.Entry{inside(double, "v1", msb.ShortPath, port)},
			})
		}
	}
	nodes := []msb.Node{
		{Page: msb.GatewayPage, Offer: offered(ctx, env, "service-"+first, offer(first, "msb-eag", 80))},
		{Page: msb.DiscoveryPage, Offer: offered(ctx, env, "service-"+second, offer(second, "msb-discovery", 10081))},
	}
	shared(ctx, env, "both", nodes)
	nodes[1].Offer = offered(ctx, env, "service-"+second+"-removed", func(ctx context.Context) (evidence.Offer, error) { return env.Registrar.Withdraw(ctx, second) })
	shared(ctx, env, "one", nodes)
}

// shared looks until discovery lists the nodes and msb-iag uses them.
func shared(ctx context.Context, env *spec.Env, name string, nodes []msb.Node) {
	const path = "/api/" + double + "/v1"
	spec.Look[evidence.Routing]{
		Name: "routing-" + name, Source: discovery, Limit: lookLimit,
		Observe: func(ctx context.Context) (evidence.Routing, error) {
			return env.MSB.Routing(ctx, slices.Repeat([]string{path}, askedOften), nil)
		},
		Judge: func(seen evidence.Routing) []verdict.Finding { return msb.JudgeDouble(double, path, nodes, seen) },
	}.Settle(ctx, env)
}

// outside is the Service of externalGateway and what it asks for.
const outside = "meshcert-outside"

// externalGateway registers a service for outside and asks both gateways.
func externalGateway(ctx context.Context, env *spec.Env) {
	b := behind(env)
	withdrawn(env, outside)
	entry := inside(outside, "v1", b.First, port)
	entry.VisualRange = "0"
	offer := offered(ctx, env, "service-"+outside, func(ctx context.Context) (evidence.Offer, error) {
		return env.Registrar.Make(ctx, traffic.Service{Name: outside, App: b.Workload.App, Ports: []int{port}, Target: b.Port, Entries: []traffic.Entry{entry}})
	})
	want := msb.External{Release: env.Release, Offer: offer, Behind: b, Route: msb.Route{Path: "/api/" + outside + "/v1", Like: b.First}}
	spec.Look[evidence.Routing]{
		Name: "routing", Source: discovery, Limit: lookLimit,
		Observe: func(ctx context.Context) (evidence.Routing, error) {
			return env.MSB.Routing(ctx, want.Inside(), want.Outside())
		},
		Judge: func(seen evidence.Routing) []verdict.Finding { return msb.JudgeExternal(want, seen) },
	}.Settle(ctx, env)
	env.Note("msb-eag serves none of %d inside registrations", len(env.Release.Registered()))
}

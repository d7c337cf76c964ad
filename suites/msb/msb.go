// Package msb holds the specs that prove that the Microservices Bus registers,
// lists and routes what the release brings.
package msb

import (
	"context"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/msb"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Who answers these specs, as Kubernetes names it.
const (
	discovery = "Deployment onap/msb-msb-discovery"
	iag       = "Deployment onap/msb-msb-iag"
)

// Specs of topic msb.
func Specs() []spec.Spec {
	return append([]spec.Spec{
		{
			ID:      "msb.registrations",
			Proves:  "kube2msb has registered every service and version that the release's annotations ask for",
			FailsIf: "a service or version is missing in discovery, or one is listed that nobody asked for",
			Labels:  []spec.Label{spec.Core, spec.MSB},
			Run:     registrations,
		},
		{
			ID:      "msb.portal",
			Proves:  "the portal page through msb-iag shows the API services of the release and no other",
			FailsIf: "the page does not answer, or a service is missing or too many",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.Traffic},
			Run:     portal,
		},
		{
			ID:      "msb.endpoints",
			Proves:  "every API of MSB, MultiCloud and VF-C that works without a cloud answers through msb-iag",
			FailsIf: "a request through the gateway has another status or another content",
			SkipsIf: "the catalogue of the release has no endpoint",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic},
			Run:     endpoints,
		},
		{
			ID:      "msb.no-route",
			Proves:  "msb-iag tells a path that nobody registered by 502 and its own words, and /msb leads to its portal",
			FailsIf: "such a path is served, or has another answer, or /msb leads elsewhere",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.Traffic},
			Run:     noRoute,
		},
		{
			ID:      "msb.health",
			Proves:  "MSB discovery says that it is healthy, and msb-iag tells its connections and requests",
			FailsIf: "discovery does not reach Consul, or an answer of the statistics is not of its form",
			Labels:  []spec.Label{spec.Extended, spec.MSB, spec.Traffic},
			Run:     health,
		},
	}, ofServices()...)
}

// ofServices are the specs that work with Services of ours.
func ofServices() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "msb.registration-follows",
			Proves:  "a Service with the annotation is registered and routed, and the registration follows its path, versions, port and removal, each within 30 seconds",
			SkipsIf: "the catalogue of the release has no workload with two endpoints that a Service of ours could lead to",
			FailsIf: "discovery or msb-iag shows an older state of the Service than that, or still has a route to one that was removed",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.Traffic},
			Limit:   5 * time.Minute,
			Run:     registrationFollows,
		},
		{
			ID:      "msb.wrong-annotation",
			Proves:  "Services whose annotation is no JSON, of another type or of an unknown protocol are not registered, and kube2msb goes on to register the right one after them",
			FailsIf: "one of them is registered, the right one is not, or kube2msb was started anew",
			Labels:  []spec.Label{spec.Extended, spec.MSB},
			Run:     wrongAnnotation,
		},
		{
			ID:      "msb.double-registration",
			Proves:  "two Services with one name and version are one registration with two nodes, both serve, and the removal of one leaves the other",
			FailsIf: "discovery has two records or lacks a node, or msb-iag leaves a node out or still sends requests to one that was removed",
			Labels:  []spec.Label{spec.Extended, spec.MSB, spec.Traffic},
			Limit:   4 * time.Minute,
			Run:     doubleRegistration,
		},
		{
			ID:      "msb.external-gateway",
			Proves:  "msb-eag serves a service that is registered for outside, its own portal, and no service that is for inside",
			SkipsIf: "the catalogue of the release has no workload with two endpoints that a Service of ours could lead to",
			FailsIf: "msb-eag has a route to a service with visualRange 1, or none to one with 0, or msb-iag serves that one",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.Traffic},
			Run:     externalGateway,
		},
	}
}

func registrations(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Registrations]{
		Name:    "registrations",
		Source:  discovery,
		Limit:   time.Minute,
		Observe: env.MSB.Registrations,
		Judge: func(seen evidence.Registrations) []verdict.Finding {
			return msb.JudgeRegistrations(env.Release, seen)
		},
	}.Settle(ctx, env)
}

func portal(ctx context.Context, env *spec.Env) {
	seen := spec.Look[evidence.Portal]{
		Name:    "portal",
		Source:  iag,
		Limit:   time.Minute,
		Observe: env.MSB.Portal,
		Judge:   func(seen evidence.Portal) []verdict.Finding { return msb.JudgePortal(env.Release, seen) },
	}.Settle(ctx, env)
	env.Note("the portal lists %d API services", len(seen.Services))
}

func endpoints(ctx context.Context, env *spec.Env) {
	if len(env.Release.Endpoints) == 0 {
		env.Skip("the catalogue of " + env.Release.Name + " has no endpoint: charts do not say what a program answers")
	}
	seen := spec.Look[[]evidence.Response]{
		Name:   "responses",
		Source: iag,
		Limit:  time.Minute,
		Observe: func(ctx context.Context) ([]evidence.Response, error) {
			return env.MSB.Endpoints(ctx, env.Release.Endpoints)
		},
		Judge: func(seen []evidence.Response) []verdict.Finding {
			return msb.JudgeEndpoints(env.Release, seen)
		},
	}.Settle(ctx, env)
	env.Note("%d requests through msb-iag answered as they should", len(seen))
}

// nowhere are paths of each form of route that nobody registers.
func nowhere() []string {
	return []string{"/api/meshcert-nowhere/v1", "/api/meshcert-nowhere/v1/items", "/iui/meshcert-nowhere/index.html", "/meshcert-nowhere"}
}

func noRoute(ctx context.Context, env *spec.Env) {
	spec.Look[[]evidence.Response]{
		Name: "responses", Source: iag,
		Observe: func(ctx context.Context) ([]evidence.Response, error) {
			return env.MSB.Ask(ctx, append(nowhere(), msb.ShortPath))
		},
		Judge: func(seen []evidence.Response) []verdict.Finding { return msb.JudgeNoRoute(nowhere(), seen) },
	}.Settle(ctx, env)
}

func health(ctx context.Context, env *spec.Env) {
	spec.Look[[]evidence.Response]{
		Name: "responses", Source: iag,
		Observe: func(ctx context.Context) ([]evidence.Response, error) {
			return env.MSB.Ask(ctx, msb.HealthPaths())
		},
		Judge: msb.JudgeHealth,
	}.Settle(ctx, env)
}

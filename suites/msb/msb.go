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

// Specs of topic msb.
func Specs() []spec.Spec {
	return []spec.Spec{
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
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic},
			Run:     endpoints,
		},
	}
}

func registrations(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Registrations]{
		Name:    "registrations",
		Source:  "Deployment onap/msb-msb-discovery",
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
		Source:  "Deployment onap/msb-msb-iag",
		Limit:   time.Minute,
		Observe: env.MSB.Portal,
		Judge:   func(seen evidence.Portal) []verdict.Finding { return msb.JudgePortal(env.Release, seen) },
	}.Settle(ctx, env)
	env.Note("the portal lists %d API services", len(seen.Services))
}

func endpoints(ctx context.Context, env *spec.Env) {
	seen := spec.Look[[]evidence.Response]{
		Name:   "responses",
		Source: "Deployment onap/msb-msb-iag",
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

// Package sidecar holds the specs that prove that every workload has the
// containers it must have, by name, and that every sidecar is a working part of the mesh.
package sidecar

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/sidecar"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic sidecar.
func Specs() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "sidecar.ready",
			Proves:  "every workload of the release is READY with exactly the containers that the catalogue and the injector policy demand, by name",
			FailsIf: "a container is missing, not ready, restarted or not expected, or a workload has no pod",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC},
			Run:     ready,
		},
		{
			ID:      "sidecar.proxies",
			Proves:  "every sidecar is connected to istiod, in sync, and holds a valid certificate of its ServiceAccount signed by the mesh's CA",
			SkipsIf: "under the injector policy no workload of the release gets a sidecar",
			FailsIf: "a sidecar is unknown to istiod, is not in sync, or has no certificate, an expired one, a wrong identity or another root",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC},
			Run:     proxies,
		},
	}
}

func ready(ctx context.Context, env *spec.Env) {
	var rows []sidecar.Row
	defer func() { env.Keep("ready", rows) }()
	spec.Look[evidence.Pods]{
		Name:   "pods",
		Source: spec.APIServer,
		Limit:  time.Minute,
		Observe: func(ctx context.Context) (evidence.Pods, error) {
			return env.Pods.List(ctx, spec.Namespace)
		},
		Judge: func(pods evidence.Pods) []verdict.Finding {
			rows = sidecar.Rows(env.Release, env.Policy, pods)
			env.Counted(sidecar.Matched(env.Release, env.Policy, pods))
			return sidecar.Judge(env.Release, env.Policy, pods)
		},
	}.Settle(ctx, env)
}

// connected is what the proxies' spec looks at.
type connected struct {
	Pods    evidence.Pods    `json:"pods"`
	Proxies evidence.Proxies `json:"proxies"`
}

func proxies(ctx context.Context, env *spec.Env) {
	meshed := func(w catalogue.Workload) bool { return w.Injected(env.Policy) }
	if len(env.Release.Workloads) > 0 && !slices.ContainsFunc(env.Release.Workloads, meshed) {
		env.Skip(fmt.Sprintf("no workload of %s gets a sidecar under policy %s; sidecar.ready proves that none has one", env.Release.Name, env.Policy))
	}
	spec.Look[connected]{
		Name:   "proxies",
		Source: "Deployment istio-system/istiod",
		Limit:  time.Minute,
		Observe: func(ctx context.Context) (connected, error) {
			pods, err := env.Pods.List(ctx, spec.Namespace)
			if err != nil {
				return connected{}, err
			}
			proxies, err := env.Proxies.Observe(ctx, pods)
			return connected{pods, proxies}, err
		},
		Judge: func(seen connected) []verdict.Finding {
			return sidecar.JudgeProxies(env.Release, env.Policy, seen.Pods, seen.Proxies)
		},
	}.Settle(ctx, env)
}

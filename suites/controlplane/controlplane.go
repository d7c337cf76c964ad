// Package controlplane holds the specs that prove that Istio itself and its
// add-ons work: without them nothing else is worth judging.
package controlplane

import (
	"context"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/controlplane"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic controlplane.
func Specs() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "controlplane.istiod",
			Proves:  "istiod and the add-ons are ready with their Services, and the injection webhook trusts the CA that istiod signs with",
			FailsIf: "a part is missing or not ready, a Service lacks a port, or the webhook's CA bundle is another one",
			Labels:  []spec.Label{spec.Core},
			Run:     istiod,
		},
		{
			ID:      "controlplane.accepted",
			Proves:  "every proxy of the mesh is in sync and none has ever refused configuration",
			FailsIf: "istiod counts a rejected configuration, or a proxy is behind",
			Labels:  []spec.Label{spec.Core},
			Run:     accepted,
		},
		{
			ID:      "controlplane.canary",
			Proves:  "between two meshed pods of our own, over a port whose name says nothing, HTTP arrives as HTTP and under mutual TLS",
			FailsIf: "the server sees no client certificate, or its proxy reports no span",
			Labels:  []spec.Label{spec.Core},
			Run:     canary,
		},
		{
			ID:      "controlplane.telemetry",
			Proves:  "Prometheus scrapes the mesh's telemetry",
			FailsIf: "the telemetry is no target of Prometheus, or the target is down",
			Labels:  []spec.Label{spec.Core},
			Run:     telemetry,
		},
	}
}

// wanted is what up installs with the back end that keeps the traces.
func wanted(backend string) controlplane.Want {
	want := controlplane.Want{
		Workloads: []string{"istiod", "prometheus", "istio-telemetry", "servicegraph"},
		Services: map[string][]int{
			"istiod": {15010, 15012, 443, 15014}, "prometheus": {9090}, "istio-telemetry": {9091, 42422}, "servicegraph": {8088},
		},
	}
	if backend == tracer.Zipkin.Object() {
		want.Workloads = append(want.Workloads, "zipkin")
		want.Services["zipkin"] = []int{9411}
		return want
	}
	want.Workloads = append(want.Workloads, "jaeger")
	want.Services["jaeger-collector"], want.Services["jaeger-query"] = []int{9411, 4317}, []int{16686}
	return want
}

func istiod(ctx context.Context, env *spec.Env) {
	seen := spec.Look[evidence.ControlPlane]{
		Name:   "controlplane",
		Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.ControlPlane, error) {
			seen, err := env.Cluster.ControlPlane(ctx)
			seen.Backend = env.Traces.Source()
			return seen, err
		},
		Judge: func(seen evidence.ControlPlane) []verdict.Finding {
			return controlplane.Judge(wanted(seen.Backend), seen)
		},
	}.Settle(ctx, env)
	env.Note("istiod %s", seen.Version)
}

func accepted(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Proxies]{
		Name:   "proxies",
		Source: "Deployment istio-system/istiod",
		Limit:  time.Minute,
		Observe: func(ctx context.Context) (evidence.Proxies, error) {
			pods, err := env.Pods.List(ctx, spec.Namespace)
			if err != nil {
				return evidence.Proxies{}, err
			}
			return env.Proxies.Observe(ctx, pods)
		},
		Judge: controlplane.JudgeRejects,
	}.Settle(ctx, env)
}

func canary(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Canary]{
		Name:    "canary",
		Source:  "Deployment meshcert-canary/canary-client",
		Observe: env.Canary,
		Judge:   controlplane.JudgeCanary,
	}.Settle(ctx, env)
}

func telemetry(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Targets]{
		Name:    "targets",
		Source:  spec.Prometheus,
		Observe: env.Metrics.Targets,
		Judge: func(seen evidence.Targets) []verdict.Finding {
			return controlplane.JudgeTargets([]string{"istio-telemetry"}, seen)
		},
	}.Settle(ctx, env)
}

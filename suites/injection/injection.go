// Package injection holds the specs that prove that the sidecar injector does
// what its rules say, to pods that are only tried and to those of the release.
package injection

import (
	"context"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/injection"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic injection.
func Specs() []spec.Spec {
	projects := []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC}
	return []spec.Spec{
		{
			ID:      "injection.matrix",
			Proves:  "each of the 18 combinations of the namespace's label, the pod's label and the pod's annotation gets a sidecar or none as the rule says under the environment's policy",
			FailsIf: "a combination gets another answer, a part of a sidecar or a refusal, or the injector has another policy",
			Labels:  []spec.Label{spec.Core},
			Run:     matrix,
		},
		{
			ID:         "injection.policy-change",
			Proves:     "a change of the injector's policy takes effect on new pods, and so does the change back, on all 18 combinations",
			FailsIf:    "pods are still decided by the policy before, or by something else than the policy",
			Labels:     []spec.Label{spec.Extended},
			Disruptive: true,
			Limit:      5 * time.Minute,
			Run:        policyChange,
		},
		{
			ID:      "injection.probes",
			Proves:  "the kubelet's probes of every injected workload ask the sidecar's agent, which makes the probe that the chart asks for; commands and pods without a sidecar keep their own",
			FailsIf: "a probe goes past the agent, was changed otherwise, or the agent was not told the chart's",
			Labels:  projects,
			Run:     probes,
		},
		{
			ID:      "injection.sidecar-form",
			Proves:  "every sidecar is native or classic as istiod is set, runs the injector's image with requests and limits, and has the init container that leads traffic to it",
			FailsIf: "a pod's sidecar has another form or image, lacks requests or limits, or nothing leads traffic to it",
			Labels:  projects,
			Run:     form,
		},
	}
}

// takesEffect bounds how long istiod may take for a new policy.
const takesEffect = time.Minute

func matrix(ctx context.Context, env *spec.Env) {
	prepare(ctx, env)
	settle(ctx, env, "matrix", env.Policy)
}

func policyChange(ctx context.Context, env *spec.Env) {
	prepare(ctx, env)
	settle(ctx, env, "before", env.Policy)
	env.Cleanup(func(ctx context.Context) error { return env.Injection.SetPolicy(ctx, env.Policy) })
	setPolicy(ctx, env, "change", other(env.Policy))
	settle(ctx, env, "changed", other(env.Policy))
	setPolicy(ctx, env, "change-back", env.Policy)
	settle(ctx, env, "changed-back", env.Policy)
}

func other(policy catalogue.Policy) catalogue.Policy {
	if policy == catalogue.Enabled {
		return catalogue.Disabled
	}
	return catalogue.Enabled
}

// prepare makes the namespaces in which pods are tried.
func prepare(ctx context.Context, env *spec.Env) {
	env.Cleanup(func(ctx context.Context) error { return env.Injection.Remove(ctx) })
	spec.Step[bool]{
		Name: "namespaces", What: "making namespaces to try pods in", Source: spec.APIServer,
		Do: func(ctx context.Context) (bool, error) { return true, env.Injection.Prepare(ctx) },
	}.Take(ctx, env)
}

func setPolicy(ctx context.Context, env *spec.Env, name string, policy catalogue.Policy) {
	spec.Step[catalogue.Policy]{
		Name: name, What: "setting policy " + string(policy), Source: "ConfigMap istio-system/istio-sidecar-injector",
		Do: func(ctx context.Context) (catalogue.Policy, error) {
			return policy, env.Injection.SetPolicy(ctx, policy)
		},
	}.Take(ctx, env)
}

// settle tries the 18 pods until all are as the policy says.
func settle(ctx context.Context, env *spec.Env, name string, policy catalogue.Policy) {
	var rows []injection.Row
	defer func() { env.Keep(name+"-table", rows) }()
	spec.Look[evidence.Injection]{
		Name:   name,
		Source: spec.APIServer,
		Limit:  takesEffect,
		Observe: func(ctx context.Context) (evidence.Injection, error) {
			return env.Injection.Try(ctx, injection.Cases())
		},
		Judge: func(seen evidence.Injection) []verdict.Finding {
			rows = injection.Table(policy, seen)
			return injection.Judge(policy, seen)
		},
	}.Settle(ctx, env)
	sidecars := 0
	for _, r := range rows {
		if r.Got == r.Want && r.Want == injection.Sidecar {
			sidecars++
		}
	}
	env.Note("policy %s: %d of %d cases get a sidecar, as the rule says", policy, sidecars, len(rows))
}

func probes(ctx context.Context, env *spec.Env) {
	look("probes", env, injection.JudgeProbes).Settle(ctx, env)
}

func form(ctx context.Context, env *spec.Env) {
	seen := look("sidecars", env, injection.JudgeForm).Settle(ctx, env)
	env.Note("sidecars are %s, image %s", injection.Form(seen.Injector), injection.Image(seen.Injector))
}

// look observes the release's pods and templates.
func look(name string, env *spec.Env, judge func(*catalogue.Release, catalogue.Policy, evidence.Shapes) []verdict.Finding) spec.Look[evidence.Shapes] {
	return spec.Look[evidence.Shapes]{
		Name:    name,
		Source:  spec.APIServer,
		Limit:   time.Minute,
		Observe: func(ctx context.Context) (evidence.Shapes, error) { return env.Injection.Shapes(ctx, spec.Namespace) },
		Judge:   func(seen evidence.Shapes) []verdict.Finding { return judge(env.Release, env.Policy, seen) },
	}
}

package metrics

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/load"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
)

func loadSpecs() []spec.Spec {
	return []spec.Spec{{
		ID:      "metrics.load",
		Proves:  "requests at a bounded rate are all answered, between pods of ours with sidecars and through msb-iag; how long they take, also without sidecars, is told as figures",
		FailsIf: "a request fails, the pods do not have the sidecars that are claimed, or a bound of the profile is exceeded",
		Labels:  []spec.Label{spec.Extended, spec.MSB, spec.MultiCloud, spec.Traffic},
		Run:     bounded,
	}}
}

// The load: small rounds in turn, so that both ways meet the same moods of the machine.
const (
	pairs         = 5
	pairRate      = 100
	pairLasts     = 2 * time.Second
	gatewayRate   = 20
	gatewayLasts  = 5 * time.Second
	gatewayPath   = "identity"
	loadNamespace = "Namespace " + traffic.CanaryNamespace
)

func bounded(ctx context.Context, env *spec.Env) {
	env.Cleanup(func(ctx context.Context) error { return env.Load.Remove(ctx) })
	pods := spec.Step[evidence.Pods]{
		Name: "pods", What: "making the pods to send load between", Source: loadNamespace,
		Do: func(ctx context.Context) (evidence.Pods, error) {
			if err := env.Load.Prepare(ctx); err != nil {
				return evidence.Pods{}, err
			}
			return loadPods(ctx, env)
		},
	}.Take(ctx, env)
	env.Report(load.JudgePods(pods)...)
	spec.Look[[]evidence.LoadProbe]{
		Name: "probes", Source: loadNamespace, Steady: 2,
		Observe: func(ctx context.Context) ([]evidence.LoadProbe, error) { return probeBoth(ctx, env) },
		Judge:   load.JudgeProbes,
	}.Settle(ctx, env)
	plan, orders := planned(env)
	rounds := spec.Step[[]evidence.LoadRound]{
		Name: "rounds", What: "sending the load", Source: loadNamespace,
		Do: func(ctx context.Context) ([]evidence.LoadRound, error) { return sendRounds(ctx, env, orders) },
	}.Take(ctx, env)
	env.Figures(load.Figures(rounds)...)
	env.Report(load.JudgeRounds(plan, rounds)...)
}

// loadPods are the pods of the load, without what no judge reads.
func loadPods(ctx context.Context, env *spec.Env) (evidence.Pods, error) {
	pods, err := env.Pods.List(ctx, traffic.CanaryNamespace)
	pods.Items = slices.DeleteFunc(pods.Items, func(p evidence.Pod) bool { return !strings.HasPrefix(p.Workload, "load-") })
	for i := range pods.Items {
		pods.Items[i].Annotations, pods.Items[i].Labels = nil, nil
	}
	return pods, err
}

func probeBoth(ctx context.Context, env *spec.Env) ([]evidence.LoadProbe, error) {
	var probes []evidence.LoadProbe
	for _, way := range []evidence.LoadWay{evidence.Plain, evidence.Meshed} {
		probe, err := env.Load.Probe(ctx, way)
		if err != nil {
			return nil, err
		}
		probes = append(probes, probe)
	}
	return probes, nil
}

// planned are the rounds: pairs, every other one the other way round, and one
// through the gateway where the release has the path.
func planned(env *spec.Env) (load.Plan, []evidence.LoadOrder) {
	plan := load.Plan{Pairs: pairs, Bounds: env.Bounds}
	var orders []evidence.LoadOrder
	for pair := range pairs {
		ways := []evidence.LoadWay{evidence.Plain, evidence.Meshed}
		if pair%2 == 1 {
			slices.Reverse(ways)
		}
		for _, way := range ways {
			orders = append(orders, evidence.LoadOrder{Way: way, URL: traffic.LoadURL(way), Status: http.StatusOK, Rate: pairRate, Lasts: pairLasts})
		}
	}
	path, found := env.Release.Path(gatewayPath)
	if !found {
		env.Note("release %s has no path %s, so no load was sent through msb-iag", env.Release.Name, gatewayPath)
		return plan, orders
	}
	plan.Gateway = true
	return plan, append(orders, evidence.LoadOrder{
		Way: evidence.Gateway, URL: traffic.GatewayURL(spec.Namespace, path.URL), Status: path.Status, Rate: gatewayRate, Lasts: gatewayLasts,
	})
}

func sendRounds(ctx context.Context, env *spec.Env, orders []evidence.LoadOrder) ([]evidence.LoadRound, error) {
	var rounds []evidence.LoadRound
	for _, order := range orders {
		round, err := env.Load.Round(ctx, order)
		if err != nil {
			return rounds, err
		}
		rounds = append(rounds, round)
	}
	return rounds, nil
}

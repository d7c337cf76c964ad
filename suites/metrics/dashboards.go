package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	judge "github.com/onap/meshcert/framework/judge/dashboards"
	observe "github.com/onap/meshcert/framework/observe/dashboards"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// dashboardSpecs are the specs of Istio's dashboards.
func dashboardSpecs() []spec.Spec {
	const failsIf = "a panel that must have data has none, only zeros after traffic or only what a fallback answers, or Prometheus does not take its query"
	projects := []spec.Label{spec.Extended, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic}
	return []spec.Spec{
		{
			ID:      "metrics.dashboard-mesh",
			Proves:  "Istio's mesh dashboard shows the traffic of ONAP: every query is run, and panels that must have data draw it",
			FailsIf: failsIf,
			Labels:  projects,
			Run:     dashboard("mesh"),
		},
		{
			ID:      "metrics.dashboard-service",
			Proves:  "Istio's service dashboard shows the Services of ONAP that were called, over HTTP, TCP and from outside the mesh",
			FailsIf: failsIf,
			Labels:  projects,
			Run:     dashboard("service"),
		},
		{
			ID:      "metrics.dashboard-workload",
			Proves:  "Istio's workload dashboard shows workloads of ONAP: who calls them and whom they call, over HTTP and TCP",
			FailsIf: failsIf,
			Labels:  projects,
			Run:     dashboard("workload"),
		},
		{
			ID:      "metrics.dashboard-performance",
			Proves:  "Istio's performance dashboard shows what sidecars and istiod use, and the bytes they move",
			FailsIf: failsIf,
			Labels:  projects,
			Run:     dashboard("performance"),
		},
		{
			ID:      "metrics.dashboard-controlplane",
			Proves:  "Istio's control plane dashboard shows istiod: what it uses, its pushes and its connections",
			FailsIf: failsIf,
			Labels:  []spec.Label{spec.Extended},
			Run:     dashboard("controlplane"),
		},
		{
			ID:      "metrics.grafana",
			Proves:  "where the cluster has a Grafana it is well, its data source reaches Prometheus, it has Istio's dashboards, and their panels draw what they must",
			SkipsIf: "the cluster has no Grafana",
			FailsIf: "Grafana or its data source is not well, a dashboard is missing, or a panel has no data through Grafana",
			Labels:  projects,
			Limit:   8 * time.Minute,
			Run:     grafana,
		},
	}
}

// dashboard runs every query of a dashboard while requests are sent.
func dashboard(name string) func(context.Context, *spec.Env) {
	return func(ctx context.Context, env *spec.Env) {
		wanted, err := judge.Load(name, dashboards.Subjects(env.Release, env.Policy))
		if err != nil {
			env.Report(notRead(err))
		}
		must, can := wanted.Queries()
		if must == 0 {
			env.Skip(fmt.Sprintf("release %s has no traffic that %s must show", env.Release.Name, wanted.Rules.Title))
		}
		var from time.Time
		seen := spec.Look[evidence.Dashboard]{
			Name:   "dashboard",
			Source: spec.Prometheus,
			Limit:  time.Minute,
			Observe: func(ctx context.Context) (evidence.Dashboard, error) {
				if from.IsZero() {
					from = time.Now()
				}
				return look(ctx, env, wanted, from)
			},
			Judge: func(seen evidence.Dashboard) []verdict.Finding { return judge.Judge(wanted, seen) },
		}.Settle(ctx, env)
		env.Note("%s: %d queries were run; %d must have data, %d need not", seen.Title, len(seen.Queries), must, can)
	}
}

// look sends requests, and looks at the dashboard as Istio's module has it.
func look(ctx context.Context, env *spec.Env, wanted judge.Wanted, from time.Time) (evidence.Dashboard, error) {
	built, err := dashboards.BuiltIn()
	if err != nil {
		return evidence.Dashboard{}, evidence.Absent(evidence.Final, err)
	}
	page, err := dashboards.Read(wanted.Rules, built)
	if err != nil {
		return evidence.Dashboard{}, evidence.Absent(evidence.Final, err)
	}
	if err := sendOnce(ctx, env); err != nil {
		return evidence.Dashboard{}, err
	}
	return observe.Look(ctx, env.Metrics, observe.Page{Rules: wanted.Rules, Dashboard: page, Subjects: wanted.Subjects}, from)
}

func notRead(err error) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive,
		Summary: "the rules of the dashboard could not be read", Object: "fixtures/dashboards", Where: "fixtures/dashboards",
		Want: "rules of what must have data", Got: err.Error(),
		Why: "without them nothing can be judged", Next: "this meshcert is built wrongly: build it again from an untouched source tree",
	}
}

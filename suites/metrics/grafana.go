package metrics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	judge "github.com/onap/meshcert/framework/judge/dashboards"
	observe "github.com/onap/meshcert/framework/observe/dashboards"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// asked are the dashboards that are looked at, by the names of their rules.
var asked = []string{"mesh", "service", "workload", "performance", "controlplane"}

// grafana judges Grafana's own word first, then looks at the dashboards that it
// has, through its data source, by the same rules as without it.
func grafana(ctx context.Context, env *spec.Env) {
	all, err := rules(env)
	if err != nil {
		env.Report(notRead(err))
	}
	var titles []string
	for _, w := range all {
		titles = append(titles, w.Rules.Title)
	}
	seen := spec.Look[evidence.Grafana]{
		Name:   "grafana",
		Source: judge.GrafanaObject,
		Observe: func(ctx context.Context) (evidence.Grafana, error) {
			server, err := env.Grafana.Find(ctx)
			if err != nil || server == nil {
				return evidence.Grafana{}, err
			}
			return server.Look(ctx)
		},
		Judge: func(seen evidence.Grafana) []verdict.Finding { return judge.JudgeGrafana(titles, seen) },
	}.Settle(ctx, env)
	if !seen.Found {
		env.Skip("there is no Grafana here (no Service istio-system/grafana): no package registry serves one, so a cluster from packages has none")
	}
	source, _ := judge.PrometheusSource(seen)
	for _, wanted := range all {
		entry := seen.Dashboards[slices.IndexFunc(seen.Dashboards, func(d evidence.DashboardEntry) bool { return d.Title == wanted.Rules.Title })]
		if must, _ := wanted.Queries(); must == 0 {
			continue
		}
		var from time.Time
		spec.Look[evidence.Dashboard]{
			Name:   "grafana-" + wanted.Rules.Name,
			Source: judge.GrafanaObject,
			Limit:  time.Minute,
			Observe: func(ctx context.Context) (evidence.Dashboard, error) {
				if from.IsZero() {
					from = time.Now()
				}
				return through(ctx, env, wanted, entry.UID, source.UID, from)
			},
			Judge: func(seen evidence.Dashboard) []verdict.Finding { return judge.Judge(wanted, seen) },
		}.Settle(ctx, env)
	}
	env.Note("Grafana %s, data source %s: %d dashboards draw what they must", seen.Version, source.Name, len(all))
}

// rules are what all dashboards are judged by.
func rules(env *spec.Env) ([]judge.Wanted, error) {
	var all []judge.Wanted
	for _, name := range asked {
		wanted, err := judge.Load(name, dashboards.Subjects(env.Release, env.Policy))
		if err != nil {
			return nil, err
		}
		all = append(all, wanted)
	}
	return all, nil
}

// through looks at a dashboard as Grafana has it, by Grafana's data source.
func through(ctx context.Context, env *spec.Env, wanted judge.Wanted, uid, source string, from time.Time) (evidence.Dashboard, error) {
	server, err := env.Grafana.Find(ctx)
	if err != nil {
		return evidence.Dashboard{}, err
	}
	if server == nil {
		return evidence.Dashboard{}, evidence.Absent(evidence.Unmet, errors.New("the Service of Grafana was there and is gone"))
	}
	dashboard, err := server.Dashboard(ctx, uid)
	if err != nil {
		return evidence.Dashboard{}, fmt.Errorf("read %s: %w", wanted.Rules.Title, err)
	}
	if err := sendOnce(ctx, env); err != nil {
		return evidence.Dashboard{}, err
	}
	return observe.Look(ctx, server.Source(source), observe.Page{Rules: wanted.Rules, Dashboard: dashboard, Subjects: wanted.Subjects}, from)
}

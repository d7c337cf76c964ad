package dashboards_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	judge "github.com/onap/meshcert/framework/judge/dashboards"
	"github.com/onap/meshcert/framework/verdict"
)

func titles() []string { return []string{"Istio Mesh Dashboard", "Istio Service Dashboard"} }

func well() evidence.Grafana {
	return evidence.Grafana{
		Found: true, Version: "12.3.0", Database: "ok",
		Sources: []evidence.DataSource{
			{UID: "l", Name: "Loki", Type: "loki", URL: "http://loki:3100"},
			{UID: "p", Name: "Prometheus", Type: "prometheus", URL: "http://prometheus:9090", Default: true, Status: "OK"},
		},
		Dashboards: []evidence.DashboardEntry{{UID: "m", Title: "Istio Mesh Dashboard"}, {UID: "s", Title: "Istio Service Dashboard"}},
	}
}

func TestGrafana(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*evidence.Grafana)
		want  []verdict.Kind
	}{
		"well":             {func(*evidence.Grafana) {}, nil},
		"there is none":    {func(g *evidence.Grafana) { *g = evidence.Grafana{} }, nil},
		"it is empty":      {func(g *evidence.Grafana) { *g = evidence.Grafana{Found: true} }, []verdict.Kind{"dashboard-missing", "dashboard-missing", "data-source-missing", "grafana-unwell"}},
		"its database":     {func(g *evidence.Grafana) { g.Database = "failing" }, []verdict.Kind{"grafana-unwell"}},
		"no source":        {func(g *evidence.Grafana) { g.Sources = g.Sources[:1] }, []verdict.Kind{"data-source-missing"}},
		"a sick source":    {func(g *evidence.Grafana) { g.Sources[1].Status = "ERROR" }, []verdict.Kind{"data-source-sick"}},
		"a silent source":  {func(g *evidence.Grafana) { g.Sources[1].Status = "" }, []verdict.Kind{"data-source-unknown"}},
		"a dashboard less": {func(g *evidence.Grafana) { g.Dashboards = g.Dashboards[:1] }, []verdict.Kind{"dashboard-missing"}},
		"another is sick": {func(g *evidence.Grafana) {
			g.Sources = append(g.Sources, evidence.DataSource{UID: "a", Type: "prometheus", Status: "ERROR"})
		}, nil},
		"the default is so": {func(g *evidence.Grafana) {
			g.Sources = append(g.Sources, evidence.DataSource{UID: "a", Type: "prometheus", Status: "ERROR", Default: true})
		}, []verdict.Kind{"data-source-sick"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := well()
			c.spoil(&seen)
			var got []verdict.Kind
			for _, f := range judge.JudgeGrafana(titles(), seen) {
				got = append(got, f.Kind)
				if f.Object != judge.GrafanaObject || f.Want == "" || f.Got == "" || f.Where == "" || f.Why == "" || f.Next == "" {
					t.Errorf("not whole: %+v", f)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBrokenGrafana(t *testing.T) {
	judging := func(g evidence.Grafana) []verdict.Finding { return judge.JudgeGrafana(titles(), g) }
	attack.Mutations(t, well(), judging)
	attack.NeverGreen(t, attack.Without(well(), func(g *evidence.Grafana) *[]evidence.DashboardEntry { return &g.Dashboards }), judging)
	attack.Shuffled(t, well(), func(g *evidence.Grafana) *[]evidence.DataSource { return &g.Sources }, judging)
	attack.Shuffled(t, well(), func(g *evidence.Grafana) *[]evidence.DashboardEntry { return &g.Dashboards }, judging)
}

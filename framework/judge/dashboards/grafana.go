package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// GrafanaObject is who answers for Grafana.
const GrafanaObject = "Service istio-system/grafana"

// JudgeGrafana judges what a Grafana says of itself: it is well, it has a data
// source of Prometheus that answers, and the dashboards of these titles. Where
// there is no Grafana there is nothing to judge, and no finding.
//
// Kinds: grafana-unwell, data-source-missing, data-source-sick,
// data-source-unknown (inconclusive), dashboard-missing.
func JudgeGrafana(titles []string, seen evidence.Grafana) []verdict.Finding {
	if !seen.Found {
		return nil
	}
	var findings []verdict.Finding
	add := func(f verdict.Finding) {
		f.Object, f.Where = GrafanaObject, "Grafana "+object.Text(seen.Version)
		findings = append(findings, f)
	}
	if seen.Database != "ok" {
		add(verdict.Finding{
			Kind: "grafana-unwell", Verdict: verdict.Fail, Summary: "Grafana does not reach its own database",
			Want: "database ok", Got: "database " + object.Text(seen.Database),
			Why: "dashboards and data sources are in it", Next: "see the log of Grafana's pod",
		})
	}
	if f, wrong := judgeSource(seen); wrong {
		add(f)
	}
	for _, title := range titles {
		if !slices.ContainsFunc(seen.Dashboards, func(d evidence.DashboardEntry) bool { return d.Title == title && d.UID != "" }) {
			add(verdict.Finding{
				Kind: "dashboard-missing", Verdict: verdict.Fail, Summary: "Grafana has no " + title,
				Want: title, Got: has(seen.Dashboards),
				Why: "nobody can look at it", Next: "see the ConfigMaps that Grafana's pod mounts, and its log",
			})
		}
	}
	verdict.Sort(findings)
	return findings
}

// PrometheusSource is the data source that Istio's dashboards ask: the default one of
// Prometheus, or its first by uid.
func PrometheusSource(seen evidence.Grafana) (evidence.DataSource, bool) {
	all := slices.DeleteFunc(slices.Clone(seen.Sources), func(s evidence.DataSource) bool { return s.Type != "prometheus" || s.UID == "" })
	if len(all) == 0 {
		return evidence.DataSource{}, false
	}
	return slices.MinFunc(all, func(a, b evidence.DataSource) int {
		if a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return strings.Compare(a.UID+a.Status+a.Message, b.UID+b.Status+b.Message)
	}), true
}

func judgeSource(seen evidence.Grafana) (verdict.Finding, bool) {
	source, ok := PrometheusSource(seen)
	f := verdict.Finding{
		Kind: "data-source-missing", Verdict: verdict.Fail, Summary: "Grafana has no data source of Prometheus",
		Want: "a data source of type prometheus", Got: object.Count(len(seen.Sources), "data source") + ", none of that type",
		Why: "Istio's dashboards ask Prometheus", Next: "see Grafana's provisioning (ConfigMap grafana, datasources.yaml)",
	}
	switch {
	case !ok:
		return f, true
	case source.Status == "OK":
		return f, false
	case source.Status == "":
		f.Kind, f.Verdict, f.Summary = "data-source-unknown", verdict.Inconclusive, "Grafana does not say how its data source of Prometheus is"
		f.Why = "this Grafana has no health check of that data source"
	default:
		f.Kind, f.Summary = "data-source-sick", "Grafana does not reach Prometheus through its data source"
		f.Why = "every panel of Istio's dashboards shows an error instead of data"
	}
	f.Want, f.Got = "health OK", fmt.Sprintf("%s: %s (%s at %s)", object.Text(source.Status), object.Text(source.Message), source.Name, object.Text(source.URL))
	f.Next = "see whether the data source's URL is that of Prometheus' Service, and whether Prometheus answers"
	return f, true
}

// has lists the titles of dashboards.
func has(all []evidence.DashboardEntry) string {
	titles := map[string]bool{}
	for _, d := range all {
		titles[d.Title] = true
	}
	return object.Text(some(titles, 12))
}

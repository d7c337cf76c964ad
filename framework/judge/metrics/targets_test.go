package metrics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/verdict"
)

// scraped is a Prometheus that scrapes the telemetry and three programs.
func scraped() evidence.Scraping {
	age := func(job, instance string, seconds float64) evidence.Sample {
		return evidence.Sample{Labels: map[string]string{"job": job, "instance": instance}, Value: seconds}
	}
	seen := evidence.Scraping{
		Targets: evidence.Targets{Items: []evidence.Target{
			{Pool: "istio-telemetry", URL: "http://istio-telemetry:42422/metrics", Instance: "istio-telemetry:42422", Interval: 2 * time.Second, Health: "up"},
		}},
		Programs: []evidence.Program{{Workload: "Deployment istio-system/istio-telemetry", Pod: "telemetry", Address: "istio-telemetry:42422"}},
		Ages:     samples(age("istio-telemetry", "istio-telemetry:42422", 1)),
		Counts:   samples(age("istio-telemetry", "", 1.5)),
	}
	for i, workload := range []string{"Deployment onap/msb-msb-iag", "Deployment onap/vfc-vfc-db", "Deployment istio-system/istiod"} {
		address := fmt.Sprintf("10.0.0.%d:15020", i)
		seen.Targets.Items = append(seen.Targets.Items, evidence.Target{
			Pool: "pods", URL: "http://" + address + "/stats/prometheus", Instance: address, Interval: 10 * time.Second, Health: "up",
		})
		seen.Ages.Items = append(seen.Ages.Items, age("pods", address, 9))
		seen.Programs = append(seen.Programs, evidence.Program{Workload: workload, Pod: fmt.Sprintf("pod-%d", i), Address: address})
	}
	return seen
}

func TestJudgeScraping(t *testing.T) {
	const db = "Deployment onap/vfc-vfc-db"
	for name, c := range map[string]struct {
		change  func(*evidence.Scraping)
		want    []string
		objects []string
		text    string
	}{
		"healthy": {change: func(*evidence.Scraping) {}},
		"another one is down": {change: func(s *evidence.Scraping) {
			s.Targets.Items = append(s.Targets.Items, evidence.Target{Pool: "theirs", URL: "http://x:1/", Health: "down"})
		}},
		"just within the bound": {change: func(s *evidence.Scraping) { s.Ages.Items[2].Value = 50 }},
		"one is gone": {change: func(s *evidence.Scraping) { s.Targets.Items = slices.Delete(s.Targets.Items, 2, 3) },
			want: []string{"target-missing"}, objects: []string{db}, text: "no target 10.0.0.1:15020"},
		"one is down": {change: func(s *evidence.Scraping) {
			s.Targets.Items[2].Health, s.Targets.Items[2].Error = "down", "connection refused"
		},
			want: []string{"target-down"}, objects: []string{db}, text: "down: connection refused"},
		"one was never scraped": {change: func(s *evidence.Scraping) { s.Targets.Items[2].Health = "unknown" }, want: []string{"target-down"}, objects: []string{db}, text: "unknown: none"},
		"one is stale":          {change: func(s *evidence.Scraping) { s.Ages.Items[2].Value = 51 }, want: []string{"target-stale"}, objects: []string{db}, text: "51 s ago, every 10s"},
		"one has no scrape":     {change: func(s *evidence.Scraping) { s.Ages.Items = slices.Delete(s.Ages.Items, 2, 3) }, want: []string{"target-stale"}, objects: []string{db}, text: "no scrape"},
		"the telemetry is gone and still a target": {change: func(s *evidence.Scraping) { s.Programs, s.Targets.Items[0].Health = s.Programs[1:], "down" },
			want: []string{"target-down"}, objects: []string{"Deployment istio-system/prometheus"}, text: "42422"},
		"the telemetry is no target": {change: func(s *evidence.Scraping) { s.Targets.Items = s.Targets.Items[1:] },
			want: []string{"target-missing"}, objects: []string{"Deployment istio-system/istio-telemetry"}, text: "no target istio-telemetry:42422"},
		"the telemetry is down": {change: func(s *evidence.Scraping) { s.Targets.Items[0].Health = "down" },
			want: []string{"target-down"}, objects: []string{"Deployment istio-system/prometheus"}, text: "42422"},
		"most are stale": {change: func(s *evidence.Scraping) {
			for i := range s.Ages.Items {
				s.Ages.Items[i].Value = 300
			}
		}, want: []string{"target-stale"}, objects: []string{"Deployment istio-system/prometheus"}, text: "10.0.0.2:15020/stats/prometheus: scraped 300 s ago"},
		"counts are old": {change: func(s *evidence.Scraping) { s.Counts.Items[0].Value = 11 }, want: []string{"samples-stale"}, objects: []string{"Deployment istio-system/prometheus"}, text: "11 s old"},
		"one job's counts are new": {change: func(s *evidence.Scraping) {
			s.Counts.Items = append(s.Counts.Items, evidence.Sample{Labels: map[string]string{"job": "federated"}, Value: 290})
		}},
		"an interval nobody tells": {change: func(s *evidence.Scraping) { s.Targets.Items[2].Interval, s.Ages.Items[2].Value = 0, 299 }},
		"no counts":                {change: func(s *evidence.Scraping) { s.Counts.Items = nil }, want: []string{"no-samples"}, objects: []string{"Deployment istio-system/prometheus"}},
		"no targets":               {change: func(s *evidence.Scraping) { s.Targets.Items = nil }, want: []string{"no-evidence"}, objects: []string{"Deployment istio-system/prometheus"}, text: "4 programs, 0 targets"},
		"no programs":              {change: func(s *evidence.Scraping) { s.Programs = nil }, want: []string{"no-evidence"}, objects: []string{"Deployment istio-system/prometheus"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := scraped()
			c.change(&seen)
			findings := metrics.JudgeScraping(seen)
			v := verdict.Fail
			switch {
			case c.want == nil:
				v = verdict.Pass
			case c.want[0] == "no-samples", c.want[0] == "no-evidence":
				v = verdict.Inconclusive
			}
			check(t, findings, c.want, v, c.text)
			var objects []string
			for _, f := range findings {
				objects = append(objects, f.Object)
			}
			if diff := cmp.Diff(c.objects, objects); diff != "" {
				t.Error(diff)
			}
		})
	}
}

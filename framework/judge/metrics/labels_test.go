package metrics_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// labelled is one series of each quantity of the generation, with its labels.
func labelled(g metric.Generation) evidence.Samples {
	values := map[string]string{"reporter": "source", "connection_security_policy": "unknown", "response_code": "200"}
	var items []evidence.Sample
	for _, q := range []metric.Quantity{metric.Requests, metric.SentBytes, metric.ReceivedBytes} {
		all := map[string]string{"__name__": g.Series(q)[0]}
		standard := g.TCP
		if q == metric.Requests {
			standard = g.HTTP
		}
		for _, label := range standard {
			all[label] = "some"
			if value := values[label]; value != "" {
				all[label] = value
			}
		}
		items = append(items, evidence.Sample{Labels: all, Value: 1})
	}
	return samples(items...)
}

func TestJudgeLabels(t *testing.T) {
	set := func(i int, label, value string) func(*evidence.Samples) {
		return func(s *evidence.Samples) { s.Items[i].Labels[label] = value }
	}
	without := func(i int, label string) func(*evidence.Samples) {
		return func(s *evidence.Samples) { delete(s.Items[i].Labels, label) }
	}
	for name, c := range map[string]struct {
		since  string
		change func(*evidence.Samples)
		want   []string
		text   string
	}{
		"0.8":                {"0.8", set(0, "a", "b"), nil, ""},
		"1.0":                {"1.0", set(0, "a", "b"), nil, ""},
		"1.5":                {"1.5", set(0, "reporter", "waypoint"), nil, ""},
		"a label dropped":    {"1.5", without(0, "source_principal"), []string{"missing-label"}, "label source_principal in every series"},
		"an empty label":     {"1.5", set(1, "source_workload", ""), []string{"missing-label"}, "absent in 1 of 1 series, in none → some (source) first"},
		"one that 0.8 lacks": {"0.8", without(0, "reporter"), nil, ""},
		"an end of 0.8":      {"0.8", without(0, "destination_service"), []string{"missing-label"}, "some → none"},
		"a code of TCP":      {"1.0", without(1, "response_code"), nil, ""},
		"a strange reporter": {"1.5", set(0, "reporter", "server"), []string{"strange-value"}, `reporter="server"`},
		"a strange policy":   {"1.0", set(0, "connection_security_policy", "yes"), []string{"strange-value"}, `"yes"`},
		"no code":            {"1.5", set(0, "response_code", "OK"), []string{"strange-value"}, `"OK"`},
		"no bytes":           {"1.5", func(s *evidence.Samples) { s.Items = s.Items[:1] }, []string{"missing-series", "missing-series"}, "no series"},
		"another's words":    {"0.8", func(s *evidence.Samples) { *s = labelled(generation(t, "1.0")) }, []string{"missing-series", "missing-series", "missing-series"}, ""},
		"no samples":         {"1.5", func(s *evidence.Samples) { s.Items = nil }, []string{"no-samples"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := generation(t, c.since)
			seen := labelled(g)
			c.change(&seen)
			v := verdict.Fail
			switch {
			case c.want == nil:
				v = verdict.Pass
			case c.want[0] == "no-samples":
				v = verdict.Inconclusive
			}
			check(t, metrics.JudgeLabels(g, seen), c.want, v, c.text)
		})
	}
}

func TestForeign(t *testing.T) {
	g := generation(t, "1.5")
	seen := labelled(g)
	maps.Copy(seen.Items[1].Labels, map[string]string{"zone": "a", "job": "j", "grpc_response_status": "0", "app": "b"})
	if diff := cmp.Diff([]string{"app", "zone"}, metrics.Foreign(g, seen)); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(nil, metrics.Foreign(g, labelled(g))) {
		t.Error("the standard labels are foreign")
	}
}

package metrics_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

func named(names ...string) evidence.Samples {
	var items []evidence.Sample
	for _, name := range names {
		items = append(items, evidence.Sample{Labels: map[string]string{"__name__": name}, Value: 1})
	}
	return samples(items...)
}

func TestJudgeWords(t *testing.T) {
	for name, c := range map[string]struct {
		names   evidence.Samples
		want    []string
		verdict verdict.Verdict
		since   string
		text    string
	}{
		"0.8":          {named("istio_request_count"), nil, verdict.Pass, "0.8", ""},
		"1.0":          {named("istio_requests_total", "istio_request_duration_seconds_sum"), nil, verdict.Pass, "1.0", ""},
		"today":        {named("istio_requests_total", "istio_request_duration_milliseconds_sum"), nil, verdict.Pass, "1.5", ""},
		"no names":     {named(), []string{"no-samples"}, verdict.Inconclusive, "", ""},
		"totals alone": {named("istio_requests_total"), []string{"generation-unknown"}, verdict.Inconclusive, "", "istio_requests_total"},
		"two at once": {named("istio_request_duration_seconds_sum", "istio_request_duration_milliseconds_sum"), []string{"generations-mixed"}, verdict.Fail, "",
			"istio_request_duration_milliseconds_sum, istio_request_duration_seconds_sum"},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, metrics.JudgeWords(c.names), c.want, c.verdict, c.text)
			if g, ok := metrics.Spoken(c.names); ok != (c.since != "") || g.Since != c.since {
				t.Errorf("got %q, %t, want %q", g.Since, ok, c.since)
			}
		})
	}
}

func generation(t testing.TB, since string) metric.Generation {
	t.Helper()
	for _, g := range metric.Generations() {
		if g.Since == since {
			return g
		}
	}
	t.Fatalf("no generation %s", since)
	return metric.Generation{}
}

// TestTodayOfRelease: Services of the release stand for their workloads; others do not.
func TestTodayOfRelease(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for service, want := range map[string]string{
		"multicloud-vio.onap.svc.cluster.local":       "multicloud-multicloud-vio",
		"msb-iag.onap":                                "msb-msb-iag",
		"msb-iag.other.svc.cluster.local":             "msb-iag.other.svc.cluster.local",
		"msb-iag.onapx.svc":                           "msb-iag.onapx.svc",
		"istio-policy.istio-system.svc.cluster.local": "istio-policy.istio-system.svc.cluster.local",
		"unknown": "unknown",
		"":        "",
	} {
		seen := samples(evidence.Sample{Labels: map[string]string{"destination_service": service}, Value: 1})
		got := metrics.Today(generation(t, "0.8"), release, seen)
		if got.Items[0].Labels["destination_workload"] != want {
			t.Errorf("%s: %v, want %s", service, got.Items[0].Labels, want)
		}
	}
}

func TestKnown(t *testing.T) {
	bySource := call
	bySource.Reporter = "source"
	both := []metrics.Call{call, bySource}
	for since, want := range map[string][]metrics.Call{"0.8": {call}, "1.0": both, "1.5": both} {
		if diff := cmp.Diff(want, metrics.Known(generation(t, since), both)); diff != "" {
			t.Errorf("%s: %s", since, diff)
		}
	}
}

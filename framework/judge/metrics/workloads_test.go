package metrics_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	iag  = "msb-msb-iag"
	fake = "multicloud-multicloud-vio"
)

// received are the calls as they are counted, with security as the callee sees it.
func received(all []metrics.Call) evidence.Samples {
	var items []evidence.Sample
	for _, c := range all {
		security := "mutual_tls"
		switch {
		case c.Reporter == "source":
			security = "unknown"
		case c.Source == "unknown":
			security = "none"
		}
		items = append(items, series(c.Source, c.Destination, c.Reporter, strconv.Itoa(c.Code), 5+float64(c.Count), "connection_security_policy", security))
	}
	return samples(items...)
}

// measured is a mesh in which the calls were counted, and before.
func measured(all []metrics.Call) (before evidence.Samples, after evidence.Measured) {
	after.Requests = received(all)
	before = received(all)
	for i, c := range all {
		before.Items[i].Value -= float64(c.Count)
	}
	for _, end := range []string{iag, "multicloud-multicloud", fake} {
		for _, reporter := range []string{"source", "destination"} {
			c := metrics.Call{Destination: end, Reporter: reporter}
			after.Latency.Items = append(after.Latency.Items, parts(c, 20, 9, 9, bucketOf(c, "1", 2), bucketOf(c, "5", 7), bucketOf(c, "+Inf", 9))...)
			after.P50.Items = append(after.P50.Items, series("", end, reporter, "", 2.5))
			after.P95.Items = append(after.P95.Items, series("", end, reporter, "", 5))
		}
	}
	return before, after
}

func TestJudgeWorkloads(t *testing.T) {
	release := sample.Release(t, "casablanca")
	// toVio is the first series of vio that its own sidecar reports.
	toVio := func(s evidence.Samples) *evidence.Sample {
		return &s.Items[slices.IndexFunc(s.Items, func(i evidence.Sample) bool {
			return i.Labels["destination_workload"] == fake && i.Labels["reporter"] == "destination"
		})]
	}
	for name, c := range map[string]struct {
		change  func(before *evidence.Samples, after *evidence.Measured)
		want    []string
		verdict verdict.Verdict
		text    string
	}{
		"healthy":            {func(*evidence.Samples, *evidence.Measured) {}, nil, verdict.Pass, ""},
		"more than was sent": {func(_ *evidence.Samples, after *evidence.Measured) { toVio(after.Requests).Value += 7 }, nil, verdict.Pass, ""},
		"a caller without sidecar": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Requests.Items = append(after.Requests.Items, series("unknown", fake, "destination", "200", 3, "connection_security_policy", "none"))
		}, nil, verdict.Pass, ""},
		"a caller of another namespace": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Requests.Items = append(after.Requests.Items, series("prober", fake, "destination", "200", 3, "connection_security_policy", "none"))
		}, nil, verdict.Pass, ""},
		"too few": {func(_ *evidence.Samples, after *evidence.Measured) { toVio(after.Requests).Value -= 4 }, []string{"traffic-missing"}, verdict.Fail, "at least 10"},
		"none": {func(before *evidence.Samples, after *evidence.Measured) {
			toVio(after.Requests).Value = toVio(*before).Value
		}, []string{"traffic-missing"}, verdict.Fail, "at least 10"},
		"an error": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Requests.Items = append(after.Requests.Items, series(iag, fake, "destination", "503", 3, "connection_security_policy", "mutual_tls"))
		}, []string{"errors"}, verdict.Fail, "3 × 503 of 13 requests"},
		"errors instead": {func(_ *evidence.Samples, after *evidence.Measured) {
			toVio(after.Requests).Labels["response_code"] = "503"
		}, []string{"counter-reset"}, verdict.Inconclusive, "-5 from msb-msb-iag with code 200"},
		"a counter went down": {func(_ *evidence.Samples, after *evidence.Measured) { toVio(after.Requests).Value = 1 }, []string{"counter-reset"}, verdict.Inconclusive, ""},
		"no bucket but +Inf": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Latency.Items = slices.DeleteFunc(after.Latency.Items, func(i evidence.Sample) bool {
				return i.Labels["destination_workload"] == fake && i.Labels["le"] != "+Inf" && i.Labels["le"] != ""
			})
		}, []string{"broken-histogram"}, verdict.Fail, "but le=+Inf"},
		"no latency": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Latency.Items = slices.DeleteFunc(after.Latency.Items, func(i evidence.Sample) bool { return i.Labels["destination_workload"] == fake })
		}, []string{"missing-histogram"}, verdict.Fail, "no buckets"},
		"in the clear": {func(before *evidence.Samples, after *evidence.Measured) {
			toVio(*before).Labels["connection_security_policy"], toVio(after.Requests).Labels["connection_security_policy"] = "none", "none"
		}, []string{"not-mutual"}, verdict.Fail, "0 of 10 requests"},
		"partly in the clear": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Requests.Items = append(after.Requests.Items, series(iag, fake, "destination", "200", 10, "connection_security_policy", "none"))
		}, []string{"not-mutual"}, verdict.Fail, "10 of 20 requests"},
		"mutual without a sidecar": {func(_ *evidence.Samples, after *evidence.Measured) {
			after.Requests.Items = append(after.Requests.Items, series("unknown", fake, "destination", "200", 3, "connection_security_policy", "mutual_tls"))
		}, []string{"mutual-without-sidecar"}, verdict.Fail, "3 of 3"},
		"no label": {func(before *evidence.Samples, after *evidence.Measured) {
			delete(toVio(*before).Labels, "connection_security_policy")
			delete(toVio(after.Requests).Labels, "connection_security_policy")
		}, []string{"no-security"}, verdict.Inconclusive, "label connection_security_policy"},
		"nothing rose": {func(before *evidence.Samples, after *evidence.Measured) { after.Requests.Items = before.Items }, []string{"nothing-rose"}, verdict.Inconclusive, ""},
		"no samples":   {func(_ *evidence.Samples, after *evidence.Measured) { after.Requests.Items = nil }, []string{"no-samples"}, verdict.Inconclusive, ""},
		"no histogram": {func(_ *evidence.Samples, after *evidence.Measured) { after.Latency.Items = nil }, []string{"no-samples"}, verdict.Inconclusive, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := measured(calls(release))
			c.change(&before, &after)
			findings := metrics.JudgeWorkloads(release, catalogue.Enabled, calls(release), before, after)
			check(t, findings, c.want, c.verdict, c.text)
			if len(findings) > 0 && findings[0].Object != "Deployment onap/"+fake && findings[0].Object != "Deployment istio-system/prometheus" {
				t.Errorf("object %s", findings[0].Object)
			}
		})
	}
}

// TestJudgeWorkloadsWithoutSidecar: multicloud has none under this policy, so its caller is believed.
func TestJudgeWorkloadsWithoutSidecar(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	some := metrics.Calls(release, catalogue.Disabled, path, 10)
	before, after := measured(some)
	check(t, metrics.JudgeWorkloads(release, catalogue.Disabled, some, before, after), nil, verdict.Pass, "")
	i := slices.IndexFunc(after.Requests.Items, func(i evidence.Sample) bool { return i.Labels["destination_workload"] == "multicloud-multicloud" })
	after.Requests.Items[i].Value--
	check(t, metrics.JudgeWorkloads(release, catalogue.Disabled, some, before, after), []string{"traffic-missing"}, verdict.Fail, "reporter source")
	check(t, metrics.JudgeWorkloads(release, catalogue.Disabled, nil, before, after), []string{"no-evidence"}, verdict.Inconclusive, "")
}

func TestFigures(t *testing.T) {
	release := sample.Release(t, "casablanca")
	before, after := measured(calls(release))
	after.Requests.Items = append(after.Requests.Items, series(iag, fake, "destination", "503", 10, "connection_security_policy", "none"))
	found := map[string][]evidence.Figure{}
	for _, f := range metrics.Figures(release, before, after) {
		found[f.Object] = append(found[f.Object], f)
	}
	if len(found) != len(release.Workloads) {
		t.Errorf("figures of %d objects, want %d", len(found), len(release.Workloads))
	}
	vio, db := "Deployment onap/"+fake, "Deployment onap/vfc-vfc-db"
	want := []evidence.Figure{
		{Name: "requests", Object: vio, Value: 20}, {Name: "errors", Object: vio, Value: 50, Unit: "%"},
		{Name: "p50", Object: vio, Value: 2.5, Unit: "ms"}, {Name: "p95", Object: vio, Value: 5, Unit: "ms"}, {Name: "mutual TLS", Object: vio, Value: 50, Unit: "%"},
	}
	if diff := cmp.Diff(want, found[vio]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]evidence.Figure{{Name: "requests", Object: db}}, found[db]); diff != "" {
		t.Error(diff)
	}
}

package metrics_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/verdict"
)

var call = metrics.Call{Source: "msb-msb-iag", Destination: "multicloud-multicloud-vio", Reporter: "destination", Code: 200, Count: 10}

func series(source, destination, reporter, code string, value float64, more ...string) evidence.Sample {
	l := map[string]string{"source_workload": source, "destination_workload": destination, "reporter": reporter, "response_code": code}
	for i := 0; i < len(more); i += 2 {
		l[more[i]] = more[i+1]
	}
	return evidence.Sample{Labels: l, Value: value}
}

func ours(code string, value float64, more ...string) evidence.Sample {
	return series(call.Source, call.Destination, call.Reporter, code, value, more...)
}

func samples(items ...evidence.Sample) evidence.Samples {
	return evidence.Samples{Query: "istio_requests_total", Observed: sample.Now, Items: items}
}

func TestCalls(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	const iag, mc, vio = "msb-msb-iag", "multicloud-multicloud", "multicloud-multicloud-vio"
	for policy, want := range map[catalogue.Policy][]metrics.Call{
		catalogue.Enabled: {
			{"unknown", iag, "destination", 200, 3},
			{iag, mc, "source", 200, 3}, {iag, mc, "destination", 200, 3},
			{mc, iag, "source", 200, 3}, {mc, iag, "destination", 200, 3},
			{iag, vio, "source", 200, 3}, {iag, vio, "destination", 200, 3},
		},
		catalogue.Disabled: {
			{"unknown", iag, "destination", 200, 3},
			{iag, mc, "source", 200, 3},
			{iag, vio, "source", 200, 3}, {iag, vio, "destination", 200, 3},
		},
	} {
		if diff := cmp.Diff(want, metrics.Calls(release, policy, path, 3)); diff != "" {
			t.Errorf("policy %s (-want +got):\n%s", policy, diff)
		}
	}
	path.Hops = []string{"msb-iag", "multicloud", "msb-iag", "multicloud"}
	if got := metrics.Calls(release, catalogue.Enabled, path, 3)[1]; got.Count != 6 {
		t.Errorf("a call that the path makes twice: %+v", got)
	}
}

func TestJudge(t *testing.T) {
	noise := series("msb-msb-iag", "msb-msb-consul", "destination", "200", 99)
	louder := series("msb-msb-iag", "msb-msb-consul", "destination", "200", 100)
	bySource := metrics.Call{Source: call.Source, Destination: call.Destination, Reporter: "source", Code: 200, Count: 10}
	theirs := func(value float64) evidence.Sample {
		return series(call.Source, call.Destination, "source", "200", value)
	}
	for name, c := range map[string]struct {
		calls         []metrics.Call
		before, after evidence.Samples
		want          []string
		verdict       verdict.Verdict
		object        string
		text          string
	}{
		"exactly":             {before: samples(ours("200", 5)), after: samples(ours("200", 15), noise), verdict: verdict.Pass},
		"from nothing":        {before: samples(noise), after: samples(ours("200", 10)), verdict: verdict.Pass},
		"over several series": {before: samples(ours("200", 5)), after: samples(ours("200", 9), ours("200", 6, "response_flags", "DC")), verdict: verdict.Pass},
		"no samples after":    {before: samples(noise), after: samples(), want: []string{"no-samples"}, verdict: verdict.Inconclusive},
		"no samples before":   {before: samples(), after: samples(ours("200", 10)), want: []string{"no-samples"}, verdict: verdict.Inconclusive},
		"nothing to count":    {calls: []metrics.Call{}, before: samples(noise), after: samples(noise), want: []string{"no-evidence"}, verdict: verdict.Inconclusive},
		"no series":           {before: samples(noise), after: samples(louder), want: []string{"missing-series"}, verdict: verdict.Fail, text: "does not see the call as HTTP"},
		"other reporter only": {before: samples(noise), after: samples(series(call.Source, call.Destination, "source", "200", 10)), want: []string{"missing-series"}, verdict: verdict.Fail},
		"source unknown":      {before: samples(noise), after: samples(series("unknown", call.Destination, "destination", "200", 10)), want: []string{"missing-series"}, verdict: verdict.Fail},
		"one lost":            {before: samples(ours("200", 5)), after: samples(ours("200", 14)), want: []string{"wrong-count"}, verdict: verdict.Fail, text: "late or lost"},
		"one too many":        {before: samples(ours("200", 5)), after: samples(ours("200", 16)), want: []string{"wrong-count"}, verdict: verdict.Fail, text: "somebody else"},
		"counted twice":       {before: samples(ours("200", 5)), after: samples(ours("200", 25)), want: []string{"wrong-count"}, verdict: verdict.Fail, text: "two providers"},
		"no rise while another call rose": {before: samples(ours("200", 5), noise), after: samples(ours("200", 5), louder), want: []string{"wrong-count"}, verdict: verdict.Fail,
			object: "Deployment onap/multicloud-multicloud-vio"},
		"nothing rose": {before: samples(ours("200", 5), noise), after: samples(noise, ours("200", 5)), want: []string{"nothing-rose"}, verdict: verdict.Inconclusive,
			object: "Deployment istio-system/prometheus", text: "stale"},
		"nothing rose of two": {calls: []metrics.Call{call, bySource}, before: samples(ours("200", 5), theirs(5)), after: samples(ours("200", 5), theirs(5)),
			want: []string{"nothing-rose"}, verdict: verdict.Inconclusive, object: "Deployment istio-system/prometheus", text: "20 counts more, over 2 connections"},
		"a series twice": {before: samples(ours("200", 5), ours("200", 5)), after: samples(ours("200", 15), ours("200", 5)), verdict: verdict.Pass},
		"the second code is short": {calls: []metrics.Call{call, {Source: call.Source, Destination: call.Destination, Reporter: call.Reporter, Code: 404, Count: 3}},
			before: samples(ours("200", 5)), after: samples(ours("200", 15), ours("404", 1)), want: []string{"wrong-count"}, verdict: verdict.Fail, text: "late or lost"},
		"no number": {before: samples(ours("200", 5)), after: samples(ours("200", 15), ours("503", math.NaN())), want: []string{"no-number"},
			verdict: verdict.Inconclusive, object: "Deployment istio-system/prometheus", text: "NaN of"},
		"endless": {before: samples(ours("200", 5)), after: samples(ours("200", math.Inf(1))), want: []string{"no-number"}, verdict: verdict.Inconclusive},
		"nothing rose and nothing was sent": {calls: []metrics.Call{{Source: call.Source, Destination: call.Destination, Reporter: "source", Code: 200}},
			before: samples(theirs(5)), after: samples(theirs(5)), verdict: verdict.Pass},
		"nothing rose and something went down": {before: samples(ours("200", 5), noise), after: samples(ours("200", 5), series("msb-msb-iag", "msb-msb-consul", "destination", "200", 98)),
			want: []string{"wrong-count"}, verdict: verdict.Fail},
		"all but the callee's rose": {calls: []metrics.Call{bySource, call}, before: samples(ours("200", 5), theirs(5)), after: samples(ours("200", 5), theirs(15)),
			want: []string{"wrong-count"}, verdict: verdict.Fail, object: "Deployment onap/multicloud-multicloud-vio", text: "late or lost"},
		"all but the caller's rose": {calls: []metrics.Call{bySource, call}, before: samples(ours("200", 5), theirs(5)), after: samples(ours("200", 15), theirs(5)),
			want: []string{"wrong-count"}, verdict: verdict.Fail, object: "Deployment onap/msb-msb-iag", text: "an address it does not know"},
		"the caller's has no series": {calls: []metrics.Call{bySource, call}, before: samples(ours("200", 5)), after: samples(ours("200", 15)),
			want: []string{"missing-series"}, verdict: verdict.Fail, object: "Deployment onap/msb-msb-iag", text: "the sidecar of msb-msb-iag"},
		"both ends count twice": {calls: []metrics.Call{bySource, call}, before: samples(ours("200", 5), ours("503", 1), theirs(5)), after: samples(ours("200", 25), ours("503", 1), theirs(25)),
			want: []string{"counted-twice"}, verdict: verdict.Fail, object: "Telemetry istio-system/mesh-default", text: "two providers"},
		"one end counts twice": {calls: []metrics.Call{bySource, call}, before: samples(ours("200", 5), theirs(5)), after: samples(ours("200", 25), theirs(15)),
			want: []string{"wrong-count"}, verdict: verdict.Fail, object: "Deployment onap/multicloud-multicloud-vio", text: "two providers"},
		"both ends count twice and an error": {calls: []metrics.Call{bySource, call}, before: samples(ours("200", 5), theirs(5)), after: samples(ours("200", 25), ours("503", 1), theirs(25)),
			want: []string{"wrong-code", "wrong-count"}, verdict: verdict.Fail},
		"the caller counts too many": {calls: []metrics.Call{bySource}, before: samples(theirs(5)), after: samples(theirs(16)),
			want: []string{"wrong-count"}, verdict: verdict.Fail, object: "Deployment onap/multicloud-multicloud-vio", text: "somebody else"},
		"two paths over the same call": {calls: []metrics.Call{call, call}, before: samples(ours("200", 5)), after: samples(ours("200", 25)), verdict: verdict.Pass},
		"two paths with two codes": {calls: []metrics.Call{call, {Source: call.Source, Destination: call.Destination, Reporter: call.Reporter, Code: 404, Count: 3}},
			before: samples(ours("200", 5)), after: samples(ours("200", 15), ours("404", 3)), verdict: verdict.Pass},
		"some failed":         {before: samples(ours("200", 5)), after: samples(ours("200", 13), ours("503", 2)), want: []string{"wrong-code"}, verdict: verdict.Fail, text: "8 × 200, 2 × 503"},
		"an old failure":      {before: samples(ours("200", 5), ours("503", 2)), after: samples(ours("200", 15), ours("503", 2)), verdict: verdict.Pass},
		"no code at all":      {before: samples(noise), after: samples(ours("", 10)), want: []string{"wrong-code"}, verdict: verdict.Fail, text: "10 × 0"},
		"a counter went down": {before: samples(ours("200", 5)), after: samples(ours("200", 3)), want: []string{"counter-reset"}, verdict: verdict.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			calls := []metrics.Call{call}
			if c.calls != nil {
				calls = c.calls
			}
			findings := metrics.Judge(calls, c.before, c.after)
			check(t, findings, c.want, c.verdict, c.text)
			if c.object != "" && findings[0].Object != c.object {
				t.Errorf("object %q, want %q", findings[0].Object, c.object)
			}
		})
	}
}

func check(t *testing.T, findings []verdict.Finding, want []string, v verdict.Verdict, text string) {
	t.Helper()
	if diff := cmp.Diff(want, sample.Kinds(findings)); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
	}
	sample.Complete(t, findings)
	if got := verdict.Of(findings); got != v {
		t.Errorf("verdict %s, want %s", got, v)
	}
	if len(findings) > 0 && !strings.Contains(findings[0].Want+findings[0].Got+findings[0].Why+findings[0].Where, text) {
		t.Errorf("%q not in %+v", text, findings[0])
	}
}

func TestGolden(t *testing.T) {
	findings := metrics.Judge([]metrics.Call{call}, samples(ours("200", 5)), samples(ours("200", 25)))
	want := []verdict.Finding{{
		Kind: "wrong-count", Verdict: verdict.Fail,
		Summary: "the destination counts 20 requests msb-msb-iag → multicloud-multicloud-vio, 10 were sent",
		Object:  "Deployment onap/multicloud-multicloud-vio",
		Want:    "10 × 200",
		Got:     "20 × 200",
		Where:   "source msb-msb-iag, destination multicloud-multicloud-vio, reporter destination",
		Why:     "exactly twice as many, as if every request were reported by two providers",
		Next:    "look again; see istio_telemetry_streams and the number of access log providers",
	}}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Error(diff)
	}
}

func TestWarningsAreCited(t *testing.T) {
	empty := samples()
	empty.Warnings = []string{"remote read failed"}
	check(t, metrics.Judge([]metrics.Call{call}, samples(ours("200", 1)), empty), []string{"no-samples"}, verdict.Inconclusive, "remote read failed")
}

func TestJudgeQuiet(t *testing.T) {
	noise := series("msb-msb-iag", "msb-msb-consul", "destination", "200", 99)
	for name, c := range map[string]struct {
		before, after evidence.Samples
		want          []string
		text          string
	}{
		"quiet":                 {samples(ours("200", 5)), samples(ours("200", 5)), nil, ""},
		"another call rose":     {samples(ours("200", 5)), samples(ours("200", 5), noise), nil, ""},
		"still counted":         {samples(ours("200", 5)), samples(ours("200", 6)), []string{"not-quiet"}, "code 200): 5, then 6"},
		"a new code":            {samples(ours("200", 5)), samples(ours("200", 5), ours("503", 1)), []string{"not-quiet"}, "code 503): 0, then 1"},
		"a series is gone":      {samples(ours("200", 5)), samples(noise), []string{"not-quiet"}, "code 200): 5, then 0"},
		"no samples to compare": {samples(ours("200", 5)), samples(), []string{"no-samples"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := verdict.Inconclusive
			if c.want == nil {
				v = verdict.Pass
			}
			check(t, metrics.JudgeQuiet(c.before, c.after, []metrics.Call{call}), c.want, v, c.text)
		})
	}
}

func TestJudgeTCP(t *testing.T) {
	const sent, received = "istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total"
	bytes := func(sentBytes, receivedBytes float64) evidence.Samples {
		var items []evidence.Sample
		for _, reporter := range []string{"source", "destination"} {
			for metric, value := range map[string]float64{sent: sentBytes, received: receivedBytes} {
				if !math.IsNaN(value) {
					items = append(items, series("vfc-vfc-nslcm", "vfc-vfc-db", reporter, "", value, "__name__", metric))
				}
			}
		}
		return samples(items...)
	}
	release := sample.Release(t, "casablanca")
	for name, c := range map[string]struct {
		policy        catalogue.Policy
		before, after evidence.Samples
		want          []string
		verdict       verdict.Verdict
		text          string
	}{
		"both directions":  {catalogue.Enabled, bytes(10, 20), bytes(11, 21), nil, verdict.Pass, ""},
		"the first bytes":  {catalogue.Enabled, samples(), bytes(11, 21), nil, verdict.Pass, ""},
		"one direction":    {catalogue.Enabled, bytes(10, 20), bytes(11, 20), []string{"no-bytes", "no-bytes"}, verdict.Fail, "reporter source, metric " + received},
		"one series":       {catalogue.Enabled, bytes(10, 20), bytes(11, math.NaN()), []string{"missing-series", "missing-series"}, verdict.Fail, "metric " + received},
		"no samples":       {catalogue.Enabled, bytes(10, 20), samples(), []string{"no-samples"}, verdict.Inconclusive, ""},
		"started anew":     {catalogue.Enabled, bytes(10, 20), bytes(1, 21), []string{"counter-reset", "counter-reset"}, verdict.Inconclusive, "metric " + sent},
		"db without proxy": {catalogue.Disabled, bytes(10, 20), bytes(11, 21), nil, verdict.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, metrics.JudgeTCP(metrics.TCPCalls(release, c.policy, "vfc-nslcm", "vfc-db"), c.before, c.after), c.want, c.verdict, c.text)
		})
	}
}

func TestJudgeTCPOfNoWorkload(t *testing.T) {
	release := sample.Release(t, "blog")
	bare := samples(series("", "", "source", "", 1))
	check(t, metrics.JudgeTCP(metrics.TCPCalls(release, catalogue.Disabled, "vfc-nslcm", "vfc-db"), bare, bare), []string{"no-evidence"}, verdict.Inconclusive, "")
}

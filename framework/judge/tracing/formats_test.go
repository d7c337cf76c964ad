package tracing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

const asked = "5e7cb8d7-43b6-4d30-9c10-4f3f1f0b0f01"

// ownTrace is the path in a trace that the gateway's sidecar began.
func ownTrace(t *testing.T, id string) evidence.Trace {
	out := trace(t, other, strings.Replace(whole, "1 sent", "1 -", 1))
	for i := range out.Spans {
		out.Spans[i].Tags["http.url"] = "http://10.0.0.1:30280/api/multicloud/v0/vmware_fake/identity/v3"
		out.Spans[i].Tags["guid:x-request-id"] = id
	}
	return out
}

func TestFormats(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	zipkin := []string{"zipkin"}
	one, cut := trace(t, wanted, whole), trace(t, wanted, upTo)
	// The proxy keeps in one digit whether the request is traced.
	own, foreign := ownTrace(t, "5e7cb8d7-43b6-9d30-9c10-4f3f1f0b0f01"), ownTrace(t, "00000000-43b6-9d30-9c10-4f3f1f0b0f01")
	for name, c := range map[string]struct {
		request tracing.Request
		wanted  *evidence.Trace
		others  []evidence.Trace
		spoil   func(*evidence.Tracer)
		want    []string
		verdict verdict.Verdict
		text    string
	}{
		"read and sampled":               {request: tracing.Request{Tracers: zipkin, Sampled: true}, wanted: &one},
		"read, sampled and not there":    {request: tracing.Request{Tracers: zipkin, Sampled: true}, want: []string{"trace-missing"}, verdict: verdict.Inconclusive, text: "the format: "},
		"read, sampled and cut":          {request: tracing.Request{Tracers: zipkin, Sampled: true}, wanted: &cut, want: []string{"trace-incomplete"}, verdict: verdict.Fail, text: "the format: "},
		"read and not sampled":           {request: tracing.Request{Tracers: zipkin}},
		"not sampled, and traced":        {request: tracing.Request{Tracers: zipkin}, wanted: &cut, want: []string{"unsampled-traced"}, verdict: verdict.Fail, text: "did not obey"},
		"not read, the gateway's own":    {request: tracing.Request{RequestID: asked, Sampled: true}, others: []evidence.Trace{foreign, own}},
		"not read, another's":            {request: tracing.Request{RequestID: asked}, others: []evidence.Trace{foreign}, want: []string{"trace-missing"}, verdict: verdict.Inconclusive, text: "for the same URL"},
		"not read, by no id":             {request: tracing.Request{}, others: []evidence.Trace{foreign}},
		"not read, nothing":              {request: tracing.Request{RequestID: asked}, want: []string{"trace-missing"}, verdict: verdict.Inconclusive, text: "has reported anything"},
		"not read, and yet taken over":   {request: tracing.Request{Tracers: []string{"opentelemetry"}, Sampled: true}, wanted: &one, want: []string{"trace-taken-over"}, verdict: verdict.Fail, text: "says zipkin"},
		"not read, little is sampled":    {request: tracing.Request{RequestID: asked}, spoil: func(t *evidence.Tracer) { t.Sampling = 1 }, want: []string{"sampling-off"}, verdict: verdict.Inconclusive, text: "1 %"},
		"a gateway that cannot be asked": {request: tracing.Request{Tracers: zipkin, Sampled: true}, wanted: &one, spoil: func(t *evidence.Tracer) { t.Error = "exec refused" }, want: []string{"tracer-unknown"}, verdict: verdict.Inconclusive, text: "exec refused"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.request
			r.Format = "the format"
			r.Seen = tracing.Seen{Pods: sample.Pods(release, catalogue.Enabled), Tracers: tracers(release, path), Traces: evidence.Traces{Wanted: c.wanted, Others: c.others}}
			if c.spoil != nil {
				c.spoil(&r.Seen.Tracers.Items[0])
			}
			findings := tracing.JudgeFormat(release, path, r)
			if diff := cmp.Diff(c.want, sample.Kinds(findings)); diff != "" {
				t.Fatalf("-want +got:\n%s%+v", diff, findings)
			}
			sample.Complete(t, findings)
			if len(findings) > 0 && (verdict.Of(findings) != c.verdict || !strings.Contains(findings[0].Where+findings[0].Got+findings[0].Why+findings[0].Summary, c.text)) {
				t.Errorf("want %s with %q: %+v", c.verdict, c.text, findings[0])
			}
		})
	}
}

func TestFormatsBroken(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	good := tracing.Request{Format: "b3", Tracers: []string{"zipkin"}, Sampled: true, RequestID: asked, Seen: healthy(release)}
	good.Seen.Tracers = tracers(release, path)
	all := func(n int, seen ...tracing.Request) []string {
		return sample.Kinds(tracing.JudgeFormats(release, path, n, seen))
	}
	if got := all(2, good, good); len(got) > 0 {
		t.Errorf("two good requests: %q", got)
	}
	for _, got := range [][]string{all(2, good), all(0), all(1)} {
		if diff := cmp.Diff([]string{"requests-missing"}, got); diff != "" {
			t.Error(diff)
		}
	}
	judge := func(r tracing.Request) []verdict.Finding { return tracing.JudgeFormat(release, path, r) }
	attack.Mutations(t, good, judge)
	attack.NeverGreen(t, map[string]tracing.Request{
		"nothing": {}, "nothing read": {Tracers: []string{"zipkin"}, Sampled: true}, "no sidecar": {Tracers: []string{"zipkin"}, Sampled: true, Seen: healthy(release)},
	}, judge)
}

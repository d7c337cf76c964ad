package tracing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

// single is b3 as it is sent in the second request.
const single = wanted + "-feedfacefeedface-1"

// sentHeaders are those of the first.
func sentHeaders() map[string]string {
	return map[string]string{"traceparent": parent, "tracestate": "meshcert=1", "x-request-id": asked, "x-ot-span-context": "o", "x-transactionid": "x"}
}

// surveyOf is what two requests over the path leave behind when an application
// drops the headers of these names.
func surveyOf(t *testing.T, release *catalogue.Release, id, culprit string, dropped ...string) tracing.Surveyed {
	t.Helper()
	return surveyBy(t, "zipkin", release, id, culprit, dropped...)
}

// surveyBy is surveyOf with that tracer in the sidecars: OpenTelemetry's changes
// traceparent at every span and leaves B3's headers alone.
func surveyBy(t *testing.T, tracer string, release *catalogue.Release, id, culprit string, dropped ...string) tracing.Surveyed {
	t.Helper()
	path, ok := release.Path(id)
	if !ok {
		t.Fatalf("no path %s", id)
	}
	drops := map[string]bool{}
	for _, name := range dropped {
		drops[name] = true
	}
	seen := func(format string, tags map[string]string) tracing.Seen {
		s := tracing.Seen{Pods: sample.Pods(release, catalogue.Enabled), Tracers: tracers(release, path), Parent: "sent"}
		for i := range s.Tracers.Items {
			s.Tracers.Items[i].Provider = tracer
		}
		at, above := wanted, "sent"
		all := map[string]*evidence.Trace{}
		for k, app := range path.Hops {
			for i, kind := range []evidence.SpanKind{evidence.Server, evidence.Client} {
				if kind == evidence.Client && k == len(path.Hops)-1 {
					continue
				}
				if kind == evidence.Client && app == culprit {
					for name := range drops {
						delete(tags, strings.NewReplacer("x-request-id", "guid:x-request-id", "x-b3-*", "x-b3-traceid").Replace(name))
					}
					if drops[format] {
						at, above = other, ""
					}
					if drops["x-request-id"] {
						tags["guid:x-request-id"] = "00000000-43b6-9d30-9c10-4f3f1f0b0f01"
					}
				}
				one := span(t, at, strings.Join([]string{string(rune('a'+2*k+i)) + format, "-", string(kind), app, "0", "0"}, " "))
				one.Parent = above
				one.Start, one.Duration = sample.Now.Add(time.Duration(2*k+i)*time.Millisecond), time.Duration(40-2*(2*k+i))*time.Millisecond
				for name, value := range tags {
					one.Tags[name] = value
				}
				if tracer == "opentelemetry" {
					one.Tags["traceparent"] = "00-" + at + "-" + one.ID + "-01"
				}
				if all[at] == nil {
					all[at] = &evidence.Trace{ID: at}
				}
				all[at].Spans = append(all[at].Spans, one)
				above = one.ID
			}
		}
		s.Traces.Wanted = all[wanted]
		if all[other] != nil {
			s.Traces.Others = []evidence.Trace{*all[other]}
		}
		return s
	}
	noted := map[string]string{}
	for name, value := range sentHeaders() {
		noted[name] = value
	}
	noted["guid:x-request-id"] = asked
	if tracer == "opentelemetry" {
		noted["x-b3-traceid"] = wanted
		return tracing.Surveyed{Path: id, All: sentHeaders(), B3: single, First: seen("traceparent", noted), Second: seen("traceparent", map[string]string{"b3": single, "guid:x-request-id": asked})}
	}
	return tracing.Surveyed{Path: id, All: sentHeaders(), B3: single, First: seen("x-b3-*", noted), Second: seen("b3", map[string]string{"b3": single, "guid:x-request-id": asked})}
}

func TestSurvey(t *testing.T) {
	release := sample.Release(t, "casablanca")
	const f, d, u = evidence.Forwarded, evidence.Dropped, evidence.Unknown
	all := []evidence.HeaderState{f, f, f, f, f, f, f}
	for name, c := range map[string]struct {
		dropped []string
		want    []evidence.HeaderState
	}{
		"nothing dropped": {nil, all},
		"B3 multi":        {[]string{"x-b3-*"}, []evidence.HeaderState{d, f, f, f, f, f, f}},
		"B3 single":       {[]string{"b3"}, []evidence.HeaderState{f, d, f, f, f, f, f}},
		"W3C":             {[]string{"traceparent", "tracestate"}, []evidence.HeaderState{f, f, d, d, f, f, f}},
		"the request id":  {[]string{"x-request-id"}, []evidence.HeaderState{f, f, f, f, d, f, f}},
		"others":          {[]string{"x-ot-span-context", "x-transactionid"}, []evidence.HeaderState{f, f, f, f, f, d, d}},
		"whatever there is": {[]string{"x-b3-*", "b3", "traceparent", "tracestate", "x-request-id", "x-ot-span-context", "x-transactionid"},
			[]evidence.HeaderState{d, d, d, d, d, d, d}},
	} {
		for tracer, spans := range map[string][]string{
			"zipkin":        {"ax-b3-* → bx-b3-*", "ab3 → bb3", "cx-b3-* → dx-b3-*", "cb3 → db3"},
			"opentelemetry": {"atraceparent → btraceparent", "atraceparent → btraceparent", "ctraceparent → dtraceparent", "ctraceparent → dtraceparent"},
		} {
			seen := surveyBy(t, tracer, release, "identity", "multicloud", c.dropped...)
			want := []evidence.HeaderRow{
				{App: "msb-iag", Call: "identity", States: all, Spans: spans[:2]},
				{App: "multicloud", Call: "identity", States: c.want, Spans: spans[2:]},
			}
			if diff := cmp.Diff(want, tracing.Survey(release, []tracing.Surveyed{seen}).Rows); diff != "" {
				t.Errorf("%s, %s: -want +got:\n%s", tracer, name, diff)
			}
		}
	}
	// What somebody before it dropped nobody can pass on; what the mesh does not note is unknown.
	behind := tracing.Survey(release, []tracing.Surveyed{surveyOf(t, release, "resmgr-to-vio", "vfc-resmgr", "x-b3-*", "b3")})
	if len(behind.Rows) != 2 || behind.Rows[1].App != "vfc-resmgr" {
		t.Errorf("behind a drop: %+v", behind.Rows)
	}
	blind := surveyOf(t, release, "identity", "")
	for _, s := range blind.First.Traces.Wanted.Spans {
		delete(s.Tags, "tracestate")
	}
	if got := tracing.Survey(release, []tracing.Surveyed{blind}).Rows[1].States; !cmp.Equal(got, []evidence.HeaderState{f, f, f, u, f, f, f}) {
		t.Errorf("tracestate not noted: %q", got)
	}
}

// whoDrops surveys every path of casablanca, with those who are known to drop.
func whoDrops(t *testing.T, release *catalogue.Release, more map[string]string) []tracing.Surveyed {
	t.Helper()
	var all []tracing.Surveyed
	for _, p := range release.Requests() {
		if len(p.Hops) < 2 {
			continue
		}
		culprit := p.DropsAt
		if more[p.ID] != "" {
			culprit = more[p.ID]
		}
		all = append(all, surveyOf(t, release, p.ID, culprit, "x-b3-*", "b3", "traceparent", "tracestate", "x-request-id"))
	}
	return all
}

// TestJudgeSurvey: the release's known gaps are all there is; another one is none of them.
func TestJudgeSurvey(t *testing.T) {
	release := sample.Release(t, "casablanca")
	known := tracing.JudgeSurvey(release, whoDrops(t, release, nil))
	sample.Complete(t, known)
	excused := verdict.Excuse("tracing.header-survey", known, release.Gaps, false)
	if len(known) != 6 || verdict.Of(excused) != verdict.Pass {
		t.Errorf("%d findings, %s: %+v", len(known), verdict.Of(excused), excused)
	}
	for _, f := range known {
		if !strings.Contains(f.Where, " → ") {
			t.Errorf("the two spans are not cited: %s", f.Where)
		}
	}
	worse := tracing.JudgeSurvey(release, whoDrops(t, release, map[string]string{"identity": "multicloud"}))
	if left := verdict.Excuse("tracing.header-survey", worse, release.Gaps, false); verdict.Of(left) != verdict.Fail {
		t.Errorf("multicloud drops in all of its calls: %+v", left)
	}
	gateway := tracing.JudgeSurvey(release, []tracing.Surveyed{surveyOf(t, release, "identity", "msb-iag", "traceparent")})
	if len(gateway) == 0 || gateway[0].Kind != "headers-not-forwarded" || gateway[0].Object != "Deployment onap/msb-msb-iag" || !strings.Contains(gateway[0].Got, "identity: traceparent dropped") {
		t.Errorf("the gateway drops: %+v", gateway)
	}
	judge := func(all []tracing.Surveyed) []verdict.Finding { return tracing.JudgeSurvey(release, all) }
	attack.NeverGreen(t, map[string][]tracing.Surveyed{"nothing": nil, "one path": whoDrops(t, release, nil)[:1], "no spans": {{Path: "identity"}}}, judge)
	small := *release
	small.Paths = nil
	if got := tracing.JudgeSurvey(&small, nil); verdict.Of(got) != verdict.Inconclusive {
		t.Errorf("a release without a path: %+v", got)
	}
	small.Paths = release.Paths[:1]
	attack.Mutations(t, surveyOf(t, release, "identity", ""), func(s tracing.Surveyed) []verdict.Finding {
		return tracing.JudgeSurvey(&small, []tracing.Surveyed{s})
	})
}

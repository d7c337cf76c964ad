package tracing_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of the judge.
type look = tracing.Seen

func called(release *catalogue.Release) attack.Judge[look] {
	path, _ := release.Path("identity")
	return func(l look) []verdict.Finding { return tracing.Judge(release, path, l) }
}

func healthy(release *catalogue.Release) look {
	l := look{Pods: sample.Pods(release, catalogue.Enabled)}
	l.Traces.Wanted = &evidence.Trace{ID: wanted}
	for i, text := range []string{
		"server msb-iag", "client msb-iag", "server multicloud", "client multicloud", "server msb-iag", "client msb-iag", "server multicloud-vio",
	} {
		s := evidence.Span{
			ID: strconv.Itoa(i + 1), TraceID: wanted, Parent: strconv.Itoa(i), Kind: evidence.SpanKind(text[:6]), Service: text[7:] + ".onap",
			Start: sample.Now.Add(time.Duration(i) * time.Millisecond), Duration: time.Duration(20-i) * time.Millisecond,
			Tags: map[string]string{"http.status_code": "200"},
		}
		l.Traces.Wanted.Spans = append(l.Traces.Wanted.Spans, s)
	}
	return l
}

// split is the same request, whose spans from multicloud on are in another trace.
func split(release *catalogue.Release) look {
	l := healthy(release)
	spans := l.Traces.Wanted.Spans
	l.Traces.Wanted.Spans = spans[:3]
	lost := evidence.Trace{ID: other}
	for _, s := range spans[3:] {
		s.TraceID = other
		lost.Spans = append(lost.Spans, s)
	}
	lost.Spans[0].Parent = ""
	l.Traces.Others = []evidence.Trace{lost}
	return l
}

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	spans := func(l *look) *[]evidence.Span { return &l.Traces.Wanted.Spans }
	attack.Mutations(t, healthy(release), called(release))
	attack.NeverGreen(t, map[string]look{
		"nothing": {}, "no trace": {Pods: healthy(release).Pods}, "no spans": {Traces: evidence.Traces{Wanted: &evidence.Trace{ID: wanted}}},
	}, called(release))
	for i := range 7 {
		one := healthy(release)
		*spans(&one) = append((*spans(&one))[:i:i], (*spans(&one))[i+1:]...)
		attack.NeverGreen(t, map[string]look{fmt.Sprintf("without span %d", i+1): one}, called(release))
	}
	for range 20 {
		attack.Shuffled(t, split(release), func(l *look) *[]evidence.Pod { return &l.Pods.Items }, called(release))
	}
}

// TestSpansInAnyOrder: a back end may answer them as it likes.
func TestSpansInAnyOrder(t *testing.T) {
	release := sample.Release(t, "casablanca")
	others := func(l *look) *[]evidence.Span { return &l.Traces.Others[0].Spans }
	order := func(l look) []verdict.Finding {
		if len(l.Traces.Others) == 0 {
			return nil
		}
		return called(release)(l)
	}
	attack.Shuffled(t, split(release), func(l *look) *[]evidence.Span {
		if len(l.Traces.Others) == 0 {
			return new([]evidence.Span)
		}
		return others(l)
	}, order)
}

// large is a trace of n spans beside those of the path.
func large(release *catalogue.Release, n int, shape func(i int) (id, parent int)) look {
	l := healthy(release)
	t := l.Traces.Wanted
	for i := range n {
		id, parent := shape(i)
		hop := t.Spans[i%7]
		t.Spans = append(t.Spans, evidence.Span{
			ID: strconv.Itoa(id + 100), TraceID: wanted, Parent: strconv.Itoa(parent + 100), Kind: hop.Kind, Service: hop.Service,
			Start: sample.Now.Add(time.Duration(i) * time.Microsecond), Duration: time.Second,
		})
	}
	return l
}

// TestAMillionSpans: the judge's time grows with the spans, whatever the trace's shape.
func TestAMillionSpans(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some hundred megabytes")
	}
	release := sample.Release(t, "casablanca")
	const million = 1_000_000
	for _, c := range []struct {
		name  string
		spans int
		shape func(i int) (id, parent int)
	}{
		{"wide", million, func(i int) (int, int) { return i, 0 }},
		{"deep", million, func(i int) (int, int) { return i, i - 1 }},
		{"a circle", million, func(i int) (int, int) { return i, (i + 1) % million }},
		{"diamonds", million, func(i int) (int, int) { return i / 2, i/2 - 1 }},
		{"bushy", million / 5, func(i int) (int, int) { return i, i / 2 }},
		{"roots only", million / 5, func(i int) (int, int) { return i, -50 }},
		{"one id", million / 5, func(int) (int, int) { return 0, 0 }},
		{"circles of shared ids", million / 5, func(i int) (int, int) { return i % 1000, (i*7 + 1) % 1000 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := large(release, c.spans, c.shape)
			start := time.Now()
			findings := called(release)(l)
			took := time.Since(start)
			t.Logf("%s, %d findings", took, len(findings))
			if took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			if len(findings) > 100 {
				t.Errorf("%d findings, more than anybody reads", len(findings))
			}
		})
	}
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	whole, two := healthy(release), split(release)
	whole.Pods.Items, two.Pods.Items = whole.Pods.Items[:3], two.Pods.Items[:3]
	attack.Fuzz(f, called(release), whole, two)
}

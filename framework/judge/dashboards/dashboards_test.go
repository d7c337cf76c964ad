package dashboards_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	judge "github.com/onap/meshcert/framework/judge/dashboards"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// small are rules with each sort of need.
const small = `
title: Small
file: small.json
reasons: {errors: It counts errors.}
panels:
- {id: 1, title: Volume, needs: [{queries: [A], traffic: http}]}
- {id: 2, title: Success, needs: [{queries: [A], traffic: http}]}
- {id: 3, title: Errors, needs: [{queries: [A], optional: errors}]}
- {id: 4, title: Bytes, needs: [{queries: [A, B], traffic: tcp, either: true}]}
- {id: 5, title: Goroutines, needs: [{queries: [A], traffic: always}]}
- {id: 6, title: Outside, needs: [{queries: [A], traffic: plain}]}
`

func wanted(t *testing.T) judge.Wanted {
	t.Helper()
	rules, err := dashboards.ParseRules([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	rules.Name = "small"
	exporters, err := dashboards.LoadExporters()
	if err != nil {
		t.Fatal(err)
	}
	return judge.Wanted{Rules: rules, Exporters: exporters, Subjects: map[dashboards.Traffic]dashboards.Subject{
		dashboards.Always: {}, dashboards.HTTP: {Service: "s"}, dashboards.TCP: {Service: "d"},
	}}
}

var drawn = evidence.Answer{Series: 1, Numbers: 5, NotZero: 5}

// healthy is what a Prometheus answers that has all the data.
func healthy() evidence.Dashboard {
	const requests, success = `sum(rate(istio_requests_total{reporter="source",destination_service="s"}[1m]))`, `sum(istio_requests_total{reporter="source"})`
	return evidence.Dashboard{
		Title: "Small", From: sample.Now, To: sample.Now.Add(10 * time.Second), Jobs: []string{"istio-telemetry", "kubernetes-pods"},
		Variables: []evidence.Variable{{Traffic: "http", Name: "service", Picked: "s", Values: []string{"r", "s"}}},
		Queries: []evidence.PanelAnswer{
			{Panel: 1, Title: "Volume", Ref: "A", Traffic: "http", Query: requests, Answer: drawn},
			{Panel: 2, Title: "Success", Ref: "A", Traffic: "http", Query: success + " or vector(1)", Fallback: true, Judged: success, Answer: drawn, Whole: drawn},
			{Panel: 3, Title: "Errors", Ref: "A", Traffic: "always", Query: "istio_errors_total"},
			{Panel: 4, Title: "Bytes", Ref: "A", Traffic: "tcp", Query: `istio_tcp_sent_bytes_total{policy="mutual_tls"}`},
			{Panel: 4, Title: "Bytes", Ref: "B", Traffic: "tcp", Query: `istio_tcp_sent_bytes_total{policy!="mutual_tls"}`, Answer: drawn},
			{Panel: 5, Title: "Goroutines", Ref: "A", Traffic: "always", Query: "go_goroutines", Answer: evidence.Answer{Series: 1, Numbers: 5}},
		},
		Counts: []evidence.SeriesCount{
			{Selector: "go_goroutines", Fresh: 1},
			{Selector: "istio_errors_total"},
			{Selector: "istio_requests_total", Fresh: 7},
			{Selector: "istio_tcp_sent_bytes_total", Fresh: 2},
			{Selector: `istio_tcp_sent_bytes_total{policy="mutual_tls"}`},
		},
	}
}

// count sets how many series are fresh, and were earlier.
func count(d *evidence.Dashboard, selector string, fresh, earlier int) {
	d.Counts = slices.DeleteFunc(slices.Clone(d.Counts), func(c evidence.SeriesCount) bool { return c.Selector == selector })
	d.Counts = append(d.Counts, evidence.SeriesCount{Selector: selector, Fresh: fresh, Earlier: earlier})
}

const (
	telemetry = "Deployment istio-system/istio-telemetry"
	istiod    = "Deployment istio-system/istiod"
	server    = "Deployment istio-system/prometheus"
)

func TestJudge(t *testing.T) {
	whole := `istio_requests_total{destination_service="s",reporter="source"}`
	for name, c := range map[string]struct {
		spoil func(*evidence.Dashboard)
		// want are KIND OBJECT, in the order of the findings; says is in the first one's text.
		want []string
		says string
	}{
		"healthy": {func(*evidence.Dashboard) {}, nil, ""},
		"a metric is missing": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer, d.Queries[1].Answer = evidence.Answer{}, evidence.Answer{}
			count(d, "istio_requests_total", 0, 0)
		}, []string{"metric-missing " + telemetry}, "2 queries of the dashboard find nothing: Prometheus has no istio_requests_total"},
		"a metric is missing where the proxies count": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer, d.Queries[1].Answer, d.Jobs = evidence.Answer{}, evidence.Answer{}, []string{"kubernetes-pods"}
			count(d, "istio_requests_total", 0, 0)
		}, []string{"metric-missing Namespace onap"}, "the sidecars themselves should export it"},
		"a metric is scraped no more": {func(d *evidence.Dashboard) { count(d, "go_goroutines", 0, 1) },
			[]string{"metric-stale " + istiod}, "shows the past"},
		"an older name stands in": {func(d *evidence.Dashboard) {
			d.Queries[5].Query = "go_goroutines or go_threads"
			count(d, "go_goroutines", 0, 0)
		}, nil, ""},
		"a label is missing": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer = evidence.Answer{}
			count(d, whole, 0, 0)
			count(d, `istio_requests_total{reporter="source"}`, 0, 0)
			count(d, `istio_requests_total{destination_service="s"}`, 3, 0)
		}, []string{"label-missing " + telemetry}, `no series of istio_requests_total has reporter="source"`},
		"no series has all labels": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer = evidence.Answer{}
			count(d, whole, 0, 0)
			count(d, `istio_requests_total{reporter="source"}`, 3, 0)
			count(d, `istio_requests_total{destination_service="s"}`, 3, 0)
		}, []string{"label-missing " + telemetry}, "all together by none"},
		"only zeros after traffic": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer = evidence.Answer{Series: 1, Numbers: 5}
			count(d, whole, 3, 0)
		}, []string{"panel-without-data " + telemetry}, "only zeros"},
		"no curve": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer = evidence.Answer{}
			count(d, whole, 3, 0)
		}, []string{"panel-without-data " + telemetry}, "fewer than two samples"},
		"no numbers": {func(d *evidence.Dashboard) {
			d.Queries[0].Answer = evidence.Answer{Series: 2}
			count(d, whole, 3, 0)
		}, []string{"not-a-number " + telemetry}, "NaN"},
		"only the fallback answers": {func(d *evidence.Dashboard) {
			d.Queries[1].Answer = evidence.Answer{}
			count(d, `istio_requests_total{reporter="source"}`, 3, 0)
		}, []string{"only-fallback " + telemetry}, "only what its fallback answers"},
		"a query asks for nothing": {func(d *evidence.Dashboard) {
			d.Queries[1] = evidence.PanelAnswer{Panel: 2, Title: "Success", Ref: "A", Traffic: "http", Query: "vector(1)", Fallback: true, Whole: drawn}
		}, []string{"only-fallback Dashboard Small"}, "asks for series"},
		"neither of two": {func(d *evidence.Dashboard) {
			d.Queries[4].Answer = evidence.Answer{}
			count(d, "istio_tcp_sent_bytes_total", 0, 0)
		}, []string{"metric-missing " + telemetry}, "2 queries"},
		"the other of two": {func(d *evidence.Dashboard) {
			d.Queries[3].Answer, d.Queries[4].Answer = drawn, evidence.Answer{}
		}, nil, ""},
		"a query is refused":           {func(d *evidence.Dashboard) { d.Queries[0].Error = "many-to-many" }, []string{"panel-query-broken " + server}, "many-to-many"},
		"an optional query is refused": {func(d *evidence.Dashboard) { d.Queries[2].Error = "no such function" }, []string{"panel-query-broken " + server}, `"Errors" A`},
		"one of two is refused":        {func(d *evidence.Dashboard) { d.Queries[3].Error = "no such function" }, []string{"panel-query-broken " + server}, `"Bytes" A`},
		"a query that is no PromQL":    {func(d *evidence.Dashboard) { d.Queries[0].Query = "sum(" }, []string{"panel-query-broken " + server}, "unclosed left parenthesis"},
		"a query nobody decided about": {func(d *evidence.Dashboard) {
			d.Queries = append(d.Queries, evidence.PanelAnswer{Panel: 9, Title: "New", Ref: "A", Query: "up", Answer: drawn})
		}, []string{"unclassified-panel Dashboard Small"}, "fixtures/dashboards/small.yaml"},
		"a query was not asked":   {func(d *evidence.Dashboard) { d.Queries = d.Queries[1:] }, []string{"no-evidence " + server}, `"Volume" A`},
		"a query was asked twice": {func(d *evidence.Dashboard) { d.Queries = append(d.Queries, d.Queries[0]) }, []string{"no-evidence " + server}, "2 answers"},
		"nobody counted":          {func(d *evidence.Dashboard) { d.Counts = d.Counts[2:] }, []string{"no-evidence " + server}, "nobody counted"},
		"the subject cannot be picked": {func(d *evidence.Dashboard) { d.Variables[0].Values = []string{"r"} },
			[]string{"variable-without-value " + server}, "variable service"},
		"nothing is scraped": {func(d *evidence.Dashboard) {
			for i := range d.Counts {
				d.Counts[i].Fresh = 0
			}
		}, []string{"no-samples " + server}, "none of 5 selectors"},
		"nothing is scraped any more": {func(d *evidence.Dashboard) {
			for i := range d.Counts {
				d.Counts[i].Fresh, d.Counts[i].Earlier = 0, 3
			}
		}, []string{"no-samples " + server}, "scrapes no more"},
		"nothing was asked": {func(d *evidence.Dashboard) { *d = evidence.Dashboard{} }, []string{"no-evidence " + server}, "no query of it was asked"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthy()
			c.spoil(&seen)
			findings := judge.Judge(wanted(t), seen)
			var got []string
			for _, f := range findings {
				got = append(got, string(f.Kind)+" "+f.Object)
				if f.Want == "" || f.Got == "" || f.Where == "" || f.Why == "" || f.Next == "" || f.Verdict == verdict.Pass {
					t.Errorf("not whole: %+v", f)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Fatalf("%s\n%+v", diff, findings)
			}
			if len(findings) > 0 && !strings.Contains(findings[0].Summary+findings[0].Got+findings[0].Why+findings[0].Where+findings[0].Want+findings[0].Next, c.says) {
				t.Errorf("does not say %q: %+v", c.says, findings[0])
			}
		})
	}
}

// TestNobodyToLookAtFor: without any traffic of the rules nothing is judged, and that is told.
func TestNobodyToLookAtFor(t *testing.T) {
	w := wanted(t)
	w.Subjects = nil
	if got := judge.Judge(w, healthy()); len(got) != 1 || got[0].Kind != "no-evidence" || got[0].Verdict != verdict.Inconclusive {
		t.Errorf("got %+v", got)
	}
}

// TestText: what people read when the telemetry is gone.
func TestText(t *testing.T) {
	seen := healthy()
	for i := range 5 {
		seen.Queries[i].Answer = evidence.Answer{}
	}
	count(&seen, "istio_requests_total", 0, 0)
	count(&seen, "istio_tcp_sent_bytes_total", 0, 0)
	var text strings.Builder
	for _, f := range judge.Judge(wanted(t), seen) {
		for _, line := range []string{string(f.Verdict) + " " + string(f.Kind) + " " + f.Object, f.Summary, "want " + f.Want, "got  " + f.Got, "at   " + f.Where, "why  " + f.Why, "next " + f.Next} {
			text.WriteString(line + "\n")
		}
	}
	golden := filepath.Join("testdata", "gone.txt")
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("%s differs:\n%s\n%s", golden, diff, text.String())
	}
}

func TestLoad(t *testing.T) {
	for _, name := range []string{"mesh", "service", "workload", "performance", "controlplane"} {
		w, err := judge.Load(name, dashboards.Subjects(sample.Release(t, "casablanca"), "enabled"))
		if err != nil {
			t.Fatal(err)
		}
		if must, _ := w.Queries(); must < 8 {
			t.Errorf("of dashboard %s only %d queries must have data", name, must)
		}
	}
	if _, err := judge.Load("odd", nil); err == nil {
		t.Error("a dashboard without rules is loaded")
	}
}

package dashboards_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	judge "github.com/onap/meshcert/framework/judge/dashboards"
	"github.com/onap/meshcert/framework/kube"
	observe "github.com/onap/meshcert/framework/observe/dashboards"
	"github.com/onap/meshcert/framework/observe/prometheus"
	"github.com/onap/meshcert/framework/observe/prometheus/prometheustest"
	"github.com/onap/meshcert/framework/verdict"
)

// TestRealPrometheus runs everything that needs a real Prometheus on one, in this order.
func TestRealPrometheus(t *testing.T) {
	mesh := prometheustest.NewMesh(t)
	server := prometheustest.Start(t, mesh)
	observer, err := prometheus.At(server.URL, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("it is empty", func(t *testing.T) { empty(t, observer) })
	t.Run("traffic", func(t *testing.T) { traffic(t, observer, mesh) })
	server.Stop(t)
	t.Run("it is away", func(t *testing.T) {
		if seen, err := observe.Look(t.Context(), observer, page(t), time.Now()); err == nil || evidence.AbsenceOf(err) != evidence.Transient {
			t.Errorf("got %+v, %v", seen, err)
		}
	})
}

// istio are the dashboards of Istio's module.
func istio(t *testing.T) fs.FS {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", "istio.io/istio").Output()
	if err != nil {
		t.Fatalf("go mod download: %v", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	return os.DirFS(filepath.Join(module.Dir, "manifests", "addons", "dashboards"))
}

// empty: where Prometheus holds nothing, no dashboard of Istio's is green, and no
// query that must have data has some.
func empty(t *testing.T, observer *prometheus.Observer) {
	casablanca, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mesh", "service", "workload", "performance", "controlplane"} {
		wanted, err := judge.Load(name, dashboards.Subjects(casablanca, catalogue.Enabled))
		if err != nil {
			t.Fatal(err)
		}
		dashboard, err := dashboards.Read(wanted.Rules, istio(t))
		if err != nil {
			t.Fatal(err)
		}
		seen, err := observe.Look(t.Context(), observer, observe.Page{Rules: wanted.Rules, Dashboard: dashboard, Subjects: wanted.Subjects}, time.Now().Add(-10*time.Second))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(seen.Queries) != len(dashboard.Queries) {
			t.Errorf("%s: %d of %d queries were run", name, len(seen.Queries), len(dashboard.Queries))
		}
		for _, q := range seen.Queries {
			if q.Error != "" || q.Answer.Numbers > 0 {
				t.Errorf("%s: %s has %+v, error %q", name, q.Query, q.Answer, q.Error)
			}
		}
		if findings := judge.Judge(wanted, seen); verdict.Of(findings) == verdict.Pass {
			t.Errorf("%s passes over nothing", name)
		}
	}
}

// own is a dashboard with each sort of query, about what the mesh of the test has.
const own = `{"title": "Own", "templating": {"list": [
 {"name": "datasource", "type": "datasource", "query": "prometheus"},
 {"name": "workload", "type": "query", "regex": "/.*workload=\"([^\"]*).*/", "query": "query_result(sum(istio_requests_total) by (destination_workload))"},
 {"name": "qrep", "type": "custom", "query": "source,destination", "current": {"value": "destination"}},
 {"name": "srcwl", "type": "query", "includeAll": true, "regex": "/.*workload=\"([^\"]*).*/",
  "query": "query_result(sum(istio_requests_total{reporter=~\"$qrep\",destination_workload=\"$workload\"}) by (source_workload))"}]},
 "panels": [
 {"id": 1, "title": "Volume", "targets": [{"expr": "sum(irate(istio_requests_total{reporter=~\"$qrep\",destination_workload=~\"$workload\",source_workload=~\"$srcwl\"}[$__rate_interval]))"}]},
 {"id": 2, "title": "Errors", "targets": [{"expr": "sum(istio_requests_total{response_code=~\"5..\"}) or vector(0)"}]},
 {"id": 3, "title": "Row", "panels": [{"id": 4, "title": "Two sides", "targets": [{"refId": "x", "expr": "istio_requests_total + on() istio_requests_total"}]}]},
 {"id": 5, "title": "Scraped", "targets": [{"expr": "up"}]},
 {"id": 6, "title": "Label", "targets": [{"expr": "istio_requests_total{reporter=\"waypoint\"}"}]}]}`

const ownRules = `
title: Own
file: own.json
reasons: {why: It need not be.}
panels:
- {id: 1, title: Volume, needs: [{queries: [A], traffic: http}]}
- {id: 2, title: Errors, needs: [{queries: [A], traffic: http}]}
- {id: 4, title: Two sides, needs: [{queries: [x], optional: why}]}
- {id: 5, title: Scraped, needs: [{queries: [A], traffic: always}]}
- {id: 6, title: Label, needs: [{queries: [A], traffic: http}]}
`

func page(t *testing.T) observe.Page {
	t.Helper()
	rules, err := dashboards.ParseRules([]byte(ownRules))
	if err != nil {
		t.Fatal(err)
	}
	dashboard, err := dashboards.Parse([]byte(own))
	if err != nil {
		t.Fatal(err)
	}
	return observe.Page{Rules: rules, Dashboard: dashboard, Subjects: map[dashboards.Traffic]dashboards.Subject{
		dashboards.Always: {}, dashboards.HTTP: {Workload: "b"},
	}}
}

// traffic: what is drawn while requests are counted, and why the rest is not.
func traffic(t *testing.T, observer *prometheus.Observer, mesh *prometheustest.Mesh) {
	var seen evidence.Dashboard
	from := time.Now()
	err := kube.Until(t.Context(), "the dashboard's data", time.Minute, func(ctx context.Context) error {
		for _, caller := range []string{"a", "a.2"} {
			mesh.Requests("destination", evidence.Edge{From: caller, FromApp: caller, To: "b", ToApp: "b"}, 200, 3)
		}
		var err error
		seen, err = observe.Look(ctx, observer, page(t), from)
		if err == nil && seen.Queries[0].Answer.NotZero == 0 {
			err = errors.New("nothing is drawn of the requests yet")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	variables := []evidence.Variable{
		{Traffic: "http", Name: "workload", Query: "sum(istio_requests_total) by (destination_workload)", Picked: "b", Values: []string{"b"}},
		{Traffic: "http", Name: "srcwl", Query: `sum(istio_requests_total{reporter=~"destination",destination_workload="b"}) by (source_workload)`, Values: []string{"a", "a.2"}},
	}
	if diff := cmp.Diff(variables, seen.Variables); diff != "" {
		t.Error(diff)
	}
	if want := `sum(irate(istio_requests_total{reporter=~"destination",destination_workload=~"b",source_workload=~"(a|a\\.2)"}[1m0s]))`; seen.Queries[0].Query != want {
		t.Errorf("asked %s, want %s", seen.Queries[0].Query, want)
	}
	failed := seen.Queries[1]
	if !failed.Fallback || failed.Whole.Numbers == 0 || failed.Answer.Series != 0 || failed.Judged != `sum(istio_requests_total{response_code=~"5.."})` {
		t.Errorf("errors, of which there are none: %+v", failed)
	}
	if got := seen.Queries[2]; !strings.Contains(got.Error, "many-to-many") || got.Traffic != "http" {
		t.Errorf("two sides: %+v", got)
	}
	if got := seen.Queries[3]; got.Answer.Numbers == 0 || got.Traffic != "always" {
		t.Errorf("scraped: %+v", got)
	}
	counts := []evidence.SeriesCount{
		{Selector: "istio_requests_total", Fresh: 2},
		{Selector: `istio_requests_total{reporter="waypoint"}`},
		{Selector: `istio_requests_total{response_code=~"5.."}`},
		{Selector: "up", Fresh: 1},
	}
	if diff := cmp.Diff(counts, seen.Counts); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(seen.Jobs, []string{prometheustest.Job}) {
		t.Errorf("jobs %v", seen.Jobs)
	}
	judged(t, seen)
}

// judged: the judge names what is missing.
func judged(t *testing.T, seen evidence.Dashboard) {
	exporters, err := dashboards.LoadExporters()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range judge.Judge(judge.Wanted{Rules: page(t).Rules, Subjects: page(t).Subjects, Exporters: exporters}, seen) {
		got = append(got, string(f.Kind)+": "+f.Want)
	}
	slices.Sort(got)
	want := []string{
		`label-missing: series with reporter="waypoint"`, `label-missing: series with response_code=~"5.."`,
		"panel-query-broken: a query that Prometheus evaluates",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

package prometheus_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/prometheus"
	"github.com/onap/meshcert/framework/observe/prometheus/prometheustest"
	"github.com/onap/meshcert/framework/verdict"
)

// TestRealPrometheus runs everything that needs a real Prometheus on one, in
// this order.
func TestRealPrometheus(t *testing.T) {
	mesh := prometheustest.NewMesh(t)
	server := prometheustest.Start(t, mesh)
	observer, err := prometheus.At(server.URL, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	r := running{observer, mesh}
	t.Run("queries", r.queries)
	t.Run("an exact rise", r.exactRise)
	t.Run("bytes of TCP", r.tcp)
	t.Run("targets", r.targets)
	server.Stop(t)
	t.Run("it is away", r.away)
}

// running is a real Prometheus, and the mesh it scrapes.
type running struct {
	observer *prometheus.Observer
	mesh     *prometheustest.Mesh
}

func (r running) queries(t *testing.T) {
	edge := evidence.Edge{From: "msb-msb-eag", FromApp: "msb-eag", To: "msb-msb-consul", ToApp: "msb-consul"}
	r.mesh.Requests("source", edge, 200, 7)
	r.mesh.Requests("destination", edge, 404, 2)
	const query = `istio_requests_total{source_workload="msb-msb-eag"}`
	want := []evidence.Sample{r.sample("destination", edge, "404", 2), r.sample("source", edge, "200", 7)}
	r.until(t, query, func(got evidence.Samples) error {
		return differs(want, got.Items)
	})
	for name, c := range map[string]struct {
		query, warning, wrong string
	}{
		"no such series":  {query: `istio_requests_total{source_workload="nobody"}`},
		"no such metric":  {query: "never_seen_total"},
		"no number":       {query: "vector(0) / 0", warning: "no number: NaN"},
		"not PromQL":      {query: "istio_requests_total{", wrong: "parse error"},
		"no instant":      {query: "istio_requests_total[5m]", wrong: "the answer is a matrix, not a vector"},
		"a number alone":  {query: "1", wrong: "the answer is a scalar, not a vector"},
		"two at one time": {query: `istio_requests_total + on() istio_requests_total`, wrong: "many-to-many"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.observer.Query(t.Context(), c.query)
			switch {
			case c.wrong != "":
				if err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), "ask Prometheus for "+c.query) {
					t.Errorf("got %+v, %v, want an error that says %q and names the query", got, err, c.wrong)
				}
			case err != nil || len(got.Items) > 0 || got.Query != c.query:
				t.Errorf("got %+v, %v, want no samples of the query and no error", got, err)
			case (c.warning == "") != (len(got.Warnings) == 0) || !strings.Contains(strings.Join(got.Warnings, ""), c.warning):
				t.Errorf("warnings %q, want %q", got.Warnings, c.warning)
			}
		})
	}
}

// sample is a series as Prometheus has it.
func (r running) sample(reporter string, edge evidence.Edge, code string, value float64) evidence.Sample {
	labels := map[string]string{
		"__name__": "istio_requests_total", "response_code": code, "job": prometheustest.Job, "instance": r.mesh.Address(),
	}
	maps.Copy(labels, prometheustest.Labels(reporter, edge))
	return evidence.Sample{Labels: labels, Value: value}
}

// exactRise: the judge's own queries before and after requests over a path.
func (r running) exactRise(t *testing.T) {
	release := casablanca(t)
	path, _ := release.Path("identity")
	calls := func(n int) []metrics.Call { return metrics.Calls(release, catalogue.Enabled, path, n) }
	send := func(n int) {
		for _, c := range calls(n) {
			r.mesh.Requests(c.Reporter, between(c), c.Code, n)
		}
	}
	judge := func(n int, before evidence.Samples) func(evidence.Samples) error {
		return func(after evidence.Samples) error { return findings(metrics.Judge(calls(n), before, after)) }
	}
	nothing := evidence.Samples{Items: []evidence.Sample{{}}} // none of the path
	send(5)
	before := r.until(t, totals, judge(5, nothing))
	send(3)
	after := r.until(t, totals, judge(3, before))
	for _, n := range []int{2, 4, 6} {
		got := metrics.Judge(calls(n), before, after)
		if len(got) != len(calls(n)) || got[0].Kind != "wrong-count" || !strings.Contains(got[0].Summary, "counts 3 requests") {
			t.Errorf("%d requests: %+v", n, got)
		}
	}
	refused := calls(1)[1]
	r.mesh.Requests(refused.Reporter, between(refused), 503, 1)
	r.until(t, totals, func(after evidence.Samples) error {
		if got := metrics.Judge(calls(3), before, after); len(got) != 1 || got[0].Kind != "wrong-code" || !strings.Contains(got[0].Summary, "with 503") {
			return fmt.Errorf("want one finding of the 503, got %+v", got)
		}
		return nil
	})
}

// between is the edge of a call; the judge does not look at apps.
func between(c metrics.Call) evidence.Edge {
	return evidence.Edge{From: c.Source, FromApp: "any", To: c.Destination, ToApp: "any"}
}

func (r running) tcp(t *testing.T) {
	release := casablanca(t)
	edge := evidence.Edge{From: "vfc-vfc-nslcm", FromApp: "vfc-nslcm", To: "vfc-vfc-db", ToApp: "vfc-db"}
	judge := func(before, after evidence.Samples) []verdict.Finding {
		return metrics.JudgeTCP(metrics.TCPCalls(release, catalogue.Enabled, edge.FromApp, edge.ToApp), before, after)
	}
	send := func() {
		r.mesh.Bytes("source", edge, 1000)
		r.mesh.Bytes("destination", edge, 1000)
	}
	const bytes = `{__name__=~"istio_tcp_(sent|received)_bytes_total"}`
	send()
	before := r.until(t, bytes, func(got evidence.Samples) error {
		if len(got.Items) != 4 {
			return fmt.Errorf("want 4 samples, got %+v", got.Items)
		}
		return nil
	})
	if got := judge(before, before); len(got) != 4 || got[0].Kind != "no-bytes" {
		t.Errorf("nothing was sent: %+v", got)
	}
	send()
	r.until(t, bytes, func(after evidence.Samples) error { return findings(judge(before, after)) })
}

// targets ends the mesh: its target is down, and what it said is no sample any
// more, which is no count of zero.
func (r running) targets(t *testing.T) {
	shows := func(want string) evidence.Target {
		var seen evidence.Targets
		err := kube.Until(t.Context(), "the target to be "+want, limit, func(ctx context.Context) (err error) {
			seen, err = r.observer.Targets(ctx)
			if err == nil && (len(seen.Items) != 1 || seen.Items[0].Health != want) {
				err = fmt.Errorf("got %+v", seen.Items)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return seen.Items[0]
	}
	want := evidence.Target{Pool: prometheustest.Job, URL: "http://" + r.mesh.Address() + "/metrics", Instance: r.mesh.Address(), Interval: 500 * time.Millisecond, Health: "up"}
	if diff := cmp.Diff(want, shows("up")); diff != "" {
		t.Error(diff)
	}
	r.mesh.Stop()
	if down := shows("down"); down.URL != want.URL || !strings.Contains(down.Error, "connection refused") {
		t.Errorf("got %+v", down)
	}
	after := r.until(t, totals, func(got evidence.Samples) error { return differs(nil, got.Items) })
	call := metrics.Call{Source: "a", Destination: "b", Reporter: metrics.Source, Code: 200, Count: 1}
	if got := metrics.Judge([]metrics.Call{call}, after, after); len(got) != 1 || got[0].Kind != "no-samples" || got[0].Verdict != verdict.Inconclusive {
		t.Errorf("without samples: %+v", got)
	}
}

func (r running) away(t *testing.T) {
	if got, err := r.observer.Query(t.Context(), "up"); err == nil || !strings.Contains(err.Error(), "ask Prometheus for up: ") {
		t.Errorf("query: %+v, %v", got, err)
	}
	if got, err := r.observer.Targets(t.Context()); err == nil || !strings.Contains(err.Error(), "ask Prometheus for its targets: ") {
		t.Errorf("targets: %+v, %v", got, err)
	}
}

const limit = 30 * time.Second

// totals are all requests, series by series.
const totals = "istio_requests_total"

// until asks until nothing is wrong with the answer.
func (r running) until(t *testing.T, query string, wrong func(evidence.Samples) error) evidence.Samples {
	t.Helper()
	var seen evidence.Samples
	err := kube.Until(t.Context(), "samples", limit, func(ctx context.Context) (err error) {
		if seen, err = r.observer.Query(ctx, query); err != nil {
			return err
		}
		return wrong(seen)
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func differs(want, got []evidence.Sample) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return errors.New(diff)
	}
	return nil
}

func findings(found []verdict.Finding) error {
	if len(found) > 0 {
		return fmt.Errorf("findings %+v", found)
	}
	return nil
}

func casablanca(t *testing.T) *catalogue.Release {
	t.Helper()
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	return release
}

package prometheus_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/prometheus"
	"github.com/onap/meshcert/framework/observe/prometheus/prometheustest"
)

// generation answers as a Prometheus that holds the metrics of one generation.
type generation struct {
	// metric is the name of the total of requests.
	metric string
	// requests, bytes and scrapes are the results of the queries, without brackets.
	requests, bytes, scrapes string
	asked                    []string
}

func (g *generation) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.ParseForm(); err != nil {
		return nil, err
	}
	query := request.Form.Get("query")
	body := `{"status":"success","data":["` + g.metric + `"]}`
	if !strings.Contains(request.URL.Path, "/label/") {
		g.asked = append(g.asked, query)
		result := g.requests
		if strings.Contains(query, "bytes") {
			result = g.bytes
		} else if strings.Contains(query, "count_over_time") {
			result = g.scrapes
		}
		body = `{"status":"success","data":{"resultType":"vector","result":[` + result + `]}}`
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
}

func (g *generation) observer(t testing.TB) *prometheus.Observer {
	t.Helper()
	o, err := prometheus.At(&url.URL{Scheme: "http", Host: "prometheus"}, &http.Client{Transport: g})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestEdges: answers of both generations become edges.
func TestEdges(t *testing.T) {
	for name, c := range map[string]struct {
		answer generation
		want   []evidence.Edge
		asked  []string
	}{
		"today": {
			answer: generation{
				metric:   "istio_requests_total",
				requests: `{"metric":{"source_workload":"msb-msb-iag","source_app":"msb-iag","destination_workload":"vfc-vfc-nslcm","destination_app":"vfc-nslcm"},"value":[1795430100,"11"]},{"metric":{"destination_workload":"msb-msb-iag","destination_app":"msb-iag"},"value":[1795430100,"0"]}`,
				bytes:    `{"metric":{"source_workload":"vfc-vfc-nslcm","source_app":"vfc-nslcm","destination_workload":"vfc-vfc-db","destination_app":"vfc-db"},"value":[1795430100,"250"]}`,
				scrapes:  `{"metric":{},"value":[1795430100,"5"]}`,
			},
			want: []evidence.Edge{
				{From: "msb-msb-iag", FromApp: "msb-iag", To: "vfc-vfc-nslcm", ToApp: "vfc-nslcm", Rate: 1.1, Unit: "reqs/sec"},
				{From: "unknown", FromApp: "unknown", To: "msb-msb-iag", ToApp: "msb-iag", Unit: "reqs/sec"},
				{From: "vfc-vfc-nslcm", FromApp: "vfc-nslcm", To: "vfc-vfc-db", ToApp: "vfc-db", Rate: 25, Unit: "bytes/sec"},
			},
			asked: []string{
				`sum by (source_workload, source_app, destination_workload, destination_app) (increase(istio_requests_total{reporter="destination"}[10s]))`,
				`sum by (source_workload, source_app, destination_workload, destination_app) (increase(istio_tcp_received_bytes_total{reporter="destination"}[10s]))`,
				`max(count_over_time(istio_requests_total{reporter="destination"}[10s]))`,
			},
		},
		"Istio 0.8": {
			answer: generation{
				metric:   "istio_request_count",
				requests: `{"metric":{"source_service":"msb-iag.onap.svc.cluster.local","source_version":"unknown","destination_service":"nslcm.onap.svc.cluster.local","destination_version":"v1"},"value":[1795430100,"11"]}`,
				bytes:    `{"metric":{"source_service":"unknown","source_version":"unknown","destination_service":"vfc-db.onap.svc.cluster.local","destination_version":"unknown"},"value":[1795430100,"250"]}`,
				scrapes:  `{"metric":{},"value":[1795430100,"5"]}`,
			},
			want: []evidence.Edge{
				{From: "unknown", FromApp: "msb-iag.onap", To: "v1", ToApp: "nslcm.onap", Rate: 1.1, Unit: "reqs/sec"},
				{From: "unknown", FromApp: "unknown", To: "unknown", ToApp: "vfc-db.onap", Rate: 25, Unit: "bytes/sec"},
			},
			asked: []string{
				`sum by (source_service, source_version, destination_service, destination_version) (increase(istio_request_count[10s]))`,
				`sum by (source_service, source_version, destination_service, destination_version) (increase(istio_tcp_bytes_received[10s]))`,
				`max(count_over_time(istio_request_count[10s]))`,
			},
		},
		"nothing": {answer: generation{metric: "up"}, asked: []string{
			`sum by (source_workload, source_app, destination_workload, destination_app) (increase(istio_requests_total{reporter="destination"}[10s]))`,
			`sum by (source_workload, source_app, destination_workload, destination_app) (increase(istio_tcp_received_bytes_total{reporter="destination"}[10s]))`,
			`max(count_over_time(istio_requests_total{reporter="destination"}[10s]))`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.answer.observer(t).Edges(t.Context(), 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Edges, cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.asked, c.answer.asked); diff != "" {
				t.Error(diff)
			}
			if want := 5 * min(len(c.want), 1); got.Scrapes != want || got.Source != "prometheus" || got.Horizon != 10*time.Second || got.Observed.IsZero() {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestEdgesThatAreNone(t *testing.T) {
	number := generation{metric: "istio_requests_total", requests: `{"metric":{},"value":[1795430100,"NaN"]}`}
	if got, err := number.observer(t).Edges(t.Context(), time.Minute); err == nil || !strings.Contains(err.Error(), "no number") {
		t.Errorf("NaN: %+v, %v", got, err)
	}
	if got, err := (&generation{}).observer(t).Edges(t.Context(), time.Millisecond); err == nil || evidence.AbsenceOf(err) != evidence.Final {
		t.Errorf("a millisecond: %+v, %v", got, err)
	}
}

func edges() attack.Parse {
	return asked(func(ctx context.Context, o *prometheus.Observer) (evidence.Graph, error) {
		return o.Edges(ctx, time.Minute)
	},
		func(g evidence.Graph) error {
			for _, e := range g.Edges {
				if e.From == "" || e.To == "" || e.Unit == "" {
					return errors.New("an edge without an end or a unit")
				}
			}
			return nil
		})
}

func FuzzEdges(f *testing.F) {
	attack.FuzzParser(f, edges(), good(f, "requests"), good(f, "empty"), `{"status":"success","data":["istio_request_count"]}`)
}

// TestRealEdges: what a real Prometheus makes of counted requests is what they
// were, stretched by no more than it is known to.
func TestRealEdges(t *testing.T) {
	mesh := prometheustest.NewMesh(t)
	server := prometheustest.Start(t, mesh)
	o, err := prometheus.At(server.URL, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	edge := evidence.Edge{From: "msb-msb-iag", FromApp: "msb-iag", To: "vfc-vfc-nslcm", ToApp: "vfc-nslcm"}
	begin := time.Now()
	look := func(what string, ready func(evidence.Graph) bool) evidence.Graph {
		t.Helper()
		var seen evidence.Graph
		err := kube.Until(t.Context(), what, limit, func(ctx context.Context) (err error) {
			if seen, err = o.Edges(ctx, time.Since(begin).Truncate(time.Second)+5*time.Second); err == nil && !ready(seen) {
				err = errors.New(what)
			}
			return err
		})
		if err != nil {
			t.Fatalf("%v: %+v", err, seen)
		}
		return seen
	}
	mesh.Requests("destination", edge, 200, 1)
	mesh.Requests("source", edge, 200, 50)
	look("the edge", func(g evidence.Graph) bool { return len(g.Edges) == 1 && g.Scrapes > 3 })
	mesh.Requests("destination", edge, 200, 10)
	mesh.Requests("source", edge, 200, 50)
	seen := look("a rise", func(g evidence.Graph) bool { return len(g.Edges) == 1 && g.Edges[0].Rate > 0 })
	got, most := seen.Edges[0].Rate*seen.Horizon.Seconds(), 10*(1+2.2/float64(seen.Scrapes-1))
	if got < 10-1e-6 || got > most {
		t.Errorf("10 requests became %g, want at most %g with %d samples", got, most, seen.Scrapes)
	}
	edge.Rate, edge.Unit = seen.Edges[0].Rate, "reqs/sec"
	if diff := cmp.Diff([]evidence.Edge{edge}, seen.Edges); diff != "" {
		t.Error(diff)
	}
}

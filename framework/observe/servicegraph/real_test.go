package servicegraph_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/proctest"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/prometheus/prometheustest"
	"github.com/onap/meshcert/framework/observe/servicegraph"
	"github.com/onap/meshcert/framework/verdict"
)

// TestRealServicegraph runs everything that needs a real Servicegraph, before a
// real Prometheus, on one, in this order.
func TestRealServicegraph(t *testing.T) {
	program := proctest.Program(t, "app-servicegraph", "servicegraph")
	mesh := prometheustest.NewMesh(t)
	prometheus := prometheustest.Start(t, mesh)
	base := &url.URL{Scheme: "http", Host: proctest.Addresses(t, 1)[0]}
	process := proctest.Start(t, t.TempDir(), program, "--bindAddr="+base.Host, "--prometheusAddr="+prometheus.URL.String())
	process.Ready(t, proctest.Serves(base.JoinPath("graph").String()))
	r := running{servicegraph.At(base, http.DefaultClient), mesh}
	if err := proctest.Serves(base.JoinPath("js/SOURCES.json").String())(t.Context()); err != nil {
		t.Skipf("needs a real Servicegraph of today, and the one in the cache is older: run `make images` (%v)", err)
	}
	t.Run("a mesh without traffic", r.empty)
	t.Run("edges", r.edges)
	t.Run("all forms, pages and filters", r.forms)
	prometheus.Stop(t)
	t.Run("Prometheus is away", r.withoutPrometheus)
	process.Stop(t)
	t.Run("it is away", r.away)
}

// running is a real Servicegraph, and the mesh it draws.
type running struct {
	observer *servicegraph.Observer
	mesh     *prometheustest.Mesh
}

func (r running) empty(t *testing.T) {
	for name, draw := range r.drawings() {
		if got, err := draw(t.Context(), horizon); err != nil || len(got.Edges) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// The edges that the test makes.
var (
	gatewayToFramework = evidence.Edge{FromApp: "msb-iag", From: "msb-msb-iag", ToApp: "multicloud", To: "multicloud-multicloud", Unit: "reqs/sec"}
	frameworkToGateway = evidence.Edge{FromApp: "multicloud", From: "multicloud-multicloud", ToApp: "msb-iag", To: "msb-msb-iag", Unit: "reqs/sec"}
	clientToGateway    = evidence.Edge{FromApp: "unknown", From: "unknown", ToApp: "msb-iag", To: "msb-msb-iag", Unit: "reqs/sec"}
	managerToDatabase  = evidence.Edge{FromApp: "vfc-nslcm", From: "vfc-vfc-nslcm", ToApp: "vfc-db", To: "vfc-vfc-db", Unit: "bytes/sec"}
	gatewayToOutside   = evidence.Edge{FromApp: "msb-iag", From: "msb-msb-iag", ToApp: "outside", To: "outside", Unit: "reqs/sec"}
)

// horizon is longer than the test, so that no traffic leaves it.
const horizon = 2 * time.Minute

// edges: what the samples say, and only the destination's, before traffic, after
// it and when it has left the horizon.
func (r running) edges(t *testing.T) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	r.count(1000)
	before := r.until(t, horizon, "edges without traffic", func(got evidence.Graph) string { return r.differs(got, 0) })
	if got := graph.JudgeQuiet(release, catalogue.Enabled, []string{"identity"}, before); len(got) > 0 {
		t.Errorf("findings about a quiet graph: %+v", got)
	}
	r.count(10)
	after := r.until(t, horizon, "traffic", func(got evidence.Graph) string { return r.differs(got, 10) })
	if got := graph.JudgeQuiet(release, catalogue.Enabled, []string{"identity"}, after); len(got) != 1 || got[0].Kind != "not-quiet" {
		t.Errorf("findings about the graph with traffic: %+v", got)
	}
	dot, err := r.observer.Dot(t.Context(), horizon)
	if err != nil {
		t.Fatal(err)
	}
	if got := graph.JudgeSame(after, dot); len(got) > 0 {
		t.Errorf("the drawings differ: %+v", got)
	}
	if text := r.differs(dot, 10); text != "" {
		t.Error(text)
	}
	r.until(t, 2*time.Second, "no traffic for 2 s", func(got evidence.Graph) string { return r.differs(got, 0) })
	if own := r.until(t, 0, "traffic in Servicegraph's own horizon", func(got evidence.Graph) string { return r.differs(got, 10) }); own.Source != servicegraph.Source {
		t.Errorf("source %q", own.Source)
	}
}

// forms: what Servicegraph says elsewhere is what it says in /graph, as the judges
// want it.
func (r running) forms(t *testing.T) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := r.observer.Nodes(t.Context(), horizon)
	if err != nil {
		t.Fatal(err)
	}
	d3, err := r.observer.D3(t.Context(), horizon)
	if err != nil {
		t.Fatal(err)
	}
	dotviz, err := r.observer.Dotviz(t.Context(), horizon)
	if err != nil {
		t.Fatal(err)
	}
	force, err := r.observer.Force(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	filters, err := r.observer.Filters(t.Context(), horizon, "onap")
	if err != nil {
		t.Fatal(err)
	}
	for name, findings := range map[string][]verdict.Finding{
		"d3graph": graph.JudgeNodes(whole, d3), "dotviz": graph.JudgeDotviz(dotviz, whole), "force graph": graph.JudgeForce(force, d3),
		"filters": graph.JudgeFilters(release, filters),
	} {
		if len(findings) > 0 {
			t.Errorf("%s: %+v", name, findings)
		}
	}
	if len(whole.Nodes) != 5 || len(dotviz.Assets) != 3 || len(force.Assets) != 3 || len(filters.Filtered) != 7 {
		t.Errorf("%q, %+v, %+v, %d filters", whole.Nodes, dotviz.Assets, force.Assets, len(filters.Filtered))
	}
}

// count makes traffic: n requests over one edge, 3n over the next, none over a third.
func (r running) count(n int) {
	for _, reporter := range []string{"source", "destination"} {
		r.mesh.Requests(reporter, gatewayToFramework, 200, n)
		r.mesh.Requests(reporter, frameworkToGateway, 200, 3*n)
		r.mesh.Bytes(reporter, managerToDatabase, 100*n)
	}
	r.mesh.Requests("destination", clientToGateway, 200, 0)
	r.mesh.Requests("source", gatewayToOutside, 200, n)
}

// differs says how a graph differs from the edges that count makes with n.
func (r running) differs(got evidence.Graph, n float64) string {
	// Sorted by caller and callee. Rates are compared with one another: the
	// time they are taken over is not exactly the horizon.
	want := []evidence.Edge{gatewayToFramework, frameworkToGateway, clientToGateway, managerToDatabase}
	want[0].Rate, want[1].Rate, want[3].Rate = n, 3*n, 100*n
	edges := slices.Clone(got.Edges)
	if n > 0 && len(edges) > 0 && edges[0].Rate > 0 {
		scale := n / edges[0].Rate
		for i := range edges {
			edges[i].Rate = math.Round(edges[i].Rate * scale)
		}
	}
	return cmp.Diff(want, edges)
}

func (r running) withoutPrometheus(t *testing.T) {
	for name, draw := range r.drawings() {
		got, err := draw(t.Context(), horizon)
		var status *observe.StatusError
		if !errors.As(err, &status) || status.Status != http.StatusInternalServerError || !strings.Contains(status.Body, "ask Prometheus") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func (r running) away(t *testing.T) {
	for name, draw := range r.drawings() {
		if got, err := draw(t.Context(), horizon); err == nil || !strings.Contains(err.Error(), "ask Servicegraph for /"+name) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func (r running) drawings() map[string]func(context.Context, time.Duration) (evidence.Graph, error) {
	return map[string]func(context.Context, time.Duration) (evidence.Graph, error){
		"graph": r.observer.Graph, "dotgraph": r.observer.Dot,
		"d3graph": func(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
			graph, err := r.observer.D3(ctx, horizon)
			return graph.Graph, err
		},
		"dotviz": func(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
			page, err := r.observer.Dotviz(ctx, horizon)
			if err != nil {
				return evidence.Graph{}, err
			}
			return page.Drawing.Graph, nil
		},
	}
}

// until draws until nothing is wrong with the graph.
func (r running) until(t *testing.T, horizon time.Duration, what string, wrong func(evidence.Graph) string) evidence.Graph {
	t.Helper()
	var seen evidence.Graph
	err := kube.Until(t.Context(), what, 30*time.Second, func(ctx context.Context) (err error) {
		if seen, err = r.observer.Graph(ctx, horizon); err != nil {
			return err
		}
		if text := wrong(seen); text != "" {
			return fmt.Errorf("%s", text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

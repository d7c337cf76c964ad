package servicegraph_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/servicegraph"
)

// site serves bodies by path and query, below a path as the API server's proxy does.
func site(t *testing.T, bodies map[string]string) *servicegraph.Observer {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/proxy", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[r.URL.RequestURI()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(body))
	})))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL + "/proxy")
	if err != nil {
		t.Fatal(err)
	}
	return servicegraph.At(base, server.Client())
}

var assets = map[string]string{
	"/css/graph.css": "body {}", "/js/viz/viz-global.js": "var Viz;", "/js/dotviz.js": "draw();", "/js/d3/d3.min.js": "var d3;", "/force/forcegraph.js": "poll();",
}

func with(page, body string, changes map[string]string) map[string]string {
	all := map[string]string{page: body}
	for path, text := range assets {
		all[path] = text
	}
	for path, text := range changes {
		if all[path] = text; text == "gone" {
			delete(all, path)
		}
	}
	return all
}

func TestDotviz(t *testing.T) {
	page, err := site(t, with("/dotviz?time_horizon=5m", recorded(t, "dotviz.html"), nil)).Dotviz(t.Context(), 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	want := evidence.GraphPage{
		Path: "/dotviz", Title: "Tiny example",
		Assets: []evidence.Asset{
			{Name: "css/graph.css", Element: "link", Bytes: 7}, {Name: "js/viz/viz-global.js", Element: "script", Bytes: 8}, {Name: "js/dotviz.js", Element: "script", Bytes: 7},
		},
		Drawing: &evidence.NodeGraph{Graph: evidence.Graph{Source: "servicegraph's page", Horizon: 5 * time.Minute, Edges: wantEdges}, Nodes: wantNodes},
	}
	if diff := cmp.Diff(want, page, cmpopts.IgnoreFields(evidence.GraphPage{}, "Observed")); diff != "" {
		t.Error(diff)
	}
}

func TestForce(t *testing.T) {
	page, err := site(t, with("/force/forcegraph.html", recorded(t, "forcegraph.html"), nil)).Force(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := evidence.GraphPage{
		Path: "/force/forcegraph.html", Title: "Istio Service Graph",
		Assets: []evidence.Asset{
			{Name: "../css/graph.css", Element: "link", Bytes: 7}, {Name: "../js/d3/d3.min.js", Element: "script", Bytes: 7}, {Name: "forcegraph.js", Element: "script", Bytes: 7},
		},
	}
	if diff := cmp.Diff(want, page, cmpopts.IgnoreFields(evidence.GraphPage{}, "Observed")); diff != "" {
		t.Error(diff)
	}
}

// What is not there as it should be is evidence, not an error.
func TestAssetsAmiss(t *testing.T) {
	whole := recorded(t, "forcegraph.html")
	renamed := func(name string) string { return strings.Replace(whole, "../js/d3/d3.min.js", name, 1) }
	for name, c := range map[string]struct {
		page    string
		changes map[string]string
		wrong   func(evidence.Asset) bool
	}{
		"not found":              {whole, map[string]string{"/js/d3/d3.min.js": "gone"}, func(a evidence.Asset) bool { return strings.Contains(a.Error, "404") }},
		"empty":                  {whole, map[string]string{"/js/d3/d3.min.js": ""}, func(a evidence.Asset) bool { return strings.Contains(a.Error, "empty") }},
		"a page in its place":    {whole, map[string]string{"/js/d3/d3.min.js": "<html>"}, func(a evidence.Asset) bool { return a.Error == "HTML, not a script" }},
		"from another server":    {renamed("https://d3js.org/d3.v7.min.js"), nil, func(a evidence.Asset) bool { return a.Elsewhere }},
		"from another port":      {renamed("http://127.0.0.1:1/d3.js"), nil, func(a evidence.Asset) bool { return a.Elsewhere }},
		"from another Service":   {renamed("/other/d3.js"), nil, func(a evidence.Asset) bool { return a.Elsewhere }},
		"without its own scheme": {renamed("//d3js.org/d3.v7.min.js"), nil, func(a evidence.Asset) bool { return a.Elsewhere }},
		"no address":             {renamed("http://%zz"), nil, func(a evidence.Asset) bool { return strings.Contains(a.Error, "invalid URL") }},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := site(t, with("/force/forcegraph.html", c.page, c.changes)).Force(t.Context())
			if err != nil || len(page.Assets) != 3 || !c.wrong(page.Assets[1]) {
				t.Errorf("%+v, %v", page, err)
			}
		})
	}
}

func TestPagesMalformed(t *testing.T) {
	whole := recorded(t, "dotviz.html")
	for name, body := range map[string]string{
		"empty": "", "text": "service graph", "JSON": "{}", "cut in the head": whole[:300], "cut in the drawing": whole[:len(whole)-100],
		"a drawing that is none":    strings.Replace(whole, "digraph", "graph", 1),
		"an edge of no node":        strings.Replace(whole, `"vfc-db_(vfc-vfc-db)" [label`, `"x" [label`, 1),
		"files without end":         strings.Replace(whole, "</head>", manyScripts()+"</head>", 1),
		"a drawing without its end": strings.Replace(whole, "}\n</script>", "</script>", 1),
	} {
		t.Run(name, func(t *testing.T) {
			var malformed *observe.MalformedError
			if page, err := site(t, with("/dotviz", body, nil)).Dotviz(t.Context(), 0); !errors.As(err, &malformed) {
				t.Errorf("%+v, %v", page, err)
			}
		})
	}
}

func TestPageOfAServerThatIsGone(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := servicegraph.At(base, server.Client())
	var status *observe.StatusError
	if page, err := o.Force(t.Context()); !errors.As(err, &status) {
		t.Errorf("%+v, %v", page, err)
	}
	server.Close()
	if page, err := o.Force(t.Context()); err == nil || evidence.AbsenceOf(err) != evidence.Transient {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestFilters(t *testing.T) {
	graph := recorded(t, "graph.json")
	refused := func(w http.ResponseWriter, text string) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(text))
	}
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked = append(asked, r.URL.RequestURI()); r.URL.Query().Get("time_horizon") == "soon" {
			refused(w, `could not parse time_horizon: not a valid duration string: "soon"`)
			return
		}
		_, _ = w.Write([]byte(graph))
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := servicegraph.At(base, server.Client())
	seen, err := o.Filters(t.Context(), 10*time.Second, "onap")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/graph?time_horizon=10s", "/graph?filter_empty=true&time_horizon=10s",
		"/graph?source_namespace=onap&time_horizon=10s", "/graph?source_namespace=meshcert-nowhere&time_horizon=10s",
		"/graph?destination_namespace=onap&time_horizon=10s", "/graph?destination_namespace=meshcert-nowhere&time_horizon=10s",
		"/graph?source_workload=msb-kube2msb&time_horizon=10s", "/graph?destination_workload=msb-msb-discovery&time_horizon=10s",
		"/graph?time_horizon=soon",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	refusal := evidence.GraphRefusal{Horizon: "soon", Status: 500, Body: `could not parse time_horizon: not a valid duration string: "soon"`}
	if diff := cmp.Diff(refusal, seen.Refusal) + cmp.Diff(wantEdges, seen.All.Edges) + cmp.Diff(wantEdges, seen.Filtered[6].Edges); diff != "" || len(seen.Filtered) != 7 {
		t.Errorf("%d graphs: %s", len(seen.Filtered), diff)
	}
	refused = func(w http.ResponseWriter, _ string) { _, _ = w.Write([]byte(graph)) }
	if seen, err = o.Filters(t.Context(), 0, "onap"); err != nil || seen.Refusal.Status != http.StatusOK {
		t.Errorf("a horizon that is none is taken: %+v, %v", seen.Refusal, err)
	}
	graph = `{"nodes":{},"edges":[]}`
	if seen, err = o.Filters(t.Context(), 0, "onap"); err != nil || len(seen.Filtered) > 0 {
		t.Errorf("nothing to filter: %+v, %v", seen, err)
	}
	graph = "<html>"
	if seen, err = o.Filters(t.Context(), 0, "onap"); err == nil {
		t.Errorf("no graph: %+v", seen)
	}
}

func manyScripts() string {
	var scripts strings.Builder
	for i := range 60 {
		fmt.Fprintf(&scripts, "<script src=\"%d.js\"></script>", i)
	}
	return scripts.String()
}

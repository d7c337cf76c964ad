package servicegraph_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/servicegraph"
)

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("servicegraph/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func serve(t *testing.T, body string, seen *string) *servicegraph.Observer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen != nil {
			*seen = r.URL.String()
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return servicegraph.At(base, server.Client())
}

var wantEdges = []evidence.Edge{
	{From: "msb-kube2msb", To: "msb-msb-discovery", FromApp: "kube2msb", ToApp: "msb-discovery", Rate: 0.1, Unit: "reqs/sec"},
	{From: "msb-msb-discovery", To: "msb-msb-consul", FromApp: "msb-discovery", ToApp: "msb-consul", Rate: 0.412345, Unit: "reqs/sec"},
	{From: "msb-msb-iag", To: "multicloud-multicloud", FromApp: "msb-iag", ToApp: "multicloud", Rate: 0.036667, Unit: "reqs/sec"},
	{From: "multicloud-multicloud", To: "msb-msb-iag", FromApp: "multicloud", ToApp: "msb-iag", Rate: 0.036667, Unit: "reqs/sec"},
	{From: "unknown", To: "msb-msb-iag", FromApp: "unknown", ToApp: "msb-iag", Rate: 0, Unit: "reqs/sec"},
	{From: "vfc-vfc-nslcm", To: "vfc-vfc-db", FromApp: "vfc-nslcm", ToApp: "vfc-db", Rate: 12.5, Unit: "bytes/sec"},
}

var wantNodes = []string{
	"kube2msb (msb-kube2msb)", "msb-consul (msb-msb-consul)", "msb-discovery (msb-msb-discovery)", "msb-iag (msb-msb-iag)",
	"multicloud (multicloud-multicloud)", "unknown (unknown)", "vfc-db (vfc-vfc-db)", "vfc-nslcm (vfc-vfc-nslcm)",
}

func TestAllFormsSayTheSame(t *testing.T) {
	var asked string
	graph, err := serve(t, recorded(t, "graph.json"), &asked).Graph(t.Context(), 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if asked != "/graph?time_horizon=30s" {
		t.Errorf("asked %s", asked)
	}
	dot, err := serve(t, recorded(t, "dotgraph.txt"), &asked).Dot(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if asked != "/dotgraph" {
		t.Errorf("asked %s", asked)
	}
	if diff := cmp.Diff(wantEdges, graph.Edges); diff != "" {
		t.Errorf("graph: %s", diff)
	}
	if diff := cmp.Diff(wantEdges, dot.Edges); diff != "" {
		t.Errorf("dotgraph: %s", diff)
	}
	d3, err := serve(t, recorded(t, "d3graph.json"), &asked).D3(t.Context(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if asked != "/d3graph?time_horizon=1h" {
		t.Errorf("asked %s", asked)
	}
	if diff := cmp.Diff(wantEdges, d3.Edges); diff != "" {
		t.Errorf("d3graph: %s", diff)
	}
	whole, err := serve(t, recorded(t, "graph.json"), nil).Nodes(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantNodes, whole.Nodes) + cmp.Diff(wantNodes, d3.Nodes); diff != "" {
		t.Errorf("nodes: %s", diff)
	}
	if graph.Source != "servicegraph" || graph.Horizon != 30*time.Second {
		t.Errorf("source %q, horizon %s", graph.Source, graph.Horizon)
	}
}

func TestAnEmptyGraphIsNoError(t *testing.T) {
	graph, err := serve(t, `{"nodes":{},"edges":[]}`, nil).Graph(t.Context(), 0)
	if err != nil || len(graph.Edges) != 0 {
		t.Errorf("got %+v, %v", graph, err)
	}
}

func TestMalformed(t *testing.T) {
	whole, dot := recorded(t, "graph.json"), recorded(t, "dotgraph.txt")
	for name, c := range map[string]struct{ graph, dot string }{
		"empty":             {"", ""},
		"HTML":              {"<html>", "<html>"},
		"cut":               {whole[:200], dot[:300]},
		"no nodes":          {`{"edges":[]}`, ""},
		"no edges":          {`{"nodes":{}}`, dot[:len(dot)-2]},
		"without end":       {strings.Replace(whole, "12.500000", "Inf", 1), strings.Replace(dot, "12.500000", "+Inf", 1)},
		"a node not listed": {strings.Replace(whole, `"vfc-db (vfc-vfc-db)": {}`, `"x (x)": {}`, 1), strings.Replace(dot, `"vfc-db_(vfc-vfc-db)" [label`, `"x" [label`, 1)},
		"another name":      {strings.ReplaceAll(whole, "vfc-db (vfc-vfc-db)", "vfc-db"), strings.ReplaceAll(dot, `label="vfc-db (vfc-vfc-db)"`, `label="vfc-db"`)},
		"no label":          {strings.Replace(whole, `{"bytes/sec": "12.500000"}`, `{}`, 1), strings.Replace(dot, "bytes/sec: 12.500000", "", 1)},
		"another unit":      {strings.Replace(whole, "bytes/sec", "bits/sec", 1), strings.Replace(dot, "bytes/sec", "bits/sec", 1)},
		"not a number":      {strings.Replace(whole, "12.500000", "many", 1), strings.Replace(dot, "12.500000", "many", 1)},
		"NaN":               {strings.Replace(whole, "12.500000", "NaN", 1), strings.Replace(dot, "12.500000", "NaN", 1)},
		"below zero":        {strings.Replace(whole, "12.500000", "-1", 1), strings.Replace(dot, "12.500000", "-1", 1)},
		"a foreign line":    {`[]`, strings.Replace(dot, "}\n", "graph [rankdir=LR];\n}\n", 1)},
		"another digraph":   {`null`, strings.Replace(dot, "istio-servicegraph", "g", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			var malformed *observe.MalformedError
			got, err := serve(t, c.graph, nil).Graph(t.Context(), 0)
			if !errors.As(err, &malformed) || (evidence.AbsenceOf(err) == evidence.Final) == malformed.Cut {
				t.Errorf("graph: got %+v, %s: %v", got, evidence.AbsenceOf(err), err)
			}
			got, err = serve(t, c.dot, nil).Dot(t.Context(), 0)
			if !errors.As(err, &malformed) || (evidence.AbsenceOf(err) == evidence.Final) == malformed.Cut {
				t.Errorf("dotgraph: got %+v, %s: %v", got, evidence.AbsenceOf(err), err)
			}
		})
	}
}

func TestD3Malformed(t *testing.T) {
	whole := recorded(t, "d3graph.json")
	replaced := func(part, by string) string {
		if !strings.Contains(whole, part) {
			t.Fatalf("the answer has no %s", part)
		}
		return strings.Replace(whole, part, by, 1)
	}
	for name, body := range map[string]string{
		"empty": "", "HTML": "<html>", "cut": whole[:200], "null": "null", "no nodes": `{"links":[]}`, "no links": `{"nodes":[]}`,
		"a place behind the last": replaced(`"source": 7`, `"source": 8`), "a place before the first": replaced(`"source": 7`, `"source": -1`),
		"no place": replaced(`"source": 7, `, ""), "a name for a place": replaced(`"source": 7`, `"source": "msb-iag"`),
		"a node twice": replaced(`"vfc-nslcm (vfc-vfc-nslcm)"`, `"msb-iag (msb-msb-iag)"`), "a node without a name": replaced(`"name"`, `"id"`),
		"no label": replaced(`{"bytes/sec": "12.500000"}`, `{}`), "not a number": replaced("12.500000", "many"),
	} {
		t.Run(name, func(t *testing.T) {
			var malformed *observe.MalformedError
			if got, err := serve(t, body, nil).D3(t.Context(), 0); !errors.As(err, &malformed) {
				t.Errorf("got %+v: %v", got, err)
			}
		})
	}
}

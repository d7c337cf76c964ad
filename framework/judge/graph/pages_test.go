package graph_test

import (
	"slices"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// pages is all that the judges of pages are given.
type pages struct {
	Dotviz, Force evidence.GraphPage
	Graph, D3     evidence.NodeGraph
	Outside       evidence.GraphOutside
}

func healthyPages() pages {
	nodes := func(source string) evidence.NodeGraph {
		return evidence.NodeGraph{
			Graph: evidence.Graph{Source: source, Observed: sample.Now, Horizon: time.Minute, Edges: []evidence.Edge{
				{From: "msb-msb-iag", FromApp: "msb-iag", To: "msb-msb-consul", ToApp: "msb-consul", Rate: 1, Unit: "reqs/sec"},
				{From: "vfc-vfc-nslcm", FromApp: "vfc-nslcm", To: "vfc-vfc-db", ToApp: "vfc-db", Rate: 0, Unit: "bytes/sec"},
			}},
			Nodes: []string{"alone (alone)", "msb-consul (msb-msb-consul)", "msb-iag (msb-msb-iag)", "vfc-db (vfc-vfc-db)", "vfc-nslcm (vfc-vfc-nslcm)"},
		}
	}
	drawing := nodes("servicegraph's page")
	return pages{
		Dotviz: evidence.GraphPage{Path: "/dotviz", Title: "Tiny example", Drawing: &drawing, Assets: []evidence.Asset{
			{Name: "css/graph.css", Element: "link", Bytes: 10}, {Name: "js/viz/viz-global.js", Element: "script", Bytes: 20},
		}},
		Force: evidence.GraphPage{Path: "/force/forcegraph.html", Title: "Istio Service Graph", Assets: []evidence.Asset{
			{Name: "../js/d3/d3.min.js", Element: "script", Bytes: 30}, {Name: "forcegraph.js", Element: "script", Bytes: 40},
		}},
		Graph: nodes("servicegraph"), D3: nodes("servicegraph's graph for D3"),
		Outside: evidence.GraphOutside{NodePort: 30088, Address: "http://172.18.0.2:30088", Graph: nodes("servicegraph's NodePort").Graph, Inside: nodes("servicegraph").Graph},
	}
}

var pageJudges = map[string]attack.Judge[pages]{
	"nodes":   func(p pages) []verdict.Finding { return graph.JudgeNodes(p.Graph, p.D3) },
	"dotviz":  func(p pages) []verdict.Finding { return graph.JudgeDotviz(p.Dotviz, p.Graph) },
	"force":   func(p pages) []verdict.Finding { return graph.JudgeForce(p.Force, p.D3) },
	"outside": func(p pages) []verdict.Finding { return graph.JudgeOutside(30088, p.Outside) },
}

func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		judge string
		spoil func(*pages)
		want  []verdict.Kind
		red   verdict.Verdict
	}{
		"same nodes":                    {"nodes", func(*pages) {}, nil, verdict.Pass},
		"a node is lost":                {"nodes", func(p *pages) { p.D3.Nodes = p.D3.Nodes[1:] }, []verdict.Kind{"nodes-differ"}, verdict.Fail},
		"a node is one too many":        {"nodes", func(p *pages) { p.D3.Nodes = append(p.D3.Nodes, "x (x)") }, []verdict.Kind{"nodes-differ"}, verdict.Fail},
		"an edge is lost":               {"nodes", func(p *pages) { p.D3.Edges = p.D3.Edges[1:] }, []verdict.Kind{"drawings-differ"}, verdict.Fail},
		"an edge is turned":             {"nodes", func(p *pages) { e := &p.D3.Edges[0]; e.From, e.To = e.To, e.From }, []verdict.Kind{"drawings-differ", "drawings-differ"}, verdict.Fail},
		"no edges":                      {"nodes", func(p *pages) { p.D3.Edges, p.Graph.Edges = nil, nil }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"dotviz":                        {"dotviz", func(*pages) {}, nil, verdict.Pass},
		"dotviz was not asked":          {"dotviz", func(p *pages) { p.Dotviz = evidence.GraphPage{} }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"dotviz holds no graph":         {"dotviz", func(p *pages) { p.Dotviz.Drawing = nil }, []verdict.Kind{"no-drawing"}, verdict.Fail},
		"dotviz holds an empty graph":   {"dotviz", func(p *pages) { p.Dotviz.Drawing = &evidence.NodeGraph{} }, []verdict.Kind{"no-evidence", "nodes-differ"}, verdict.Fail},
		"dotviz lacks an edge":          {"dotviz", func(p *pages) { p.Dotviz.Drawing.Edges = p.Dotviz.Drawing.Edges[:1] }, []verdict.Kind{"drawings-differ"}, verdict.Fail},
		"dotviz is another page":        {"dotviz", func(p *pages) { p.Dotviz.Title = "Prometheus" }, []verdict.Kind{"wrong-title"}, verdict.Fail},
		"Graphviz is not served":        {"dotviz", func(p *pages) { p.Dotviz.Assets[1] = evidence.Asset{Name: "viz.js", Element: "script", Error: "404"} }, []verdict.Kind{"asset-missing"}, verdict.Fail},
		"Graphviz is empty":             {"dotviz", func(p *pages) { p.Dotviz.Assets[1].Bytes = 0 }, []verdict.Kind{"asset-missing"}, verdict.Fail},
		"Graphviz is from elsewhere":    {"dotviz", func(p *pages) { p.Dotviz.Assets[1].Elsewhere = true }, []verdict.Kind{"asset-elsewhere"}, verdict.Fail},
		"dotviz has nothing that draws": {"dotviz", func(p *pages) { p.Dotviz.Assets = p.Dotviz.Assets[:1] }, []verdict.Kind{"no-script"}, verdict.Fail},
		"force graph":                   {"force", func(*pages) {}, nil, verdict.Pass},
		"force graph was not asked":     {"force", func(p *pages) { p.Force = evidence.GraphPage{} }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"D3 is from elsewhere":          {"force", func(p *pages) { p.Force.Assets[0].Elsewhere = true }, []verdict.Kind{"asset-elsewhere"}, verdict.Fail},
		"two files are not there":       {"force", func(p *pages) { p.Force.Assets[0].Error, p.Force.Assets[1].Error = "404", "404" }, []verdict.Kind{"asset-missing", "asset-missing"}, verdict.Fail},
		"the force graph loads nothing": {"force", func(p *pages) { p.Force.Assets = nil }, []verdict.Kind{"no-script"}, verdict.Fail},
		"nothing to draw":               {"force", func(p *pages) { p.D3.Edges = nil }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"outside":                       {"outside", func(*pages) {}, nil, verdict.Pass},
		"outside was not asked":         {"outside", func(p *pages) { p.Outside = evidence.GraphOutside{NodePort: 30088} }, []verdict.Kind{"no-evidence"}, verdict.Inconclusive},
		"no NodePort":                   {"outside", func(p *pages) { p.Outside = evidence.GraphOutside{} }, []verdict.Kind{"wrong-node-port"}, verdict.Fail},
		"another NodePort":              {"outside", func(p *pages) { p.Outside.NodePort = 30099 }, []verdict.Kind{"wrong-node-port"}, verdict.Fail},
		"another graph outside":         {"outside", func(p *pages) { p.Outside.Graph.Edges = p.Outside.Graph.Edges[1:] }, []verdict.Kind{"drawings-differ"}, verdict.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthyPages()
			c.spoil(&seen)
			findings := pageJudges[c.judge](seen)
			var kinds []verdict.Kind
			for _, f := range findings {
				kinds = append(kinds, f.Kind)
			}
			if !slices.Equal(kinds, c.want) || verdict.Of(findings) != c.red {
				t.Errorf("%s with %q, want %s with %q", verdict.Of(findings), kinds, c.red, c.want)
			}
			sample.Complete(t, findings)
		})
	}
}

func TestBrokenPages(t *testing.T) {
	for name, judge := range pageJudges {
		t.Run(name, func(t *testing.T) {
			attack.Mutations(t, healthyPages(), judge)
			attack.NeverGreen(t, map[string]pages{"nothing": {}}, judge)
		})
	}
	attack.NeverGreen(t, attack.Without(healthyPages(), func(p *pages) *[]string { return &p.D3.Nodes }), pageJudges["nodes"])
	attack.NeverGreen(t, attack.Without(healthyPages(), func(p *pages) *[]evidence.Edge { return &p.D3.Edges }), pageJudges["nodes"])
	attack.Shuffled(t, healthyPages(), func(p *pages) *[]string { return &p.D3.Nodes }, pageJudges["nodes"])
	attack.Shuffled(t, healthyPages(), func(p *pages) *[]evidence.Asset { return &p.Force.Assets }, pageJudges["force"])
}

func FuzzPages(f *testing.F) {
	attack.Fuzz(f, func(p pages) []verdict.Finding {
		return slices.Concat(pageJudges["nodes"](p), pageJudges["dotviz"](p), pageJudges["force"](p), pageJudges["outside"](p))
	}, healthyPages())
}

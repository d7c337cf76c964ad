package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// The titles of Servicegraph's pages, which the original gave them (istio/istio,
// addons/servicegraph, dot/dot.go and force/forcegraph.html).
const (
	dotvizTitle = "Tiny example"
	forceTitle  = "Istio Service Graph"
)

// JudgeNodes says whether two drawings of one moment show the same nodes and edges.
//
// Kinds: those of JudgeSame, nodes-differ.
func JudgeNodes(one, other evidence.NodeGraph) []verdict.Finding {
	findings := JudgeSame(one.Graph, other.Graph)
	for _, pair := range [][2]evidence.NodeGraph{{one, other}, {other, one}} {
		lacking := slices.DeleteFunc(slices.Sorted(slices.Values(pair[0].Nodes)), func(n string) bool { return slices.Contains(pair[1].Nodes, n) })
		if len(lacking) == 0 {
			continue
		}
		findings = append(findings, verdict.Finding{
			Kind: "nodes-differ", Verdict: verdict.Fail,
			Summary: fmt.Sprintf("%s lacks %s that %s shows", pair[1].Source, object.Count(len(lacking), "node"), pair[0].Source),
			Object:  servicegraph,
			Want:    "the same nodes in both", Got: "lacking " + strings.Join(lacking, ", "),
			Where: fmt.Sprintf("%s, horizon %s", object.Text(pair[1].Source), pair[1].Horizon),
			Why:   "both are drawn from the same metrics over the same horizon, moments apart, and from the same nodes that were added by hand",
			Next:  "compare the two answers in the artifacts",
		})
	}
	return findings
}

// JudgeDotviz says whether the page /dotviz can draw, without anybody else's
// help, the graph that Servicegraph knows.
//
// Kinds: those of JudgeNodes, no-evidence, wrong-title, no-script, asset-missing,
// asset-elsewhere, no-drawing.
func JudgeDotviz(page evidence.GraphPage, graph evidence.NodeGraph) []verdict.Finding {
	findings := judgePage(page, dotvizTitle)
	if page.Path == "" {
		return findings
	}
	if page.Drawing == nil {
		return append(findings, verdict.Finding{
			Kind: "no-drawing", Verdict: verdict.Fail, Summary: "the page " + page.Path + " holds no graph", Object: servicegraph,
			Want: "a graph in Graphviz' language, in the script element of id cluster", Got: "none", Where: page.Path,
			Why:  "the page draws what it holds, so that it shows nothing",
			Next: "ask GET " + page.Path + " and see what it holds",
		})
	}
	return append(findings, JudgeNodes(graph, *page.Drawing)...)
}

// JudgeForce says whether the page of the force graph can draw, without anybody
// else's help, and is answered with a graph that has something in it.
//
// Kinds: no-evidence, wrong-title, no-script, asset-missing, asset-elsewhere.
func JudgeForce(page evidence.GraphPage, polled evidence.NodeGraph) []verdict.Finding {
	findings := judgePage(page, forceTitle)
	if len(polled.Edges) > 0 && len(polled.Nodes) > 0 {
		return findings
	}
	return append(findings, verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "the graph that the force graph asks for has no edges", Object: servicegraph,
		Want: "the edges of the background traffic at least", Got: fmt.Sprintf("%s, %s", object.Count(len(polled.Nodes), "node"), object.Count(len(polled.Edges), "edge")),
		Where: object.Text(polled.Source),
		Why:   "a page that shows nothing shows nothing of the mesh",
		Next:  "see that Prometheus has samples of istio_requests_total",
	})
}

// judgePage judges what is the same for all pages.
func judgePage(page evidence.GraphPage, title string) []verdict.Finding {
	f := verdict.Finding{Verdict: verdict.Fail, Object: servicegraph, Where: object.Text(page.Path)}
	if page.Path == "" {
		f.Kind, f.Verdict, f.Summary = "no-evidence", verdict.Inconclusive, "no page of Servicegraph was seen"
		f.Want, f.Got, f.Why, f.Next = "a page", "none", "nothing can be said of a page that nobody asked for", "look again"
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	if page.Title != title {
		f := f
		f.Kind, f.Summary = "wrong-title", fmt.Sprintf("the page %s is not Servicegraph's", page.Path)
		f.Want, f.Got = fmt.Sprintf("title %q", title), fmt.Sprintf("%q", page.Title)
		f.Why, f.Next = "the original's page has this title, so another server or another page answers", "see which pods Service istio-system/servicegraph leads to"
		findings = append(findings, f)
	}
	if !slices.ContainsFunc(page.Assets, func(a evidence.Asset) bool { return a.Element == "script" }) {
		f := f
		f.Kind, f.Summary = "no-script", fmt.Sprintf("the page %s loads no script", page.Path)
		f.Want, f.Got = "the script that draws", object.Count(len(page.Assets), "file")+", none of them a script"
		f.Why, f.Next = "the graph is drawn in the browser, which needs a script for it", "ask GET "+page.Path+" and see what it loads"
		findings = append(findings, f)
	}
	for _, a := range page.Assets {
		f := f
		f.Where = a.Name + ", loaded by " + page.Path
		switch {
		case a.Elsewhere:
			f.Kind, f.Summary = "asset-elsewhere", fmt.Sprintf("the page %s loads %s from elsewhere", page.Path, a.Name)
			f.Want, f.Got, f.Why = "a file of Servicegraph's own", "one of another server", "without that server's network the page draws nothing, and that server learns who looks"
			f.Next = "have Servicegraph serve the file itself"
		case a.Error != "" || a.Bytes <= 0:
			f.Kind, f.Summary = "asset-missing", fmt.Sprintf("the page %s loads %s, which is not there", page.Path, a.Name)
			f.Want, f.Got, f.Why = "status 200 with content", object.Text(a.Error), "what draws the graph is not all there, so the page shows an empty drawing"
			f.Next = "see whether the image of " + servicegraph + " has the file"
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

// JudgeOutside says whether Servicegraph answers outside the cluster, at the node
// port wanted, what it answers inside.
//
// Kinds: those of JudgeSame, wrong-node-port.
func JudgeOutside(nodePort int, seen evidence.GraphOutside) []verdict.Finding {
	if seen.NodePort == nodePort {
		return JudgeSame(seen.Inside, seen.Graph)
	}
	got := fmt.Sprintf("node port %d", seen.NodePort)
	if seen.NodePort == 0 {
		got = "no node port"
	}
	return []verdict.Finding{{
		Kind: "wrong-node-port", Verdict: verdict.Fail, Summary: fmt.Sprintf("Servicegraph is not at node port %d", nodePort),
		Object: object.Service("istio-system", "servicegraph"),
		Want:   fmt.Sprintf("port 8088 at node port %d", nodePort), Got: got, Where: "the Service's ports",
		Why:  "who follows the document opens NODE:" + fmt.Sprint(nodePort) + " in a browser and finds nothing, or somebody else",
		Next: "see who changed the Service, or whether the port was taken when it was made",
	}}
}

package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// drawing is the service graph of a release: drawn, and as a table.
type drawing struct {
	Anchor, Release string
	// Source is where the edges are from, for people.
	Source string
	Edges  []edge
	SVG    *svg
	// Problem says why there is no drawing.
	Problem string
}

// edge is one arrow. State is "called", "idle", "forbidden" or "missing".
type edge struct {
	From, To, Rate, Codes, Security string

	State, Remark string
	// bad are the codes of 500 and more, or none at all.
	bad string
}

// edges that are called alone are drawn with their rate.
const (
	called    = "called"
	idle      = "idle"
	forbidden = "forbidden"
	missing   = "missing"
)

func graphsOf(r *report.Report, s *source, releases map[string]*catalogue.Release) []drawing {
	var all []drawing
	for i, name := range releaseNames(r) {
		specs := map[string]report.Spec{}
		var blamed []verdict.Finding
		for _, spec := range r.Specs {
			if spec.Release == name {
				specs[spec.ID] = spec
				if spec.Topic == "graph" {
					blamed = append(blamed, spec.Findings...)
				}
			}
		}
		seen, from, ok := graphSeen(s, specs)
		if !ok {
			continue
		}
		d := drawing{Anchor: fmt.Sprintf("graph-%d", i+1), Release: name, Source: from}
		d.Edges = edgesOf(seen, releases[name], blamed, trafficOf(s, specs))
		var err error
		if d.SVG, err = layOut(d.Edges, projectsOf(releases[name])); err != nil {
			d.Problem = err.Error()
		}
		all = append(all, d)
	}
	return all
}

// graphSeen is the best graph that the run kept.
func graphSeen(s *source, specs map[string]report.Spec) (evidence.Graph, string, bool) {
	if spec, ok := specs["graph.edges"]; ok {
		if g, ok := evidenceOf[evidence.Graph](s, spec, "graph"); ok {
			return g, "Servicegraph, as graph.edges saw it under traffic over all paths", true
		}
	}
	if spec, ok := specs["graph.sources-agree"]; ok {
		if d, ok := evidenceOf[evidence.Drawings](s, spec, "drawings"); ok && len(d.Servicegraph.Edges) > 0 {
			return d.Servicegraph.Graph, "Servicegraph, as graph.sources-agree saw it", true
		}
	}
	if spec, ok := specs["graph.rates"]; ok {
		if g, ok := evidenceOf[evidence.Graph](s, spec, "graph"); ok {
			return g, "Servicegraph, as graph.rates saw it", true
		}
	}
	return evidence.Graph{}, "", false
}

// traffic is what the metrics say of the requests between two workloads.
type traffic struct {
	codes          map[string]float64
	secured, plain float64
}

// trafficOf is by caller and callee.
func trafficOf(s *source, specs map[string]report.Spec) map[[2]string]*traffic {
	spec, ok := specs["metrics.workloads"]
	if !ok {
		return nil
	}
	seen, ok := evidenceOf[evidence.Measured](s, spec, "workloads")
	if !ok {
		return nil
	}
	all := map[[2]string]*traffic{}
	for _, sample := range seen.Requests.Items {
		l := sample.Labels
		if l["reporter"] != "destination" {
			continue
		}
		ends := [2]string{l["source_workload"], l["destination_workload"]}
		if all[ends] == nil {
			all[ends] = &traffic{codes: map[string]float64{}}
		}
		all[ends].codes[l["response_code"]] += sample.Value
		if l["connection_security_policy"] == "mutual_tls" {
			all[ends].secured += sample.Value
		} else {
			all[ends].plain += sample.Value
		}
	}
	return all
}

func (t *traffic) inCodes() string {
	if t == nil {
		return ""
	}
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(t.codes)) {
		parts = append(parts, fmt.Sprintf("%s × %.0f", code, t.codes[code]))
	}
	return strings.Join(parts, ", ")
}

// failed are the codes of answers that are none or an error of the callee.
func (t *traffic) failed() string {
	if t == nil {
		return ""
	}
	codes := slices.DeleteFunc(slices.Sorted(maps.Keys(t.codes)), func(code string) bool { return code != "0" && !strings.HasPrefix(code, "5") })
	return strings.Join(codes, ", ")
}

func (t *traffic) security() string {
	if t == nil || t.secured+t.plain == 0 {
		return ""
	}
	share := t.secured / (t.secured + t.plain) * 100
	switch share {
	case 100:
		return "mutual TLS"
	case 0:
		return "plain text"
	}
	return fmt.Sprintf("mutual TLS %.0f %%", share)
}

// edgesOf are those of the graph and those that a finding misses.
func edgesOf(g evidence.Graph, release *catalogue.Release, findings []verdict.Finding, counted map[[2]string]*traffic) []edge {
	wrong := arrowsIn(findings, "forbidden-edge", "edge-invented", "foreign-caller")
	lost := arrowsIn(findings, "missing-edge", "edge-lacking")
	var all []edge
	for _, e := range g.Edges {
		one := edge{From: e.From, To: e.To, Rate: rate(e), State: idle}
		ends := [2]string{e.From, e.To}
		if e.From == catalogue.Client {
			ends[0] = catalogue.Unnamed
		}
		one.Codes, one.Security, one.bad = counted[ends].inCodes(), counted[ends].security(), counted[ends].failed()
		if e.Rate > 0 {
			one.State = called
		}
		if wrong(e.From, e.To) {
			one.State, one.Remark = forbidden, "forbidden: the catalogue knows no such call"
		}
		all = append(all, one)
	}
	for _, e := range release.Edges {
		from, to := release.WorkloadName(e.From), release.WorkloadName(e.To)
		if lost(from, to) && !slices.ContainsFunc(all, func(o edge) bool { return o.From == from && o.To == to && o.State != idle }) {
			all = slices.DeleteFunc(all, func(o edge) bool { return o.From == from && o.To == to })
			all = append(all, edge{From: from, To: to, State: missing, Remark: "missing: it was called, and the graph lacks it"})
		}
	}
	order := map[string]int{forbidden: 0, missing: 1, called: 2, idle: 3}
	slices.SortStableFunc(all, func(a, b edge) int {
		return cmp.Or(order[a.State]-order[b.State], strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return all
}

// arrowsIn tells whether a finding of one of the kinds names the arrow.
func arrowsIn(findings []verdict.Finding, kinds ...verdict.Kind) func(from, to string) bool {
	named := map[string]bool{}
	for _, f := range findings {
		if !slices.Contains(kinds, f.Kind) || f.Verdict == verdict.Pass {
			continue
		}
		words := strings.Fields(f.Summary)
		for i, word := range words {
			if word == "→" && i > 0 && i < len(words)-1 {
				named[words[i-1]+" → "+strings.TrimRight(words[i+1], ",.;:")] = true
			}
		}
	}
	return func(from, to string) bool { return named[from+" → "+to] }
}

func rate(e evidence.Edge) string {
	if e.Rate == 0 {
		return "0"
	}
	unit := map[string]string{"reqs/sec": "/s", "bytes/sec": " B/s"}[e.Unit]
	return fmt.Sprintf("%.3g%s", e.Rate, cmp.Or(unit, " "+e.Unit))
}

// projectsOf is the project of each workload.
func projectsOf(release *catalogue.Release) map[string]string {
	all := map[string]string{}
	for _, w := range release.Workloads {
		all[w.Name] = w.Project
	}
	return all
}

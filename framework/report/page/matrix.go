package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// matrix is what each topic says of each workload of a release.
type matrix struct {
	Release string
	Topics  []string
	Rows    []matrixRow
	// Rest are findings about what is no workload: a Service account, the mesh.
	Rest []cell
}

// matrixRow is a workload; Project groups rows.
type matrixRow struct {
	Workload, Project string
	Cells             []cell
}

// cell is what the specs of a topic came to for a workload. Class is that of a
// badge, or "unseen" where no spec looked at it.
type cell struct {
	Class, Sign, Word string
	// Text says how many specs looked and what they found.
	Text string
	// Note is a short count of what is excused.
	Note string
	// Topic and About choose the specs in the filter; About is empty for a cell
	// that needs no look.
	Topic, Release, About string
}

// tally is what is known of a workload in a topic.
type tally struct {
	passed, failed, open int
	excused              int
}

// matricesOf makes a matrix of each release.
func matricesOf(r *report.Report, s *source, releases map[string]*catalogue.Release) []matrix {
	var all []matrix
	for _, name := range releaseNames(r) {
		who := newNames(releases[name])
		topics := map[string]map[string]*tally{}
		rest := map[string]*tally{}
		m := matrix{Release: name}
		for _, spec := range r.Specs {
			if spec.Release != name {
				continue
			}
			if topics[spec.Topic] == nil {
				topics[spec.Topic], rest[spec.Topic] = map[string]*tally{}, &tally{}
				m.Topics = append(m.Topics, spec.Topic)
			}
			countSpec(spec, who, looked(s, spec, who), topics[spec.Topic], rest[spec.Topic])
		}
		for _, w := range who.list() {
			row := matrixRow{Workload: w.name, Project: w.project}
			for _, topic := range m.Topics {
				row.Cells = append(row.Cells, cellOf(topics[topic][w.name], topic, name, w.name))
			}
			m.Rows = append(m.Rows, row)
		}
		for _, topic := range m.Topics {
			m.Rest = append(m.Rest, cellOf(rest[topic], topic, name, ""))
		}
		all = append(all, m)
	}
	return all
}

// countSpec adds what a spec says of each workload. A spec that failed for one
// workload says nothing of the others that it looked at: they are neither good nor bad by it.
func countSpec(spec report.Spec, who *names, seen []string, cells map[string]*tally, rest *tally) {
	at := func(workload string) *tally {
		if cells[workload] == nil {
			cells[workload] = &tally{}
		}
		return cells[workload]
	}
	blamed := map[*tally]verdict.Verdict{}
	for _, f := range append(report.Blamed(spec), excusedOf(spec)...) {
		t := rest
		if workload, ok := who.of(f.Object); ok {
			t = at(workload)
		}
		if f.Verdict == verdict.Pass {
			t.excused++
			continue
		}
		if was, ok := blamed[t]; !ok || verdict.Worst(was, f.Verdict) != was {
			blamed[t] = f.Verdict
		}
	}
	for t, v := range blamed {
		if v == verdict.Fail {
			t.failed++
		} else {
			t.open++
		}
	}
	for _, workload := range seen {
		t := at(workload)
		switch {
		case spec.Verdict == verdict.Pass:
			t.passed++
		case spec.Verdict == verdict.Inconclusive && blamed[t] == "":
			t.open++
		}
	}
}

// excusedOf are the findings that a known gap or a waiver excuses.
func excusedOf(spec report.Spec) []verdict.Finding {
	var all []verdict.Finding
	for _, f := range spec.Findings {
		if f.Excused() {
			all = append(all, f)
		}
	}
	return all
}

func cellOf(t *tally, topic, release, workload string) cell {
	c := cell{Class: "unseen", Sign: "·", Word: "not looked at", Topic: topic, Release: release}
	if t == nil {
		return c
	}
	var parts []string
	add := func(n int, noun string) {
		if n > 0 {
			parts = append(parts, prose.Plural(n, "spec")+" "+noun)
		}
	}
	add(t.failed, "failed")
	add(t.open, "inconclusive")
	add(t.passed, "passed")
	var v verdict.Verdict
	switch {
	case t.failed > 0:
		v = verdict.Fail
	case t.open > 0:
		v = verdict.Inconclusive
	case t.passed > 0:
		v = verdict.Pass
	}
	if v != "" {
		b := badgeOf(v)
		c.Class, c.Sign, c.Word = b.Class, b.Sign, b.Word
	}
	if t.excused > 0 {
		c.Note = fmt.Sprintf("%d excused", t.excused)
		parts = append(parts, prose.Plural(t.excused, "finding")+" excused")
		if v == "" {
			c.Class, c.Sign, c.Word = "skip", "–", "excused"
		}
	}
	if c.Text = strings.Join(parts, ", "); t.failed+t.open > 0 {
		c.About = workload
	}
	return c
}

// across is release × workload: what all topics together say.
type across struct {
	Releases []string
	Rows     []matrixRow
}

// acrossOf is made of several releases only.
func acrossOf(all []matrix) *across {
	if len(all) < 2 {
		return nil
	}
	a := &across{}
	rows := map[string]int{}
	for i, m := range all {
		a.Releases = append(a.Releases, m.Release)
		for _, row := range m.Rows {
			at, known := rows[row.Workload]
			if !known {
				at = len(a.Rows)
				rows[row.Workload] = at
				a.Rows = append(a.Rows, matrixRow{Workload: row.Workload, Project: row.Project})
			}
			for len(a.Rows[at].Cells) < i {
				a.Rows[at].Cells = append(a.Rows[at].Cells, absent(all[len(a.Rows[at].Cells)].Release))
			}
			a.Rows[at].Cells = append(a.Rows[at].Cells, worst(row, m))
		}
	}
	for i := range a.Rows {
		for len(a.Rows[i].Cells) < len(all) {
			a.Rows[i].Cells = append(a.Rows[i].Cells, absent(all[len(a.Rows[i].Cells)].Release))
		}
	}
	return a
}

func absent(release string) cell {
	return cell{Class: "unseen", Sign: "·", Word: "not in it", Release: release}
}

// worst is the gravest cell of a row; its text says in how many topics.
func worst(row matrixRow, m matrix) cell {
	out := cell{Class: "unseen", Sign: "·", Word: "not looked at", Release: m.Release}
	for _, class := range []string{"fail", "inconclusive", "pass", "skip"} {
		n := 0
		for _, c := range row.Cells {
			if c.Class != class {
				continue
			}
			if n++; n == 1 {
				out.Class, out.Sign, out.Word = c.Class, c.Sign, c.Word
				if c.About != "" {
					out.About = c.About
				}
			}
		}
		if n > 0 {
			out.Text = fmt.Sprintf("%s in %d of %s", out.Word, n, prose.Plural(len(m.Topics), "topic"))
			return out
		}
	}
	return out
}

// names know the workloads of a release by all that names them.
type names struct {
	release *catalogue.Release
	// byObject has workloads by an object that is theirs: "Deployment onap/msb-msb-iag",
	// "Service onap/msb-iag", "Pod onap/msb-msb-iag-5d…".
	byObject map[string]string
	byApp    map[string]string
	project  map[string]string
	all      []string
}

type named struct{ name, project string }

func newNames(release *catalogue.Release) *names {
	n := &names{release: release, byObject: map[string]string{}, byApp: map[string]string{}, project: map[string]string{}}
	for _, w := range release.Workloads {
		n.add(w.Name, w.Project)
		n.byObject[w.Object(catalogue.Namespace)] = w.Name
		n.byApp[w.App] = w.Name
		for _, service := range w.Services {
			n.byObject["Service "+catalogue.Namespace+"/"+service.Name] = w.Name
		}
	}
	return n
}

func (n *names) add(workload, project string) {
	if _, known := n.project[workload]; !known {
		n.project[workload] = project
		n.all = append(n.all, workload)
	}
}

// saw takes in a workload that the evidence has, and its pod.
func (n *names) saw(workload, pod string) {
	if workload == "" {
		return
	}
	if _, known := n.project[workload]; !known {
		n.add(workload, "not in the catalogue")
		n.byObject[catalogue.Deployment+" "+catalogue.Namespace+"/"+workload] = workload
	}
	if pod != "" {
		n.byObject["Pod "+catalogue.Namespace+"/"+pod] = workload
	}
}

// of is the workload that the object is or is part of.
func (n *names) of(object string) (string, bool) {
	workload, ok := n.byObject[object]
	return workload, ok
}

// list are the workloads by project, in the order of the catalogue.
func (n *names) list() []named {
	var all []named
	for _, w := range n.all {
		all = append(all, named{w, n.project[w]})
	}
	slices.SortStableFunc(all, func(a, b named) int { return strings.Compare(a.project, b.project) })
	return all
}

package page

import (
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// group is the specs of one verdict.
type group struct {
	Badge badge
	Title string
	Cards []card
}

// card is one spec on one release.
type card struct {
	Anchor, ID, Topic, Release, Proves string

	Badge badge
	Took  string
	Open  bool
	// Blamed are the findings for which it did not pass, Remarks the others.
	Blamed  []verdict.Finding
	Remarks []remark
	Notes   []string
	Reason  string
	Rerun   string
	Files   []file
	// Folder is where the files are.
	Folder   string
	Excerpts []excerpt
	// Traces are the anchors of the traces it judged.
	Traces []string
}

// remark is a finding that does not count against the spec.
type remark struct {
	Object, Text, Why string
}

// opened is how many specs that did not pass are open when the page is; the
// others are a click away.
const opened = 25

func groupsOf(r *report.Report, s *source, traces []traceView) []group {
	anchors := anchorsOf(r)
	traced := map[place][]string{}
	for _, t := range traces {
		at := place{t.Release, t.Spec}
		traced[at] = append(traced[at], t.Anchor)
	}
	var groups []group
	shown := 0
	for _, g := range []struct {
		v     verdict.Verdict
		title string
	}{{verdict.Fail, "Failed"}, {verdict.Inconclusive, "Inconclusive"}, {verdict.Pass, "Passed"}, {verdict.Skip, "Skipped"}} {
		made := group{Badge: badgeOf(g.v), Title: g.title}
		for _, spec := range r.Specs {
			if spec.Verdict != g.v {
				continue
			}
			at := place{spec.Release, spec.ID}
			c := cardOf(spec, anchors[at], s)
			c.Traces = traced[at]
			if len(c.Blamed) > 0 {
				c.Open = shown < opened
				if shown < excerpted {
					c.Excerpts = excerptsOf(c, s)
				}
				shown++
			}
			made.Cards = append(made.Cards, c)
		}
		if len(made.Cards) > 0 {
			groups = append(groups, made)
		}
	}
	return groups
}

func cardOf(spec report.Spec, anchor string, s *source) card {
	c := card{
		Anchor: anchor, ID: spec.ID, Topic: spec.Topic, Release: spec.Release, Proves: spec.Proves,
		Badge: badgeOf(spec.Verdict), Took: prose.Duration(spec.Seconds),
		Blamed: report.Blamed(spec), Notes: spec.Notes, Rerun: spec.Rerun, Folder: spec.Artifacts, Files: filesOf(spec, s),
	}
	if spec.Verdict == verdict.Skip || len(spec.Findings) == 0 {
		c.Reason = spec.Reason
	}
	for _, f := range spec.Findings {
		if f.Verdict == verdict.Fail || f.Verdict == verdict.Inconclusive {
			continue
		}
		why := f.Next
		switch {
		case f.Gap != "":
			why = "known gap " + f.Gap
		case f.Waiver != "":
			why = "waived by " + f.Waiver
		}
		c.Remarks = append(c.Remarks, remark{f.Object, f.Summary, why})
	}
	return c
}

// anchorsOf are the ids of the specs' cards in the page.
func anchorsOf(r *report.Report) map[place]string {
	anchors := make(map[place]string, len(r.Specs))
	for i, s := range r.Specs {
		anchors[place{s.Release, s.ID}] = fmt.Sprintf("spec-%d", i+1)
	}
	return anchors
}

// filter is what the specs can be chosen by.
type filter struct {
	Total            int
	Verdicts         []badge
	Topics, Releases []string
}

func filterOf(r *report.Report) filter {
	f := filter{Total: len(r.Specs)}
	for _, v := range []verdict.Verdict{verdict.Fail, verdict.Inconclusive, verdict.Pass, verdict.Skip} {
		if slices.ContainsFunc(r.Specs, func(s report.Spec) bool { return s.Verdict == v }) {
			f.Verdicts = append(f.Verdicts, badgeOf(v))
		}
	}
	topics, releases := map[string]bool{}, map[string]bool{}
	for _, s := range r.Specs {
		if !topics[s.Topic] {
			topics[s.Topic] = true
			f.Topics = append(f.Topics, s.Topic)
		}
		if !releases[s.Release] {
			releases[s.Release] = true
			f.Releases = append(f.Releases, s.Release)
		}
	}
	slices.Sort(f.Topics)
	return f
}

// urgent are the specs that did not pass, in a line each.
type urgent struct {
	Lines []urgentLine
	// More is how many there are beside.
	More int
}

type urgentLine struct {
	Badge                     badge
	Anchor, ID, Release, Text string
}

// mostUrgent is how many lines a reader takes in at once.
const mostUrgent = 12

func urgentOf(groups []group) *urgent {
	u := &urgent{}
	for _, g := range groups {
		for _, c := range g.Cards {
			switch {
			case len(c.Blamed) == 0:
			case len(u.Lines) == mostUrgent:
				u.More++
			default:
				u.Lines = append(u.Lines, urgentLine{c.Badge, c.Anchor, c.ID, c.Release, prose.OneLine(c.Blamed[0].Summary)})
			}
		}
	}
	if len(u.Lines) == 0 {
		return nil
	}
	return u
}

// Package diff says in what two runs differ: what was judged, what was seen, and
// what it was seen on. It is pure and does not depend on the order of any list.
//
// It guarantees that noise is no change and that ignorance is no equality. What
// is another in every run (ids, times, addresses, counts of requests) is not
// compared; figures and durations are, beyond a threshold that the section
// states. A comparison for which something is missing says so in
// Section.Unknown. Worse are only verdicts, findings and edges nobody explains;
// all else is told without a judgement.
package diff

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/reports/schema"
)

// Exit statuses of a comparison.
const (
	// ExitSame: nothing got worse.
	ExitSame = 0
	// ExitWorse: a spec newly fails or was passed before, a failing finding is new,
	// or an edge that the catalogue does not explain.
	ExitWorse = 1
	// ExitIncomparable: a run did not come to its end, or no spec is in both.
	ExitIncomparable = 3
)

// Run is one side: a report, and the run's folder. Files may be missing in it;
// nil is a folder without files.
type Run struct {
	Report    *report.Report
	Artifacts fs.FS
}

// Diff is what changed from run A to run B; reports/schema describes its JSON.
type Diff struct {
	// Schema is the id of the JSON Schema this document follows.
	Schema string `json:"schema"`
	A      Side   `json:"a"`
	B      Side   `json:"b"`
	// Incomparable says why the verdicts cannot be compared; empty when they can.
	Incomparable []string `json:"incomparable"`
	// Unlike are differences of what was asked for: another release, focus, meshcert.
	Unlike []Change `json:"unlike"`
	// Sections are those in which something changed or could not be compared.
	Sections []Section `json:"sections"`
	// Worse and Better count the changes that are.
	Worse  int `json:"worse"`
	Better int `json:"better"`
	// Exit is one of ExitSame, ExitWorse and ExitIncomparable.
	Exit int `json:"exit"`
}

// Side is a run in short.
type Side struct {
	Run     string          `json:"run"`
	Version string          `json:"version"`
	Verdict verdict.Verdict `json:"verdict"`
	Counts  report.Counts   `json:"counts"`
	// Standins tells that programs of ours took the place of ONAP's.
	Standins bool `json:"standins"`
}

// Topic is what a section is about.
type Topic string

// The topics, in the order in which they are told.
const (
	Verdicts    Topic = "verdicts"
	Gaps        Topic = "gaps"
	Edges       Topic = "edges"
	Metrics     Topic = "metrics"
	Headers     Topic = "headers"
	Images      Topic = "images"
	Charts      Topic = "charts"
	Rendering   Topic = "rendering"
	Environment Topic = "environment"
	Figures     Topic = "figures"
	Durations   Topic = "durations"
)

// Section is what changed in one topic.
type Section struct {
	Topic   Topic    `json:"topic"`
	Changes []Change `json:"changes"`
	// Unknown says what could not be compared, and why.
	Unknown []string `json:"unknown"`
	// Method says which difference is more than noise; empty where all are.
	Method string `json:"method,omitempty"`
}

// Way is how something changed.
type Way string

// The ways.
const (
	New     Way = "new"
	Gone    Way = "gone"
	Changed Way = "changed"
)

// Effect is what a change means.
type Effect string

// The effects; most changes have none.
const (
	Worse  Effect = "worse"
	Better Effect = "better"
)

// Change is one difference.
type Change struct {
	Way    Way    `json:"way"`
	Effect Effect `json:"effect,omitempty"`
	// Release is the stage, or "A → B" where two different ones are compared; empty
	// for what is the whole run's.
	Release string `json:"release,omitempty"`
	// Subject is what changed: a spec, "msb-msb-iag → multicloud-multicloud", an image.
	Subject string `json:"subject"`
	// Field is which of its properties; empty for the subject itself.
	Field string `json:"field,omitempty"`
	// Kind and Object are those of a finding.
	Kind   verdict.Kind `json:"kind,omitempty"`
	Object string       `json:"object,omitempty"`
	// From is the value in A and To in B, as text.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Compare says in what b differs from a. The baseline are more runs like a, from
// which is learnt how much figures and durations vary by themselves.
func Compare(a, b Run, baseline ...*report.Report) Diff {
	return compare(a, b, baseline, catalogue.Load)
}

// load returns the catalogue's release of a name.
type load func(name string) (*catalogue.Release, error)

func compare(a, b Run, baseline []*report.Report, release load) Diff {
	d := Diff{Schema: schema.DiffID, Incomparable: []string{}, Unlike: []Change{}, Sections: []Section{}}
	if a.Report == nil || b.Report == nil {
		d.Incomparable, d.Exit = append(d.Incomparable, "a report is missing"), ExitIncomparable
		return d
	}
	c := compareRuns(a, b, baseline, release)
	d.A, d.B = sideOf(a.Report), sideOf(b.Report)
	d.Incomparable = append(d.Incomparable, c.incomparable()...)
	d.Unlike = append(d.Unlike, c.unlike()...)
	for _, part := range []func() Section{
		c.verdicts, c.gaps, c.edges, c.metrics, c.headers, c.images, c.charts, c.rendering, c.environment, c.figures, c.durations,
	} {
		d.add(part())
	}
	switch {
	case len(d.Incomparable) > 0:
		d.Exit = ExitIncomparable
	case d.Worse > 0:
		d.Exit = ExitWorse
	}
	return d
}

// add takes in a section that has something to say, in a stable order.
func (d *Diff) add(s Section) {
	if len(s.Changes) == 0 && len(s.Unknown) == 0 {
		return
	}
	s.Changes = append([]Change{}, s.Changes...)
	slices.SortFunc(s.Changes, order)
	slices.Sort(s.Unknown)
	s.Unknown = append([]string{}, slices.Compact(s.Unknown)...)
	for _, c := range s.Changes {
		switch c.Effect {
		case Worse:
			d.Worse++
		case Better:
			d.Better++
		}
	}
	d.Sections = append(d.Sections, s)
}

// order puts what belongs together side by side: a spec's verdict, which has no
// kind, before its findings.
func order(a, b Change) int {
	return cmp.Or(strings.Compare(a.Release, b.Release), strings.Compare(a.Subject, b.Subject),
		strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Object, b.Object), strings.Compare(a.Field, b.Field),
		strings.Compare(string(a.Way), string(b.Way)), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
}

// Empty tells that nothing differs and that nothing was left uncompared.
func (d Diff) Empty() bool {
	return len(d.Incomparable) == 0 && len(d.Unlike) == 0 && len(d.Sections) == 0
}

// Section returns the section of a topic; an empty one where it has nothing to say.
func (d Diff) Section(topic Topic) Section {
	for _, s := range d.Sections {
		if s.Topic == topic {
			return s
		}
	}
	return Section{Topic: topic}
}

func sideOf(r *report.Report) Side {
	s := Side{Run: r.Run.ID, Version: r.Run.Version, Verdict: r.Verdict, Counts: r.Counts}
	for _, e := range r.Environments {
		s.Standins = s.Standins || len(e.Standins()) > 0
	}
	return s
}

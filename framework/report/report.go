package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gowebpki/jcs"

	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/reports/schema"
)

// Report is the document of a run; reports/schema describes its JSON.
type Report struct {
	// Schema is the id of the JSON Schema this document follows.
	Schema  string    `json:"schema"`
	Run     Run       `json:"run"`
	Started time.Time `json:"started"`
	// Ended is missing when the run was killed; Seconds then counts to the last record.
	Ended   time.Time `json:"ended,omitzero"`
	Seconds float64   `json:"seconds"`
	// Finished tells that the run wrote how it ended.
	Finished    bool   `json:"finished"`
	Interrupted bool   `json:"interrupted"`
	Error       string `json:"error,omitempty"`
	// Verdict is about what was judged; Exit also about the run itself.
	Verdict      verdict.Verdict `json:"verdict"`
	Exit         int             `json:"exit"`
	Counts       Counts          `json:"counts"`
	Topics       []Topic         `json:"topics"`
	Ready        []Ready         `json:"ready,omitempty"`
	Gaps         []Gap           `json:"gaps,omitempty"`
	Environments []Environment   `json:"environments,omitempty"`
	Phases       []Phase         `json:"phases"`
	Specs        []Spec          `json:"specs"`
	Notes        []Note          `json:"notes,omitempty"`
	Leftovers    []Leftover      `json:"leftovers,omitempty"`
	// Selftest is missing when none of the same meshcert is known.
	Selftest *Selftest `json:"selftest,omitempty"`
}

// Counts is how many specs there are of each verdict.
type Counts struct {
	Specs        int `json:"specs"`
	Pass         int `json:"pass"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`
	Skip         int `json:"skip"`
}

// Topic is the count of one topic in one release.
type Topic struct {
	Release string `json:"release"`
	Topic   string `json:"topic"`
	Counts
	Seconds float64 `json:"seconds"`
}

// Ready is the READY count of a release: "29/29".
type Ready struct {
	Release string `json:"release"`
	Spec    string `json:"spec"`
	Text    string `json:"text"`
}

// Gap is a known gap of the catalogue that a spec met.
type Gap struct {
	ID      string `json:"id"`
	Release string `json:"release"`
	Spec    string `json:"spec"`
	Text    string `json:"text"`
	// Excused tells that the gap did not count as a failure.
	Excused bool `json:"excused"`
}

// Assemble makes the document of a run from its records, in the order they
// were written. A run that was killed makes an unfinished report. Records that
// do not begin one run, or that judge a spec twice, are an error.
func Assemble(records []Record) (*Report, error) {
	if len(records) == 0 || records[0].RunStarted == nil {
		return nil, errors.New("assemble the report: the first record is not runStarted: this is no run, or it was killed before it began")
	}
	first := records[0]
	r := &Report{
		Schema: schema.ID, Run: *first.RunStarted, Started: first.Time.UTC(),
		Topics: []Topic{}, Phases: []Phase{}, Specs: []Spec{},
	}
	r.Run.Stages = append([]verdict.Stage{}, r.Run.Stages...)
	for i, record := range records[1:] {
		if err := r.add(record); err != nil {
			return nil, fmt.Errorf("assemble the report: record %d: %w", i+2, err)
		}
	}
	r.Seconds = seconds(records[len(records)-1].Time.Sub(r.Started).Seconds())
	r.order()
	if err := r.refuseTwice(); err != nil {
		return nil, fmt.Errorf("assemble the report: %w", err)
	}
	r.derive()
	return r, nil
}

// add takes one record in.
func (r *Report) add(record Record) error {
	if err := record.check(); err != nil {
		return err
	}
	switch {
	case record.RunStarted != nil:
		return fmt.Errorf("a second run (%s) starts in the records of run %s", record.RunStarted.ID, r.Run.ID)
	case record.Environment != nil:
		r.Environments = append(r.Environments, record.Environment.sorted())
	case record.Phase != nil:
		phase := *record.Phase
		phase.Started, phase.Seconds = phase.Started.UTC(), seconds(phase.Seconds)
		r.Phases = append(r.Phases, phase)
	case record.Spec != nil:
		s := *record.Spec
		s.Started, s.Seconds = s.Started.UTC(), seconds(s.Seconds)
		s.Findings, s.Evidence = slices.Clone(s.Findings), slices.Clone(s.Evidence)
		verdict.Sort(s.Findings)
		slices.SortFunc(s.Evidence, func(a, b EvidenceFile) int { return strings.Compare(a.Path, b.Path) })
		r.Specs = append(r.Specs, s)
	case record.Note != nil:
		r.Notes = append(r.Notes, *record.Note)
	case record.Leftover != nil:
		r.Leftovers = append(r.Leftovers, *record.Leftover)
	case record.Selftest != nil:
		r.Selftest = record.Selftest
	case record.RunEnded != nil:
		r.Finished, r.Ended = true, record.Time.UTC()
		r.Interrupted = r.Interrupted || record.RunEnded.Interrupted
		r.Error = record.RunEnded.Error
	}
	return nil
}

// sorted returns the environment with its lists in a stable order.
func (e Environment) sorted() Environment {
	e.Nodes, e.Images, e.Charts = slices.Clone(e.Nodes), slices.Clone(e.Images), slices.Clone(e.Charts)
	slices.SortStableFunc(e.Nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(e.Images, func(a, b Image) int { return strings.Compare(a.Ref, b.Ref) })
	slices.SortStableFunc(e.Charts, func(a, b Chart) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Release, b.Release))
	})
	return e
}

// order sorts specs by release as the run was asked for them, topic and id, so
// that the report does not depend on which process was faster.
func (r *Report) order() {
	slices.SortStableFunc(r.Phases, func(a, b Phase) int { return a.Started.Compare(b.Started) })
	slices.SortStableFunc(r.Leftovers, func(a, b Leftover) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(r.Specs, func(a, b Spec) int {
		return cmp.Or(r.compareReleases(a.Release, b.Release), strings.Compare(a.Topic, b.Topic), strings.Compare(a.ID, b.ID))
	})
}

func (r *Report) compareReleases(a, b string) int {
	place := func(release string) int {
		i := slices.IndexFunc(r.Run.Stages, func(s verdict.Stage) bool { return s.Name() == release })
		if i >= 0 {
			return i
		}
		return len(r.Run.Stages)
	}
	return cmp.Or(place(a)-place(b), strings.Compare(a, b))
}

// refuseTwice finds a spec that was judged twice on one release; the specs are sorted.
func (r *Report) refuseTwice() error {
	for i := 1; i < len(r.Specs); i++ {
		a, b := r.Specs[i-1], r.Specs[i]
		if a.ID == b.ID && a.Release == b.Release {
			return fmt.Errorf("spec %s was judged twice on release %s (%s and %s)", a.ID, a.Release, a.Verdict, b.Verdict)
		}
	}
	return nil
}

// derive fills in what follows from the specs.
func (r *Report) derive() {
	for _, s := range r.Specs {
		last := len(r.Topics) - 1
		if last < 0 || r.Topics[last].Release != s.Release || r.Topics[last].Topic != s.Topic {
			r.Topics = append(r.Topics, Topic{Release: s.Release, Topic: s.Topic})
			last++
		}
		r.Topics[last].count(s.Verdict)
		r.Topics[last].Seconds = seconds(r.Topics[last].Seconds + s.Seconds)
		r.Counts.count(s.Verdict)
		if s.Ready != "" {
			r.Ready = append(r.Ready, Ready{Release: s.Release, Spec: s.ID, Text: s.Ready})
		}
		for _, f := range s.Findings {
			if f.Gap != "" && f.Kind != verdict.GapGone {
				r.Gaps = append(r.Gaps, Gap{ID: f.Gap, Release: s.Release, Spec: s.ID, Text: f.Summary, Excused: f.Verdict == verdict.Pass})
			}
		}
	}
	r.Verdict = r.verdict()
	r.Exit = Status(r)
}

func (c *Counts) count(v verdict.Verdict) {
	c.Specs++
	switch v {
	case verdict.Pass:
		c.Pass++
	case verdict.Fail:
		c.Fail++
	case verdict.Inconclusive:
		c.Inconclusive++
	case verdict.Skip:
		c.Skip++
	}
}

// seconds rounds to milliseconds, which is as fine as a report speaks.
func seconds(s float64) float64 { return math.Round(s*1000) / 1000 }

// JSON returns the document as canonical JSON by RFC 8785: one line, without a
// line end. The same document gives the same bytes.
func (r *Report) JSON() ([]byte, error) {
	text, err := json.Marshal(r)
	if err == nil {
		text, err = jcs.Transform(text)
	}
	if err != nil {
		return nil, fmt.Errorf("encode the report of run %s: %w", r.Run.ID, err)
	}
	return text, nil
}

package selftest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/report/internal/file"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/reports/schema"
)

// Assemble makes the document of a selftest from its records, in the order
// they were written. One that was killed makes an unfinished document. Records
// that do not begin one selftest, that are of a fault which was not planned, or
// that say the same thing twice, are an error.
func Assemble(records []Record) (*Document, error) {
	if len(records) == 0 || records[0].Started == nil {
		return nil, errors.New("assemble the selftest: the first record is not started: this is no selftest, or it was killed before it began")
	}
	a := assembly{first: records[0], told: map[string]*story{}}
	for _, p := range a.first.Started.Faults {
		a.told[p.ID] = &story{planned: p}
	}
	for i, record := range records {
		if err := a.add(record, i == 0); err != nil {
			return nil, fmt.Errorf("assemble the selftest: record %d: %w", i+1, err)
		}
	}
	return a.document(), nil
}

// assembly is a document in the making.
type assembly struct {
	first   Record
	told    map[string]*story
	healthy []Healthy
	ended   *Record
	phases  phases
}

// story is what the records tell of one fault; nil is what they do not.
type story struct {
	planned Planned
	applied *Applied
	judged  *Judged
	cleared *Cleared
	back    *Back
}

// add takes one record in.
func (a *assembly) add(r Record, first bool) error {
	if err := r.check(); err != nil {
		return err
	}
	a.phases.add(r)
	switch {
	case r.Started != nil && !first:
		return fmt.Errorf("a second selftest (%s) starts in the records of selftest %s", r.Started.ID, a.first.Started.ID)
	case r.Healthy != nil:
		return a.addHealthy(*r.Healthy)
	case r.Applied != nil:
		return once(a, "applied", r.Applied.Fault, r.Applied, func(s *story) **Applied { return &s.applied })
	case r.Judged != nil:
		return once(a, "judged", r.Judged.Fault, r.Judged, func(s *story) **Judged { return &s.judged })
	case r.Cleared != nil:
		return once(a, "cleared", r.Cleared.Fault, r.Cleared, func(s *story) **Cleared { return &s.cleared })
	case r.Back != nil:
		return once(a, "looked after", r.Back.Fault, r.Back, func(s *story) **Back { return &s.back })
	case r.Ended != nil:
		a.ended = &r
	}
	return nil
}

func (a *assembly) addHealthy(h Healthy) error {
	if slices.ContainsFunc(a.healthy, func(other Healthy) bool { return other.Number == h.Number }) {
		return fmt.Errorf("healthy run %d was judged twice", h.Number)
	}
	h.Seconds, h.Cells = seconds(h.Seconds), sorted(h.Cells)
	a.healthy = append(a.healthy, h)
	return nil
}

// once puts a record into its fault's story.
func once[T any](a *assembly, done, fault string, record *T, place func(*story) **T) error {
	s, ok := a.told[fault]
	if !ok {
		return fmt.Errorf("fault %q was %s, but is not among the planned ones", fault, done)
	}
	if *place(s) != nil {
		return fmt.Errorf("fault %s was %s twice", fault, done)
	}
	*place(s) = record
	return nil
}

// document draws up what was taken in.
func (a *assembly) document() *Document {
	s := a.first.Started
	d := &Document{
		Schema: schema.SelftestID, ID: s.ID, Version: s.Version, Quick: s.Quick, Focus: s.Focus, Release: s.Release,
		Started: a.first.Time.UTC(), Seconds: seconds(a.phases.last.Sub(a.first.Time).Seconds()), Phases: a.phases.list(),
		Specs: append([]string{}, s.Specs...), Skipped: s.Skipped, Faults: []Fault{}, Healthy: append([]Healthy{}, a.healthy...),
		Survivors: []string{}, FalseAlarms: []FalseAlarm{},
	}
	if a.ended != nil {
		d.Finished, d.Ended = true, a.ended.Time.UTC()
		d.Interrupted, d.Error = a.ended.Ended.Interrupted, a.ended.Ended.Error
	}
	slices.Sort(d.Specs)
	slices.SortFunc(d.Healthy, func(a, b Healthy) int { return a.Number - b.Number })
	for _, h := range d.Healthy {
		d.FalseAlarms = append(d.FalseAlarms, alarms(FalseAlarm{Run: h.Number}, h.Cells)...)
	}
	for _, p := range s.Faults {
		story := a.told[p.ID]
		f := story.fault()
		d.count(f)
		d.Faults = append(d.Faults, f)
		if f.NotCleared == "" {
			d.FalseAlarms = append(d.FalseAlarms, alarms(FalseAlarm{Fault: f.ID}, story.returned())...)
		}
		if f.Outcome == Survived || f.Outcome == WrongReason {
			d.Survivors = append(d.Survivors, f.ID)
		}
	}
	d.Verdict = d.verdict()
	d.Exit = Status(d)
	return d
}

// alarms are the red cells of a healthy system.
func alarms(where FalseAlarm, cells []Cell) []FalseAlarm {
	var out []FalseAlarm
	for _, c := range cells {
		if c.red() {
			where.Cell = c
			out = append(out, where)
		}
	}
	return out
}

// red tells that the spec was judged and did not pass.
func (c Cell) red() bool { return c.Verdict == verdict.Fail || c.Verdict == verdict.Inconclusive }

// sorted returns the cells by spec, their findings gravest first.
func sorted(cells []Cell) []Cell {
	out := append([]Cell{}, cells...)
	slices.SortFunc(out, func(a, b Cell) int { return strings.Compare(a.Spec, b.Spec) })
	for i := range out {
		out[i].Findings = slices.Clone(out[i].Findings)
		verdict.Sort(out[i].Findings)
	}
	return out
}

// count adds one fault to the scores.
func (d *Document) count(f Fault) {
	part := &d.Recorded
	if f.Live {
		part = &d.Live
	}
	for _, s := range []*Score{&d.Score, part} {
		s.Planned++
		switch f.Outcome {
		case Noticed:
			s.Noticed++
		case Survived:
			s.Survived++
		case WrongReason:
			s.WrongReason++
		case NotApplied:
			s.NotApplied++
		case NotJudged:
			s.NotJudged++
		}
		s.Score = float64(s.Noticed*10_000/s.Planned) / 10_000
	}
}

// seconds rounds to milliseconds, which is as fine as a document speaks.
func seconds(s float64) float64 { return math.Round(s*1000) / 1000 }

// phases sums the time between records by what was done in it. A record that
// is older than one before it, of another process, takes no time.
type phases struct {
	last time.Time
	sums [len(phaseNames)]time.Duration
	seen [len(phaseNames)]bool
}

// phaseNames are all phases, in the order a selftest comes to them.
var phaseNames = [...]string{"healthy", "apply", "judge", "clear", "back", "end"}

func (p *phases) add(r Record) {
	var took time.Duration
	if !p.last.IsZero() {
		took = max(0, r.Time.Sub(p.last))
	}
	for i, is := range [len(phaseNames)]bool{r.Healthy != nil, r.Applied != nil, r.Judged != nil, r.Cleared != nil, r.Back != nil, r.Ended != nil} {
		if is {
			p.sums[i] += took
			p.seen[i] = true
		}
	}
	if r.Time.After(p.last) {
		p.last = r.Time
	}
}

func (p *phases) list() []Phase {
	out := []Phase{}
	for i, name := range phaseNames {
		if p.seen[i] {
			out = append(out, Phase{Name: name, Seconds: seconds(p.sums[i].Seconds())})
		}
	}
	return out
}

// JSON returns the document as canonical JSON: fields in the order of the
// types, lists in stable order, two spaces of indentation.
func (d *Document) JSON() ([]byte, error) {
	text, err := file.Encode(d, "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the document of selftest %s: %w", d.ID, err)
	}
	return text, nil
}

package live

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// state is what is under way.
type state struct {
	// phases are those that have begun and not ended, the outermost first.
	phases []began
	spec   *progress.Spec
	since  time.Time
	board  progress.Board
	// selected is how many specs the run has, counts how many have ended with
	// each verdict.
	selected int
	counts   map[string]int
}

// began is a phase under way.
type began struct {
	name  string
	since time.Time
}

// event takes over what begins.
func (s *state) event(e progress.Event) {
	s.board.Hear(e)
	switch {
	case e.Phase != nil:
		s.phases = append(s.phases, began{e.Phase.Name, e.Time})
	case e.Spec != nil:
		s.spec, s.since = e.Spec, e.Time
	}
}

// record takes over what ended.
func (s *state) record(r report.Record) {
	switch {
	case r.RunStarted != nil:
		s.selected = r.RunStarted.Selected
	case r.Phase != nil:
		for i, p := range slices.Backward(s.phases) {
			if p.name == r.Phase.Name {
				s.abandon(i)
				return
			}
		}
	case r.Spec != nil:
		s.counts[string(r.Spec.Verdict)]++
		if s.spec != nil && s.spec.ID == r.Spec.ID {
			s.spec = nil
		}
	}
}

// abandon forgets all but the first phases, and what was waited for in the others.
func (s *state) abandon(but int) {
	if but < len(s.phases) {
		s.phases = s.phases[:but]
	}
	s.spec = nil
	s.board.Clear()
}

// done is how many specs have ended, and of how many.
func (s *state) done() (ended, of int) {
	for _, n := range s.counts {
		ended += n
	}
	if s.selected == 0 && s.spec != nil {
		return s.spec.Number - 1, s.spec.Of
	}
	return ended, s.selected
}

// tally is the counts so far: "12 of 54 specs: 10 passed, 1 failed, 1 skipped";
// empty for a run without specs.
func (s *state) tally() string {
	ended, of := s.done()
	if of == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %s", ended, prose.Plural(of, "spec"))
	var parts []string
	for _, c := range []struct {
		verdict verdict.Verdict
		word    string
	}{{verdict.Pass, "passed"}, {verdict.Fail, "failed"}, {verdict.Inconclusive, "inconclusive"}, {verdict.Skip, "skipped"}} {
		if n := s.counts[string(c.verdict)]; n > 0 {
			parts = append(parts, prose.Paint(fmt.Sprintf("%d %s", n, c.word), c.verdict, true))
		}
	}
	if len(parts) == 0 {
		return text
	}
	return text + ": " + strings.Join(parts, ", ")
}

// rows is what is under way for a screen, at most so many rows: the phase, the
// spec, and what is waited for with what was seen last.
func (s *state) rows(now time.Time, most int) []string {
	var rows []string
	for _, p := range s.phases {
		rows = append(rows, fmt.Sprintf("· %s  %s", p.name, progress.Rough(now.Sub(p.since))))
	}
	if s.spec != nil {
		rows = append(rows, fmt.Sprintf("· %s  %s", s.specName(), progress.Rough(now.Sub(s.since))))
	}
	waits := s.board.Waits()
	for i, w := range waits {
		need := 1
		if w.Seen != "" {
			need = 2
		}
		left := 0
		if i+1 < len(waits) {
			left = 1
		}
		if len(rows)+need+left > most {
			rows = append(rows, fmt.Sprintf("… and %d more", len(waits)-i))
			break
		}
		rows = append(rows, fmt.Sprintf("├ %s  %s", w.What, w.Elapsed(now)))
		if w.Seen != "" {
			rows = append(rows, "│ last saw: "+w.Seen)
		}
	}
	if len(rows) > most {
		return rows[len(rows)-most:]
	}
	return rows
}

func (s *state) specName() string {
	if s.spec.Fault == "" {
		return s.spec.ID
	}
	return s.spec.ID + " with " + s.spec.Fault
}

// sentence is what is under way in a line; empty for nothing: "specs casablanca:
// tracing.identity: trace from Deployment istio-system/jaeger: 31 s of 1 min,
// last saw: …".
func (s *state) sentence(now time.Time) string {
	var parts []string
	since := time.Time{}
	if n := len(s.phases); n > 0 {
		parts, since = append(parts, s.phases[n-1].name), s.phases[n-1].since
	}
	if s.spec != nil {
		parts, since = append(parts, s.specName()), s.since
	}
	if len(parts) == 0 {
		return ""
	}
	waits := s.board.Waits()
	if len(waits) == 0 {
		return strings.Join(append(parts, progress.Rough(now.Sub(since))), ": ")
	}
	text := strings.Join(append(parts, waits[0].Line(now)), ": ")
	if len(waits) > 1 {
		text += fmt.Sprintf(" (and waiting for %d more)", len(waits)-1)
	}
	return text
}

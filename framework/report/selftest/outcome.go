package selftest

import (
	"slices"

	"github.com/onap/meshcert/framework/verdict"
)

// fault draws up what came of the story's fault.
func (s *story) fault() Fault {
	p := s.planned
	f := Fault{ID: p.ID, Layer: p.Layer, Breaks: p.Breaks, Live: p.Live, Specs: s.answers(), Back: s.comeback()}
	f.Outcome = worst(f.Specs)
	if s.applied != nil {
		f.Batch, f.Error = s.applied.Batch, s.applied.Error
		f.Seconds += s.applied.Seconds
	}
	if s.judged != nil {
		f.Batch = s.judged.Batch
		f.Seconds += s.judged.Seconds
	}
	if s.cleared != nil {
		f.NotCleared = s.cleared.Error
		f.Seconds += s.cleared.Seconds
	}
	f.Seconds = seconds(f.Seconds)
	if !s.isApplied() {
		f.Outcome = NotApplied
	}
	return f
}

// isApplied tells that the system, or the evidence, was broken when it was
// judged. A fault that nobody tried to apply is not judged either.
func (s *story) isApplied() bool {
	if s.applied == nil {
		return !s.planned.Live || s.judged == nil
	}
	return s.applied.Error == ""
}

// answers are what the expected specs said while the fault was applied; what
// was said while it was not is no answer.
func (s *story) answers() []Answer {
	var cells []Cell
	if s.judged != nil && s.isApplied() {
		cells = sorted(s.judged.Cells)
	}
	out := []Answer{}
	for _, e := range s.planned.Red {
		a := Answer{Expected: e, Outcome: NotJudged}
		if c := cellOf(cells, e.Spec); c != nil {
			a.Said, a.Outcome = c, e.outcome(*c)
		}
		out = append(out, a)
	}
	return out
}

func cellOf(cells []Cell, spec string) *Cell {
	i := slices.IndexFunc(cells, func(c Cell) bool { return c.Spec == spec })
	if i < 0 {
		return nil
	}
	return &cells[i]
}

// outcome says whether the spec noticed what it should have. Inconclusive is
// not green.
func (e Expected) outcome(c Cell) Outcome {
	switch {
	case c.Verdict == verdict.Pass:
		return Survived
	case !c.red():
		return NotJudged
	case slices.ContainsFunc(c.Findings, e.is):
		return Noticed
	}
	return WrongReason
}

// is tells whether the finding is the expected one, and none that leaves the spec green.
func (e Expected) is(f verdict.Finding) bool {
	return f.Verdict != verdict.Pass && f.Kind == e.Kind && (e.Object == "" || f.Object == e.Object)
}

// worst is the outcome of a fault from those of its specs. What is known to be
// wrong comes before what is not known.
func worst(answers []Answer) Outcome {
	for _, o := range []Outcome{Survived, WrongReason, NotJudged} {
		if slices.ContainsFunc(answers, func(a Answer) bool { return a.Outcome == o }) {
			return o
		}
	}
	return Noticed
}

// returned are the cells of the expected specs after the fault was cleared.
func (s *story) returned() []Cell {
	if s.back == nil {
		return nil
	}
	return slices.DeleteFunc(sorted(s.back.Cells), func(c Cell) bool {
		return !slices.ContainsFunc(s.planned.Red, func(e Expected) bool { return e.Spec == c.Spec })
	})
}

// comeback says whether the expected specs of a live fault were green again.
func (s *story) comeback() Return {
	if !s.planned.Live || (s.back == nil && (s.applied == nil || s.applied.Error != "")) {
		return ""
	}
	cells := s.returned()
	if slices.ContainsFunc(cells, Cell.red) {
		return Red
	}
	for _, e := range s.planned.Red {
		if c := cellOf(cells, e.Spec); c == nil || c.Verdict != verdict.Pass {
			return Unknown
		}
	}
	return Green
}

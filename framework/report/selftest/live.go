package selftest

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Live prints what comes of a selftest while it runs: a line for each healthy
// run and each fault, and a header for each batch. It is safe for concurrent use.
type Live struct {
	out    io.Writer
	colour bool

	mu   sync.Mutex
	told map[string]*story
	// batch is the header printed last.
	batch string
}

// NewLive prints to out, in colours when it is a terminal (see report.Terminal).
func NewLive(out io.Writer, terminal bool) *Live {
	return &Live{out: out, colour: terminal, told: map[string]*story{}}
}

// Record prints what a record that was appended has to say; most say one line,
// some none. A record of a fault that was not planned is refused.
func (l *Live) Record(r Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := l.lines(r)
	if err != nil {
		return fmt.Errorf("print the selftest: %w", err)
	}
	_, err = io.WriteString(l.out, text)
	return err
}

func (l *Live) lines(r Record) (string, error) {
	switch {
	case r.Started != nil:
		return l.started(*r.Started), nil
	case r.Healthy != nil:
		return l.healthy(*r.Healthy), nil
	case r.Ended != nil:
		return "", nil
	}
	s, ok := l.told[r.fault()]
	if !ok {
		return "", fmt.Errorf("fault %q is not among the planned ones", r.fault())
	}
	switch {
	case r.Applied != nil:
		s.applied = r.Applied
		return l.applied(s), nil
	case r.Judged != nil:
		s.judged = r.Judged
		return l.header(s, r.Judged.Batch) + l.fault(s), nil
	case r.Cleared != nil && r.Cleared.Error != "":
		return l.line(verdict.Fail, "✗", r.Cleared.Fault, "not cleared: "+prose.OneLine(r.Cleared.Error), r.Cleared.Seconds), nil
	case r.Back != nil:
		return l.back(*r.Back), nil
	}
	return "", nil
}

// fault is the id of the fault that the record is about, "" for none.
func (r Record) fault() string {
	switch {
	case r.Applied != nil:
		return r.Applied.Fault
	case r.Judged != nil:
		return r.Judged.Fault
	case r.Cleared != nil:
		return r.Cleared.Fault
	case r.Back != nil:
		return r.Back.Fault
	}
	return ""
}

func (l *Live) started(s Started) string {
	live := 0
	for _, p := range s.Faults {
		l.told[p.ID] = &story{planned: p}
		if p.Live {
			live++
		}
	}
	return fmt.Sprintf("selftest on %s: %s, %d live and %d on recorded evidence; %s\n", s.Release,
		prose.Plural(len(s.Faults), "fault"), live, len(s.Faults)-live, prose.Plural(len(s.Specs), "spec"))
}

// applied speaks of a fault only when it could not be applied.
func (l *Live) applied(s *story) string {
	out := l.header(s, s.applied.Batch)
	if s.applied.Error != "" {
		out += l.fault(s)
	}
	return out
}

func (l *Live) healthy(h Healthy) string {
	l.batch = ""
	name := fmt.Sprintf("healthy run %d", h.Number)
	red := redSpecs(h.Cells)
	if len(red) > 0 {
		return l.line(verdict.Fail, "✗", name, fmt.Sprintf("%d of %s red: %s", len(red), prose.Plural(len(h.Cells), "spec"), strings.Join(red, ", ")), h.Seconds)
	}
	return l.line(verdict.Pass, "✓", name, fmt.Sprintf("%s, none red", prose.Plural(len(h.Cells), "spec")), h.Seconds)
}

func redSpecs(cells []Cell) []string {
	var out []string
	for _, c := range sorted(cells) {
		if c.red() {
			out = append(out, c.Spec)
		}
	}
	return out
}

// header announces the batch, once.
func (l *Live) header(s *story, batch int) string {
	name := "recorded evidence"
	if s.planned.Live {
		name = fmt.Sprintf("batch %d", batch)
	}
	if name == l.batch {
		return ""
	}
	l.batch = name
	return name + "\n"
}

// fault is the line of a fault that was judged, or could not be applied.
func (l *Live) fault(s *story) string {
	f := s.fault()
	colour := verdict.Fail
	switch f.Outcome {
	case Noticed:
		colour = verdict.Pass
	case NotApplied, NotJudged:
		colour = verdict.Inconclusive
	}
	return l.line(colour, sign(f.Outcome, false), f.ID, f.inWords(), f.Seconds)
}

// inWords says the outcome with the specs it is due to.
func (f Fault) inWords() string {
	var specs []string
	for _, a := range f.asked() {
		if a.outcome == f.Outcome {
			specs = append(specs, a.spec)
		}
	}
	names := strings.Join(specs, ", ")
	switch f.Outcome {
	case Noticed:
		return "noticed by " + names
	case Survived:
		return "survived: " + names + " stayed green"
	case WrongReason:
		return "noticed for the wrong reason by " + names
	case NotJudged:
		return "not judged by " + names
	}
	return "not applied: " + f.whyNotApplied()
}

// back speaks only of specs that did not come back.
func (l *Live) back(b Back) string {
	red := redSpecs(b.Cells)
	if len(red) == 0 {
		return ""
	}
	return l.line(verdict.Fail, "✗", b.Fault, "still red afterwards: "+strings.Join(red, ", "), 0)
}

// line is one line; a time of 0 is not worth saying.
func (l *Live) line(v verdict.Verdict, sign, name, says string, seconds float64) string {
	out := prose.Paint(sign, v, l.colour) + " " + name + "  " + says
	if seconds > 0 {
		out += "  " + prose.Duration(seconds)
	}
	return out + "\n"
}

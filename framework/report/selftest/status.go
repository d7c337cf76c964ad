package selftest

import (
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Status returns the exit status of a selftest. When several hold, an
// interrupt comes before a fault that could not be taken back, that before a
// survivor or a false alarm, and that before anything that was not judged.
func Status(d *Document) int {
	switch {
	case d.Interrupted:
		return report.ExitInterrupted
	case len(d.notCleared()) > 0:
		return report.ExitLeftover
	case d.wrong():
		return report.ExitFail
	case len(d.doubts()) > 0:
		return report.ExitInconclusive
	}
	return report.ExitPass
}

// verdict is about the suite: one that was not tested as a whole is
// inconclusive unless something is known to be wrong with it.
func (d *Document) verdict() verdict.Verdict {
	switch {
	case d.wrong():
		return verdict.Fail
	case len(d.doubts()) > 0:
		return verdict.Inconclusive
	}
	return verdict.Pass
}

func (d *Document) wrong() bool { return len(d.Survivors) > 0 || len(d.FalseAlarms) > 0 }

// notCleared are the faults that are still applied.
func (d *Document) notCleared() []Fault {
	return slices.DeleteFunc(slices.Clone(d.Faults), func(f Fault) bool { return f.NotCleared == "" })
}

// doubts are the reasons, if any, why no survivor does not mean success.
func (d *Document) doubts() []string {
	var out []string
	add := func(n int, format string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(format, n))
		}
	}
	if !d.Finished {
		out = append(out, "killed before its end")
	}
	if d.Error != "" {
		out = append(out, prose.OneLine(d.Error))
	}
	if d.Score.Planned == 0 {
		out = append(out, "no fault was planned")
	}
	add(d.Score.NotApplied, "%d not applied")
	add(d.Score.NotJudged, "%d not judged")
	add(len(d.notCleared()), "%d not cleared")
	unknown := 0
	for _, f := range d.Faults {
		if f.Back == Unknown {
			unknown++
		}
	}
	add(unknown, "%d not seen green again")
	return append(out, d.unhealthy()...)
}

// unhealthy are the reasons why the healthy runs are no proof that healthy is green.
func (d *Document) unhealthy() []string {
	if len(d.Healthy) == 0 {
		return []string{"no healthy run was judged"}
	}
	var out []string
	for _, h := range d.Healthy {
		missing := slices.DeleteFunc(slices.Clone(d.Specs), func(id string) bool { return cellOf(h.Cells, id) != nil })
		judged := slices.ContainsFunc(h.Cells, func(c Cell) bool { return c.Verdict != verdict.Skip })
		switch {
		case !judged:
			out = append(out, fmt.Sprintf("healthy run %d judged nothing", h.Number))
		case len(missing) > 0:
			out = append(out, fmt.Sprintf("healthy run %d left out %s", h.Number, prose.Plural(len(missing), "spec")))
		}
	}
	return out
}

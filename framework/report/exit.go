package report

import (
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Exit statuses of meshcert that a run can come to.
const (
	ExitPass         = 0
	ExitFail         = 1
	ExitInconclusive = 3
	ExitLeftover     = 4
	ExitInterrupted  = 130
)

// Status returns the exit status of a run. When several hold, an interrupt
// comes before something left behind, that before a failed spec, and that
// before inconclusive.
func Status(r *Report) int {
	switch {
	case r.Interrupted:
		return ExitInterrupted
	case len(r.Leftovers) > 0:
		return ExitLeftover
	case r.Counts.Fail > 0:
		return ExitFail
	case len(r.Doubts()) > 0:
		return ExitInconclusive
	}
	return ExitPass
}

// verdict is about the specs: a run that was not judged as a whole is
// inconclusive unless something is known to be wrong.
func (r *Report) verdict() verdict.Verdict {
	switch {
	case r.Counts.Fail > 0:
		return verdict.Fail
	case len(r.Doubts()) > 0:
		return verdict.Inconclusive
	}
	return verdict.Pass
}

// Doubts are the reasons, if any, why no failure does not mean success.
func (r *Report) Doubts() []string {
	out := r.incomplete()
	if r.Counts.Inconclusive > 0 {
		out = append(out, fmt.Sprintf("%s inconclusive", were(r.Counts.Inconclusive, r.Counts.Specs)))
	}
	return out
}

// incomplete are the reasons why the run was not what was asked for.
func (r *Report) incomplete() []string {
	var out []string
	if !r.Finished {
		out = append(out, "the run was killed before its end")
	}
	if r.Error != "" {
		out = append(out, r.Error)
	}
	for _, p := range r.Phases {
		if p.Error != "" && !strings.Contains(prose.OneLine(r.Error), prose.OneLine(p.Error)) {
			out = append(out, fmt.Sprintf("%s: %s", p.Name, p.Error))
		}
	}
	missing := r.Run.Selected - r.Counts.Specs
	switch {
	case r.Counts.Specs == r.Counts.Skip:
		out = append(out, "nothing was judged")
	case missing > 0:
		out = append(out, fmt.Sprintf("%s never run", were(missing, r.Run.Selected)))
	}
	return out
}

// were says "1 of 12 specs was", "3 of 12 specs were".
func were(n, of int) string {
	verb := "were"
	if n == 1 {
		verb = "was"
	}
	return fmt.Sprintf("%d of %s %s", n, prose.Plural(of, "spec"), verb)
}

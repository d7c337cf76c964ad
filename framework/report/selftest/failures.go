package selftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// said is how many findings of a spec a text repeats.
const said = 5

// lists prints the faults nobody can judge the suite by, and those still applied.
func (p *page) lists(d *Document) {
	var applied, judged, back, left []string
	for _, f := range d.Faults {
		switch f.Outcome {
		case NotApplied:
			applied = append(applied, f.ID+": "+f.whyNotApplied())
		case NotJudged:
			judged = append(judged, f.ID+": "+strings.Join(f.silent(), ", "))
		}
		if f.Back == Unknown {
			back = append(back, f.ID)
		}
		if f.NotCleared != "" {
			left = append(left, f.ID+": "+prose.OneLine(f.NotCleared))
		}
	}
	var skipped []string
	for _, s := range d.Skipped {
		skipped = append(skipped, s.ID+": "+s.Reason)
	}
	p.List("skipped: not of this environment", skipped)
	p.List("not applied", applied)
	p.List("not judged", judged)
	p.List("not seen green again", back)
	p.List("not cleared: the fault is still there", left)
}

func (f Fault) whyNotApplied() string {
	if f.Error == "" {
		return "it was judged, but no record says that it was applied"
	}
	return prose.OneLine(f.Error)
}

// silent are the specs that did not judge the fault, with their reasons.
func (f Fault) silent() []string {
	var out []string
	for _, a := range f.Specs {
		switch {
		case a.Outcome != NotJudged:
		case a.Said != nil && a.Said.Reason != "":
			out = append(out, a.Spec+" ("+prose.OneLine(a.Said.Reason)+")")
		default:
			out = append(out, a.Spec)
		}
	}
	return out
}

// survivors prints each fault that was not noticed as it should have been.
func (p *page) survivors(d *Document) {
	for _, f := range d.Faults {
		switch f.Outcome {
		case Survived:
			p.Section(prose.Paint("survived", verdict.Fail, p.Colour))
		case WrongReason:
			p.Section(prose.Paint("noticed for the wrong reason", verdict.Fail, p.Colour))
		default:
			continue
		}
		p.Text.WriteString(f.failure())
	}
}

// failure is the fault in the form of a failure: what was expected of the
// specs that did not notice it, and what they said.
func (f Fault) failure() string {
	var want, got, see []string
	for _, a := range f.Specs {
		if a.Outcome == Noticed {
			continue
		}
		want = append(want, a.Spec+" red with "+a.String())
		got = append(got, a.Spec+" "+a.said())
		if a.Said != nil && a.Said.Artifacts != "" && !slices.Contains(see, a.Said.Artifacts) {
			see = append(see, a.Said.Artifacts)
		}
	}
	return report.FailureText(
		report.Spec{ID: f.ID, Artifacts: strings.Join(see, "\n"), Rerun: "meshcert selftest --focus " + f.ID},
		verdict.Finding{Summary: f.Breaks, Want: strings.Join(want, "\n"), Got: strings.Join(got, "\n")})
}

// String is the finding that is expected: "missing-sidecar about Pod onap/vio".
func (e Expected) String() string { return about(e.Kind, e.Object) }

func about(kind verdict.Kind, object string) string {
	if object == "" {
		return string(kind)
	}
	return string(kind) + " about " + object
}

// said is the spec's verdict and, a line each, its first findings.
func (a Answer) said() string {
	if a.Said == nil {
		return "was not judged"
	}
	out := string(a.Said.Verdict)
	if a.Said.Reason != "" {
		out += ": " + prose.OneLine(a.Said.Reason)
	}
	for i, f := range a.Said.Findings {
		if i == said {
			return out + fmt.Sprintf("\n  and %d more", len(a.Said.Findings)-said)
		}
		out += fmt.Sprintf("\n  %s %s: %s", f.Verdict, about(f.Kind, f.Object), prose.OneLine(f.Summary))
	}
	return out
}

// falseAlarms prints in full what was red although nothing was broken.
func (p *page) falseAlarms(d *Document) {
	for _, a := range d.FalseAlarms {
		topic, _, _ := strings.Cut(a.Spec, ".")
		s := report.Spec{ID: a.Spec, Topic: topic, Verdict: a.Verdict, Findings: a.Findings, Reason: a.Reason,
			Artifacts: a.Artifacts, Rerun: "meshcert run --focus " + a.Spec}
		where := fmt.Sprintf("in healthy run %d", a.Run)
		if a.Fault != "" {
			where = "after " + a.Fault + " was cleared"
			s.Rerun = "meshcert selftest --focus " + a.Fault
		}
		p.Section(prose.Paint("false alarm", verdict.Fail, p.Colour) + " " + where)
		p.Text.WriteString(strings.Join(report.FailureTexts(s), "\n"))
	}
}

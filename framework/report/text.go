package report

import (
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// indent is where the values of a failure's lines begin.
const indent = "        "

// FailureText says what is wrong, in the one form every failure has: a line
// with the spec's id and the finding's summary, then want, got, where (hop of a
// trace), so, do, see and rerun. A complete finding has them all; what an
// incomplete one does not say is left out. It ends with a line end.
func FailureText(s Spec, f verdict.Finding) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", s.ID, prose.OneLine(f.Summary))
	label, place := placeOf(s, f)
	for _, line := range []struct{ label, value string }{
		{"want", f.Want}, {"got", f.Got}, {label, place}, {"so", f.Why}, {"do", f.Next},
		{"see", s.Artifacts}, {"rerun", s.Rerun},
	} {
		if value := strings.TrimSpace(line.value); value != "" {
			fmt.Fprintf(&out, "  %-5s %s\n", line.label, strings.ReplaceAll(value, "\n", "\n"+indent))
		}
	}
	return out.String()
}

// placeOf is the line that says where: the hop of a trace, which names its own
// ends, or the object and the place in or about it.
func placeOf(s Spec, f verdict.Finding) (label, place string) {
	switch {
	case s.Topic == "tracing" && strings.Contains(f.Where, "→"):
		return "hop", f.Where
	case f.Where == "":
		return "where", f.Object
	case f.Object == "" || strings.Contains(f.Where, f.Object):
		return "where", f.Where
	}
	return "where", f.Object + ": " + f.Where
}

// FailureTexts returns the text of every finding for which the spec did not
// pass, gravest first. A spec that did not pass and has no such finding speaks
// by its reason.
func FailureTexts(s Spec) []string {
	var out []string
	for _, f := range Blamed(s) {
		out = append(out, FailureText(s, f))
	}
	return out
}

// Blamed are the findings that made the spec fail or inconclusive; never none
// for a spec that is one of them.
func Blamed(s Spec) []verdict.Finding {
	if s.Verdict != verdict.Fail && s.Verdict != verdict.Inconclusive {
		return nil
	}
	var out []verdict.Finding
	for _, f := range s.Findings {
		if f.Verdict == verdict.Fail || f.Verdict == verdict.Inconclusive {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		out = append(out, unexplained(s))
	}
	verdict.Sort(out)
	return out
}

// unexplained is the finding of a spec that ended without one: it was stopped
// by an error or ran out of time.
func unexplained(s Spec) verdict.Finding {
	f := verdict.Finding{
		Kind: "no-finding", Verdict: s.Verdict, Summary: "the spec ended without a judgement", Object: "Spec " + s.ID,
		Want: s.Proves, Got: s.Reason, Where: "record of the spec",
		Why:  "nothing was concluded, so what the spec proves is neither shown nor refuted",
		Next: "see the artifacts and the log of the run, and run it again",
	}
	if s.Verdict == verdict.Fail {
		f.Summary = "the spec failed without a finding"
		f.Why = "an assertion without a diagnosis ended the spec, so it is not known which part is broken"
	}
	if f.Want == "" {
		f.Want = "a judgement"
	}
	if f.Got == "" {
		f.Got = "no reason was recorded"
	}
	return f
}

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
// with the spec's id and the finding's summary, then want, got, where (hop in
// topic tracing), so, do, see and rerun, each when there is something to say.
// It ends with a line end.
func FailureText(s Spec, f verdict.Finding) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", s.ID, prose.OneLine(f.Summary))
	label, place := "where", f.Where
	switch {
	case place == "":
		place = f.Object
	case s.Topic == "tracing":
		label = "hop"
	}
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

// FailureTexts returns the text of every finding for which the spec did not
// pass, gravest first. A spec that did not pass and has no such finding speaks
// by its reason.
func FailureTexts(s Spec) []string {
	var out []string
	for _, f := range blamed(s) {
		out = append(out, FailureText(s, f))
	}
	return out
}

// blamed are the findings that made the spec fail or inconclusive; never none
// for a spec that is one of them.
func blamed(s Spec) []verdict.Finding {
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
	f := verdict.Finding{Kind: "no-finding", Verdict: s.Verdict, Want: s.Proves, Got: s.Reason}
	f.Summary = "the spec ended without a judgement"
	if s.Verdict == verdict.Fail {
		f.Summary = "the spec failed without a finding"
	}
	if f.Got == "" {
		f.Got = "no reason was recorded"
	}
	return f
}

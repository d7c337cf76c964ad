package review

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/verdict"
)

// TAP is the review in version 14 of the Test Anything Protocol
// (testanything.org/tap-version-14-specification.html), a test a spec. A spec
// whose findings are all waived is a TODO, which fails nothing.
func (r *Review) TAP() (string, error) {
	var out strings.Builder
	out.WriteString("TAP version 14\n")
	if r.Verdict == verdict.Skip {
		fmt.Fprintf(&out, "1..0 # SKIP %s\n", tapText(r.Sentence()))
		return out.String(), nil
	}
	problems := map[string][]Problem{}
	for _, p := range r.Problems {
		name := p.Release + "/" + p.Spec
		problems[name] = append(problems[name], p)
	}
	fmt.Fprintf(&out, "1..%d\n", len(r.Results))
	for i, s := range r.Results {
		if err := tapResult(&out, i+1, s, problems[s.name()]); err != nil {
			return "", err
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&out, "# %s\n", oneLine(n))
	}
	if len(r.Doubts) > 0 {
		fmt.Fprintf(&out, "Bail out! %s\n", tapText(strings.Join(r.Doubts, "; ")))
	}
	return out.String(), nil
}

func tapResult(out *strings.Builder, n int, s Result, problems []Problem) error {
	ok, directive := "ok", ""
	waived := len(problems) > 0
	for _, p := range problems {
		waived = waived && p.Standing == Waived
	}
	switch {
	case s.Verdict == verdict.Skip:
		directive = " # SKIP " + tapText(s.Reason)
	case s.Verdict == "":
		ok, directive = "not ok", ""
	case s.failed():
		ok = "not ok"
	}
	if waived {
		directive = " # TODO waived by " + tapText(problems[0].Because)
	}
	fmt.Fprintf(out, "%s %d - %s%s\n", ok, n, tapText(s.name()), directive)
	return tapDiagnosis(out, s, problems)
}

// failed tells whether the spec neither passed nor was skipped.
func (r Result) failed() bool { return r.Verdict != verdict.Pass && r.Verdict != verdict.Skip }

// diagnosis is the YAML block of a test that is not ok.
type diagnosis struct {
	Severity string    `json:"severity"`
	Message  string    `json:"message,omitempty"`
	Findings []finding `json:"findings,omitempty"`
}

type finding struct {
	Standing Standing `json:"standing"`
	Because  string   `json:"because"`
	At       string   `json:"at,omitempty"`
	Text     string   `json:"text"`
}

func tapDiagnosis(out *strings.Builder, s Result, problems []Problem) error {
	if !s.failed() {
		return nil
	}
	d := diagnosis{Severity: string(s.Verdict)}
	if s.Verdict == "" {
		d = diagnosis{Severity: string(verdict.Inconclusive), Message: "the spec was never run"}
	}
	for _, p := range problems {
		f := finding{Standing: p.Standing, Because: clean(p.Because), Text: clean(p.Text)}
		if p.Place.File != "" {
			f.At = p.Place.File
		}
		if p.Place.Line > 0 {
			f.At += fmt.Sprintf(":%d", p.Place.Line)
		}
		d.Findings = append(d.Findings, f)
	}
	text, err := yaml.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode the diagnosis of %s: %w", s.name(), err)
	}
	out.WriteString("  ---\n")
	for line := range strings.Lines(string(text)) {
		out.WriteString("  " + line)
	}
	out.WriteString("  ...\n")
	return nil
}

// tapText is a description or a reason: on one line, # and \ escaped.
func tapText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(oneLine(text))
}

func oneLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

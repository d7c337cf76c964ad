package certificate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// Reason is why there is no certificate, or why one is not believed.
type Reason string

// About the certificate itself.
const (
	// Keys: the trusted keys cannot be read.
	Keys Reason = "trusted-keys"
	// Form: a text is not JSON, or not in its canonical form.
	Form Reason = "form"
	// Type: the payload, the statement or the predicate is not of the wanted type.
	Type Reason = "type"
	// Signature: there is none, one is there twice, or one is wrong.
	Signature Reason = "signature"
	// Untrusted: a signature's key is none of the trusted ones.
	Untrusted Reason = "untrusted-key"
	// Revoked: the key was given up.
	Revoked Reason = "revoked-key"
	// Time: it was made when the key was not valid, before the run ended, or in the future.
	Time Reason = "time"
	// Subjects: something is named twice.
	Subjects Reason = "subjects"
	// ReportDigest: the report is not the one that was signed.
	ReportDigest Reason = "report-digest"
	// Statement: it is not what follows from the report.
	Statement Reason = "statement"
	// Report: it is none, or says what does not follow from its specs.
	Report Reason = "report"
	// Evidence: a file is not as it was signed, or is missing among others.
	Evidence Reason = "evidence"
)

// About the run.
const (
	Unfinished   Reason = "unfinished"
	Interrupted  Reason = "interrupted"
	Environment  Reason = "environment"
	Replayed     Reason = "replayed"
	Focused      Reason = "focused"
	NothingDone  Reason = "nothing-judged"
	Missing      Reason = "specs-missing"
	Skipped      Reason = "skipped"
	Inconclusive Reason = "inconclusive"
	// Foreign: charts, values or waivers are not the release's own.
	Foreign Reason = "not-the-release"
	// OtherList: the profile's list is not the one this meshcert has.
	OtherList Reason = "other-spec-list"
	// Excuse: a finding is excused by what this meshcert does not know.
	Excuse Reason = "unknown-excuse"
	// Broken: faults were applied by hand.
	Broken Reason = "faults-applied"
	// Images: what ran, or in which form, is not known.
	Images Reason = "images"
)

// Refusal is one reason with what was seen and what to do about it.
type Refusal struct {
	Reason Reason `json:"reason"`
	What   string `json:"what"`
	Next   string `json:"next"`
}

func (r Refusal) String() string { return fmt.Sprintf("%s (%s); %s", r.What, r.Reason, r.Next) }

// RefusedError says that there is no certificate for a run.
type RefusedError struct {
	Run     string
	Reasons []Refusal
}

func (e *RefusedError) Error() string {
	lines := []string{fmt.Sprintf("run %s cannot be certified:", e.Run)}
	for _, r := range e.Reasons {
		lines = append(lines, "  "+r.What+"\n    "+r.Next)
	}
	return strings.Join(lines, "\n")
}

// again is what to do about a run that did not come to its end.
func again(r *report.Report) string {
	return "run it again: meshcert certify --profile " + r.Run.Profile
}

// refusals are the reasons why the run has no certificate; of those that explain
// each other the first.
func (d *Demand) refusals(r *report.Report) []Refusal {
	if out := ended(r); len(out) > 0 {
		return out
	}
	asked := d.asked(r.Run)
	out := slices.Concat(asked, broken(r))
	if !slices.ContainsFunc(asked, func(x Refusal) bool { return x.Reason == Focused || x.Reason == OtherList }) {
		out = append(out, d.listed(r.Run)...)
	}
	switch {
	case r.Counts.Specs == r.Counts.Skip:
		return append(out, Refusal{NothingDone, "no spec was judged: it was a dry run, or every spec was skipped", again(r)})
	case len(out) > 0:
		return out
	}
	return slices.Concat(judged(r), d.skipped(r), d.excused(r), images(r))
}

// ended demands that the run was made where its evidence is from, and came to its end.
func ended(r *report.Report) []Refusal {
	var out []Refusal
	if !r.Run.Replayed.IsZero() {
		what := fmt.Sprintf("it is a replay of %s: old evidence that was judged again", r.Run.Replayed.Format(time.RFC3339))
		out = append(out, Refusal{Replayed, what, "certify the run itself, or run the profile again"})
	}
	switch {
	case !r.Finished:
		out = append(out, Refusal{Unfinished, "the run was killed before its end", again(r)})
	case r.Interrupted:
		out = append(out, Refusal{Interrupted, "the run was interrupted", again(r)})
	case r.Error != "":
		out = append(out, Refusal{Environment, "the run came to no end: " + firstLine(r.Error), again(r)})
	}
	for _, p := range r.Phases {
		if p.Error != "" && r.Error == "" {
			out = append(out, Refusal{Environment, fmt.Sprintf("phase %s failed: %s", p.Name, firstLine(p.Error)), again(r)})
		}
	}
	return out
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// broken refuses a cluster on which somebody had broken something on purpose.
func broken(r *report.Report) []Refusal {
	var out []Refusal
	for _, n := range r.Notes {
		if n.Fault != "" {
			out = append(out, Refusal{Broken, n.Text, "take it back: meshcert fault clear; then run it again"})
		}
	}
	return out
}

// judged demands that each spec of the list was judged, that nothing else was, and
// that each judgement has its evidence.
func judged(r *report.Report) []Refusal {
	var out []Refusal
	var done, without, open []string
	for _, s := range r.Specs {
		name := s.Release + "/" + s.ID
		done = append(done, name)
		switch {
		case s.Verdict == verdict.Inconclusive:
			open = append(open, name)
		case s.Verdict != verdict.Skip && len(s.Evidence) == 0:
			without = append(without, name)
		}
	}
	if missing := minus(r.Run.SpecList, done); len(missing) > 0 {
		out = append(out, Refusal{Missing, "never judged: " + some(missing), again(r)})
	}
	if added := minus(done, r.Run.SpecList); len(added) > 0 {
		out = append(out, Refusal{OtherList, "judged, but not on the run's spec list: " + some(added), again(r)})
	}
	if len(open) > 0 {
		out = append(out, Refusal{Inconclusive, "inconclusive: " + some(open), "see its findings in the report; then " + again(r)})
	}
	if len(without) > 0 {
		out = append(out, Refusal{Evidence, "judged, but no evidence is named: " + some(without), again(r)})
	}
	return out
}

// images demands that for every stage it is known what ran.
func images(r *report.Report) []Refusal {
	var out []Refusal
	for _, stage := range r.Run.Stages {
		i := slices.IndexFunc(r.Environments, func(e report.Environment) bool { return e.Release == stage.Name() })
		switch {
		case i < 0:
			out = append(out, Refusal{Images, "nothing is known of what " + stage.Name() + " ran on", again(r)})
			continue
		case len(r.Environments[i].Images) == 0:
			out = append(out, Refusal{Images, "no image of " + stage.Name() + " is known, so it is not known whose programs ran", again(r)})
		}
		for _, image := range r.Environments[i].Images {
			if !isDigest(image.Digest) {
				out = append(out, Refusal{Images, fmt.Sprintf("image %s of %s has no digest", image.Ref, stage.Name()), again(r)})
			}
		}
	}
	return out
}

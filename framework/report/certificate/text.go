package certificate

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Sentence is the first line of what a person reads. It says whether stand-ins were
// used, and says certified without a not before it only when none were.
func (v *Result) Sentence() string {
	if v.State == Refused {
		if v.Report == nil {
			return "REFUSED: " + v.Refusals[0].What
		}
		return fmt.Sprintf("REFUSED: %s, %s, is no proof: %s", profileOf(v.Report), v.whose(), v.Refusals[0].What)
	}
	counts := v.Report.Counts
	ran := fmt.Sprintf("%d of %d specs passed", counts.Pass, counts.Specs)
	if counts.Skip > 0 {
		ran += fmt.Sprintf(", %d not judged", counts.Skip)
	}
	switch v.State {
	case Certified:
		return fmt.Sprintf("CERTIFIED: %s conforms, %s: %s", profileOf(v.Report), v.whose(), ran)
	case WithStandins:
		return fmt.Sprintf("NOT CERTIFIED: %s conforms %s: %s", profileOf(v.Report), v.whose(), ran)
	}
	return fmt.Sprintf("NOT CERTIFIED: %s, %s, does not conform: %d of %d specs failed", profileOf(v.Report), v.whose(), counts.Fail, counts.Specs)
}

// whose says whose programs ran.
func (v *Result) whose() string {
	if len(v.Standins) > 0 {
		return "with stand-ins for ONAP's images"
	}
	return "with ONAP's own images"
}

func profileOf(r *report.Report) string { return "profile " + r.Run.Profile }

// Accepts tells whether the certificate says what was asked for: that ONAP's own
// images conform or, with standins, that at least stand-ins for them do.
func (v *Result) Accepts(standins bool) bool {
	return v.State == Certified || standins && v.State == WithStandins
}

// label is the width of the words that lines begin with, width that of a line that
// has spaces to be broken at; the first line stays whole.
const (
	label = 11
	width = 100
)

// Text prints the result for people.
func (v *Result) Text(out io.Writer) error {
	lines := []string{v.Sentence()}
	add := func(name, format string, args ...any) {
		indent := "\n" + strings.Repeat(" ", 2+label)
		text := strings.ReplaceAll(prose.Wrap(fmt.Sprintf(format, args...), width-2-label), "\n", indent)
		lines = append(lines, fmt.Sprintf("  %-*s%s", label, name, text))
	}
	for i, r := range v.Refusals {
		if i > 0 || v.Report != nil {
			add("because", "%s", r.What)
		}
		add("next", "%s", r.Next)
	}
	if v.Report == nil {
		add("so", "nothing in it is believed, not even whether stand-ins were used")
	} else {
		v.about(add)
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// about tells what is signed.
func (v *Result) about(add func(name, format string, args ...any)) {
	r := v.Report
	add("run", "%s, %s, %s to %s, meshcert %s", r.Run.ID, strings.Join(stageNames(r.Run.Stages), " and "), at(r.Started), at(r.Ended), r.Run.Version)
	add("on", "%s", where(r))
	add("signed", "%s", at(v.CertifiedAt))
	for _, k := range v.Keys {
		add("", "by %s, key\n%s", k.Owner, k.ID)
	}
	if n := len(v.Standins); n > 0 {
		add("stand-ins", "%d: %s", n, some(v.Standins))
		add("", "nothing is said of what ONAP's own images do; --allow-standins takes that")
	}
	if r.Selftest != nil {
		add("selftest", "%d of %d faults noticed, %d false alarms", r.Selftest.Noticed, r.Selftest.Faults, r.Selftest.FalseAlarms)
	}
	v.digests(add)
	failures(r, add)
	excuses(r, add)
	for _, s := range r.Specs {
		if s.Verdict == verdict.Skip {
			add("not judged", "%s/%s: %s", s.Release, s.ID, s.Reason)
		}
	}
}

// digests tells what is known by digest, and what of that was looked at.
func (v *Result) digests(add func(name, format string, args ...any)) {
	add("digests", "%d: the report, images, charts and values", v.Subjects)
	if e := v.Evidence; e.Checked == e.Named {
		add("evidence", "%d files, each as it was signed", e.Named)
	} else {
		add("evidence", "%d files by digest; %d of them were looked at", e.Named, e.Checked)
	}
	if n := len(v.Evidence.Unsigned); n > 0 {
		add("unsigned", "%s: not looked at, and no part of this", some(v.Evidence.Unsigned))
	}
}

// at is a moment as people read it.
func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// where says on what the run was made.
func where(r *report.Report) string {
	place := "a kind cluster made for the run"
	switch {
	case r.Run.Settings.Context != "":
		place = "cluster " + r.Run.Settings.Context
	case r.Run.Settings.Reuse:
		place = "a kind cluster that was kept"
	}
	var on []string
	for _, e := range r.Environments {
		on = append(on, fmt.Sprintf("Kubernetes %s, Istio %s", e.Kubernetes, e.Istio))
	}
	slices.Sort(on)
	return strings.Join(append([]string{place}, slices.Compact(on)...), ", ")
}

// failures names what failed.
func failures(r *report.Report, add func(name, format string, args ...any)) {
	for _, s := range r.Specs {
		for _, f := range s.Findings {
			if f.Verdict == verdict.Fail {
				add("failed", "%s/%s: %s", s.Release, s.ID, f.Summary)
			}
		}
	}
}

// excuses lists the known gaps, and who waives how much of what.
func excuses(r *report.Report, add func(name, format string, args ...any)) {
	for _, g := range r.Gaps {
		add("known gap", "%s/%s: %s (%s)", g.Release, g.Spec, g.Text, g.ID)
	}
	for _, s := range r.Specs {
		count := map[string]int{}
		var waivers []string
		for _, f := range s.Findings {
			if !f.Waived() {
				continue
			}
			if count[f.Waiver] == 0 {
				waivers = append(waivers, f.Waiver)
			}
			count[f.Waiver]++
		}
		slices.Sort(waivers)
		for _, w := range waivers {
			add("waived", "%s/%s, %d: %s", s.Release, s.ID, count[w], w)
		}
	}
}

package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// head is what a reader sees first.
type head struct {
	Badge    badge
	Sentence string
	// Caveats are what the verdict does not say by itself, gravest first.
	Caveats []caveat
	Facts   []fact
}

// caveat is something that has to be known of a verdict. Class is that of a badge.
type caveat struct{ Class, Sign, Word, Text string }

type fact struct{ Name, Value string }

func headOf(r *report.Report) head {
	return head{Badge: badgeOf(r.Verdict), Sentence: sentence(r), Caveats: caveats(r), Facts: facts(r)}
}

// sentence is the verdict with all that limits it.
func sentence(r *report.Report) string {
	who := and(stages(r))
	if r.Run.Focused() {
		who = "a part of profile " + r.Run.Profile
	}
	if who == "" {
		who = "profile " + r.Run.Profile
	}
	what := map[verdict.Verdict]string{
		verdict.Pass: who + " passed", verdict.Fail: who + " failed", verdict.Inconclusive: "it is not known whether " + who + " works",
	}[r.Verdict]
	if versions := environments(r, func(e report.Environment) string { return e.Istio }); len(versions) > 0 {
		what += " on Istio " + and(versions)
	}
	if standins(r) > 0 {
		what += ", with stand-ins in the place of ONAP's programs"
	}
	if !r.Run.Replayed.IsZero() {
		what = "judged again from stored evidence, " + what
	}
	parts := []string{counted(r.Counts)}
	if r.Interrupted {
		parts = append(parts, "the run was interrupted")
	}
	for _, doubt := range r.Doubts() {
		if !strings.HasSuffix(doubt, " inconclusive") {
			parts = append(parts, prose.OneLine(doubt))
		}
	}
	if n := len(r.Leftovers); n > 0 {
		parts = append(parts, prose.Plural(n, "thing")+" of ours left behind")
	}
	return capital(what) + ": " + strings.Join(parts, "; ") + "."
}

// counted says how many specs came to which verdict.
func counted(c report.Counts) string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{c.Fail, "failed"}, {c.Inconclusive, "inconclusive"}, {c.Pass, "passed"}, {c.Skip, "skipped"}} {
		if part.n == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", part.n, part.word)
		if len(parts) == 0 {
			text = fmt.Sprintf("%d of %s %s", part.n, prose.Plural(c.Specs, "spec"), part.word)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "no spec was run"
	}
	return strings.Join(parts, ", ")
}

func stages(r *report.Report) []string {
	var names []string
	for _, s := range r.Run.Stages {
		names = append(names, s.Name())
	}
	return names
}

// environments are the values that the environments have, each once.
func environments(r *report.Report, of func(report.Environment) string) []string {
	var values []string
	for _, e := range r.Environments {
		if value := of(e); value != "" && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// standins is how many images are programs of ours in the place of ONAP's.
func standins(r *report.Report) int {
	n := 0
	for _, e := range r.Environments {
		n += len(e.Standins())
	}
	return n
}

func caveats(r *report.Report) []caveat {
	var all []caveat
	add := func(when bool, kind badge, word, text string) {
		if when {
			all = append(all, caveat{kind.Class, kind.Sign, word, text})
		}
	}
	bad, doubt, plain := badgeOf(verdict.Fail), badgeOf(verdict.Inconclusive), badgeOf(verdict.Skip)
	add(!r.Finished, doubt, "unfinished", "the run was killed before its end; what it had not judged by then is not known")
	add(r.Interrupted, doubt, "interrupted", "somebody ended the run before its end")
	add(r.Error != "", bad, "error", prose.OneLine(r.Error))
	add(len(r.Leftovers) > 0, bad, "left behind", prose.Plural(len(r.Leftovers), "thing")+" of ours could not be removed")
	add(r.Counts.Inconclusive > 0, doubt, "inconclusive", "of "+prose.Plural(r.Counts.Inconclusive, "spec")+" there is no evidence for or against; that is no success")
	n := standins(r)
	add(n > 0, doubt, "stand-ins", prose.Plural(n, "image")+" held a program of ours in the place of ONAP's: charts, mesh and routes were tried, ONAP's own programs were not")
	add(r.Run.Focused(), doubt, "focused", focus(r))
	add(!r.Run.Replayed.IsZero(), doubt, "replayed", "no cluster was looked at: stored evidence was judged again on "+moment(r.Run.Replayed))
	add(r.Run.Settings.Charts != "" || len(r.Run.Settings.Values)+len(r.Run.Settings.Set) > 0, doubt, "changed charts", "the charts or their values are not the release's own")
	add(len(r.Gaps) > 0, plain, "known gaps", gapsInWords(r))
	if waived := waivedCount(r); waived > 0 {
		add(true, plain, "waived", prose.Plural(waived, "finding")+" somebody answers for until a day")
	}
	return all
}

func focus(r *report.Report) string {
	var by []string
	for _, f := range []struct{ name, value string }{{"focus", r.Run.Settings.Focus}, {"label filter", r.Run.Settings.LabelFilter}} {
		if f.value != "" {
			by = append(by, f.name+" "+f.value)
		}
	}
	text := fmt.Sprintf("only a part of profile %s was to be run: %s", r.Run.Profile, prose.Plural(r.Run.Selected, "spec"))
	if len(r.Run.SpecList) > 0 {
		text += fmt.Sprintf(" of %d", len(r.Run.SpecList))
	}
	if len(by) > 0 {
		text += " (" + strings.Join(by, ", ") + ")"
	}
	return text
}

func gapsInWords(r *report.Report) string {
	excused := 0
	for _, g := range r.Gaps {
		if g.Excused {
			excused++
		}
	}
	if excused == len(r.Gaps) {
		return prose.Plural(excused, "known gap") + " of ONAP, which count as no failure"
	}
	return fmt.Sprintf("%s of ONAP, of which %d count as failures", prose.Plural(len(r.Gaps), "known gap"), len(r.Gaps)-excused)
}

func waivedCount(r *report.Report) int {
	n := 0
	for _, s := range r.Specs {
		for _, f := range s.Findings {
			if f.Waived() {
				n++
			}
		}
	}
	return n
}

func facts(r *report.Report) []fact {
	all := []fact{{"Run", r.Run.ID}, {"Profile", r.Run.Profile}, {"Began", moment(r.Started)}, {"Took", prose.Duration(r.Seconds)}}
	for _, name := range []struct {
		name string
		of   func(report.Environment) string
	}{
		{"Kubernetes", func(e report.Environment) string { return e.Kubernetes }},
		{"Istio", func(e report.Environment) string { return e.Istio }},
		{"Images from", func(e report.Environment) string { return e.ImageSource }},
	} {
		if values := environments(r, name.of); len(values) > 0 {
			all = append(all, fact{name.name, and(values)})
		}
	}
	for _, ready := range r.Ready {
		all = append(all, fact{"Ready, " + ready.Release, ready.Text})
	}
	if t := r.Selftest; t != nil {
		all = append(all, fact{"Selftest of the suite", fmt.Sprintf("%.0f %% of %s noticed", t.Score*100, prose.Plural(t.Faults, "fault"))})
	}
	return append(all, fact{"meshcert", r.Run.Version})
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "not known"
	}
	return t.UTC().Format("2 January 2006, 15:04:05 UTC")
}

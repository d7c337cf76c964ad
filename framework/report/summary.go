package report

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Summary prints what a person reads at the end of a run: what it ran on, the
// table of releases and topics, READY counts, phases, known gaps, notes,
// skipped and inconclusive specs, the failures in full, and last one sentence
// with the verdict and where the rest is. folder is the run's folder as the
// reader should see it.
func Summary(out io.Writer, r *Report, folder string, colour bool) error {
	p := &page{prose.Page{Colour: colour}}
	p.head(r)
	p.table(r)
	if len(r.Ready) > 0 {
		p.Line("")
	}
	for _, ready := range r.Ready {
		p.Line("READY %s %s", ready.Text, ready.Release)
	}
	p.headers(r)
	p.figures(r)
	p.phases(r)
	p.lists(r)
	p.failures(r)
	p.end(r, folder)
	if _, err := out.Write(p.Text.Bytes()); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	return nil
}

// page is the summary in the making.
type page struct{ prose.Page }

func (p *page) head(r *Report) {
	parts := []string{"meshcert " + r.Run.Version, "profile " + r.Run.Profile}
	add := func(part string) {
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	for _, e := range r.Environments {
		if e.Kubernetes != "" {
			add("Kubernetes " + e.Kubernetes)
		}
		if e.Istio != "" {
			add("Istio " + e.Istio)
		}
		if e.ImageSource != "" {
			add("images from " + e.ImageSource)
		}
		if len(e.Standins()) > 0 {
			add("stand-ins for ONAP's programs")
		}
	}
	if r.Run.Settings.Charts != "" {
		add("charts from " + r.Run.Settings.Charts)
	}
	p.Line("%s\n", strings.Join(parts, " · "))
	if !r.Run.Replayed.IsZero() {
		p.Line("the evidence of run %s, judged again\n", r.Run.ID)
	}
}

func (p *page) table(r *Report) {
	t := prose.NewTable()
	t.SetColumnConfigs(rightAligned(3, 8))
	t.AppendHeader(table.Row{"RELEASE", "TOPIC", "SPECS", "PASS", "FAIL", "INCONCLUSIVE", "SKIP", "TIME"})
	sum := 0.0
	for _, topic := range r.Topics {
		t.AppendRow(p.row(topic.Release, topic.Topic, topic.Counts, topic.Seconds))
		sum += topic.Seconds
	}
	t.AppendRow(p.row("all", "", r.Counts, sum))
	for _, row := range prose.Rows(t) {
		p.Line("%s", row)
	}
}

func (p *page) row(release, topic string, c Counts, seconds float64) table.Row {
	cell := func(n int, v verdict.Verdict) string {
		if n == 0 {
			return "-"
		}
		return prose.Paint(fmt.Sprint(n), v, p.Colour)
	}
	return table.Row{release, topic, c.Specs, cell(c.Pass, verdict.Pass), cell(c.Fail, verdict.Fail),
		cell(c.Inconclusive, verdict.Inconclusive), cell(c.Skip, verdict.Skip), prose.Duration(seconds)}
}

// headers prints which trace headers the applications pass on.
func (p *page) headers(r *Report) {
	for _, s := range r.Specs {
		if s.Headers == nil {
			continue
		}
		how := "observed"
		if s.Headers.Declared {
			how = "as the stand-ins declare"
		}
		p.Section("headers that applications pass on, " + how + ", on " + s.Release)
		t := prose.NewTable()
		head := table.Row{"APPLICATION", "CALL"}
		for _, name := range s.Headers.Headers {
			head = append(head, name)
		}
		t.AppendHeader(head)
		for _, row := range s.Headers.Rows {
			cells := table.Row{row.App, row.Call}
			for _, state := range row.States {
				cells = append(cells, string(state))
			}
			t.AppendRow(cells)
		}
		for _, row := range prose.Rows(t) {
			p.Line("  %s", row)
		}
	}
}

func (p *page) phases(r *Report) {
	if len(r.Phases) == 0 {
		return
	}
	p.Section("phases")
	width := 0
	for _, phase := range r.Phases {
		width = max(width, len(phase.Name))
	}
	for _, phase := range r.Phases {
		problem := ""
		if phase.Error != "" {
			problem = "  " + prose.Paint("failed", verdict.Fail, p.Colour) + ": " + prose.OneLine(phase.Error)
		}
		p.Line("  %-*s  %11s%s", width, phase.Name, prose.Duration(phase.Seconds), problem)
	}
}

// lists prints what is worth knowing and no failure.
func (p *page) lists(r *Report) {
	var gaps, notes, skipped, left []string
	for _, g := range r.Gaps {
		gaps = append(gaps, fmt.Sprintf("%s: %s (%s, %s)", g.ID, prose.OneLine(g.Text), g.Spec, g.Release))
	}
	for _, n := range r.Notes {
		notes = append(notes, about(n.Text, n.Release))
	}
	for _, s := range r.Specs {
		for _, n := range s.Notes {
			notes = append(notes, s.ID+": "+about(n, s.Release))
		}
		for _, f := range s.Findings {
			if f.Verdict == verdict.Pass && !f.Excused() {
				notes = append(notes, strings.TrimSuffix(s.ID+": "+about(f.Summary, s.Release)+"; "+prose.OneLine(f.Next), "; "))
			}
		}
		if s.Verdict == verdict.Skip {
			skipped = append(skipped, s.ID+": "+about(s.Reason, s.Release))
		}
	}
	for _, l := range r.Leftovers {
		left = append(left, l.String())
	}
	p.List("changes to the charts", changes(r))
	p.List("known gaps", gaps)
	p.List("waived", waived(r))
	p.List("notes", notes)
	p.List("skipped", skipped)
	p.List("left behind", left)
}

// changes counts what was changed in the charts, by step and rule.
func changes(r *Report) []string {
	var lines []string
	for _, e := range r.Environments {
		counts := map[string]int{}
		for _, c := range e.Changes {
			counts[c.By+": "+c.Rule]++
		}
		for _, rule := range slices.Sorted(maps.Keys(counts)) {
			lines = append(lines, about(fmt.Sprintf("%s × %d", rule, counts[rule]), e.Release))
		}
	}
	return lines
}

// waived counts the findings of each spec that each waiver excuses.
func waived(r *Report) []string {
	var lines []string
	for _, s := range r.Specs {
		counts := map[string]int{}
		for _, f := range s.Findings {
			if f.Waived() {
				counts[fmt.Sprintf("%s: %s (%s)", s.ID, f.Kind, prose.OneLine(f.Waiver))]++
			}
		}
		for _, waiver := range slices.Sorted(maps.Keys(counts)) {
			lines = append(lines, about(fmt.Sprintf("%s × %d", waiver, counts[waiver]), s.Release))
		}
	}
	return lines
}

func about(text, release string) string {
	if release == "" {
		return prose.OneLine(text)
	}
	return prose.OneLine(text) + " (" + release + ")"
}

// failures prints the texts of inconclusive specs and then of failed ones.
func (p *page) failures(r *Report) {
	for _, part := range []struct {
		v     verdict.Verdict
		title string
	}{{verdict.Inconclusive, "inconclusive"}, {verdict.Fail, "failed"}} {
		for _, s := range r.Specs {
			if s.Verdict == part.v {
				p.Section(prose.Paint(part.title, part.v, p.Colour) + " on " + s.Release)
				p.Text.WriteString(strings.Join(FailureTexts(s), "\n"))
			}
		}
	}
}

func (p *page) end(r *Report, folder string) {
	p.Line("\n%s", p.sentence(r))
	for _, place := range []struct{ label, name string }{
		{"report", ReportFile}, {"JUnit", JUnitFile}, {"artifacts", ArtifactsFolder},
	} {
		p.Line("  %-9s  %s", place.label, filepath.Join(folder, place.name))
	}
}

// sentence is the verdict in one line, with every reason for the exit status.
func (p *page) sentence(r *Report) string {
	var parts []string
	if r.Interrupted {
		parts = append(parts, "interrupted")
	}
	if len(r.Leftovers) > 0 {
		parts = append(parts, prose.Plural(len(r.Leftovers), "thing")+" of ours left behind")
	}
	switch {
	case r.Counts.Fail > 0:
		parts = append(parts, fmt.Sprintf("%d of %s failed", r.Counts.Fail, prose.Plural(r.Counts.Specs, "spec")))
	case r.Verdict == verdict.Pass:
		parts = append(parts, fmt.Sprintf("%d of %s passed", r.Counts.Pass, prose.Plural(r.Counts.Specs, "spec")))
	}
	if r.Counts.Skip > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", r.Counts.Skip))
	}
	for _, d := range r.Doubts() {
		parts = append(parts, prose.OneLine(d))
	}
	word := prose.Paint(strings.ToUpper(string(r.Verdict)), r.Verdict, p.Colour)
	return fmt.Sprintf("%s: %s (%s, exit %d)", word, strings.Join(parts, "; "), prose.Duration(r.Seconds), r.Exit)
}

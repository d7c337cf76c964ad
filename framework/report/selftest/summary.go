package selftest

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	lines "github.com/jedib0t/go-pretty/v6/text"

	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Summary prints what a person reads of a selftest: the verdict in one
// sentence, the table of faults, scores, phases, what was not done, the
// survivors and the false alarms in full, and last the sentence again with
// where the rest is. folder is the selftest's folder as the reader should see it.
func Summary(out io.Writer, d *Document, folder string, colour bool) error {
	p := &page{prose.Page{Colour: colour}}
	p.body(d)
	p.end(d, folder)
	if _, err := out.Write(p.Text.Bytes()); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	return nil
}

// page is a text in the making.
type page struct{ prose.Page }

func (p *page) body(d *Document) {
	p.head(d)
	p.table(d)
	p.scores(d)
	p.phases(d)
	p.lists(d)
	p.survivors(d)
	p.falseAlarms(d)
}

func (p *page) head(d *Document) {
	parts := []string{"meshcert " + d.Version, "selftest on " + d.Release}
	if d.Quick {
		parts = append(parts, "quick subset")
	}
	if d.Focus != "" {
		parts = append(parts, "focus "+d.Focus)
	}
	parts = append(parts, prose.Plural(len(d.Specs), "spec"), prose.Plural(len(d.Healthy), "healthy run"))
	p.Line("%s\n%s", strings.Join(parts, " · "), p.sentence(d))
}

// sentence is the verdict, with every reason for the exit status.
func (p *page) sentence(d *Document) string {
	s := d.Score
	var parts []string
	add := func(n int, format string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, n))
		}
	}
	if d.Interrupted {
		parts = append(parts, "interrupted")
	}
	if s.Planned > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s noticed (mutation score %s)", s.Noticed, prose.Plural(s.Planned, "fault"), decimals(s.Score)))
		if s.Survived == 0 {
			parts = append(parts, "none survived")
		}
	}
	add(s.Survived, "%d survived")
	add(s.WrongReason, "%d noticed for the wrong reason")
	parts = append(parts, d.doubts()...)
	if n := len(d.FalseAlarms); n > 0 {
		parts = append(parts, prose.Plural(n, "false alarm"))
	} else {
		parts = append(parts, "no false alarm")
	}
	word := prose.Paint(strings.ToUpper(string(d.Verdict)), d.Verdict, p.Colour)
	return prose.Wrap(fmt.Sprintf("%s: %s, %s (exit %d)", word, strings.Join(parts, ", "), prose.Duration(d.Seconds), d.Exit), width)
}

// decimals shows a score with two decimals, cut off as the score itself is.
func decimals(score float64) string {
	hundredths := int(score*10_000+0.5) / 100
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

// marks are the signs of the outcomes, in the order of the legend.
var marks = []struct {
	outcome Outcome
	sign    string
	colour  verdict.Verdict
	says    string
}{
	{Noticed, "✓", verdict.Pass, "noticed"},
	{Survived, "✗", verdict.Fail, "stayed green"},
	{WrongReason, "~", verdict.Fail, "red for another reason"},
	{NotJudged, "?", verdict.Inconclusive, "not judged"},
}

// sign is the mark of an outcome; a fault that was not applied was not judged either.
func sign(o Outcome, colour bool) string {
	last := marks[len(marks)-1]
	for _, m := range marks {
		if m.outcome == o {
			last = m
			break
		}
	}
	return prose.Paint(last.sign, last.colour, colour)
}

// asked is a spec that a fault names, and the worst of its answers.
type asked struct {
	spec    string
	outcome Outcome
}

// asked are the fault's specs, each once.
func (f Fault) asked() []asked {
	var out []asked
	at := map[string]int{}
	for _, a := range f.Specs {
		i, ok := at[a.Spec]
		if !ok {
			at[a.Spec] = len(out)
			out = append(out, asked{a.Spec, a.Outcome})
			continue
		}
		out[i].outcome = worst([]Answer{{Outcome: out[i].outcome}, a})
	}
	return out
}

func (p *page) table(d *Document) {
	if len(d.Faults) == 0 {
		return
	}
	t := prose.NewTable()
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: 30, WidthMaxEnforcer: lines.WrapSoft},
		{Number: 2, WidthMax: 11, WidthMaxEnforcer: lines.WrapSoft},
		{Number: 3, WidthMax: 27, WidthMaxEnforcer: lines.WrapSoft},
		{Number: 4, WidthMax: 31, WidthMaxEnforcer: lines.WrapText},
		{Number: 5, Align: lines.AlignRight, AlignHeader: lines.AlignRight},
	})
	t.AppendHeader(table.Row{"FAULT", "LAYER", "BREAKS", "SPECS", "TIME"})
	for _, f := range d.Faults {
		var specs []string
		for _, a := range f.asked() {
			specs = append(specs, sign(a.outcome, p.Colour)+" "+a.spec)
		}
		t.AppendRow(table.Row{f.ID, f.Layer, prose.OneLine(f.Breaks), strings.Join(specs, "\n"), prose.Duration(f.Seconds)})
	}
	p.Line("")
	for _, row := range prose.Rows(t) {
		p.Line("%s", row)
	}
	p.Line("\n%s", p.legend())
}

func (p *page) legend() string {
	var out []string
	for _, m := range marks {
		out = append(out, prose.Paint(m.sign, m.colour, p.Colour)+" "+m.says)
	}
	return strings.Join(out, " · ")
}

// scores prints the scores of the two sorts of faults.
func (p *page) scores(d *Document) {
	var out []string
	for _, part := range []struct {
		name string
		Score
	}{{"live", d.Live}, {"recorded", d.Recorded}} {
		if part.Planned > 0 {
			out = append(out, fmt.Sprintf("%-8s  %d of %d noticed, mutation score %s", part.name, part.Noticed, part.Planned, decimals(part.Score.Score)))
		}
	}
	p.List("scores", out)
}

func (p *page) phases(d *Document) {
	var out []string
	for _, phase := range d.Phases {
		out = append(out, fmt.Sprintf("%-8s  %11s", phase.Name, prose.Duration(phase.Seconds)))
	}
	p.List("phases", out)
}

func (p *page) end(d *Document, folder string) {
	p.Line("\n%s", p.sentence(d))
	for _, place := range []struct{ label, name string }{{"document", DocumentFile}, {"matrix", TextFile}} {
		p.Line("  %-8s  %s", place.label, filepath.Join(folder, place.name))
	}
}

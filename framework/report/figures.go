package report

import (
	"cmp"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report/internal/prose"
)

// The summary shows so many rows and columns of a spec's figures; the report has
// all.
const (
	figureRows    = 40
	figureColumns = 10
)

// measure is what a column of figures is.
type measure struct{ name, unit string }

// figures prints what the specs measured: a row for each object, a column for
// each measure, both in the order of the spec.
func (p *page) figures(r *Report) {
	for _, s := range r.Specs {
		if len(s.Figures) == 0 {
			continue
		}
		p.Section("figures of " + about(s.ID, s.Release))
		objects, measures, cells := grid(s.Figures)
		shown := measures[:min(len(measures), figureColumns)]
		t := prose.NewTable()
		t.AppendHeader(heading(shown))
		t.SetColumnConfigs(rightAligned(2, len(shown)+1))
		for _, object := range objects[:min(len(objects), figureRows)] {
			row := table.Row{prose.OneLine(object)}
			for _, m := range shown {
				row = append(row, cmp.Or(cells[object][m], "-"))
			}
			t.AppendRow(row)
		}
		for _, row := range prose.Rows(t) {
			p.Line("  %s", row)
		}
		if hidden := len(objects) - figureRows; hidden > 0 {
			p.Line("  … and %s in %s", prose.Plural(hidden, "more row"), ReportFile)
		}
		if hidden := len(measures) - figureColumns; hidden > 0 {
			p.Line("  … and %s in %s", prose.Plural(hidden, "more column"), ReportFile)
		}
	}
}

// grid is the figures as rows, columns and texts of cells.
func grid(figures []evidence.Figure) (objects []string, measures []measure, cells map[string]map[measure]string) {
	cells = map[string]map[measure]string{}
	for _, f := range figures {
		m := measure{f.Name, f.Unit}
		if cells[f.Object] == nil {
			cells[f.Object] = map[measure]string{}
			objects = append(objects, f.Object)
		}
		if !slices.Contains(measures, m) {
			measures = append(measures, m)
		}
		cells[f.Object][m] = prose.Number(f.Value)
	}
	return objects, measures, cells
}

func heading(measures []measure) table.Row {
	row := table.Row{"OF"}
	for _, m := range measures {
		if m.unit == "" {
			row = append(row, prose.OneLine(m.name))
		} else {
			row = append(row, prose.OneLine(m.name+" ["+m.unit+"]"))
		}
	}
	return row
}

// rightAligned is for the columns from first to last, counted from 1.
func rightAligned(first, last int) []table.ColumnConfig {
	var all []table.ColumnConfig
	for column := first; column <= last; column++ {
		all = append(all, table.ColumnConfig{Number: column, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	return all
}

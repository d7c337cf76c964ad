package selftest

import (
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	lines "github.com/jedib0t/go-pretty/v6/text"

	"github.com/onap/meshcert/framework/report/internal/prose"
)

// width is the widest line of a text that is not made by others' words.
const width = 120

// matrix prints faults by specs. A spec is a numbered column; columns that do
// not fit beside each other follow below, with all faults again.
func (p *page) matrix(d *Document) {
	specs := d.columns()
	if len(d.Faults) == 0 {
		return
	}
	p.Section("matrix: faults × specs")
	p.Line("%s · · not asked\n", p.legend())
	name := 0
	for _, f := range d.Faults {
		name = max(name, len(f.ID))
	}
	column := len(fmt.Sprint(len(specs))) + 1
	fit := max(1, (width-name-2)/column)
	first := 1
	for part := range slices.Chunk(specs, fit) {
		if first > 1 {
			p.Line("")
		}
		for _, row := range prose.Rows(p.block(d, part, first)) {
			p.Line("%s", row)
		}
		first += len(part)
	}
	p.Line("")
	for i, spec := range specs {
		p.Line("  %*d  %s", column-1, i+1, spec)
	}
}

// block is the part of the matrix with these specs, numbered from first.
func (p *page) block(d *Document, specs []string, first int) table.Writer {
	t := prose.NewTable()
	t.Style().Box.PaddingRight = " "
	header := table.Row{"FAULT "}
	var configs []table.ColumnConfig
	for i := range specs {
		header = append(header, fmt.Sprint(first+i))
		configs = append(configs, table.ColumnConfig{Number: i + 2, Align: lines.AlignRight, AlignHeader: lines.AlignRight})
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	for _, f := range d.Faults {
		signs := map[string]string{}
		for _, a := range f.asked() {
			signs[a.spec] = sign(a.outcome, p.Colour)
		}
		row := table.Row{f.ID + " "}
		for _, spec := range specs {
			if signs[spec] == "" {
				signs[spec] = "·"
			}
			row = append(row, signs[spec])
		}
		t.AppendRow(row)
	}
	return t
}

// columns are all specs of the healthy runs and all that a fault names, sorted.
func (d *Document) columns() []string {
	out := slices.Clone(d.Specs)
	for _, f := range d.Faults {
		for _, a := range f.Specs {
			out = append(out, a.Spec)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

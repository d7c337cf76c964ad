package main

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/suites/all"
)

// entry is a spec as list prints it.
type entry struct {
	ID      string   `json:"id"`
	Labels  []string `json:"labels"`
	Proves  string   `json:"proves"`
	FailsIf string   `json:"failsIf"`
	Faults  []string `json:"faults"`
	// Disruptive specs are skipped on a cluster that is not ours, unless allowed.
	Disruptive bool `json:"disruptive,omitempty"`
}

func listCommand() *cobra.Command {
	var out format
	var s settings
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Lists the specs: what each proves and which faults turn it red; needs no cluster",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			wanted := spec.Selection{Focus: s.config.Focus, LabelFilter: s.config.LabelFilter, Soak: true}
			if err := spec.CheckSelection(all.Specs(), wanted); err != nil {
				return err
			}
			selected, err := spec.Select(all.Specs(), wanted)
			if err != nil {
				return err
			}
			entries, err := entriesOf(selected)
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), out, entries, func(w io.Writer) { listTable(w, entries) })
		},
	}
	s.bindSelection(cmd)
	outputFlag(cmd, &out)
	return cmd
}

func entriesOf(specs []spec.Spec) ([]entry, error) {
	faults, err := fault.Load()
	if err != nil {
		return nil, err
	}
	bySpec := fault.BySpec(faults)
	entries := []entry{}
	for _, s := range specs {
		entries = append(entries, entry{s.ID, s.LabelNames(), s.Proves, s.FailsIf, bySpec[s.ID], s.Disruptive})
	}
	return entries, nil
}

func listTable(out io.Writer, entries []entry) {
	t := newTable(out, table.ColumnConfig{Name: "Spec, labels", WidthMax: 30}, table.ColumnConfig{Name: "Proves", WidthMax: 33},
		table.ColumnConfig{Name: "Red with", WidthMax: 27})
	t.Style().Options.SeparateRows = true
	for _, e := range entries {
		about := e.ID + "\n" + strings.Join(e.Labels, " ")
		if e.Disruptive {
			about += "\n(disruptive)"
		}
		t.AppendRow(table.Row{about, e.Proves, strings.Join(e.Faults, "\n")})
	}
	t.Render()
}

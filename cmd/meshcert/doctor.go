package main

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/doctor"
	"github.com/onap/meshcert/framework/report"
)

func doctorCommand() *cobra.Command {
	var s settings
	var out format
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Checks the machine, or the cluster: what would go wrong, and what to do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			checks, err := conductor.Doctor(cmd.Context())
			if err != nil {
				return err
			}
			if err := write(cmd.OutOrStdout(), out, checks, func(w io.Writer) { doctorTable(w, checks) }); err != nil {
				return err
			}
			if doctor.Worst(checks) == doctor.Fail {
				return exitError{report.ExitInconclusive}
			}
			return nil
		},
	}
	s.bind(cmd)
	outputFlag(cmd, &out)
	return cmd
}

func doctorTable(out io.Writer, checks []doctor.Check) {
	t := newTable(out, table.ColumnConfig{}, table.ColumnConfig{Name: "Check", WidthMax: 18}, table.ColumnConfig{},
		table.ColumnConfig{Name: "Found", WidthMax: 31}, table.ColumnConfig{Name: "What to do", WidthMax: 24})
	for _, c := range checks {
		t.AppendRow(table.Row{c.Category, c.Name, c.Status, c.Text, c.Do})
	}
	t.Render()
}

package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/run"
)

func faultCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "fault", Short: "The faults that specs must notice: list them, apply them by hand, clear them"})
	cmd.AddCommand(faultListCommand(),
		faultHand("apply ID...", "Breaks the environment that up made, until the faults are cleared", atLeastOne("ID, the id of a fault (see meshcert fault list)"),
			(*run.Conductor).ApplyFaults),
		faultHand("clear [ID...]", "Puts back what faults changed; without an id, of all of them", cobra.ArbitraryArgs, (*run.Conductor).ClearFaults))
	return cmd
}

// faultHand is a command that changes what is broken on a cluster.
func faultHand(use, short string, args cobra.PositionalArgs, do func(*run.Conductor, context.Context, []string) (int, error)) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,

		ValidArgsFunction: completeFaults,
		RunE: func(cmd *cobra.Command, args []string) error {
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			return ended(do(conductor, cmd.Context(), args))
		},
	}
	s.bind(cmd)
	s.bindDisruption(cmd)
	return cmd
}

// breakage is a fault as list prints it.
type breakage struct {
	ID     string      `json:"id"`
	Layer  fault.Layer `json:"layer"`
	Breaks string      `json:"breaks"`
	// Live tells that a cluster can have it; the others are faults of recorded evidence.
	Live  bool     `json:"live"`
	Quick bool     `json:"quick"`
	Specs []string `json:"specs"`
}

func faultListCommand() *cobra.Command {
	var out format
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Lists the faults: what each breaks and which specs must notice; needs no cluster",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			faults, err := fault.Load()
			if err != nil {
				return err
			}
			list := []breakage{}
			for _, f := range faults {
				b := breakage{ID: f.ID, Layer: f.Layer, Breaks: f.Breaks, Live: f.Live(), Quick: f.Quick}
				for _, r := range f.Red {
					b.Specs = append(b.Specs, r.Spec)
				}
				b.Specs = slices.Compact(b.Specs)
				list = append(list, b)
			}
			return write(cmd.OutOrStdout(), out, list, func(w io.Writer) { faultTable(w, list) })
		},
	}
	outputFlag(cmd, &out)
	return cmd
}

func faultTable(out io.Writer, list []breakage) {
	t := newTable(out, table.ColumnConfig{Name: "Fault"}, table.ColumnConfig{Name: "Layer, on"}, table.ColumnConfig{Name: "Breaks", WidthMax: 30},
		table.ColumnConfig{Name: "Red"})
	for _, b := range list {
		on := "evidence"
		if b.Live {
			on = "cluster"
		}
		t.AppendRow(table.Row{b.ID, string(b.Layer) + ", " + on, b.Breaks, strings.Join(b.Specs, "\n")})
	}
	t.Render()
}

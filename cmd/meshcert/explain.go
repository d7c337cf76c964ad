package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/suites/all"
)

func explainCommand() *cobra.Command {
	var out format
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Says what a spec proves, how it fails and how to run it alone",
		Args:  exactlyOne("ID, the id of a spec (see meshcert list)"),

		ValidArgsFunction: first(specs),
		RunE: func(cmd *cobra.Command, args []string) error {
			entries, err := entriesOf(all.Specs())
			if err != nil {
				return err
			}
			for _, e := range entries {
				if e.ID == args[0] {
					return write(cmd.OutOrStdout(), out, e, func(w io.Writer) { explain(w, e) })
				}
			}
			return &config.UsageError{Field: "ID", Text: config.Unknown(args[0], ids(all.Specs()))}
		},
	}
	outputFlag(cmd, &out)
	return cmd
}

func ids(specs []spec.Spec) []string {
	var out []string
	for _, s := range specs {
		out = append(out, s.ID)
	}
	return out
}

func explain(out io.Writer, e entry) {
	fmt.Fprintln(out, e.ID)
	const indent = "            "
	type line struct{ label, value string }
	lines := []line{
		{"proves", e.Proves}, {"fails if", e.FailsIf}, {"red with", strings.Join(e.Faults, ", ")},
		{"labels", strings.Join(e.Labels, " ")}, {"run it", "make e2e FOCUS=" + e.ID + " REUSE=1"},
	}
	if e.Disruptive {
		lines = append(lines, line{"needs", "--allow-disruptive on a cluster of your own (--kubeconfig): it changes for moments what others there depend on"})
	}
	for _, line := range lines {
		value := text.WrapSoft(line.value, tableWidth-len(indent))
		fmt.Fprintf(out, "  %-8s  %s\n", line.label, strings.ReplaceAll(value, "\n", "\n"+indent))
	}
}

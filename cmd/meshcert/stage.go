package main

import (
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/run"
	"github.com/onap/meshcert/suites/all"
)

// stageCommand is what a child process runs; people have no use for it.
func stageCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "stage",
		Short:  "One stage of a run, as the order on standard input says",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conductor := &run.Conductor{Specs: all.Specs(), Version: version, Out: cmd.ErrOrStderr()}
			if conductor.Stage(cmd.Context(), cmd.InOrStdin()) != nil {
				return exitError{1}
			}
			return nil
		},
	}
}

package main

import (
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/run"
)

func reportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Makes report, JUnit, page and summary from a run's records, also of a run that was killed",
		Long: `Makes report, JUnit, page and summary from a run's records, also of a run that was killed.
RUN is the name of a run, or its folder; without it the newest run is taken.
The exit status is the one the records stand for.`,
		Args: atMost(1, "RUN, the name or folder of a run"),

		ValidArgsFunction: first(runs),
		RunE: func(cmd *cobra.Command, args []string) error {
			places, err := config.DefaultPlaces(".", out)
			if err != nil {
				return err
			}
			var name string
			if len(args) == 1 {
				name = args[0]
			}
			folder, err := run.FindRun(places.Runs, name)
			if err != nil {
				return err
			}
			return ended(run.Report(folder, cmd.OutOrStdout(), report.Terminal(cmd.OutOrStdout())))
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "parent folder of the runs (default reports/runs of the checkout)")
	completeFolder(cmd, "out")
	return cmd
}

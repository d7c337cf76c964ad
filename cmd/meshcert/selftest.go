package main

import (
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/run"
)

func selftestCommand() *cobra.Command {
	var s settings
	var selftest run.Selftest
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Breaks things on purpose and proves that the specs notice",
		Long: `Breaks things on purpose and proves that the specs notice.
First the specs run while nothing is broken: all must pass. Then each fault is put in, the specs it names
must turn red and name what is broken, it is cleared, and they must be green again.
The exit status is 1 when a fault survives or a healthy system is red.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("focus") && selftest.Focus == "" {
				return &config.UsageError{Field: "--focus", Text: "is empty; leave it out to try every fault"}
			}
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			return ended(conductor.Selftest(cmd.Context(), selftest))
		},
	}
	s.bind(cmd)
	s.bindFormat(cmd)
	s.bindDisruption(cmd)
	cmd.Flags().StringVar(&selftest.Focus, "focus", "", "layers, fault ids or globs over ids, separated by commas (see meshcert fault list)")
	completeFlag(cmd, "focus", completeWord(",", breakable))
	cmd.Flags().BoolVar(&selftest.Quick, "quick", false, "only the quick subset")
	cmd.Flags().IntVar(&selftest.Healthy, "healthy", 1, "how many healthy runs come first")
	return cmd
}

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/run"
)

func selftestCommand() *cobra.Command {
	var selftest run.Selftest
	cmd := leading("selftest", "Breaks things on purpose and proves that the specs notice", false,
		func(c *run.Conductor, ctx context.Context) (int, error) {
			if selftest.Healthy < 1 {
				return 0, &config.UsageError{Field: "--healthy", Text: "must be 1 or more: without a healthy run nothing is known of false alarms"}
			}
			return c.Selftest(ctx, selftest)
		})
	cmd.Long = `Breaks things on purpose and proves that the specs notice.
First the specs run while nothing is broken: all must pass. Then each fault is put in, the specs it names
must turn red and name what is broken, it is cleared, and they must be green again.
The exit status is 1 when a fault survives or a healthy system is red.`
	cmd.Flags().StringVar(&selftest.Focus, "focus", "", "layers, fault ids or globs over ids, separated by commas (see meshcert fault list)")
	completeFlag(cmd, "focus", completeWord(",", breakable))
	cmd.Flags().BoolVar(&selftest.Quick, "quick", false, "only the quick subset")
	cmd.Flags().IntVar(&selftest.Healthy, "healthy", 1, "how many healthy runs come first")
	return cmd
}

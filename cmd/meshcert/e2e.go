package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/live"
	"github.com/onap/meshcert/framework/run"
	"github.com/onap/meshcert/suites/all"
)

func e2eCommand() *cobra.Command {
	return leading("e2e", "Makes the environment, runs the specs, reports and cleans up", true, (*run.Conductor).E2E)
}

func upCommand() *cobra.Command {
	return leading("up", "Makes the environment, or brings it to the wanted state, and keeps it", false, (*run.Conductor).Up)
}

func runCommand() *cobra.Command {
	cmd := leading("run", "Runs specs on the environment that up made", true, (*run.Conductor).Run)
	judge := cmd.RunE
	var again string
	cmd.Flags().StringVar(&again, "replay", "", "judge the evidence of this run again, without a cluster: its name or folder")
	completeFlag(cmd, "replay", runs)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("replay") {
			return replay(cmd, again)
		}
		return judge(cmd, args)
	}
	return cmd
}

// replay judges the evidence of a run again. What was run and on what is the
// run's own, so no flag but --out and --output-format has a meaning.
func replay(cmd *cobra.Command, name string) error {
	var others []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "replay" && f.Name != "out" && f.Name != "output-format" {
			others = append(others, "--"+f.Name)
		}
	})
	if name == "" {
		return &config.UsageError{Field: "--replay", Text: "is empty; name a run or its folder"}
	}
	if len(others) > 0 {
		return &config.UsageError{Field: others[0], Text: "has no meaning with --replay, which takes everything from the run; leave it out"}
	}
	places, err := config.DefaultPlaces(".", cmd.Flag("out").Value.String())
	if err != nil {
		return err
	}
	folder, err := run.FindRun(places.Runs, name)
	if err != nil {
		return err
	}
	conductor := &run.Conductor{
		Config: config.Config{Places: places}.WithDefaults(), Specs: all.Specs(), Version: version,
		Out: cmd.OutOrStdout(), Terminal: report.Terminal(cmd.OutOrStdout()), Format: live.Format(cmd.Flag("output-format").Value.String()),
	}
	return ended(conductor.Replay(cmd.Context(), folder))
}

// leading is a command that leads a run.
func leading(name, short string, selects bool, lead func(*run.Conductor, context.Context) (int, error)) *cobra.Command {
	var s settings
	var dry bool
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			if dry {
				return ended(conductor.DryRun(cmd.Context()))
			}
			return ended(lead(conductor, cmd.Context()))
		},
	}
	s.bind(cmd)
	s.bindFormat(cmd)
	if selects {
		s.bindSelection(cmd)
		s.bindDisruption(cmd)
		cmd.Flags().BoolVar(&dry, "dry-run", false, "only list what would be run; never green: the exit status is 3")
	}
	return cmd
}

// conductor is what leads a run with these settings.
func (s *settings) conductor(cmd *cobra.Command) (*run.Conductor, error) {
	c, err := s.resolve(cmd)
	if err != nil {
		return nil, err
	}
	return &run.Conductor{
		Config: c, Specs: all.Specs(), Version: version, Out: cmd.OutOrStdout(),
		EngineHost: os.Getenv("DOCKER_HOST"), Terminal: report.Terminal(cmd.OutOrStdout()), Format: live.Format(s.format),
	}, nil
}

// ended turns a status into the error that carries it.
func ended(status int, err error) error {
	if err == nil && status != report.ExitPass {
		return exitError{status}
	}
	if err != nil && status > report.ExitPass && status != report.ExitInconclusive {
		return statusError{err, status}
	}
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
)

// exitUsage is the status of wrong use; the others come from package report.
const exitUsage = 2

// exitError ends the program with a status after everything was said.
type exitError struct{ status int }

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// statusError is an error with a status of its own.
type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// execute runs the command line and returns the exit status.
func execute(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	addCompletion(root)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return report.ExitPass
	}
	var exit exitError
	said := errors.As(err, &exit)
	if !said {
		fmt.Fprintln(errOut, "meshcert:", strings.TrimSpace(err.Error()))
	}
	switch {
	case ctx.Err() != nil:
		return report.ExitInterrupted
	case said:
		return exit.status
	}
	var withStatus statusError
	if errors.As(err, &withStatus) {
		return withStatus.status
	}
	var usage *config.UsageError
	if errors.As(err, &usage) || isCobraUsage(err) {
		return exitUsage
	}
	return report.ExitInconclusive
}

// isCobraUsage tells whether Cobra refused the command line itself; Cobra has
// no error type for that.
func isCobraUsage(err error) bool {
	for _, start := range []string{"unknown command", "accepts ", "requires "} {
		if strings.HasPrefix(err.Error(), start) {
			return true
		}
	}
	return false
}

func rootCommand() *cobra.Command {
	root := group(&cobra.Command{
		Use:           "meshcert",
		Short:         "Says whether ONAP's MSB, VF-C and MultiCloud work on an Istio service mesh, and proves it",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	})
	root.SetFlagErrorFunc(refuseFlag)
	root.AddCommand(e2eCommand(), upCommand(), runCommand(), downCommand(), listCommand(), explainCommand(), reportCommand(), diffCommand(), doctorCommand(), imagesCommand(), onapCommand(), selftestCommand(), faultCommand(), certifyCommand(), verifyCommand(), keyCommand(), gateCommand(), stageCommand(), buildNodeCommand())
	return root
}

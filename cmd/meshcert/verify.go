package main

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/certificate"
	"github.com/onap/meshcert/framework/run"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

func verifyCommand() *cobra.Command {
	var trusted string
	var allowStandins bool
	var out format
	cmd := &cobra.Command{
		Use:   "verify CERTIFICATE",
		Short: "Checks a certificate without a cluster and without a network",
		Long: `Checks a certificate without a cluster and without a network. CERTIFICATE is its file, or the folder
it lies in; the report must lie beside it. Evidence that lies there too is compared with what was signed.
Only keys of --trusted-keys are believed; a file of keys beside the certificate is not looked at.
The exit status is 0 when the release is certified, or with --allow-standins conforms with stand-ins;
1 when the certificate says that a spec failed; 3 when it is refused, or is about stand-ins.`,
		Args: exactlyOne("CERTIFICATE, a file or the folder it lies in"),

		ValidArgsFunction: first(paths),
		RunE: func(cmd *cobra.Command, args []string) error {
			if trusted == "" {
				return &config.UsageError{Field: "--trusted-keys", Text: "is missing; name the file of the keys that you trust (meshcert key trust writes one)"}
			}
			papers, done, err := certificate.Read(args[0])
			if err != nil {
				return &config.UsageError{Field: "CERTIFICATE", Text: err.Error() + "; name a certificate, or a folder with " + certificate.File + " and " + report.ReportFile}
			}
			if papers.Trusted, err = os.ReadFile(trusted); err != nil {
				return &config.UsageError{Field: "--trusted-keys", Text: err.Error()}
			}
			conductor := &run.Conductor{Specs: all.Specs(), Version: version}
			result := certificate.Verify(cmd.Context(), papers, time.Now(), conductor.Demands)
			if err := errors.Join(writeResult(cmd.OutOrStdout(), out, result, allowStandins), done()); err != nil {
				return err
			}
			return ended(run.StatusOf(result, allowStandins), nil)
		},
	}
	cmd.Flags().StringVar(&trusted, "trusted-keys", "", "file of the keys whose certificates are believed")
	cmd.Flags().BoolVar(&allowStandins, "allow-standins", false, "exit with 0 also when ONAP's images were stand-ins")
	completeFile(cmd, "trusted-keys")
	outputFlag(cmd, &out)
	return cmd
}

// verified is what verify prints as JSON.
type verified struct {
	// Sentence is the first line that people read; Accepted tells that the exit status is 0.
	Sentence string `json:"sentence"`
	Accepted bool   `json:"accepted"`
	*certificate.Result
	// Run is missing of a certificate that nobody trusted has signed.
	Run *certifiedRun `json:"run,omitempty"`
}

// certifiedRun is what was signed of the run, its verdict worked out anew.
type certifiedRun struct {
	ID      string          `json:"id"`
	Profile string          `json:"profile"`
	Version string          `json:"version"`
	Verdict verdict.Verdict `json:"verdict"`
	Counts  report.Counts   `json:"counts"`
	Gaps    []report.Gap    `json:"gaps,omitempty"`
}

func writeResult(out io.Writer, f format, result *certificate.Result, allowStandins bool) error {
	v := verified{Sentence: result.Sentence(), Accepted: result.Accepts(allowStandins), Result: result}
	if r := result.Report; r != nil {
		v.Run = &certifiedRun{r.Run.ID, r.Run.Profile, r.Run.Version, r.Verdict, r.Counts, r.Gaps}
	}
	var problem error
	err := write(out, f, v, func(w io.Writer) { problem = result.Text(w) })
	return errors.Join(err, problem)
}

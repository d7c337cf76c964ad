package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/certificate"
	"github.com/onap/meshcert/framework/run"
	"github.com/onap/meshcert/suites/all"
)

// certification are the flags about the certificate, as opposed to the run.
type certification struct {
	run, key, to  string
	demonstration bool
	allowStandins bool
}

// aboutTheRun are the flags that say which run, beside those about the certificate.
var aboutTheRun = []string{"run", "out", "key", "to", "demonstration", "allow-standins"}

func certifyCommand() *cobra.Command {
	var s settings
	var c certification
	cmd := &cobra.Command{
		Use:   "certify",
		Short: "Runs a profile and writes a signed certificate of its report",
		Long: `Runs a profile as e2e does and writes a signed certificate of its report into the run's folder:
an in-toto statement in a DSSE envelope. With --run it certifies a run that was made.
A run of a part of the specs, of other charts, values or waivers than the release's, one that was
interrupted, or a replay has no certificate. One with stand-ins for ONAP's images says so in its first
line. The exit status is 0 when the release is certified, or with --allow-standins conforms with
stand-ins; 1 when a spec failed, which the certificate says too; 3 when there is no such proof.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			how, err := c.certifying()
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("run") {
				return certifyRun(cmd, c.run, how)
			}
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			return ended(conductor.Certify(cmd.Context(), how))
		},
	}
	s.bind(cmd)
	s.bindDisruption(cmd)
	f := cmd.Flags()
	f.StringVar(&c.run, "run", "", "certify this run, which was made: its name or folder")
	f.StringVar(&c.key, "key", "", "file of the key that signs; meshcert key new makes one")
	f.BoolVar(&c.demonstration, "demonstration", false, "sign with a key that is made for this and thrown away; its public half and a file that trusts it are written beside the certificate")
	f.StringVar(&c.to, "to", "", "write report and certificate to this folder too")
	f.BoolVar(&c.allowStandins, "allow-standins", false, "exit with 0 also when ONAP's images were stand-ins")
	completeFlag(cmd, "run", runs)
	completeFile(cmd, "key")
	completeFolder(cmd, "to")
	return cmd
}

// completeFile completes a flag whose value is a file.
func completeFile(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, paths)
}

// paths completes the path of a file.
func paths(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// Owners of the keys that certify signs with.
const (
	ownKey  = "the key of --key"
	showKey = "a key for demonstration, thrown away after it signed: it proves nothing about who did"
)

func (c *certification) certifying() (run.Certifying, error) {
	how := run.Certifying{To: c.to, AllowStandins: c.allowStandins, WriteTrusted: c.demonstration, Owner: ownKey}
	switch {
	case c.demonstration && c.key != "":
		return how, &config.UsageError{Field: "--demonstration", Text: "cannot be given together with --key; it makes a key of its own"}
	case c.demonstration:
		key, err := certificate.NewKey()
		how.Signer, how.Owner = key, showKey
		return how, err
	case c.key == "":
		return how, &config.UsageError{Field: "--key", Text: "is missing; name the file of the key that signs (meshcert key new makes one), or give --demonstration"}
	}
	key, err := certificate.ReadKey(c.key)
	if err != nil {
		return how, &config.UsageError{Field: "--key", Text: err.Error()}
	}
	how.Signer = key
	return how, nil
}

// certifyRun certifies a run that was made. What was run is the run's own.
func certifyRun(cmd *cobra.Command, name string, how run.Certifying) error {
	var others []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(aboutTheRun, f.Name) {
			others = append(others, "--"+f.Name)
		}
	})
	switch {
	case len(others) > 0:
		return &config.UsageError{Field: strings.Join(others, ", "), Text: "has no meaning with --run, which takes everything from the run; leave it out"}
	case name == "":
		return &config.UsageError{Field: "--run", Text: "is empty; name a run or its folder"}
	}
	places, err := config.DefaultPlaces(".", cmd.Flag("out").Value.String())
	if err != nil {
		return err
	}
	folder, err := run.FindRun(places.Runs, name)
	if err != nil {
		return err
	}
	conductor := &run.Conductor{Specs: all.Specs(), Version: version, Out: cmd.OutOrStdout(), Terminal: report.Terminal(cmd.OutOrStdout())}
	return ended(conductor.CertifyRun(cmd.Context(), folder, how))
}

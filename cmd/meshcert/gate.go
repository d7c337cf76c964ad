package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/impact"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/review"
	"github.com/onap/meshcert/framework/run"
)

// gateFlags are the flags that only gate has.
type gateFlags struct {
	project, change, made, baseline, vote string

	reviews          []string
	list, allowEmpty bool
	out              format
}

func gateCommand() *cobra.Command {
	var s settings
	var g gateFlags
	cmd := &cobra.Command{
		Use:   "gate --project NAME [--change FILE]",
		Short: "Says whether a change of a project may be merged: runs what it can break, or judges a run",
		Long: `Says whether a change of a project may be merged. It chooses the specs that the
change can break, runs them as e2e does (with --run it takes what a run says of
them), and answers in the words of Gerrit, GitHub, GitLab or TAP.

A failure that the baseline does not have blocks. One that it has blocks unless a
waiver with an owner covers it and is not over. Without a baseline each failure
that no waiver covers blocks.

The exit status is 0 when nothing blocks, 1 when a failure does, and 3 when
something was not judged; also when the change can break nothing, as one of
documentation alone, unless --allow-empty is given.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return gate(cmd, &s, &g) },
	}
	s.bind(cmd)
	s.bindDisruption(cmd)
	s.bindFormat(cmd)
	f := cmd.Flags()
	f.Lookup("waivers").Usage = "YAML file of waivers for failures that are known, of any spec and kind"
	f.StringVar(&g.project, "project", "", "the project whose change it is: "+strings.Join(impact.Names(), ", "))
	f.StringVar(&g.change, "change", "", "file with the changed files, one a line as git diff --name-only prints them; - for standard input (default: all of the project)")
	f.StringVar(&g.made, "run", "", "judge this run, its name, folder or report, and run nothing")
	f.StringVar(&g.baseline, "baseline", "", "a run from before the change: its name, folder or report")
	f.StringSliceVar(&g.reviews, "review", nil, "hand the review out: "+outputs()+"; can be given again")
	f.StringVar(&g.vote, "gerrit-label", "Verified", "what to vote on in Gerrit: a label, or one with its values for pass and fail, like Verified=+1/-1; empty for no vote")
	f.BoolVar(&g.list, "list", false, "only list what would be judged, and why; never green: the exit status is 3")
	f.BoolVar(&g.allowEmpty, "allow-empty", false, "end with status 0 when the change can break nothing of the project")
	outputFlag(cmd, &g.out)
	completeGate(cmd)
	return cmd
}

// outputs are the forms of --review.
func outputs() string {
	var words []string
	for _, f := range review.Formats() {
		words = append(words, string(f)+needs(f))
	}
	return strings.Join(words, ", ")
}

// needs is what stands behind a format of --review.
func needs(f review.Format) string {
	if f == review.GitHubCommands || f == review.AnyTAP {
		return ""
	}
	return "=FILE"
}

func completeGate(cmd *cobra.Command) {
	completeFlag(cmd, "project", oneOf(impact.Names()...))
	completeFlag(cmd, "change", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
	completeFlag(cmd, "run", runs)
	completeFlag(cmd, "baseline", runs)
	completeFlag(cmd, "gerrit-label", oneOf("Verified", "Code-Review"))
	completeFlag(cmd, "review", completeWord(",", func() ([]string, error) {
		var words []string
		for _, f := range review.Formats() {
			words = append(words, strings.TrimSuffix(string(f)+needs(f), "FILE"))
		}
		return words, nil
	}))
}

func gate(cmd *cobra.Command, s *settings, g *gateFlags) error {
	conductor, err := s.conductor(cmd)
	if err != nil {
		return err
	}
	gating, err := g.gating(cmd)
	if err != nil {
		return err
	}
	gating.Waivers, conductor.Config.Waivers = conductor.Config.Waivers, ""
	if g.list {
		return listImpact(cmd, conductor, gating, g.out)
	}
	outputs, desk, err := g.desk(cmd)
	if err != nil {
		return err
	}
	has := func(f review.Format) bool {
		return slices.ContainsFunc(outputs, func(o review.Output) bool { return o.Format == f && o.File == "" })
	}
	said := func() error { return nil }
	if conductor.Out = cmd.ErrOrStderr(); has(review.GitHubCommands) {
		conductor.Out = cmd.OutOrStdout()
		said = silence(conductor.Out)
	}
	conductor.Terminal = report.Terminal(conductor.Out)
	r, err := conductor.Gate(cmd.Context(), gating)
	if err := said(); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if err := r.Hand(o, desk); err != nil {
			return err
		}
	}
	if has(review.AnyTAP) || has(review.GitHubCommands) {
		return ended(r.Exit, nil)
	}
	if g.out == "json" {
		return ended(r.Exit, write(cmd.OutOrStdout(), g.out, r, nil))
	}
	return ended(r.Exit, r.Text(cmd.OutOrStdout(), report.Terminal(cmd.OutOrStdout())))
}

// gating reads what is to be judged.
func (g *gateFlags) gating(cmd *cobra.Command) (run.Gating, error) {
	project, ok := impact.Find(g.project)
	switch {
	case g.project == "":
		return run.Gating{}, &config.UsageError{Field: "--project", Text: "is missing; name one of " + strings.Join(impact.Names(), ", ")}
	case !ok:
		return run.Gating{}, &config.UsageError{Field: "--project", Text: config.Unknown(g.project, impact.Names())}
	}
	gating := run.Gating{Project: project, Run: g.made, Baseline: g.baseline, AllowEmpty: g.allowEmpty}
	for _, f := range []struct{ name, value string }{{"run", g.made}, {"baseline", g.baseline}, {"change", g.change}} {
		if cmd.Flags().Changed(f.name) && f.value == "" {
			return gating, &config.UsageError{Field: "--" + f.name, Text: "is empty; name one, or leave the flag out"}
		}
	}
	if g.change == "" {
		return gating, nil
	}
	text, err := readChange(cmd.InOrStdin(), g.change)
	if err != nil {
		return gating, &config.UsageError{Field: "--change", Text: fmt.Sprintf("%v; name a readable file, or - for standard input", err)}
	}
	if gating.Change = impact.ParseChange(string(text)); len(gating.Change) == 0 {
		return gating, &config.UsageError{Field: "--change", Text: g.change + " names no file, as when git diff failed; leave the flag out to judge all of the project"}
	}
	return gating, nil
}

// changeLimit is more than any change's list of files has, in bytes.
const changeLimit = 64 << 20

func readChange(stdin io.Reader, name string) ([]byte, error) {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, changeLimit+1))
	if err == nil && len(text) > changeLimit {
		err = fmt.Errorf("%s is larger than %d MiB", name, changeLimit>>20)
	}
	return text, err
}

// desk reads how the review is handed out.
func (g *gateFlags) desk(cmd *cobra.Command) ([]review.Output, review.Desk, error) {
	d := review.Desk{
		Out: cmd.OutOrStdout(), RunURL: os.Getenv("BUILD_URL"), Summary: os.Getenv("GITHUB_STEP_SUMMARY"), Commit: os.Getenv("GITHUB_SHA"),
	}
	outputs, err := review.ParseOutputs(g.reviews)
	if err != nil {
		return nil, d, &config.UsageError{Field: "--review", Text: err.Error()}
	}
	if d.Vote, err = review.ParseVote(g.vote); err != nil {
		return nil, d, &config.UsageError{Field: "--gerrit-label", Text: err.Error()}
	}
	if d.Commit == "" && slices.ContainsFunc(outputs, func(o review.Output) bool { return o.Format == review.GitHubCheck }) {
		return nil, d, &config.UsageError{Field: "--review", Text: "github-check needs the commit in GITHUB_SHA, which GitHub Actions sets"}
	}
	return outputs, d, nil
}

// silence keeps a runner of GitHub Actions from taking lines of a run for
// commands, until what it returns is called (docs.github.com, "Workflow commands
// for GitHub Actions", stopping and starting workflow commands).
func silence(out io.Writer) func() error {
	token := rand.Text()
	fmt.Fprintf(out, "::stop-commands::%s\n", token)
	return func() error {
		if _, err := fmt.Fprintf(out, "::%s::\n", token); err != nil {
			return fmt.Errorf("print the review: %w", err)
		}
		return nil
	}
}

// listImpact prints what would be judged, and why.
func listImpact(cmd *cobra.Command, c *run.Conductor, g run.Gating, as format) error {
	i, err := c.Impact(g)
	if err != nil {
		return err
	}
	err = write(cmd.OutOrStdout(), as, i, func(w io.Writer) { impactTables(w, i) })
	return ended(report.ExitInconclusive, err)
}

func impactTables(w io.Writer, i impact.Impact) {
	if len(i.Files) > 0 {
		t := newTable(w, table.ColumnConfig{Name: "Changed file", WidthMax: 60}, table.ColumnConfig{Name: "Belongs to", WidthMax: 33})
		for _, f := range i.Files {
			t.AppendRow(table.Row{review.Shown(f.Name), f.String()})
		}
		t.Render()
	}
	if len(i.Chosen) == 0 {
		fmt.Fprintf(w, "nothing to judge: the change can break nothing of %s\n", i.Project)
		return
	}
	t := newTable(w, table.ColumnConfig{Name: "Spec", WidthMax: 30}, table.ColumnConfig{Name: "Can be broken, because", WidthMax: 62})
	for _, c := range i.Chosen {
		t.AppendRow(table.Row{c.Spec, c.Why})
	}
	t.Render()
	fmt.Fprintf(w, "%d of %d specs\n", len(i.Chosen), len(i.Chosen)+i.Left)
}

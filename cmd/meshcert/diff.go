package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/diff"
	"github.com/onap/meshcert/framework/run"
)

// diffFormat is the value of diff -o: text, json or html.
type diffFormat string

func (f *diffFormat) String() string { return string(*f) }

func (f *diffFormat) Type() string { return "text|json|html" }

func (f *diffFormat) Set(value string) error {
	switch value {
	case "text", "json", "html":
		*f = diffFormat(value)
		return nil
	}
	return errors.New("must be text, json or html")
}

func diffCommand() *cobra.Command {
	format := diffFormat("text")
	var out string
	var baseline []string
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Says in what run B differs from run A",
		Long: `Says in what run B differs from run A: verdicts and findings, known gaps, service
graph, metrics, headers, images, charts, environment, figures and durations.
A and B are runs by name, their folders, or reports (report.json).
The exit status is 0 when nothing got worse, 1 when B is worse than A, and 3 when
they cannot be compared.`,
		Args: exactlyTwo("A and B, the runs to compare"),

		ValidArgsFunction: diffRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := openRun("A", args[0])
			if err != nil {
				return err
			}
			b, err := openRun("B", args[1])
			if err != nil {
				return err
			}
			var more []*report.Report
			for _, name := range baseline {
				one, err := openRun("--baseline", name)
				if err != nil {
					return err
				}
				more = append(more, one.Report)
			}
			d := diff.Compare(a, b, more...)
			if err := writeDiff(cmd.OutOrStdout(), out, format, d); err != nil {
				return err
			}
			if d.Exit != diff.ExitSame {
				return exitError{d.Exit}
			}
			return nil
		},
	}
	cmd.Flags().VarP(&format, "output", "o", "how to print it")
	cmd.Flags().StringVar(&out, "out", "", "file to write instead of printing")
	cmd.Flags().StringArrayVar(&baseline, "baseline", nil, "more runs like A, which tell how much figures and durations vary; can be given again")
	completeFlag(cmd, "output", oneOf("text", "json", "html"))
	completeFlag(cmd, "out", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
	completeFlag(cmd, "baseline", anyRun)
	return cmd
}

// diffRuns completes the two runs.
func diffRuns(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return anyRun(cmd, args, typed)
}

func anyRun(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return runsIn("")
}

// exactlyTwo refuses a command line without just two arguments; what says which.
func exactlyTwo(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 2 {
			return &config.UsageError{Field: "arguments", Text: fmt.Sprintf("want two, %s; got %d", what, len(args))}
		}
		return nil
	}
}

// openRun reads a run by the path of its folder or report, or by its name.
func openRun(which, name string) (diff.Run, error) {
	path := name
	info, err := os.Stat(path)
	if err != nil {
		places, placesErr := config.DefaultPlaces(".", "")
		if placesErr != nil {
			return diff.Run{}, placesErr
		}
		if path, err = run.FindRun(places.Runs, name); err != nil {
			var usage *config.UsageError
			if errors.As(err, &usage) {
				return diff.Run{}, &config.UsageError{Field: which, Text: usage.Text}
			}
			return diff.Run{}, err
		}
	}
	folder := path
	if info != nil && !info.IsDir() {
		folder = filepath.Dir(path)
	}
	r, err := report.Load(path)
	if err != nil {
		return diff.Run{}, &config.UsageError{Field: which, Text: err.Error()}
	}
	return diff.Run{Report: r, Artifacts: os.DirFS(folder)}, nil
}

// writeDiff prints the difference, or writes it to the file.
func writeDiff(w io.Writer, file string, format diffFormat, d diff.Diff) error {
	var text bytes.Buffer
	var err error
	switch format {
	case "json":
		var document []byte
		document, err = d.JSON()
		text.Write(document)
	case "html":
		err = d.Page(&text)
	default:
		text.WriteString(d.Text(file == "" && report.Terminal(w)))
	}
	if err != nil {
		return err
	}
	if file == "" {
		_, err = w.Write(text.Bytes())
		return err
	}
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the difference (--out): %w", err)
	}
	return nil
}

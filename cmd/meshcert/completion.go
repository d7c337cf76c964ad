package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

// addCompletion adds Cobra's command that prints a shell's script, which writes
// to the output root has by now. Where nothing else is said, there is nothing to
// complete.
func addCompletion(root *cobra.Command) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			group(cmd)
		}
	}
}

// completeFlag makes the shell complete a flag's value. A flag that is not there
// is a mistake in this program.
func completeFlag(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic("completion of --" + flag + ": " + err.Error())
	}
}

// completeSettings completes the flags of settings.
func completeSettings(cmd *cobra.Command) {
	for _, flag := range []string{"images", "onap-images", "sidecars", "layout", "policy", "tracer", "trace-protocol"} {
		completeFlag(cmd, flag, oneOf(config.Choices("--"+flag)...))
	}
	completeFlag(cmd, "release", releases)
	completeFlag(cmd, "profile", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var names []cobra.Completion
		for _, p := range verdict.Profiles() {
			names = append(names, cobra.CompletionWithDesc(p.Name, p.Text))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	completeFlag(cmd, "set", chartValues)
	completeFlag(cmd, "without", completeWord(",", overrides))
	completeFlag(cmd, "extra-charts", extraCharts)
	completeFlag(cmd, "charts", completeWord("", func() ([]string, error) { return []string{"oom:", "repo:", "oci://"}, nil }))
	completeFolder(cmd, "out")
	for _, flag := range []string{"config", "values", "kubeconfig", "waivers"} {
		completeFlag(cmd, flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		})
	}
}

// completeFolder completes a flag whose value is a folder.
func completeFolder(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
}

func oneOf(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// first completes the first argument only.
func first(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, typed)
	}
}

// completeWord completes the last of several words in one value, which the
// separators stand between.
func completeWord(separators string, known func() ([]string, error)) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		words, err := known()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		before := typed[:strings.LastIndexAny(typed, separators)+1]
		var values []cobra.Completion
		for _, word := range words {
			values = append(values, before+word)
		}
		return values, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// extraCharts are the charts of --charts beside those that are installed anyway.
func extraCharts(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return completeWord(",", func() ([]string, error) {
		source, err := onap.ParseSource(cmd.Flag("charts").Value.String())
		if err != nil {
			return nil, err
		}
		names, err := source.Charts(cmd.Context())
		return slices.DeleteFunc(names, func(name string) bool { return slices.Contains([]string{"msb", "multicloud", "vfc"}, name) }), err
	})(cmd, args, typed)
}

// overrides are the names of what is installed otherwise than charts say.
func overrides() ([]string, error) {
	all, err := onap.Overrides()
	var names []string
	for _, o := range all {
		names = append(names, o.Name)
	}
	return names, err
}

func releases(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	for _, name := range catalogue.Names() {
		release, err := catalogue.Load(name)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		names = append(names, cobra.CompletionWithDesc(name, release.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func specs(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	for _, s := range all.Specs() {
		names = append(names, cobra.CompletionWithDesc(s.ID, s.Proves))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// focusable are the topics and the specs.
func focusable() ([]string, error) {
	var names []string
	for _, s := range all.Specs() {
		names = append(names, s.Topic(), s.ID)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func labels() ([]string, error) {
	var names []string
	for _, s := range all.Specs() {
		names = append(names, s.LabelNames()...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// breakable are the layers and the faults.
func breakable() ([]string, error) {
	faults, err := fault.Load()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range faults {
		names = append(names, string(f.Layer), f.ID)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// completeFaults completes faults that a cluster can have, each once.
func completeFaults(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	faults, err := fault.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	for _, f := range faults {
		if f.Live() && !slices.Contains(args, f.ID) {
			names = append(names, cobra.CompletionWithDesc(f.ID, f.Breaks))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// chartValues completes --set one step of the path at a time:
// "msb." to "msb.msb-iag.", and at its end "=".
func chartValues(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	settings, err := onap.Settings()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var steps []cobra.Completion
	for _, setting := range settings {
		rest, ok := strings.CutPrefix(setting, typed)
		if !ok {
			continue
		}
		end := "="
		step, _, more := strings.Cut(rest, ".")
		if more {
			end = "."
		}
		steps = append(steps, typed+step+end)
	}
	return slices.Compact(steps), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// runs completes the name of a run in the folder of --out, the newest first, or
// else a path.
func runs(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return runsIn(cmd.Flag("out").Value.String())
}

// runsIn are the runs in the folder, or in the usual one.
func runsIn(out string) ([]cobra.Completion, cobra.ShellCompDirective) {
	places, err := config.DefaultPlaces(".", out)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	entries, err := fs.Glob(os.DirFS(places.Runs), "*/"+report.RecordsFile)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	for _, entry := range slices.Backward(entries) {
		names = append(names, filepath.Dir(entry))
	}
	return names, cobra.ShellCompDirectiveKeepOrder
}

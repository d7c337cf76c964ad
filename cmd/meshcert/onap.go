package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/verdict"
)

func onapCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "onap", Short: "The releases of ONAP that are known"})
	cmd.AddCommand(onapShowCommand())
	return cmd
}

func onapShowCommand() *cobra.Command {
	var out format
	cmd := &cobra.Command{
		Use:   "show RELEASE",
		Short: "Shows the catalogue of a release: workloads, READY, Services, paths, known gaps; needs no cluster",
		Args:  exactlyOne("RELEASE, one of " + strings.Join(catalogue.Names(), ", ")),

		ValidArgsFunction: first(releases),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !catalogue.Has(args[0]) {
				return &config.UsageError{Field: "RELEASE", Text: config.Unknown(args[0], catalogue.Names())}
			}
			release, err := catalogue.Load(args[0])
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), out, shownOf(release), func(w io.Writer) { showRelease(w, release) })
		},
	}
	outputFlag(cmd, &out)
	return cmd
}

// shown is a catalogue as JSON, with the READY column of every workload.
type shown struct {
	*catalogue.Release
	Workloads []shownWorkload `json:"workloads"`
}

type shownWorkload struct {
	catalogue.Workload
	// Ready is the READY column by injector policy.
	Ready map[catalogue.Policy]string `json:"ready"`
}

func shownOf(release *catalogue.Release) shown {
	s := shown{Release: release}
	for _, w := range release.Workloads {
		ready := map[catalogue.Policy]string{}
		for _, policy := range []catalogue.Policy{catalogue.Disabled, catalogue.Enabled} {
			_, ready[policy] = release.Expected(w, policy)
		}
		s.Workloads = append(s.Workloads, shownWorkload{w, ready})
	}
	return s
}

func showRelease(out io.Writer, release *catalogue.Release) {
	fmt.Fprintf(out, "%s: %s\nfrom %s, injector policy %s\n", release.Name, release.Title, release.Source, release.Policy)
	workloadTable(out, release)
	fmt.Fprintf(out, "%d workloads, %d edges between them, %d services on MSB's portal page\n", len(release.Workloads), len(release.Edges), len(release.Portal))
	if len(release.Paths) > 0 {
		pathTable(out, release.Paths)
	}
	if len(release.Gaps) == 0 {
		fmt.Fprintln(out, "no known gaps")
		return
	}
	gapTable(out, release.Gaps)
}

func workloadTable(out io.Writer, release *catalogue.Release) {
	t := newTable(out, table.ColumnConfig{Name: "Workload, app, project"}, table.ColumnConfig{Name: "READY,\ninjection"},
		table.ColumnConfig{Name: "Containers, Services, registrations in MSB"})
	t.Style().Options.SeparateRows = true
	for _, w := range release.Workloads {
		_, disabled := release.Expected(w, catalogue.Disabled)
		_, enabled := release.Expected(w, catalogue.Enabled)
		annotation := w.Annotation
		if annotation == "" {
			annotation = "none"
		}
		t.AppendRow(table.Row{
			w.Name + "\n" + w.App + "\n" + w.Project,
			"disabled " + disabled + "\nenabled  " + enabled + "\ninject   " + annotation,
			strings.Join(parts(w), "\n"),
		})
	}
	t.Render()
}

// parts are a workload's containers, what they wait for, Services and
// registrations, each on a line of its own or wrapped.
func parts(w catalogue.Workload) []string {
	var names []string
	for _, c := range w.Containers {
		names = append(names, c.Name)
	}
	lines := []string{wrapped(strings.Join(names, ", "))}
	for _, c := range w.InitContainers {
		lines = append(lines, wrapped("waits for "+c.WaitsFor))
	}
	for _, s := range w.Services {
		line := s.Type + " " + s.Name
		for _, p := range s.Ports {
			line += " " + p.Name + ":" + strconv.Itoa(p.Port)
			if p.NodePort != 0 {
				line += "→" + strconv.Itoa(p.NodePort)
			}
		}
		lines = append(lines, wrapped(line))
	}
	for _, r := range w.Registrations {
		lines = append(lines, wrapped(fmt.Sprintf("MSB %s %s %s:%d", r.Name, r.Version, r.URL, r.Port)))
	}
	return lines
}

// wrapped keeps a line within its column; what follows is set in.
func wrapped(line string) string {
	const width, indent = 45, "  "
	return strings.ReplaceAll(text.WrapSoft(line, width-len(indent)), "\n", "\n"+indent)
}

func pathTable(out io.Writer, paths []catalogue.Path) {
	t := newTable(out, table.ColumnConfig{Name: "Path"}, table.ColumnConfig{Name: "Request, hops"})
	t.Style().Options.SeparateRows = true
	for _, p := range paths {
		cause := "set off by: " + p.When
		if p.Requested() {
			cause = p.Method + " " + p.URL
		}
		t.AppendRow(table.Row{p.ID, wrapped(cause) + "\n" + wrapped(strings.Join(p.Hops, " → "))})
	}
	t.Render()
}

func gapTable(out io.Writer, gaps []verdict.KnownGap) {
	t := newTable(out, table.ColumnConfig{Name: "Known gap, spec"}, table.ColumnConfig{Name: "What is wrong, source"})
	t.Style().Options.SeparateRows = true
	for _, g := range gaps {
		t.AppendRow(table.Row{wrapped(g.ID) + "\n" + g.Spec, wrapped(g.Text) + "\n" + wrapped("source: "+g.Source)})
	}
	t.Render()
}

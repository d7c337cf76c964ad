package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/fixtures/charts"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/impact"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/review"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Gating says what a gate judges.
type Gating struct {
	Project impact.Project
	// Change are the files of the change; nil judges all of the project.
	Change []string
	// Run is a run that is there already: its name, folder or report. Without it
	// the specs are run.
	Run string
	// Baseline is a run from before the change, in the same way; empty for none.
	Baseline string
	// Waivers is a file of waivers for failures that are known, of any spec and kind.
	Waivers string
	// AllowEmpty makes a change that can break nothing end with status 0.
	AllowEmpty bool
}

// Impact says which specs the change can break, of those that would be run or
// that the made run was to have.
func (c *Conductor) Impact(g Gating) (impact.Impact, error) {
	stages, _, err := c.gated(g)
	if err != nil {
		return impact.Impact{}, err
	}
	i, _, err := c.impact(g, stages)
	return i, err
}

// Gate runs the specs that the change can break, or takes what a made run says of
// them, and answers whether the change may be merged. The review's exit status is
// the program's.
func (c *Conductor) Gate(ctx context.Context, g Gating) (review.Review, error) {
	return c.gateBy(ctx, g, (*Conductor).E2E)
}

// gateBy is Gate with the way that specs are run.
func (c *Conductor) gateBy(ctx context.Context, g Gating, lead func(*Conductor, context.Context) (int, error)) (review.Review, error) {
	stages, made, err := c.gated(g)
	if err != nil {
		return review.Review{}, err
	}
	i, expected, err := c.impact(g, stages)
	if err != nil {
		return review.Review{}, err
	}
	q := review.Question{
		Project: g.Project.Title, Change: g.Change, Expected: expected, Report: made,
		Today: verdict.DayOf(time.Now()), AllowEmpty: g.AllowEmpty,
	}
	if err := c.known(g, &q); err != nil {
		return review.Review{}, err
	}
	var closing func() error
	if q.Charts, closing, err = c.charts(made); err != nil {
		return review.Review{}, err
	}
	r, err := c.answer(q, len(expected) > 0 && made == nil, func(focused *Conductor) (int, error) {
		focused.Config.Focus = strings.Join(i.IDs(), ",")
		return lead(focused, ctx)
	})
	return r, errors.Join(err, closing())
}

// answer reviews the run, which is led first where there is none.
func (c *Conductor) answer(q review.Question, missing bool, lead func(*Conductor) (int, error)) (review.Review, error) {
	status := report.ExitPass
	if missing {
		leading := *c
		var err error
		if status, err = lead(&leading); err != nil {
			return review.Review{}, err
		}
		if q.Report, err = report.Load(leading.folder); err != nil {
			return review.Review{}, err
		}
	}
	r := review.Of(q)
	if status == report.ExitInterrupted || status == report.ExitLeftover {
		r.Exit = status
	}
	return r, nil
}

// gated are the stages that a gate is about, and the run that was made, if one is given.
func (c *Conductor) gated(g Gating) ([]verdict.Stage, *report.Report, error) {
	if c.Config.Focus != "" || c.Config.LabelFilter != "" {
		return nil, nil, &config.UsageError{Field: "--config", Text: "focus and labelFilter have no meaning for a gate, which chooses by the change; leave them out"}
	}
	if g.Run != "" {
		made, err := c.loadRun("--run", g.Run)
		if err != nil {
			return nil, nil, err
		}
		return made.Run.Stages, made, nil
	}
	profile, err := c.Config.ResolveProfile()
	if err != nil {
		return nil, nil, err
	}
	if c.Config.Reuse {
		profile.Stages = profile.Stages[len(profile.Stages)-1:]
	}
	return profile.Stages, nil, nil
}

// impact chooses among the specs of the stages. expected is each choice on each
// stage that has it, as RELEASE/SPEC-ID.
func (c *Conductor) impact(g Gating, stages []verdict.Stage) (i impact.Impact, expected []string, err error) {
	var releases []*catalogue.Release
	for _, name := range catalogue.Names() {
		release, err := catalogue.Load(name)
		if err != nil {
			return i, nil, err
		}
		releases = append(releases, release)
	}
	selected := map[string][]string{}
	for _, stage := range stages {
		specs, err := spec.Select(c.Specs, spec.Selection{Topics: stage.Topics, Soak: stage.Soak})
		if err != nil {
			return i, nil, err
		}
		for _, s := range specs {
			selected[s.ID] = append(selected[s.ID], stage.Name()+"/"+s.ID)
		}
	}
	candidates := slices.DeleteFunc(slices.Clone(c.Specs), func(s spec.Spec) bool { return selected[s.ID] == nil })
	i = impact.Of(g.Project, releases, candidates, g.Change)
	for _, id := range i.IDs() {
		expected = append(expected, selected[id]...)
	}
	return i, expected, nil
}

// known takes in what is known from before the change.
func (c *Conductor) known(g Gating, q *review.Question) error {
	if g.Waivers != "" {
		text, err := os.ReadFile(g.Waivers)
		if err == nil {
			q.Waivers, err = verdict.ParseWaivers(text, anything(c.Specs))
		}
		if err != nil {
			return &config.UsageError{Field: "--waivers", Text: fmt.Sprintf("%s: %v", g.Waivers, err)}
		}
	}
	if g.Baseline == "" {
		return nil
	}
	baseline, err := c.loadRun("--baseline", g.Baseline)
	if err != nil {
		return err
	}
	if q.Report != nil && q.Report.Run.ID == baseline.Run.ID {
		return &config.UsageError{Field: "--baseline", Text: fmt.Sprintf("run %s is the run that is judged; name one from before the change", baseline.Run.ID)}
	}
	q.Baseline = baseline
	return nil
}

// anything lets every finding be waived.
func anything(specs []spec.Spec) verdict.Waivable {
	can := verdict.Waivable{}
	for _, s := range specs {
		can[s.ID] = []verdict.Kind{verdict.AnyKind}
	}
	return can
}

// loadRun reads the report of a run: its name, its folder, or the report itself. A
// run that was killed has none; its records make one.
func (c *Conductor) loadRun(flag, name string) (*report.Report, error) {
	path := name
	if _, err := os.Stat(filepath.Join(c.Config.Places.Runs, name)); err == nil && filepath.IsLocal(name) {
		path = filepath.Join(c.Config.Places.Runs, name)
	}
	loaded, err := report.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		loaded, err = assemble(path)
	}
	if err != nil {
		return nil, &config.UsageError{Field: flag, Text: fmt.Sprintf("%q: %v; name a run in %s, a run's folder or a report", name, err, c.Config.Places.Runs)}
	}
	return loaded, nil
}

// charts are where a finding's line is looked for: the tree of --charts, or ours
// where nothing else was installed.
func (c *Conductor) charts(made *report.Report) (review.Charts, func() error, error) {
	nothing := func() error { return nil }
	var all review.Charts
	for _, name := range catalogue.Names() {
		release, err := catalogue.Load(name)
		if err != nil {
			return all, nothing, err
		}
		all.Releases = append(all.Releases, release)
	}
	dir, isTree := strings.CutPrefix(c.Config.Charts, "oom:")
	switch {
	case isTree:
		folder, prefix := treeOf(dir)
		root, err := os.OpenRoot(folder)
		if err != nil {
			return all, nothing, &config.UsageError{Field: "--charts", Text: fmt.Sprintf("%v; name the folder of an OOM checkout", err)}
		}
		all.FS, all.Prefix = root.FS(), prefix
		return all, root.Close, nil
	case c.Config.Charts == "" && (made == nil || made.Run.Settings.Charts == ""):
		all.FS, all.Prefix = charts.FS, "fixtures/charts"
	}
	return all, nothing, nil
}

// oomFolder is the folder of an OOM checkout that holds the charts.
const oomFolder = "kubernetes"

// treeOf is the folder that holds the charts, and its path in the checkout, whose
// top has git's folder or file.
func treeOf(dir string) (folder, prefix string) {
	folder = dir
	if info, err := os.Stat(filepath.Join(dir, oomFolder)); err == nil && info.IsDir() {
		folder = filepath.Join(dir, oomFolder)
	}
	for top := folder; ; top = filepath.Dir(top) {
		if _, err := os.Stat(filepath.Join(top, ".git")); err == nil {
			below, err := filepath.Rel(top, folder)
			if err == nil && below != "." {
				return folder, filepath.ToSlash(below)
			}
			return folder, ""
		}
		if top == filepath.Dir(top) {
			break
		}
	}
	if filepath.Base(folder) == oomFolder {
		return folder, oomFolder
	}
	return folder, ""
}

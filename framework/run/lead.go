package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/live"
	"github.com/onap/meshcert/framework/report/page"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// E2E makes the environment, runs the specs, reports, and removes what it made
// unless it is to be kept. The status is the program's exit status.
func (c *Conductor) E2E(ctx context.Context) (int, error) {
	return c.lead(ctx, work{up: true, specs: true, down: !c.Config.Reuse})
}

// Up makes the environment, or brings it to the wanted state: that of the
// profile's last stage.
func (c *Conductor) Up(ctx context.Context) (int, error) {
	return c.lead(ctx, work{up: true})
}

// Run runs the specs on the environment that is there.
func (c *Conductor) Run(ctx context.Context) (int, error) {
	return c.lead(ctx, work{specs: true})
}

// DryRun writes down what E2E would run, and does nothing of it. Nothing is
// judged, so it is never green.
func (c *Conductor) DryRun(ctx context.Context) (int, error) {
	return c.lead(ctx, work{up: true, specs: true, dry: true})
}

// work says which steps a run has.
type work struct {
	images, up, specs bool
	// dry does none of them.
	dry bool
	// trials come after the environment was made.
	trials *trials
	// down keeps nothing: what an earlier run left goes before anything is made,
	// and what this one made at its end.
	down bool
}

func (c *Conductor) lead(ctx context.Context, w work) (int, error) {
	profile, err := c.Config.ResolveProfile()
	if err != nil {
		return 0, err
	}
	list, err := c.specList(profile)
	if err != nil {
		return 0, err
	}
	profile.Stages, err = c.stages(profile, w)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(c.checkCharts(ctx, profile), c.checkWaivers()); err != nil {
		return 0, err
	}
	// A journal that cannot be read is said before there is a run.
	if _, err := journal.Open(c.Config.Places.State).Entries(); err != nil {
		return 0, err
	}
	if w.trials != nil {
		profile.Name = "selftest"
	}
	j, err := c.begin(ctx, profile, c.count(profile, w), list)
	if err != nil {
		return 0, err
	}
	ctx = j.watched(ctx)
	defer j.answer()()
	settle, err := j.tell(w)
	if err != nil {
		return 0, errors.Join(err, j.close())
	}
	kept, err := j.keeps()
	if err != nil {
		return 0, errors.Join(err, settle(), j.close())
	}
	problem := j.work(ctx, w)
	interrupted := ctx.Err() != nil
	if interrupted {
		fmt.Fprintln(j.view, "interrupted: cleaning up, please wait")
	}
	if w.down || interrupted && w.up && !kept {
		problem = errors.Join(problem, j.clean(context.WithoutCancel(ctx)))
	}
	problem = errors.Join(problem, settle())
	status, err := j.finish(w, problem, interrupted)
	j.view.End(live.Ended{Status: status, Folder: j.folder})
	return status, errors.Join(err, j.close())
}

// keeps tells whether a finished cluster of an earlier run is there: an
// interrupt of a run that reuses it leaves it alone.
func (j *job) keeps() (bool, error) {
	entries, err := j.journal.Entries()
	return slices.ContainsFunc(entries, func(e journal.Entry) bool {
		return e.Kind == journal.Cluster && e.Data["ready"] == "true"
	}), err
}

// checkCharts renders every release with the user's values, so that a wrong one
// is wrong use and nothing was made.
func (c *Conductor) checkCharts(ctx context.Context, profile verdict.Profile) error {
	if err := c.checkOverrides(); err != nil {
		return err
	}
	for _, stage := range profile.Stages {
		_, err := c.plan(ctx, stage)
		if err == nil {
			continue
		}
		without := *c
		without.Config.Values, without.Config.Set, without.plans = nil, nil, nil
		_, own := without.plan(ctx, stage)
		switch {
		case own == nil:
			return &config.UsageError{Field: "--values/--set", Text: err.Error()}
		case c.Config.Charts != "":
			return &config.UsageError{Field: "--charts", Text: strings.TrimPrefix(own.Error(), "--charts ")}
		}
		return own
	}
	return nil
}

// checkOverrides refuses to leave an override out that there is not.
func (c *Conductor) checkOverrides() error {
	all, err := onap.Overrides()
	if err != nil {
		return err
	}
	var names []string
	for _, o := range all {
		names = append(names, o.Name)
	}
	for _, name := range c.Config.Without {
		if !slices.Contains(names, name) {
			return &config.UsageError{Field: "--without", Text: config.Unknown(name, names)}
		}
	}
	return nil
}

// stages returns the stages that have something to do. Without a spec to run
// on it, a stage is only made when nothing but the environment was asked for:
// then it is the last one, which a kept cluster keeps.
func (c *Conductor) stages(profile verdict.Profile, w work) ([]verdict.Stage, error) {
	last := profile.Stages[len(profile.Stages)-1:]
	switch {
	case w.images:
		return profile.Stages, nil
	case !w.specs:
		return last, nil
	}
	var selections []spec.Selection
	var stages []verdict.Stage
	candidates := profile.Stages
	if !w.up || c.Config.Reuse {
		candidates = last
	}
	for _, stage := range candidates {
		s := selection(Order{Config: c.Config, Run: stage})
		selections = append(selections, s)
		if selected, err := spec.Select(c.Specs, s); err == nil && len(selected) > 0 {
			stages = append(stages, stage)
		}
	}
	return stages, spec.CheckSelection(c.Specs, selections...)
}

func (c *Conductor) count(profile verdict.Profile, w work) int {
	total := 0
	for _, stage := range profile.Stages {
		if selected, err := spec.Select(c.Specs, selection(Order{Config: c.Config, Run: stage})); err == nil && w.specs {
			total += len(selected)
		}
	}
	return total
}

// work does the steps up to the verdict.
func (j *job) work(ctx context.Context, w work) error {
	if w.dry {
		return j.plan()
	}
	if w.down {
		if err := j.sweep(ctx); err != nil {
			return err
		}
	}
	if err := j.sayLeftOut(); err != nil {
		return err
	}
	if w.up || w.images {
		if err := phase(ctx, j.records, "machine", j.prepare); err != nil {
			return err
		}
	}
	e, err := j.engine(ctx, w.up || w.images)
	if err != nil {
		return err
	}
	for _, stage := range j.profile.Stages {
		order := Order{
			Config: j.Config, Places: j.Config.Places, Folder: j.folder, Engine: e, Run: stage,
			Ideal: j.profile.Ideal, Stages: j.profile.Stages, Date: j.date, Terminal: j.Terminal,
		}
		for _, name := range w.children() {
			order.Stage = name
			j.touched = j.touched || name == StageUp
			if err := j.stageOf(ctx, order); err != nil {
				return err
			}
		}
		if w.trials != nil {
			return w.trials.run(ctx, j, order)
		}
	}
	return nil
}

// plan writes every spec down that would be run, as skipped.
func (j *job) plan() error {
	for _, stage := range j.profile.Stages {
		order := Order{Config: j.Config, Run: stage, Ideal: j.profile.Ideal}
		selected, err := spec.Select(j.Specs, selection(order))
		if err != nil {
			return err
		}
		for _, s := range selected {
			record := recordOf(spec.Result{Spec: s, Verdict: verdict.Skip, Notes: []string{"a dry run does nothing"}}, order)
			if err := j.records.Append(report.Record{Spec: record}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sayLeftOut notes the releases of the profile that a kept cluster, which holds
// one release, is not changed for.
func (j *job) sayLeftOut() error {
	whole, err := j.Config.ResolveProfile()
	if err != nil || !j.Config.Reuse {
		return err
	}
	for _, name := range whole.Names() {
		if slices.Contains(j.profile.Names(), name) {
			continue
		}
		text := fmt.Sprintf("release %s of profile %s was left out: a kept cluster holds the last release only", name, whole.Name)
		if err := j.records.Append(report.Record{Note: &report.Note{Text: text, Release: name}}); err != nil {
			return err
		}
	}
	return nil
}

// stageOf runs one stage. Those that may build images have the builder's
// temporary folder in the journal meanwhile, since a killed builder leaves it.
func (j *job) stageOf(ctx context.Context, order Order) error {
	if order.Stage == StageSpecs {
		return j.child(ctx, order)
	}
	temp := journal.Entry{Kind: journal.Folder, Name: image.TempFolder(j.Config.Places.Cache)}
	if err := j.journal.Intend(temp); err != nil {
		return err
	}
	if err := j.child(ctx, order); err != nil {
		return errors.Join(err, j.forget(temp, remove(ctx, temp)))
	}
	return j.forget(temp, nil)
}

// children are the stages that child processes do for each release, in order.
func (w work) children() []string {
	var names []string
	if w.images {
		names = append(names, StageImages)
	}
	if w.up {
		names = append(names, StageUp)
	}
	if w.specs {
		names = append(names, StageSpecs)
	}
	return names
}

// engine returns the container engine, nil for a real cluster. Only where
// something is going to be made in it, one is started.
func (j *job) engine(ctx context.Context, start bool) (*engine.Engine, error) {
	if j.Config.Kubeconfig != "" {
		return nil, nil
	}
	var e *engine.Engine
	err := phase(ctx, j.records, "engine", func(ctx context.Context) error {
		var err error
		if start {
			e, err = engine.Ensure(ctx, j.engineOptions(ctx))
			return err
		}
		if e, err = engine.Answering(ctx, j.engineOptions(ctx)); err != nil {
			return fmt.Errorf("there is no environment to run specs on: make one with meshcert up: %w", err)
		}
		return nil
	})
	return e, err
}

func (j *job) engineOptions(ctx context.Context) engine.Options {
	return engine.Options{
		Cache: j.Config.Places.Cache, State: j.Config.Places.State, Host: j.EngineHost, Journal: j.journal,
		Runc: j.runc, Log: func(line string) { progress.Say(ctx, line) },
	}
}

// sweep removes what an earlier run left, when it left anything.
func (j *job) sweep(ctx context.Context) error {
	entries, err := j.journal.Entries()
	if err != nil || len(entries) == 0 {
		return err
	}
	fmt.Fprintln(j.view, "an earlier run left something; it is removed first")
	return phase(ctx, j.records, "sweep", j.removeAll)
}

// cleanLimit bounds the removal of everything.
const cleanLimit = 3 * time.Minute

// clean removes what was made and writes down what could not be removed.
func (j *job) clean(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cleanLimit)
	defer cancel()
	return phase(ctx, j.records, "down", j.removeAll)
}

// finish writes the last record and, when specs were asked for, the report.
func (j *job) finish(w work, problem error, interrupted bool) (int, error) {
	end := &report.End{Interrupted: interrupted}
	if problem != nil {
		end.Error = problem.Error()
	}
	if err := j.records.Append(report.Record{RunEnded: end}); err != nil {
		return report.ExitInconclusive, err
	}
	switch {
	case w.trials != nil:
		return w.trials.finish(j, problem, interrupted)
	case w.specs:
		return Report(j.folder, j.summary(), j.Terminal)
	case interrupted:
		return report.ExitInterrupted, problem
	case problem != nil:
		return report.ExitInconclusive, problem
	}
	return report.ExitPass, nil
}

// Report makes report, JUnit, page and summary from a run's records, also those of
// a run that was killed, and returns the exit status they stand for.
func Report(folder string, out io.Writer, colour bool) (int, error) {
	if isSelftest(folder) {
		return reportSelftest(folder, out, colour)
	}
	document, err := assemble(folder)
	if err != nil {
		return report.ExitInconclusive, err
	}
	if err := errors.Join(report.Save(folder, document), page.Save(folder, document)); err != nil {
		return report.ExitInconclusive, err
	}
	if err := report.Summary(out, document, folder, colour); err != nil {
		return report.ExitInconclusive, err
	}
	return report.Status(document), nil
}

// forget takes an entry out of the journal, or says what is left of it.
func (j *job) forget(e journal.Entry, removed error) error {
	if removed == nil {
		return j.journal.Forget(e.Kind, e.Name)
	}
	return j.leave(string(e.Kind), e.Name, removed)
}

// leave writes down what could not be removed, and returns why.
func (j *job) leave(kind, name string, why error) error {
	return errors.Join(why, j.records.Append(report.Record{Leftover: &report.Leftover{Kind: kind, Name: name, Error: why.Error()}}))
}

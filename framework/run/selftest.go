package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/selftest"
)

// Selftest says which faults the suite is tried with.
type Selftest struct {
	// Focus is a comma list of layers, fault ids or globs over ids; Quick picks
	// the quick subset.
	Focus string
	Quick bool
	// Healthy is how many healthy runs come first; zero means one.
	Healthy int
}

// Selftest makes the environment, runs the specs while nothing is broken, and
// then with each fault: the specs that the fault names must turn red for the
// right reason, and green again once it is cleared.
func (c *Conductor) Selftest(ctx context.Context, s Selftest) (int, error) {
	all, err := fault.Load()
	if err != nil {
		return 0, err
	}
	faults, err := fault.Select(all, s.Focus, s.Quick)
	if err != nil {
		return 0, err
	}
	t := &trials{Selftest: s, faults: faults, specs: c.trialSpecs(faults, s)}
	return c.lead(ctx, work{up: true, down: !c.Config.Reuse, trials: t})
}

// trialSpecs are the specs of the healthy run: all of them, or those that the
// selected faults are noticed by.
func (c *Conductor) trialSpecs(faults []fault.Fault, s Selftest) []string {
	var ids []string
	for _, known := range c.Specs {
		named := func(f fault.Fault) bool {
			return slices.ContainsFunc(f.Red, func(r fault.Red) bool { return r.Spec == known.ID })
		}
		if !s.Quick && s.Focus == "" || slices.ContainsFunc(faults, named) {
			ids = append(ids, known.ID)
		}
	}
	return ids
}

// trials are a selftest under way in the parent process.
type trials struct {
	Selftest
	faults []fault.Fault
	specs  []string
	// live tells people; told is how many records it has told them. Without live
	// the selftest's own records were not begun.
	live *selftest.Live
	told int
}

// run tries the faults on the environment that the order names. What is broken
// when it ends too early is cleared, unless the environment goes anyway.
func (t *trials) run(ctx context.Context, j *job, order Order) error {
	records := selftest.NewWriter(filepath.Join(j.folder, selftest.RecordsFile))
	started := &selftest.Started{
		ID: j.id, Version: j.Version, Quick: t.Quick, Focus: t.Focus, Release: order.Run.Release,
		Faults: planned(t.faults), Specs: t.specs,
	}
	if err := records.Append(selftest.Record{Started: started}); err != nil {
		return err
	}
	t.live = selftest.NewLive(j.Out, j.Terminal)
	for _, step := range t.steps() {
		order.Stage, order.Trial = step.stage, step.trial
		err := phase(ctx, j.Out, j.records, step.trial.Name, func(ctx context.Context) error { return j.child(ctx, order) })
		if err := errors.Join(err, t.tell(j)); err != nil {
			return errors.Join(err, t.clear(ctx, j, order))
		}
	}
	return nil
}

// tell tells people of the records that are new.
func (t *trials) tell(j *job) error {
	records, err := selftest.Read(filepath.Join(j.folder, selftest.RecordsFile))
	if err != nil {
		return err
	}
	for _, r := range records[t.told:] {
		if err := t.live.Record(r); err != nil {
			return err
		}
	}
	t.told = len(records)
	return nil
}

// clearLimit bounds the clearing of what an interrupted selftest left broken.
const clearLimit = 3 * time.Minute

func (t *trials) clear(ctx context.Context, j *job, order Order) error {
	if order.Stage != StageBreak || !j.Config.Reuse && j.Config.Kubeconfig == "" {
		return nil
	}
	order.Stage, order.Trial = StageClear, Trial{Name: "clear"}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearLimit)
	defer cancel()
	return phase(ctx, j.Out, j.records, "clear what is broken", func(ctx context.Context) error { return j.child(ctx, order) })
}

// step is one child process of a selftest.
type step struct {
	stage string
	trial Trial
}

// steps are the healthy runs, the faults on what the first of them recorded, and
// the live faults batch by batch.
func (t *trials) steps() []step {
	var steps []step
	for n := range max(1, t.Healthy) {
		steps = append(steps, step{StageHealthy, Trial{Name: fmt.Sprintf("healthy-%d", n+1), Number: n + 1, Specs: t.specs}})
	}
	var recorded []string
	for _, f := range t.faults {
		if !f.Live() {
			recorded = append(recorded, f.ID)
		}
	}
	if len(recorded) > 0 {
		steps = append(steps, step{StageRecorded, Trial{Name: "recorded", Faults: recorded}})
	}
	for i, batch := range fault.Batches(t.faults) {
		trial := Trial{Name: fmt.Sprintf("broken-%02d", i+1), Number: i + 1}
		for _, f := range batch {
			trial.Faults = append(trial.Faults, f.ID)
		}
		back := trial
		back.Name = fmt.Sprintf("back-%02d", i+1)
		steps = append(steps, step{StageBreak, trial}, step{StageBack, back})
	}
	return steps
}

func planned(faults []fault.Fault) []selftest.Planned {
	var all []selftest.Planned
	for _, f := range faults {
		p := selftest.Planned{ID: f.ID, Layer: string(f.Layer), Breaks: f.Breaks, Live: f.Live()}
		for _, r := range f.Red {
			p.Red = append(p.Red, selftest.Expected{Spec: r.Spec, Kind: r.Kind, Object: r.Object})
		}
		all = append(all, p)
	}
	return all
}

// finish writes the last record and the document, and tells people.
func (t *trials) finish(j *job, problem error, interrupted bool) (int, error) {
	if t.live == nil {
		if interrupted {
			return report.ExitInterrupted, problem
		}
		return report.ExitInconclusive, problem
	}
	end := &selftest.Ended{Interrupted: interrupted}
	if problem != nil {
		end.Error = problem.Error()
	}
	path := filepath.Join(j.folder, selftest.RecordsFile)
	if err := selftest.NewWriter(path).Append(selftest.Record{Ended: end}); err != nil {
		return report.ExitInconclusive, err
	}
	records, err := selftest.Read(path)
	if err != nil {
		return report.ExitInconclusive, err
	}
	document, err := selftest.Assemble(records)
	if err != nil {
		return report.ExitInconclusive, err
	}
	if err := selftest.Save(j.folder, document); err != nil {
		return report.ExitInconclusive, err
	}
	if err := selftest.Summary(j.Out, document, j.folder, j.Terminal); err != nil {
		return report.ExitInconclusive, err
	}
	status := selftest.Status(document)
	left, err := j.leftovers()
	if left && status != report.ExitInterrupted {
		status = report.ExitLeftover
	}
	return status, err
}

// leftovers tells whether something of ours could not be removed.
func (j *job) leftovers() (bool, error) {
	records, err := report.Read(filepath.Join(j.folder, report.RecordsFile))
	return slices.ContainsFunc(records, func(r report.Record) bool { return r.Leftover != nil }), err
}

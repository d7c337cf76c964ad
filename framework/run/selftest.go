package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/selftest"
	"github.com/onap/meshcert/framework/spec"
)

// Selftest says which faults the suite is tried with.
type Selftest struct {
	// Focus is a comma list of layers, fault ids or globs over ids; Quick picks
	// the quick subset.
	Focus string
	Quick bool
	// Healthy is how many healthy runs come first, at least one.
	Healthy int
}

// Selftest makes the environment, runs the specs while nothing is broken, and
// then with each fault: the specs that the fault names must turn red for the
// right reason, and green again once it is cleared.
func (c *Conductor) Selftest(ctx context.Context, s Selftest) (int, error) {
	if s.Healthy < 1 {
		return 0, &config.UsageError{Field: "--healthy", Text: "must be 1 or more: without a healthy run nothing is known of false alarms"}
	}
	if err := c.checkBreaking(); err != nil {
		return 0, err
	}
	all, err := fault.Load()
	if err != nil {
		return 0, err
	}
	faults, err := fault.Select(all, s.Focus, s.Quick)
	if err != nil {
		return 0, err
	}
	t := &trials{Selftest: s}
	for _, f := range faults {
		if lacks := f.Lacks(c.Config.Tracing()); lacks != "" {
			t.skipped = append(t.skipped, selftest.Skipped{ID: f.ID, Reason: "it needs " + lacks})
			continue
		}
		t.faults = append(t.faults, f)
	}
	if len(t.faults) == 0 {
		return 0, &config.UsageError{Field: "--focus", Text: fmt.Sprintf("no selected fault can be tried: %s: %s", t.skipped[0].ID, t.skipped[0].Reason)}
	}
	t.specs = c.trialSpecs(t.faults, s)
	return c.lead(ctx, work{up: true, down: !c.Config.Reuse, trials: t})
}

// faultsOf is the release whose workloads the faults name.
const faultsOf = "casablanca"

// checkBreaking refuses to break another release than the faults are of, or a
// real cluster without its owner's word.
func (c *Conductor) checkBreaking() error {
	profile, err := c.Config.ResolveProfile()
	if err != nil {
		return err
	}
	if release := profile.Stages[len(profile.Stages)-1].Release; release != faultsOf {
		return &config.UsageError{Field: "--release", Text: fmt.Sprintf("the faults are of release %s, not of %s; leave it out", faultsOf, release)}
	}
	return c.checkDisruption()
}

// checkDisruption refuses to break a real cluster without its owner's word.
func (c *Conductor) checkDisruption() error {
	if c.Config.Kubeconfig == "" || c.Config.AllowDisruptive {
		return nil
	}
	return &config.UsageError{Field: "--allow-disruptive", Text: "must be given to break a real cluster: faults stop its name service, its mesh and its workloads for minutes"}
}

// trialSpecs are the specs of the healthy run: all of them, or those that the
// selected faults are noticed by.
func (c *Conductor) trialSpecs(faults []fault.Fault, s Selftest) []string {
	var ids []string
	for _, known := range c.Specs {
		all := !s.Quick && s.Focus == "" && !slices.Contains(known.Labels, spec.Soak)
		if all || len(reds(faults, known.ID)) > 0 {
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
	// skipped are the selected faults that are not of this tracing.
	skipped []selftest.Skipped
	// begun tells that the selftest's own records were.
	begun bool
}

// run tries the faults on the environment that the order names. What is broken
// when it ends too early is cleared, unless the environment goes anyway.
func (t *trials) run(ctx context.Context, j *job, order Order) error {
	records := selftest.NewWriter(filepath.Join(j.folder, selftest.RecordsFile))
	started := &selftest.Started{
		ID: j.id, Version: j.Version, Quick: t.Quick, Focus: t.Focus, Release: order.Run.Release,
		Faults: planned(t.faults), Specs: t.specs, Skipped: t.skipped,
	}
	if err := records.Append(selftest.Record{Started: started}); err != nil {
		return err
	}
	t.begun = true
	j.view.Follow(filepath.Join(j.folder, selftest.RecordsFile), teller(j.Terminal))
	for _, step := range t.steps() {
		order.Stage, order.Trial = step.stage, step.trial
		err := phase(ctx, j.records, step.trial.Name, func(ctx context.Context) error { return j.child(ctx, order) })
		if err != nil {
			return errors.Join(err, t.clear(ctx, j, order))
		}
	}
	return nil
}

// teller tells people what the records of a selftest say.
func teller(colour bool) func([]byte, io.Writer) error {
	var live *selftest.Live
	return func(line []byte, out io.Writer) error {
		if live == nil {
			live = selftest.NewLive(out, colour)
		}
		var r selftest.Record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("show a record of the selftest: %w", err)
		}
		return live.Record(r)
	}
}

// clearLimit bounds the clearing of what an interrupted selftest left broken: a
// batch of 22 faults took some 50 s, on a busy machine.
const clearLimit = 5 * time.Minute

func (t *trials) clear(ctx context.Context, j *job, order Order) error {
	if !j.Config.Reuse && j.Config.Kubeconfig == "" {
		return nil
	}
	order.Stage, order.Trial = StageClear, Trial{Name: "clear"}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearLimit)
	defer cancel()
	return phase(ctx, j.records, "clear what is broken", func(ctx context.Context) error { return j.child(ctx, order) })
}

// step is one child process of a selftest.
type step struct {
	stage string
	trial Trial
}

// steps are the healthy runs, the faults on what the first of them recorded, the
// live faults batch by batch, and a last healthy run: what a fault has done where
// its own specs do not look is seen there.
func (t *trials) steps() []step {
	var live, recorded []string
	for _, f := range t.faults {
		if f.Live() {
			live = append(live, f.ID)
		} else {
			recorded = append(recorded, f.ID)
		}
	}
	healthy := func(n int) step {
		return step{StageHealthy, Trial{Name: fmt.Sprintf("healthy-%d", n), Number: n, Specs: t.specs, Faults: live}}
	}
	var steps []step
	for n := range t.Healthy {
		steps = append(steps, healthy(n+1))
	}
	if len(recorded) > 0 {
		steps = append(steps, step{StageRecorded, Trial{Name: "recorded", Faults: recorded}})
	}
	for i, batch := range fault.Batches(t.faults) {
		steps = append(steps, broken(i+1, batch)...)
	}
	if len(live) > 0 {
		steps = append(steps, healthy(t.Healthy+1))
	}
	return steps
}

// broken are the steps of a batch of live faults.
func broken(number int, batch []fault.Fault) []step {
	trial := Trial{Name: fmt.Sprintf("broken-%02d", number), Number: number}
	for _, f := range batch {
		trial.Faults = append(trial.Faults, f.ID)
	}
	back := trial
	back.Name = fmt.Sprintf("back-%02d", number)
	return []step{{StageBreak, trial}, {StageBack, back}}
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
	if !t.begun {
		return j.unbegun(problem, interrupted)
	}
	end := &selftest.Ended{Interrupted: interrupted}
	if problem != nil {
		end.Error = problem.Error()
	}
	if err := selftest.NewWriter(filepath.Join(j.folder, selftest.RecordsFile)).Append(selftest.Record{Ended: end}); err != nil {
		return report.ExitInconclusive, err
	}
	return reportSelftest(j.folder, j.summary(), j.Terminal)
}

// unbegun is the end of a selftest whose environment could not be made.
func (j *job) unbegun(problem error, interrupted bool) (int, error) {
	left, err := leftovers(j.folder)
	switch {
	case interrupted:
		return report.ExitInterrupted, errors.Join(problem, err)
	case left:
		return report.ExitLeftover, errors.Join(problem, err)
	}
	return report.ExitInconclusive, errors.Join(problem, err)
}

// isSelftest tells whether the run of the folder is a selftest.
func isSelftest(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, selftest.RecordsFile))
	return err == nil
}

// reportSelftest makes document and text from a selftest's records, also those of
// one that was killed, and returns the exit status they stand for.
func reportSelftest(folder string, out io.Writer, colour bool) (int, error) {
	records, err := selftest.Read(filepath.Join(folder, selftest.RecordsFile))
	if err != nil {
		return report.ExitInconclusive, err
	}
	document, err := selftest.Assemble(records)
	if err != nil {
		return report.ExitInconclusive, err
	}
	if err := selftest.Save(folder, document); err != nil {
		return report.ExitInconclusive, err
	}
	if err := selftest.Summary(out, document, folder, colour); err != nil {
		return report.ExitInconclusive, err
	}
	left, err := leftovers(folder)
	if status := selftest.Status(document); !left || status == report.ExitInterrupted {
		return status, err
	}
	return report.ExitLeftover, err
}

// leftovers tells whether something of ours could not be removed.
func leftovers(folder string) (bool, error) {
	records, err := report.Read(filepath.Join(folder, report.RecordsFile))
	return slices.ContainsFunc(records, func(r report.Record) bool { return r.Leftover != nil }), err
}

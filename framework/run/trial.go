package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/selftest"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Trial is one step of a selftest.
type Trial struct {
	// Name is the step's folder below the artifacts: "healthy-1", "broken-03".
	Name string `json:"name,omitempty"`
	// Number counts from 1 the healthy runs, or the batches of live faults.
	Number int `json:"number,omitempty"`
	// Faults are the ids of the faults that are tried; Specs those of a healthy run.
	Faults []string `json:"faults,omitempty"`
	Specs  []string `json:"specs,omitempty"`
}

// trial is one step of a selftest under way in a child process.
type trial struct {
	*Conductor
	order   Order
	faults  []fault.Fault
	records *selftest.Writer
}

// stageTrial does one step of a selftest.
func (c *Conductor) stageTrial(ctx context.Context, order Order) error {
	t := &trial{
		Conductor: c, order: order,
		records: selftest.NewWriter(filepath.Join(order.Folder, selftest.RecordsFile)),
	}
	var err error
	if t.faults, err = fault.Named(order.Trial.Faults); err != nil {
		return err
	}
	switch order.Stage {
	case StageHealthy:
		return t.healthy(ctx)
	case StageRecorded:
		return t.recorded(ctx)
	case StageBreak:
		return t.breaks(ctx)
	default:
		return t.back(ctx)
	}
}

// healthy runs the specs while nothing is broken.
func (t *trial) healthy(ctx context.Context) error {
	env, _, err := t.open(ctx)
	if err != nil {
		return err
	}
	watch := newPlacebo(t.faults)
	env.Enough = watch.look
	started := time.Now()
	cells, err := t.judge(spec.Cases(t.named(t.order.Trial.Specs), env))
	if err != nil || ctx.Err() != nil {
		// What was ended from outside is no false alarm.
		return errors.Join(err, context.Cause(ctx))
	}
	if err := watch.problem(); err != nil {
		return err
	}
	return t.append(selftest.Record{Healthy: &selftest.Healthy{
		Number: t.order.Trial.Number, Seconds: time.Since(started).Seconds(), Cells: cells,
	}})
}

// breaks applies the batch, runs the specs that must notice, and clears it.
func (t *trial) breaks(ctx context.Context) error {
	env, breaker, err := t.open(ctx)
	if err != nil {
		return err
	}
	applied := make([]bool, len(t.faults))
	apply := func(i int, f fault.Fault) error {
		started := time.Now()
		err := breaker.Apply(ctx, f)
		applied[i] = err == nil
		return t.append(selftest.Record{Applied: &selftest.Applied{
			Fault: f.ID, Batch: t.order.Trial.Number, Seconds: time.Since(started).Seconds(), Error: text(err),
		}})
	}
	if err := t.together(apply); err != nil || ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	if err := t.notice(env, applied); err != nil || ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return t.clear(ctx, breaker)
}

// clear takes back what the batch has changed. What cannot be taken back would be
// noticed in place of the faults to come, so it ends the selftest.
func (t *trial) clear(ctx context.Context, breaker *fault.Breaker) error {
	left, err := breaker.Applied(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var failed error
	err = breaker.ClearAll(ctx, fault.IDs(left), func(id string, took time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil && ctx.Err() != nil {
			// Interrupted, it is no verdict on the fault: the parent clears.
			return
		}
		failed = errors.Join(failed, t.append(selftest.Record{Cleared: &selftest.Cleared{Fault: id, Seconds: took.Seconds(), Error: text(err)}}))
	})
	return errors.Join(err, failed)
}

// notice runs the specs that must notice the faults that were applied.
func (t *trial) notice(env *spec.Env, applied []bool) error {
	var broken []fault.Fault
	for i, f := range t.faults {
		if applied[i] {
			broken = append(broken, f)
		}
	}
	env.Enough = func(id string, findings []verdict.Finding) bool { return allIn(reds(broken, id), findings) }
	started := time.Now()
	cells, err := t.judge(spec.Cases(t.noticing(broken), env))
	if err != nil {
		return err
	}
	for _, f := range broken {
		err = errors.Join(err, t.append(selftest.Record{Judged: &selftest.Judged{
			Fault: f.ID, Batch: t.order.Trial.Number, Seconds: time.Since(started).Seconds(), Cells: of(f, cells),
		}}))
	}
	return err
}

// back runs the batch's specs after it was cleared and the mesh is fit again. A
// mesh that does not become fit is what the specs then say.
func (t *trial) back(ctx context.Context) error {
	env, _, err := t.open(ctx)
	if err != nil {
		return err
	}
	if err := untilFit(ctx, env.Eyes); err != nil {
		progress.Say(ctx, err.Error())
	}
	cells, err := t.judge(spec.Cases(t.noticing(t.faults), env))
	if err != nil {
		return err
	}
	for _, f := range t.faults {
		err = errors.Join(err, t.append(selftest.Record{Back: &selftest.Back{Fault: f.ID, Cells: of(f, cells)}}))
	}
	return err
}

// atOnce is how many faults are applied at the same time: more make two cores
// wait for each other.
const atOnce = 6

func (t *trial) together(do func(int, fault.Fault) error) error {
	group := errgroup.Group{}
	group.SetLimit(atOnce)
	for i, f := range t.faults {
		group.Go(func() error { return do(i, f) })
	}
	return group.Wait()
}

// open connects to the environment, and to what breaks it.
func (t *trial) open(ctx context.Context) (*spec.Env, *fault.Breaker, error) {
	env, _, err := t.openEnv(ctx, t.order)
	if err != nil {
		return nil, nil, err
	}
	env.Store = t.store
	// The evidence tells enough, and a cluster is broken for less time.
	env.Dump = func(context.Context, string, []string) {}
	return env, t.breaker(env.Kube, t.order.Run, func(string) {}), nil
}

// breaker breaks a cluster that has the stage's release.
func (c *Conductor) breaker(client *kube.Client, stage verdict.Stage, log func(string)) *fault.Breaker {
	upgrade := func(ctx context.Context, set []string) error {
		options, err := c.onapOptions(stage)
		if err != nil {
			return err
		}
		options.Set = slices.Concat(options.Set, set)
		plan, err := onap.NewPlan(ctx, options)
		if err != nil {
			return err
		}
		if _, err := plan.Install(ctx, client); err != nil {
			return err
		}
		return plan.UntilReady(ctx, client, readyLimit)
	}
	return fault.New(client, upgrade, log)
}

func (t *trial) store(id string) *store.Store {
	return store.Open(filepath.Join(t.order.Folder, t.artifacts(id)))
}

// artifacts is the folder of a spec in this step, relative to the selftest's.
func (t *trial) artifacts(id string) string {
	return report.ArtifactsFolder + "/" + t.order.Trial.Name + "/" + id + "/"
}

// judge runs the cases and returns what became of each.
func (t *trial) judge(cases []spec.Case) ([]selftest.Cell, error) {
	var cells []selftest.Cell
	err := judge(t.order, cases, func(r spec.Result) error {
		cells = append(cells, cellOf(r, t.artifacts(r.Spec.ID)))
		return nil
	})
	return cells, err
}

func cellOf(r spec.Result, artifacts string) selftest.Cell {
	cell := selftest.Cell{Spec: r.Spec.ID, Verdict: r.Verdict, Findings: r.Findings, Artifacts: artifacts}
	if r.Verdict == verdict.Skip && len(r.Notes) > 0 {
		cell.Reason = r.Notes[len(r.Notes)-1]
	}
	return cell
}

// append writes a record down; the parent tells people.
func (t *trial) append(r selftest.Record) error { return t.records.Append(r) }

// named are the specs with these ids, in the list's order.
func (t *trial) named(ids []string) []spec.Spec {
	return slices.DeleteFunc(slices.Clone(t.Specs), func(s spec.Spec) bool { return !slices.Contains(ids, s.ID) })
}

// noticing are the specs that must notice one of the faults.
func (t *trial) noticing(faults []fault.Fault) []spec.Spec {
	return slices.DeleteFunc(slices.Clone(t.Specs), func(s spec.Spec) bool { return len(reds(faults, s.ID)) == 0 })
}

// reds are what the faults demand of a spec.
func reds(faults []fault.Fault, id string) []fault.Red {
	var all []fault.Red
	for _, f := range faults {
		all = append(all, f.Of(id)...)
	}
	return all
}

// allIn tells whether the findings have everything that is demanded.
func allIn(reds []fault.Red, findings []verdict.Finding) bool {
	return !slices.ContainsFunc(reds, func(r fault.Red) bool { return !r.In(findings) })
}

// of are the cells of the specs that the fault names.
func of(f fault.Fault, cells []selftest.Cell) []selftest.Cell {
	return slices.DeleteFunc(slices.Clone(cells), func(c selftest.Cell) bool { return len(f.Of(c.Spec)) == 0 })
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// recorded judges what the first healthy run recorded, changed by each fault.
func (t *trial) recorded(ctx context.Context) error {
	var cases []spec.Case
	var broken []fault.Fault
	for _, f := range t.faults {
		if err := t.spoil(f); err != nil {
			err = t.append(selftest.Record{Applied: &selftest.Applied{Fault: f.ID, Error: err.Error()}})
			if err != nil {
				return err
			}
			continue
		}
		env, err := t.newEnv(t.order)
		if err != nil {
			return err
		}
		env.Replay, env.Progress = true, progress.Of(ctx)
		env.Store = func(id string) *store.Store { return store.Open(t.spoiled(f, id)) }
		for _, s := range t.noticing([]fault.Fault{f}) {
			cases = append(cases, spec.Case{Spec: s, Env: env, Fault: f.ID})
		}
		broken = append(broken, f)
	}
	started := time.Now()
	cells := map[string][]selftest.Cell{}
	err := judge(t.order, cases, func(r spec.Result) error {
		cells[r.Fault] = append(cells[r.Fault], cellOf(r, t.artifacts(r.Fault+"/"+r.Spec.ID)))
		return nil
	})
	for _, f := range broken {
		err = errors.Join(err, t.append(selftest.Record{Judged: &selftest.Judged{
			Fault: f.ID, Seconds: time.Since(started).Seconds() / float64(len(broken)), Cells: cells[f.ID],
		}}))
	}
	return err
}

// spoiled is the folder of a spec's evidence with a fault in it.
func (t *trial) spoiled(f fault.Fault, id string) string {
	return filepath.Join(t.order.Folder, t.artifacts(f.ID+"/"+id))
}

// spoil copies what the healthy run recorded of the fault's specs, and puts the
// fault in.
func (t *trial) spoil(f fault.Fault) error {
	healthy := filepath.Join(t.order.Folder, report.ArtifactsFolder, "healthy-1")
	for _, s := range t.noticing([]fault.Fault{f}) {
		if err := os.CopyFS(t.spoiled(f, s.ID), os.DirFS(filepath.Join(healthy, s.ID))); err != nil {
			return fmt.Errorf("copy what the healthy run recorded of %s: %w", s.ID, err)
		}
	}
	return fault.Spoil(t.spoiled(f, ""), f)
}

package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// ApplyFaults breaks the environment that up made. It stays broken until the
// faults are cleared, or up brings it back.
func (c *Conductor) ApplyFaults(ctx context.Context, ids []string) (int, error) {
	if err := c.checkDisruption(); err != nil {
		return 0, err
	}
	faults, err := fault.Named(ids)
	if err != nil {
		return 0, err
	}
	for _, f := range faults {
		if err := f.MustBeLive(); err != nil {
			return 0, err
		}
	}
	return c.faults(ctx, StageApply, ids)
}

// ClearFaults puts back what the faults changed; without ids, what any fault did.
func (c *Conductor) ClearFaults(ctx context.Context, ids []string) (int, error) {
	return c.faults(ctx, StageClear, ids)
}

func (c *Conductor) faults(ctx context.Context, stage string, ids []string) (int, error) {
	j, err := c.begin(ctx, verdict.Profile{Name: "fault"}, 0, nil)
	if err != nil {
		return 0, err
	}
	problem := j.faults(j.watched(ctx), stage, ids)
	// A run folder is for verdicts; a fault leaves none.
	problem = errors.Join(problem, j.close(), os.RemoveAll(j.folder))
	return report.ExitPass, problem
}

func (j *job) faults(ctx context.Context, stage string, ids []string) error {
	e, err := j.engine(ctx, false)
	if err != nil {
		return err
	}
	return j.child(ctx, Order{
		Stage: stage, Config: j.Config, Places: j.Config.Places, Folder: j.folder, Engine: e, Trial: Trial{Faults: ids},
	})
}

// stageFaults applies or clears faults on the release that is installed.
func (c *Conductor) stageFaults(ctx context.Context, order Order) error {
	cluster, err := c.cluster(ctx, order)
	if err != nil {
		return err
	}
	name, err := onap.Installed(ctx, cluster.Kube)
	if err != nil {
		return err
	}
	switch name {
	case faultsOf:
	case "":
		return errors.New("no release of ONAP is installed by meshcert: run meshcert up first")
	default:
		return fmt.Errorf("the faults are of release %s, and %s is installed: run meshcert up --release %s first", faultsOf, name, faultsOf)
	}
	breaker := c.breaker(cluster.Kube, verdict.Stage{Release: faultsOf}, func(line string) { progress.Say(ctx, line) })
	if order.Stage == StageApply {
		return applyAll(ctx, breaker, order.Trial.Faults)
	}
	return clearAll(ctx, breaker, order.Trial.Faults)
}

func applyAll(ctx context.Context, breaker *fault.Breaker, ids []string) error {
	faults, err := fault.Named(ids)
	if err != nil {
		return err
	}
	for _, f := range faults {
		if err := breaker.Apply(ctx, f); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "✓ %s: %s\n", f.ID, f.Breaks)
	}
	return nil
}

// clearAll clears the faults, or all that are applied.
func clearAll(ctx context.Context, breaker *fault.Breaker, ids []string) error {
	if len(ids) == 0 {
		applied, err := breaker.Applied(ctx)
		if err != nil {
			return err
		}
		ids = fault.IDs(applied)
	}
	if len(ids) == 0 {
		fmt.Fprintln(os.Stderr, "nothing is broken by a fault")
	}
	return breaker.ClearAll(ctx, ids, func(id string, took time.Duration, err error) {
		if err == nil {
			fmt.Fprintf(os.Stderr, "✓ %s is cleared  %.1f s\n", id, took.Seconds())
		}
	})
}

// clearFaults takes back, before anything is brought up, what faults an earlier
// selftest or a person left.
func (a *ascent) clearFaults(ctx context.Context) error {
	breaker := a.breaker(a.cluster.Kube, a.order.Run, a.log)
	applied, err := breaker.Applied(ctx)
	if err != nil || len(applied) == 0 {
		return err
	}
	a.log("clearing faults " + strings.Join(fault.IDs(applied), ", "))
	return breaker.Remove(ctx, clearLimit)
}

package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/onap/meshcert/framework/doctor"
	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/cluster"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// Down removes what the journal names, and what up put into a real cluster. With
// cache also what was built.
func (c *Conductor) Down(ctx context.Context, cache bool) (int, error) {
	j, err := c.begin(ctx, verdict.Profile{Name: "down"}, 0, nil)
	if err != nil {
		return 0, err
	}
	j.touched = true
	problem := j.clean(j.watched(ctx))
	if cache && problem == nil {
		problem = os.RemoveAll(c.Config.Places.Cache)
	}
	// A run folder is for verdicts; a clean-up leaves none.
	problem = errors.Join(problem, j.close(), os.RemoveAll(j.folder))
	if problem != nil {
		return report.ExitLeftover, problem
	}
	return report.ExitPass, nil
}

// removeAll removes the newest thing first, and goes on after an error.
func (j *job) removeAll(ctx context.Context) error {
	var problems []error
	if j.Config.Kubeconfig != "" && j.touched {
		order := Order{Stage: StageDown, Config: j.Config, Places: j.Config.Places, Folder: j.folder}
		if err := j.child(ctx, order); err != nil {
			problems = append(problems, j.leave("objects of cluster", j.Config.Kubeconfig, err))
		}
	}
	entries, err := j.journal.Entries()
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	for _, e := range slices.Backward(entries) {
		progress.Say(ctx, fmt.Sprintf("removing %s %s", e.Kind, e.Name))
		problems = append(problems, j.forget(e, remove(ctx, e)))
	}
	return errors.Join(problems...)
}

// remove removes one thing by its kind.
func remove(ctx context.Context, e journal.Entry) error {
	switch e.Kind {
	case journal.Cluster, journal.Network, journal.Firewall:
		return cluster.Delete(ctx, e)
	case journal.Engine:
		return engine.Stop(ctx, e)
	case journal.Limit:
		return doctor.Restore(e)
	case journal.Folder:
		return os.RemoveAll(e.Name)
	}
	return fmt.Errorf("journal entry %s %s: this meshcert does not know how to remove it", e.Kind, e.Name)
}

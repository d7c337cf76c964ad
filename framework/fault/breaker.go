package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/kube"
)

// Breaker applies faults to a cluster and clears them.
type Breaker struct {
	// Limit bounds each wait until a workload has settled or an object is gone,
	// Answer the wait for a Service that is to answer a request.
	Limit, Answer time.Duration

	client  *kube.Client
	upgrade func(ctx context.Context, set []string) error
	log     func(string)
}

// Applied is a fault that a cluster has, or parts of it.
type Applied struct {
	ID   string
	When time.Time
	// Changed says what was done, in order: "edited Deployment onap/msb-msb-iag".
	Changed []string
}

// New breaks what the client is connected to. upgrade upgrades the release with
// settings laid over its own, none with nil, and waits for it as far as it can.
func New(client *kube.Client, upgrade func(ctx context.Context, set []string) error, log func(string)) *Breaker {
	return &Breaker{Limit: 3 * time.Minute, Answer: 30 * time.Second, client: client, upgrade: upgrade, log: log}
}

// Apply does the fault's actions in order, each written to the ledger before it
// is done and settled before the next. When it fails, what was done stays in
// the ledger, for Clear. A fault that is applied already, or that changes what
// an applied one has changed, is refused with a *config.UsageError.
func (b *Breaker) Apply(ctx context.Context, f Fault) error {
	if err := f.MustBeLive(); err != nil {
		return err
	}
	if err := b.refuse(ctx, f); err != nil {
		return err
	}
	e, err := b.open(ctx, f)
	if err != nil {
		return fmt.Errorf("apply fault %s: %w", f.ID, err)
	}
	for i, a := range f.Apply {
		if err := b.do(ctx, e, a); err != nil {
			return b.half(ctx, e, fmt.Errorf("apply fault %s: apply[%d]: %w", f.ID, i, err))
		}
	}
	return nil
}

// refuse says that another applied fault has changed what this one changes:
// clearing the two would not bring back what was there before both.
func (b *Breaker) refuse(ctx context.Context, f Fault) error {
	entries, err := b.entries(ctx)
	if err != nil {
		return err
	}
	touched := f.touches()
	for _, e := range entries {
		for _, s := range e.Steps {
			if e.ID != f.ID && slices.Contains(touched, s.Object) {
				return &config.UsageError{Field: "ID", Text: fmt.Sprintf("fault %s, which is applied, has %s too; clear it first", e.ID, s)}
			}
		}
	}
	return nil
}

// half ends an Apply that failed; a fault that did nothing is forgotten.
func (b *Breaker) half(ctx context.Context, e *entry, problem error) error {
	if len(e.Steps) > 0 {
		return fmt.Errorf("%w; what was done before stays until the fault is cleared: meshcert fault clear %s", problem, e.ID)
	}
	detached, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	if err := b.forget(detached, e); err != nil {
		return errors.Join(problem, err)
	}
	return fmt.Errorf("%w; nothing was changed", problem)
}

// Applied lists the faults in the ledger, oldest first.
func (b *Breaker) Applied(ctx context.Context) ([]Applied, error) {
	entries, err := b.entries(ctx)
	if err != nil {
		return nil, err
	}
	var all []Applied
	for _, e := range entries {
		a := Applied{ID: e.ID, When: e.When}
		for _, s := range e.Steps {
			a.Changed = append(a.Changed, s.String())
		}
		all = append(all, a)
	}
	return all, nil
}

// atOnce is how many faults are cleared at the same time: what they changed does
// not overlap, and most of the time is waiting.
const atOnce = 6

// ClearAll clears the faults, and tells of each how long that took and what went
// wrong. It goes on after an error and returns all.
func (b *Breaker) ClearAll(ctx context.Context, ids []string, told func(id string, took time.Duration, err error)) error {
	group := errgroup.Group{}
	group.SetLimit(atOnce)
	problems := make([]error, len(ids))
	for i, id := range ids {
		group.Go(func() error {
			started := time.Now()
			problems[i] = b.Clear(ctx, id)
			told(id, time.Since(started), problems[i])
			return nil
		})
	}
	return errors.Join(group.Wait(), errors.Join(problems...))
}

// IDs are the ids of the faults, in their order.
func IDs(applied []Applied) []string {
	var ids []string
	for _, a := range applied {
		ids = append(ids, a.ID)
	}
	return ids
}

// Remove clears everything that is applied and deletes the ledger's namespace,
// limit long at most. While a fault cannot be cleared the ledger stays.
func (b *Breaker) Remove(ctx context.Context, limit time.Duration) error {
	if there, err := b.client.Ours(ctx, Namespace); err != nil || !there {
		return err
	}
	applied, err := b.Applied(ctx)
	if err != nil {
		return err
	}
	if err := b.ClearAll(ctx, IDs(applied), func(string, time.Duration, error) {}); err != nil {
		return err
	}
	return b.client.DeleteNamespace(ctx, Namespace, limit)
}

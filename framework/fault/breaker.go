package fault

import (
	"context"
	"errors"
	"time"

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
// the ledger, for Clear.
func (b *Breaker) Apply(ctx context.Context, f Fault) error { return errors.ErrUnsupported }

// Clear puts back what a fault changed, by the ledger alone.
func (b *Breaker) Clear(ctx context.Context, id string) error { return errors.ErrUnsupported }

// Applied lists the faults in the ledger, oldest first.
func (b *Breaker) Applied(ctx context.Context) ([]Applied, error) { return nil, errors.ErrUnsupported }

// Remove clears everything that is applied and deletes the ledger's namespace.
func (b *Breaker) Remove(ctx context.Context, limit time.Duration) error {
	return errors.ErrUnsupported
}

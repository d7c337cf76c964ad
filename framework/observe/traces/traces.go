// Package traces is what the observers of tracing back ends share: what they are
// asked, how an answer is read while it comes, and how its spans become
// evidence. It guarantees that the same spans give the same evidence whichever
// back end kept them, and that an answer that is not whole, or that holds more
// spans than Most, is an error and never a trace with fewer spans.
package traces

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// PerService bounds how many traces a search returns for one service.
const PerService = 1000

// Backend is who keeps traces.
type Backend interface {
	// Source is the back end as Kubernetes names it: "Deployment istio-system/jaeger".
	Source() string
	// Trace returns the trace of the id, 32 hex digits, nil when there is none (yet).
	Trace(ctx context.Context, id string) (*evidence.Trace, error)
	// Services are the names under which spans were reported, sorted.
	Services(ctx context.Context) ([]string, error)
	// Of returns the traces in which the service has a span that began between
	// start and end, at most PerService.
	Of(ctx context.Context, service string, start, end time.Time) ([]evidence.Trace, error)
}

// Search says which traces are looked for.
type Search struct {
	// TraceID is the one sent, 32 hex digits.
	TraceID string
	// Services, as spans name them, whose traces with a span between Start and
	// End may be the lost continuation.
	Services   []string
	Start, End time.Time
}

// Find returns the trace of the search, by its id, and the others, sorted by start.
func Find(ctx context.Context, backend Backend, search Search) (evidence.Traces, error) {
	var found evidence.Traces
	var mutex sync.Mutex
	others := map[string]evidence.Trace{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.Wanted, err = backend.Trace(ctx, search.TraceID)
		return err
	})
	for _, service := range search.Services {
		group.Go(func() error {
			all, err := backend.Of(ctx, service, search.Start, search.End)
			mutex.Lock()
			defer mutex.Unlock()
			for _, t := range all {
				others[t.ID] = t
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return evidence.Traces{}, observe.Absent(err)
	}
	for _, t := range others {
		if !Same(t.ID, search.TraceID) {
			found.Others = append(found.Others, t)
		}
	}
	slices.SortFunc(found.Others, func(a, b evidence.Trace) int {
		return cmp.Or(a.Spans[0].Start.Compare(b.Spans[0].Start), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

// Same compares two ids; some back ends cut zeros off the beginning.
func Same(a, b string) bool {
	return strings.EqualFold(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
}

// Package jaeger observes traces through Jaeger's query API (the HTTP JSON API
// of Jaeger 1, which Jaeger 2 serves as well). It guarantees that an answer
// that is not whole is an error and never a trace without spans.
package jaeger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// maxTraces bounds what one search returns for one service.
const maxTraces = 1000

// Observer asks Jaeger.
type Observer struct {
	base   *url.URL
	client *http.Client
}

// New returns an observer of Service jaeger-query of istio-system.
func New(client *kube.Client) (*Observer, error) {
	base, web, err := client.HTTPClient(observe.IstioNamespace, "jaeger-query", "16686", observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach Jaeger: %w", err)
	}
	return At(base, web), nil
}

// At returns an observer of the query API at a URL.
func At(base *url.URL, client *http.Client) *Observer { return &Observer{base: base, client: client} }

// Search says which traces are looked for.
type Search struct {
	// TraceID is the one sent, 32 hex digits.
	TraceID string
	// Services, as spans name them, whose traces with a span between Start and
	// End may be the lost continuation.
	Services   []string
	Start, End time.Time
}

// Trace returns the trace of the id, nil when Jaeger has none (yet).
func (o *Observer) Trace(ctx context.Context, id string) (*evidence.Trace, error) {
	found, err := o.trace(ctx, id)
	return found, observe.Absent(err)
}

func (o *Observer) trace(ctx context.Context, id string) (*evidence.Trace, error) {
	address := observe.At(o.base, "api/traces/"+id, nil)
	traces, err := o.get(ctx, address)
	var status *observe.StatusError
	switch {
	case errors.As(err, &status) && status.Status == http.StatusNotFound && jaegerSays(status.Body):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("ask Jaeger for trace %s: %w", id, err)
	case len(traces) != 1:
		return nil, fmt.Errorf("ask Jaeger for trace %s: %w", id,
			&observe.MalformedError{URL: address, Reason: fmt.Sprintf("%d traces, not one", len(traces))})
	case !same(traces[0].ID, id):
		return nil, fmt.Errorf("ask Jaeger for trace %s: %w", id,
			&observe.MalformedError{URL: address, Reason: "it is trace " + traces[0].ID})
	}
	return &traces[0], nil
}

// same compares two trace ids; some versions cut zeros off the beginning.
func same(a, b string) bool {
	return strings.EqualFold(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
}

// Traces returns the trace of the search and the others, sorted by start.
func (o *Observer) Traces(ctx context.Context, search Search) (evidence.Traces, error) {
	var found evidence.Traces
	var mutex sync.Mutex
	others := map[string]evidence.Trace{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.Wanted, err = o.Trace(ctx, search.TraceID)
		return err
	})
	for _, service := range search.Services {
		group.Go(func() error {
			traces, err := o.search(ctx, service, search.Start, search.End)
			mutex.Lock()
			defer mutex.Unlock()
			for _, t := range traces {
				others[t.ID] = t
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return evidence.Traces{}, observe.Absent(err)
	}
	delete(others, search.TraceID)
	for _, t := range others {
		found.Others = append(found.Others, t)
	}
	slices.SortFunc(found.Others, func(a, b evidence.Trace) int {
		return cmp.Or(a.Spans[0].Start.Compare(b.Spans[0].Start), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

func (o *Observer) search(ctx context.Context, service string, start, end time.Time) ([]evidence.Trace, error) {
	traces, err := o.get(ctx, observe.At(o.base, "api/traces", url.Values{
		"service": {service},
		"start":   {strconv.FormatInt(start.UnixMicro(), 10)},
		"end":     {strconv.FormatInt(end.UnixMicro(), 10)},
		"limit":   {strconv.Itoa(maxTraces)},
	}))
	if err != nil {
		return nil, fmt.Errorf("search Jaeger for traces of %s: %w", service, err)
	}
	return traces, nil
}

func (o *Observer) get(ctx context.Context, address string) ([]evidence.Trace, error) {
	body, err := observe.Get(ctx, o.client, address)
	if err != nil {
		return nil, err
	}
	return decode(address, body)
}

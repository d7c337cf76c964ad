// Package jaeger observes traces through Jaeger's query API: the JSON of Jaeger
// 1, which Jaeger 2 serves as well, or, where a server no longer has it, version
// 3 of the API with its traces in OTLP JSON. It guarantees that an answer that is
// not whole is an error and never a trace without spans.
package jaeger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/tracer"
)

// Observer asks Jaeger.
type Observer struct {
	base   *url.URL
	client *http.Client
	// speaks is the API that the server answered in; nil while nobody knows.
	speaks atomic.Pointer[api]
}

var _ traces.Backend = (*Observer)(nil)

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

// Source is Jaeger's Deployment.
func (o *Observer) Source() string { return tracer.Jaeger.Object() }

// api is one version of the query API. Paths are relative to the base; a nil
// error of a decoder means that the answer was whole.
type api struct {
	trace    func(id string) string
	search   func(service string, start, end time.Time) (path string, query url.Values)
	services string
	// spans reads traces; names reads services.
	spans func(*jsoniter.Iterator) ([]evidence.Trace, error)
	names func(*jsoniter.Iterator) ([]string, error)
	// says tells whether the body of an answer other than 200 is an error of
	// Jaeger itself, and not of a proxy on the way to it.
	says func(body string) bool
}

// apis are tried in this order.
var apis = []*api{&v1, &v3}

// Trace returns the trace of the id, nil when Jaeger has none (yet).
func (o *Observer) Trace(ctx context.Context, id string) (*evidence.Trace, error) {
	found, err := o.trace(ctx, id)
	if err != nil {
		err = fmt.Errorf("ask Jaeger for trace %s: %w", id, err)
	}
	return found, observe.Absent(err)
}

func (o *Observer) trace(ctx context.Context, id string) (*evidence.Trace, error) {
	var address string
	all, err := ask(o, func(a *api) ([]evidence.Trace, error) {
		address = observe.At(o.base, a.trace(id), nil)
		all, err := read(ctx, o, address, a.spans)
		if a.notFound(err) {
			return nil, nil
		}
		if err == nil && len(all) != 1 {
			err = &observe.MalformedError{URL: address, Reason: fmt.Sprintf("%d traces, not one", len(all))}
		}
		return all, err
	})
	switch {
	case err != nil || len(all) == 0:
		return nil, err
	case !traces.Same(all[0].ID, id):
		return nil, &observe.MalformedError{URL: address, Reason: "it is trace " + all[0].ID}
	}
	return &all[0], nil
}

// Services are the names under which spans were reported, sorted.
func (o *Observer) Services(ctx context.Context) ([]string, error) {
	names, err := ask(o, func(a *api) ([]string, error) {
		return read(ctx, o, observe.At(o.base, a.services, nil), a.names)
	})
	if err != nil {
		return nil, observe.Absent(fmt.Errorf("ask Jaeger for its services: %w", err))
	}
	slices.Sort(names)
	return names, nil
}

// Of returns the traces in which the service has a span that began between start
// and end, at most traces.PerService.
func (o *Observer) Of(ctx context.Context, service string, start, end time.Time) ([]evidence.Trace, error) {
	all, err := ask(o, func(a *api) ([]evidence.Trace, error) {
		path, query := a.search(service, start, end)
		all, err := read(ctx, o, observe.At(o.base, path, query), a.spans)
		if a.notFound(err) {
			return nil, nil
		}
		return all, err
	})
	if err != nil {
		return nil, observe.Absent(fmt.Errorf("search Jaeger for traces of %s: %w", service, err))
	}
	return all, nil
}

// ask asks in the API that the server speaks. Which one is found out by asking:
// a server that answers a path it does not know with a page or with somebody
// else's 404 is asked in the next one.
func ask[T any](o *Observer, in func(*api) (T, error)) (T, error) {
	if a := o.speaks.Load(); a != nil {
		return in(a)
	}
	var none T
	var first error
	for _, a := range apis {
		out, err := in(a)
		if err == nil {
			o.speaks.Store(a)
			return out, nil
		}
		if !foreign(err) {
			return none, err
		}
		first = cmp.Or(first, err)
	}
	return none, first
}

// foreign tells whether what answered does not know the API.
func foreign(err error) bool {
	var status *observe.StatusError
	var malformed *observe.MalformedError
	return errors.As(err, &status) && status.Status == http.StatusNotFound ||
		errors.As(err, &malformed) && strings.HasPrefix(strings.TrimSpace(malformed.Body), "<")
}

// notFound tells whether Jaeger itself says that it has no such trace.
func (a *api) notFound(err error) bool {
	var status *observe.StatusError
	return errors.As(err, &status) && status.Status == http.StatusNotFound && a.says(status.Body)
}

func read[T any](ctx context.Context, o *Observer, address string, decode func(*jsoniter.Iterator) (T, error)) (T, error) {
	var out T
	err := traces.Get(ctx, o.client, address, func(it *jsoniter.Iterator) (err error) {
		out, err = decode(it)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return out, nil
}

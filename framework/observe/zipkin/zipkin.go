// Package zipkin observes traces through the API of a Zipkin server (version 2
// of the API, the one with JSON). It guarantees that an answer that is not whole
// is an error and never a trace without spans.
package zipkin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/tracer"
)

// Observer asks Zipkin.
type Observer struct {
	base   *url.URL
	client *http.Client
}

var _ traces.Backend = (*Observer)(nil)

// New returns an observer of Service zipkin of istio-system.
func New(client *kube.Client) (*Observer, error) {
	base, web, err := client.HTTPClient(observe.IstioNamespace, "zipkin", "9411", observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach Zipkin: %w", err)
	}
	return At(base, web), nil
}

// At returns an observer of the server at a URL.
func At(base *url.URL, client *http.Client) *Observer { return &Observer{base: base, client: client} }

// Source is Zipkin's Deployment.
func (o *Observer) Source() string { return tracer.Zipkin.Object() }

// Trace returns the trace of the id, nil when Zipkin has none (yet).
func (o *Observer) Trace(ctx context.Context, id string) (*evidence.Trace, error) {
	found, err := o.trace(ctx, id)
	if err != nil {
		return nil, observe.Absent(fmt.Errorf("ask Zipkin for trace %s: %w", id, err))
	}
	return found, nil
}

func (o *Observer) trace(ctx context.Context, id string) (*evidence.Trace, error) {
	address := observe.At(o.base, "api/v2/trace/"+id, nil)
	var spans traces.Spans
	err := traces.Get(ctx, o.client, address, func(it *jsoniter.Iterator) error { return list(it, &spans) })
	var status *observe.StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound && strings.TrimSpace(status.Body) == id+" not found" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := spans.Traces()
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%d traces, not one", len(all))
	}
	if err == nil && !traces.Same(all[0].ID, id) {
		err = fmt.Errorf("it is trace %s", all[0].ID)
	}
	if err != nil {
		return nil, &observe.MalformedError{URL: address, Reason: err.Error()}
	}
	return &all[0], nil
}

// Services are the names under which spans were reported, sorted.
func (o *Observer) Services(ctx context.Context) ([]string, error) {
	names := []string{}
	err := traces.Get(ctx, o.client, observe.At(o.base, "api/v2/services", nil), func(it *jsoniter.Iterator) error {
		if it.WhatIsNext() != jsoniter.ArrayValue {
			return errNoList
		}
		return traces.Items(it, func() error {
			names = append(names, it.ReadString())
			return nil
		})
	})
	if err != nil {
		return nil, observe.Absent(fmt.Errorf("ask Zipkin for its services: %w", err))
	}
	slices.Sort(names)
	return names, nil
}

// before is how much earlier than the span looked for its trace may have begun:
// Zipkin searches by the beginning of the trace.
const before = time.Minute

// Of returns the traces in which the service has a span that began between start
// and end, at most traces.PerService.
func (o *Observer) Of(ctx context.Context, service string, start, end time.Time) ([]evidence.Trace, error) {
	until := end.UnixMilli() + 1
	address := observe.At(o.base, "api/v2/traces", url.Values{
		"serviceName": {service},
		"endTs":       {strconv.FormatInt(until, 10)},
		"lookback":    {strconv.FormatInt(until-start.Add(-before).UnixMilli(), 10)},
		"limit":       {strconv.Itoa(traces.PerService)},
	})
	var all []evidence.Trace
	err := traces.Get(ctx, o.client, address, func(it *jsoniter.Iterator) (err error) {
		all, err = search(it)
		return err
	})
	if err != nil {
		return nil, observe.Absent(fmt.Errorf("search Zipkin for traces of %s: %w", service, err))
	}
	return slices.DeleteFunc(all, func(t evidence.Trace) bool {
		return !slices.ContainsFunc(t.Spans, func(s evidence.Span) bool {
			return s.Service == service && !s.Start.Before(start) && !s.Start.After(end)
		})
	}), nil
}

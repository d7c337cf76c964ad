// Package prometheus observes metrics through Prometheus' query API. It
// guarantees that a value that is no number never becomes a sample: it is named
// as a warning instead; and that no answer takes more memory than a bound.
package prometheus

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// Observer asks Prometheus.
type Observer struct{ api v1.API }

// New returns an observer of Service prometheus of istio-system.
func New(client *kube.Client) (*Observer, error) {
	base, web, err := client.HTTPClient(observe.IstioNamespace, "prometheus", "9090", observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach Prometheus: %w", err)
	}
	return At(base, web)
}

// At returns an observer of Prometheus at a URL. The client is not changed.
func At(base *url.URL, client *http.Client) (*Observer, error) {
	c, err := api.NewClient(api.Config{Address: base.String(), Client: bounded(client)})
	if err != nil {
		return nil, fmt.Errorf("make client of Prometheus at %s: %w", base, err)
	}
	return &Observer{api: v1.NewAPI(doer{c})}, nil
}

// Query asks one instant query, at Prometheus' own time. An answer without
// samples is no error here; an answer that is no vector is.
func (o *Observer) Query(ctx context.Context, promql string) (evidence.Samples, error) {
	seen, err := o.query(ctx, promql)
	return seen, absent(err)
}

func (o *Observer) query(ctx context.Context, promql string) (evidence.Samples, error) {
	value, warnings, _, err := o.api.Query(ctx, promql, time.Time{})
	if err != nil {
		return evidence.Samples{}, fmt.Errorf("ask Prometheus for %s: %w", promql, err)
	}
	if value == nil {
		return evidence.Samples{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus for %s: the answer holds no value", promql))
	}
	vector, ok := value.(model.Vector)
	if !ok {
		return evidence.Samples{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus for %s: the answer is a %s, not a vector", promql, value.Type()))
	}
	if vector == nil {
		return evidence.Samples{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus for %s: the answer has no list of results", promql))
	}
	seen := evidence.Samples{Query: promql, Observed: time.Now().UTC(), Warnings: slices.Clone(warnings)}
	for _, s := range vector {
		if s == nil || s.Timestamp == 0 {
			return evidence.Samples{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus for %s: a series has no value with a time", promql))
		}
		number := float64(s.Value)
		if s.Histogram != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			seen.Warnings = append(seen.Warnings, fmt.Sprintf("%s is no number: %v", s.Metric, s.Value))
			continue
		}
		labels := make(map[string]string, len(s.Metric))
		for name, v := range s.Metric {
			labels[string(name)] = string(v)
		}
		seen.Items = append(seen.Items, evidence.Sample{Labels: labels, Value: number})
	}
	return seen, nil
}

// Targets lists the active targets in Prometheus' order.
func (o *Observer) Targets(ctx context.Context) (evidence.Targets, error) {
	seen, err := o.targets(ctx)
	return seen, absent(err)
}

func (o *Observer) targets(ctx context.Context) (evidence.Targets, error) {
	found, err := o.api.Targets(ctx)
	if err != nil {
		return evidence.Targets{}, fmt.Errorf("ask Prometheus for its targets: %w", err)
	}
	if found.Active == nil {
		return evidence.Targets{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus for its targets: the answer has no list activeTargets"))
	}
	seen := evidence.Targets{Observed: time.Now().UTC()}
	for _, t := range found.Active {
		// An interval that cannot be read is one that is not told.
		interval, _ := model.ParseDuration(t.DiscoveredLabels["__scrape_interval__"])
		seen.Items = append(seen.Items, evidence.Target{
			Pool: t.ScrapePool, URL: t.ScrapeURL, Instance: string(t.Labels["instance"]), Interval: time.Duration(interval),
			Health: string(t.Health), Error: t.LastError,
		})
	}
	return seen, nil
}

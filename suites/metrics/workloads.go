package metrics

import (
	"context"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

func workloadSpecs() []spec.Spec {
	return []spec.Spec{{
		ID:      "metrics.workloads",
		Proves:  "every workload that requests were sent to shows its traffic, no errors, a whole latency histogram, and mutual TLS for all callers with a sidecar and no others",
		FailsIf: "a workload shows too little traffic, another code, no latency, a request in the clear between two sidecars, or mutual TLS of a caller without one",
		Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic},
		Run:     workloads,
	}}
}

// lately is what the quantiles of the report are of.
const lately = time.Minute

func workloads(ctx context.Context, env *spec.Env) {
	w := listen(ctx, env)
	received := metric.Intent{
		What: []metric.Quantity{metric.Requests}, Namespace: spec.Namespace,
		By: []metric.Dimension{metric.Source, metric.Destination, metric.Reporter, metric.Code, metric.Security},
	}
	before := w.today(spec.Step[evidence.Samples]{
		Name: "workloads-before", What: "asking Prometheus for the baseline", Source: spec.Prometheus, Do: w.ask(received),
	}.Take(ctx, env))
	sentCalls := w.known(sendAll(ctx, env, some))
	after := spec.Look[evidence.Measured]{
		Name: "workloads", Source: spec.Prometheus, Limit: 45 * time.Second,
		Observe: func(ctx context.Context) (evidence.Measured, error) { return measure(ctx, w, received) },
		Judge: func(seen evidence.Measured) []verdict.Finding {
			return metrics.JudgeWorkloads(env.Release, env.Policy, sentCalls, before, w.measured(seen))
		},
	}.Settle(ctx, env)
	env.Figures(metrics.Figures(env.Release, before, w.measured(after))...)
}

// measure asks for all that is known of workloads.
func measure(ctx context.Context, w words, received metric.Intent) (evidence.Measured, error) {
	durations := metric.Intent{What: []metric.Quantity{metric.Duration}, Namespace: spec.Namespace, By: []metric.Dimension{metric.Destination, metric.Reporter}}
	histograms := metric.Intent{
		What: []metric.Quantity{metric.Requests, metric.Duration}, Namespace: spec.Namespace,
		By: []metric.Dimension{metric.Name, metric.Bound, metric.Destination, metric.Reporter},
	}
	quantile := func(share float64) func(context.Context) (evidence.Samples, error) {
		return query(w.env, func() (string, error) { return w.generation.Quantile(share, durations, lately) })
	}
	var seen evidence.Measured
	for _, question := range []struct {
		ask  func(context.Context) (evidence.Samples, error)
		into *evidence.Samples
	}{
		{w.ask(received), &seen.Requests},
		{w.ask(histograms), &seen.Latency},
		{quantile(0.5), &seen.P50},
		{quantile(0.95), &seen.P95},
	} {
		answer, err := question.ask(ctx)
		if err != nil {
			return seen, err
		}
		*question.into = answer
	}
	return seen, nil
}

// measured puts all answers into the words that judges read.
func (w words) measured(seen evidence.Measured) evidence.Measured {
	return evidence.Measured{Requests: w.today(seen.Requests), Latency: w.today(seen.Latency), P50: w.today(seen.P50), P95: w.today(seen.P95)}
}

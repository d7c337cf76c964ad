package metrics

import (
	"context"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/spec"
)

// words are the generation of Istio's metrics that Prometheus has.
type words struct {
	env        *spec.Env
	generation metric.Generation
}

// listen finds out by the names of the metrics which generation it is, or ends
// the spec.
func listen(ctx context.Context, env *spec.Env) words {
	names := spec.Look[evidence.Samples]{
		Name: "names", Source: spec.Prometheus,
		Observe: query(env, metric.Names),
		Judge:   metrics.JudgeWords,
	}.Settle(ctx, env)
	generation, _ := metrics.Spoken(names)
	return words{env, generation}
}

// ask puts an intent into the generation's words and asks Prometheus.
func (w words) ask(intent metric.Intent) func(context.Context) (evidence.Samples, error) {
	return query(w.env, func() (string, error) { return w.generation.PromQL(intent) })
}

// query asks Prometheus; a query that cannot be made is not worth another look.
func query(env *spec.Env, promql func() (string, error)) func(context.Context) (evidence.Samples, error) {
	return func(ctx context.Context) (evidence.Samples, error) {
		text, err := promql()
		if err != nil {
			return evidence.Samples{}, evidence.Absent(evidence.Final, err)
		}
		return env.Metrics.Query(ctx, text)
	}
}

// today puts an answer into the words that judges read.
func (w words) today(seen evidence.Samples) evidence.Samples {
	return metrics.Today(w.generation, w.env.Release, seen)
}

// known are the calls that the generation can tell of.
func (w words) known(calls []metrics.Call) []metrics.Call { return metrics.Known(w.generation, calls) }

// totals are all requests to the release, series by series.
func totals() metric.Intent {
	return metric.Intent{What: []metric.Quantity{metric.Requests}, Namespace: spec.Namespace}
}

package tracing

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

func loadSpecs() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "tracing.sampling",
			Proves:  "a sidecar traces the share of the requests that it is set to: none, 1, 50 and 100 percent, within statistical bounds",
			FailsIf: "more or fewer requests are traced than the bounds of a right sampling allow",
			Labels:  []spec.Label{spec.Extended, spec.Traffic},
			Limit:   8 * time.Minute,
			Run:     sampling,
		},
		{
			ID:      "tracing.volume",
			Proves:  "of 10000 requests that are all traced, no trace is lost that the collector took",
			FailsIf: "a trace is missing although every report of the sidecar was accepted",
			Labels:  []spec.Label{spec.Extended, spec.Soak, spec.Traffic},
			Limit:   10 * time.Minute,
			Run:     volume,
		},
	}
}

// canaryServer is the workload of ours that the load is sent to.
const canaryServer = "Deployment " + traffic.CanaryNamespace + "/" + traffic.CanaryServer

// shares are what is set, and how many requests tell each from the others.
var shares = []struct {
	percent  float64
	requests int
}{{0, 300}, {1, 1500}, {50, 300}, {100, 300}}

// draining is how many requests use up the connections that may still be served
// by the settings before.
const draining = 64

func sampling(ctx context.Context, env *spec.Env) {
	env.Cleanup(func(ctx context.Context) error { return traffic.NewSampler(env.Kube).Reset(ctx) })
	for _, share := range shares {
		name := fmt.Sprintf("%g", share.percent)
		sent := spec.Step[traffic.Batch]{
			Name: "sent-" + name, What: "sending requests at " + name + " %", Source: canaryServer,
			Do: func(ctx context.Context) (traffic.Batch, error) {
				return sample(ctx, env, share.percent, share.requests)
			},
		}.Take(ctx, env)
		spec.Look[tracing.Sampled]{
			Name: "sampled-" + name, Source: env.Tracing.Backend.Object(), Steady: 3, Limit: time.Minute,
			Observe: func(ctx context.Context) (tracing.Sampled, error) { return tracedOf(ctx, env, share.percent, sent) },
			Judge:   func(seen tracing.Sampled) []verdict.Finding { return tracing.JudgeSampling(canaryServer, seen) },
		}.Settle(ctx, env)
	}
	env.Note("%d shares", len(shares))
}

// sample sets the share, waits until the sidecar has it and no connection is
// served by the share before, and sends the requests; the last one is sampled by
// our own decision.
func sample(ctx context.Context, env *spec.Env, percent float64, requests int) (traffic.Batch, error) {
	sampler := traffic.NewSampler(env.Kube)
	load, err := traffic.NewLoad(env.Kube)
	if err != nil {
		return traffic.Batch{}, err
	}
	if err := sampler.Set(ctx, percent); err != nil {
		return traffic.Batch{}, err
	}
	if err := sampler.Until(ctx, percent, func(ctx context.Context) (float64, error) {
		seen, err := serverTracer(ctx, env)
		return seen.Sampling, err
	}); err != nil {
		return traffic.Batch{}, err
	}
	if _, err := load.Send(ctx, draining, "0"); err != nil {
		return traffic.Batch{}, err
	}
	batch, err := load.Send(ctx, requests, "")
	if err != nil {
		return traffic.Batch{}, err
	}
	last, err := load.Send(ctx, 1, "1")
	batch.Answered = append(batch.Answered, last.Answered...)
	batch.Failed += last.Failed
	return batch, err
}

// serverTracer is what the sidecar of the canary's server says of itself.
func serverTracer(ctx context.Context, env *spec.Env) (evidence.Tracer, error) {
	pods, err := env.Pods.List(ctx, traffic.CanaryNamespace)
	if err != nil {
		return evidence.Tracer{}, err
	}
	seen, err := env.Proxies.Tracers(ctx, pods, []string{traffic.CanaryServer})
	switch {
	case err != nil:
		return evidence.Tracer{}, err
	case len(seen.Items) != 1:
		return evidence.Tracer{}, evidence.Absent(evidence.Unmet, fmt.Errorf("%d pods of %s have a sidecar, not one", len(seen.Items), canaryServer))
	case seen.Items[0].Error != "":
		return evidence.Tracer{}, fmt.Errorf("%s", seen.Items[0].Error)
	}
	return seen.Items[0], nil
}

// counted looks for the trace of each id and returns those that have none.
func counted(ctx context.Context, env *spec.Env, ids []string) (missing []string, err error) {
	var mutex sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, id := range ids {
		group.Go(func() error {
			trace, err := env.Traces.Trace(ctx, id)
			if trace == nil && err == nil {
				mutex.Lock()
				defer mutex.Unlock()
				missing = append(missing, id)
			}
			return err
		})
	}
	return missing, group.Wait()
}

// tracedOf counts the traces of a batch, of which the last had to be sampled.
func tracedOf(ctx context.Context, env *spec.Env, percent float64, sent traffic.Batch) (tracing.Sampled, error) {
	seen := tracing.Sampled{Percent: percent, Sent: len(sent.Answered) - 1}
	if seen.Sent < 1 {
		return seen, nil
	}
	missing, err := counted(ctx, env, sent.Answered)
	if err != nil {
		return tracing.Sampled{}, err
	}
	last := sent.Answered[seen.Sent]
	seen.Last = !slices.Contains(missing, last)
	seen.Traced = len(sent.Answered) - len(missing)
	if seen.Last {
		seen.Traced--
	}
	return seen, nil
}

// requests is the volume; perLook is how many of their traces one look asks for.
const (
	requests = 10_000
	perLook  = 1_000
)

// loaded is a load and the sidecar's reports before it.
type loaded struct {
	Before evidence.Reports `json:"before"`
	Batch  traffic.Batch    `json:"batch"`
}

func volume(ctx context.Context, env *spec.Env) {
	sent := spec.Step[loaded]{
		Name: "sent", What: fmt.Sprintf("sending %d requests", requests), Source: canaryServer,
		Do: func(ctx context.Context) (loaded, error) { return pour(ctx, env) },
	}.Take(ctx, env)
	// What was found once is not looked for again.
	missing := sent.Batch.Answered
	seen := spec.Look[tracing.Volume]{
		Name: "volume", Source: env.Tracing.Backend.Object(), Limit: 4 * time.Minute,
		Observe: func(ctx context.Context) (tracing.Volume, error) {
			// One look has time for a part of them only.
			part := min(len(missing), perLook)
			left, err := counted(ctx, env, missing[:part])
			if err != nil {
				return tracing.Volume{}, err
			}
			missing = slices.Concat(missing[part:], left)
			tracer, err := serverTracer(ctx, env)
			return tracing.Volume{
				Asked: requests, Answered: len(sent.Batch.Answered), Traced: len(sent.Batch.Answered) - len(missing),
				Missing: missing[:min(len(missing), 20)], Before: sent.Before, After: tracer.Reports, Backend: env.Tracing.Backend.Object(),
			}, err
		},
		Judge: func(seen tracing.Volume) []verdict.Finding {
			return tracing.JudgeVolume(canaryServer, seen)
		},
	}.Settle(ctx, env)
	env.Note("%d of %d requests answered in %s, %d traced", seen.Answered, seen.Asked, sent.Batch.Took.Round(time.Second), seen.Traced)
}

func pour(ctx context.Context, env *spec.Env) (loaded, error) {
	before, err := serverTracer(ctx, env)
	if err != nil {
		return loaded{}, err
	}
	load, err := traffic.NewLoad(env.Kube)
	if err != nil {
		return loaded{}, err
	}
	batch, err := load.Send(ctx, requests, "1")
	return loaded{before.Reports, batch}, err
}

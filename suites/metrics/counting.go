package metrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

func countingSpecs() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "metrics.thousand",
			Proves:  "1000 requests are exactly 1000 in the counters and histograms of both reporters of each hop",
			FailsIf: "a reporter counts one more or one less, or a histogram counts other requests than the total",
			Labels:  []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.Traffic},
			Run:     thousand,
		},
		{
			ID:      "metrics.restart",
			Proves:  "over a restart of the telemetry service every request is counted, or its loss is told by the sidecar that reported it, and none is counted twice",
			FailsIf: "counts begin anew, more is counted than was sent, or a request is missing that no sidecar tells to be lost",
			Labels:  []spec.Label{spec.Extended, spec.MSB, spec.MultiCloud, spec.Traffic},
			// Pods of the telemetry are replaced; Prometheus reads the sidecars' own
			// counters every ten seconds, hence the time it takes.
			Disruptive: true,
			Limit:      5 * time.Minute,
			Run:        restart,
		},
		{
			ID:      "metrics.connections",
			Proves:  "both ends of connections to vfc-db count the same connections and bytes, and every connection that was opened as closed",
			FailsIf: "one end counts other connections or bytes than the other, or a connection stays open in the counters",
			Labels:  []spec.Label{spec.Core, spec.VFC, spec.Traffic},
			Run:     connections,
		},
	}
}

// counted is the path whose requests are counted, and the histograms with them.
const counted = "identity"

var histogramsCounted = []metric.Quantity{metric.Duration, metric.RequestBytes, metric.ResponseBytes}

// pathOf is a path of the release, or ends the spec.
func pathOf(env *spec.Env, id string) catalogue.Path {
	path, ok := env.Release.Path(id)
	if !ok || !path.Requested() {
		env.Skip(fmt.Sprintf("release %s has no path %s that a request sets off", env.Release.Name, id))
	}
	return path
}

func thousand(ctx context.Context, env *spec.Env) {
	path := pathOf(env, counted)
	const requests = 1000
	w := listen(ctx, env)
	quiet(ctx, env, w, metrics.Calls(env.Release, env.Policy, path, 1), settled)
	before := spec.Step[evidence.Counts]{
		Name: "counts-before", What: "asking Prometheus for the baseline", Source: spec.Prometheus, Do: w.counts,
	}.Take(ctx, env)
	fired := spec.Step[evidence.Volley]{
		Name: "volley", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) (evidence.Volley, error) {
			return volley(ctx, env, path, requests, 15*time.Millisecond)
		},
	}.Take(ctx, env)
	env.Report(metrics.JudgeVolley(fired)...)
	sentCalls := w.known(metrics.Calls(env.Release, env.Policy, path, requests))
	spec.Look[evidence.Counts]{
		Name: "counts", Source: spec.Prometheus, Limit: 45 * time.Second, Steady: settled,
		Observe: w.counts,
		Judge: func(after evidence.Counts) []verdict.Finding {
			return metrics.JudgeCounts(sentCalls, histogramsCounted, w.todayCounts(before), w.todayCounts(after))
		},
	}.Settle(ctx, env)
	env.Note("%d requests in %s, counted exactly in %d series", requests, fired.Took.Round(time.Second), len(sentCalls))
}

// counts asks for the totals and for the counts of histograms.
func (w words) counts(ctx context.Context) (evidence.Counts, error) {
	var seen evidence.Counts
	var err error
	if seen.Requests, err = w.ask(totals())(ctx); err != nil {
		return seen, err
	}
	seen.Histograms, err = w.ask(metric.Intent{
		What: histogramsCounted, Namespace: spec.Namespace,
		By: []metric.Dimension{metric.Name, metric.Source, metric.Destination, metric.Reporter},
	})(ctx)
	return seen, err
}

func (w words) todayCounts(seen evidence.Counts) evidence.Counts {
	return evidence.Counts{Requests: w.today(seen.Requests), Histograms: w.today(seen.Histograms)}
}

// underWay is how many requests of a volley are waited for at once.
const underWay = 8

// volley sends n requests over the path, one each interval while not too many are
// under way.
func volley(ctx context.Context, env *spec.Env, path catalogue.Path, n int, interval time.Duration) (evidence.Volley, error) {
	fired := evidence.Volley{Asked: n}
	begin := time.Now()
	var mutex sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(underWay)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for range n {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		group.Go(func() error {
			sent, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.None})
			if err != nil {
				return err
			}
			mutex.Lock()
			defer mutex.Unlock()
			if sent.Response.Status == path.Status && sent.Response.Error == "" {
				fired.Answered++
			} else {
				fired.Problem = fmt.Sprintf("status %d %s", sent.Response.Status, sent.Response.Error)
			}
			return nil
		})
	}
	err := group.Wait()
	fired.Took = time.Since(begin)
	return fired, err
}

// scraped is how many looks take longer than Prometheus does to read all sidecars anew.
const scraped = 24

// restart sends requests at a known rate while the telemetry's pods are replaced.
func restart(ctx context.Context, env *spec.Env) {
	path := pathOf(env, counted)
	const requests = 300
	w := listen(ctx, env)
	quiet(ctx, env, w, metrics.Calls(env.Release, env.Policy, path, 1), scraped)
	before := spec.Step[evidence.Tally]{
		Name: "tally-before", What: "taking the baseline", Source: spec.Prometheus,
		Do: func(ctx context.Context) (evidence.Tally, error) { return tally(ctx, env, w) },
	}.Take(ctx, env)
	fired := spec.Step[evidence.Volley]{
		Name: "volley", What: "sending requests and restarting the telemetry", Source: metrics.Telemetry,
		Do: func(ctx context.Context) (evidence.Volley, error) {
			var fired evidence.Volley
			group, ctx := errgroup.WithContext(ctx)
			group.Go(func() (err error) {
				fired, err = volley(ctx, env, path, requests, 60*time.Millisecond)
				return err
			})
			group.Go(func() error { return replace(ctx, env) })
			err := group.Wait()
			return fired, err
		},
	}.Take(ctx, env)
	env.Report(metrics.JudgeVolley(fired)...)
	sentCalls := w.known(metrics.Calls(env.Release, env.Policy, path, requests))
	after := spec.Look[evidence.Tally]{
		Name: "tally", Source: spec.Prometheus, Limit: 90 * time.Second, Steady: scraped,
		Observe: func(ctx context.Context) (evidence.Tally, error) { return tally(ctx, env, w) },
		Judge: func(after evidence.Tally) []verdict.Finding {
			return metrics.JudgeRestart(sentCalls, w.todayTally(before), w.todayTally(after))
		},
	}.Settle(ctx, env)
	env.Note("%d requests over a restart of the telemetry, %g counts missing in %d series",
		requests, metrics.Missing(sentCalls, w.todayTally(before), w.todayTally(after)), len(sentCalls))
}

func (w words) todayTally(seen evidence.Tally) evidence.Tally {
	seen.Requests = w.today(seen.Requests)
	return seen
}

// telemetryPods selects the pods of the telemetry service.
const telemetryPods = "istio-telemetry"

// tally asks what is counted, and what the sidecars say they reported.
func tally(ctx context.Context, env *spec.Env, w words) (evidence.Tally, error) {
	seen := evidence.Tally{Sidecars: map[string]string{}}
	ours, err := env.Pods.List(ctx, observe.IstioNamespace)
	if err != nil {
		return seen, err
	}
	for _, pod := range ours.Items {
		if pod.Workload == telemetryPods && pod.Ready && !pod.Terminating {
			seen.Telemetry = append(seen.Telemetry, pod.Name)
		}
	}
	pods, err := env.Pods.List(ctx, spec.Namespace)
	if err != nil {
		return seen, err
	}
	for _, pod := range pods.Items {
		if !pod.Terminating {
			seen.Sidecars[pod.Name] = pod.Workload
		}
	}
	// The sidecars first: what they write meanwhile is not taken for lost.
	if seen.Written, err = env.Metrics.Query(ctx, metrics.WrittenQuery); err != nil {
		return seen, err
	}
	if seen.Received, err = env.Metrics.Query(ctx, metrics.ReceivedQuery); err != nil {
		return seen, err
	}
	if seen.Since, err = env.Metrics.Query(ctx, metrics.SinceQuery); err != nil {
		return seen, err
	}
	seen.Requests, err = w.ask(totals())(ctx)
	return seen, err
}

// settleFirst is how long requests flow before the telemetry is restarted.
const settleFirst = 3 * time.Second

// replace restarts the telemetry after a while.
func replace(ctx context.Context, env *spec.Env) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settleFirst):
		return traffic.RestartTelemetry(ctx, env.Kube)
	}
}

// connections lets the catalog ask its database over connections of its own, and
// compares what both ends count.
func connections(ctx context.Context, env *spec.Env) {
	path := pathOf(env, databasePath)
	w := listen(ctx, env)
	ends := w.known(metrics.TCPCalls(env.Release, env.Policy, "vfc-catalog", "vfc-db"))
	var last evidence.Samples
	ask := func(ctx context.Context) (evidence.Connections, error) {
		now, err := env.Metrics.Query(ctx, metrics.ConnectionsQuery)
		seen := evidence.Connections{Last: last, Now: now}
		last = now
		return seen, err
	}
	before := spec.Look[evidence.Connections]{
		Name: "connections-before", Source: spec.Prometheus, Limit: time.Minute, Steady: settled,
		Observe: ask, Judge: func(seen evidence.Connections) []verdict.Finding { return metrics.JudgeRest(ends, seen) },
	}.Settle(ctx, env)
	fired := spec.Step[evidence.Volley]{
		Name: "volley", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) (evidence.Volley, error) {
			return volley(ctx, env, path, sent, 50*time.Millisecond)
		},
	}.Take(ctx, env)
	env.Report(metrics.JudgeVolley(fired)...)
	spec.Look[evidence.Connections]{
		Name: "connections", Source: spec.Prometheus, Limit: 45 * time.Second, Steady: settled,
		Observe: ask,
		Judge: func(after evidence.Connections) []verdict.Finding {
			return metrics.JudgeConnections(ends, before.Now, after.Now)
		},
	}.Settle(ctx, env)
}

// Package metrics holds the specs that prove that Prometheus counts every
// request, at both ends, with the right names.
package metrics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic metrics.
func Specs() []spec.Spec {
	return slices.Concat(
		requestSpecs(),
		countingSpecs(),
		workloadSpecs(),
		scrapeSpecs(),
		dashboardSpecs(),
		loadSpecs(),
	)
}

func requestSpecs() []spec.Spec {
	projects := []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic}
	return []spec.Spec{
		{
			ID:      "metrics.requests",
			Proves:  "istio_requests_total rises, at both reporters of every hop, by exactly the number of requests sent, with the right source, destination and code",
			FailsIf: "a hop is counted too often, too rarely, not at all or under another name or code",
			Labels:  projects,
			Run:     requests,
		},
		{
			ID:      "metrics.latency",
			Proves:  "every hop that was called has a whole latency histogram",
			FailsIf: "a histogram is missing, counts nothing, or its buckets, count, sum and the total of requests do not fit each other",
			Labels:  projects,
			Run:     latency,
		},
		{
			ID:      "metrics.sizes",
			Proves:  "every hop that was called has whole histograms of the sizes of requests and answers",
			FailsIf: "a histogram is missing, counts nothing, or its buckets, count, sum and the total of requests do not fit each other",
			Labels:  projects,
			Run:     sizes,
		},
		{
			ID:      "metrics.vfc-db",
			Proves:  "the bytes of a TCP connection to vfc-db are counted at both reporters",
			FailsIf: "bytes are not counted, or under another name",
			Labels:  []spec.Label{spec.Core, spec.VFC, spec.Traffic},
			Run:     database,
		},
	}
}

// sent is how many requests are sent over each path.
const sent = 20

// some is how many are enough where they need not be counted exactly.
const some = 5

// settled is how many looks in a row must agree before a count is believed: a
// request that is counted twice may be counted late.
const settled = 6

func requests(ctx context.Context, env *spec.Env) {
	w := listen(ctx, env)
	before := quiet(ctx, env, w, calls(env, 1), settled)
	sentCalls := w.known(sendAll(ctx, env, sent))
	spec.Look[evidence.Samples]{
		Name:    "requests",
		Source:  spec.Prometheus,
		Limit:   45 * time.Second,
		Steady:  settled,
		Observe: w.ask(totals()),
		Judge: func(after evidence.Samples) []verdict.Finding {
			return metrics.Judge(sentCalls, before, w.today(after))
		},
	}.Settle(ctx, env)
	env.Note("%d requests over each of %d paths, counted exactly in %d series", sent, len(env.Release.Requests()), len(sentCalls))
}

func latency(ctx context.Context, env *spec.Env) {
	histograms(ctx, env, "latency", metric.Duration)
}

func sizes(ctx context.Context, env *spec.Env) {
	histograms(ctx, env, "sizes", metric.RequestBytes, metric.ResponseBytes)
}

// histograms asks for histograms and totals at once, so that they can be compared.
func histograms(ctx context.Context, env *spec.Env, name string, what ...metric.Quantity) {
	sentCalls := sendAll(ctx, env, some)
	w := listen(ctx, env)
	spec.Look[evidence.Samples]{
		Name: name, Source: spec.Prometheus,
		Observe: w.ask(metric.Intent{
			What: append([]metric.Quantity{metric.Requests}, what...), Namespace: spec.Namespace,
			By: []metric.Dimension{metric.Name, metric.Bound, metric.Source, metric.Destination, metric.Reporter},
		}),
		Judge: func(seen evidence.Samples) []verdict.Finding {
			return metrics.JudgeHistograms(w.known(sentCalls), what, w.today(seen))
		},
	}.Settle(ctx, env)
}

// databasePath is the path on which the catalog asks its database.
const databasePath = "nslcm-to-catalog"

// database lets the catalog ask its database, which it does when it lists packages.
func database(ctx context.Context, env *spec.Env) {
	w := listen(ctx, env)
	bytes := w.ask(metric.Intent{
		What: []metric.Quantity{metric.SentBytes, metric.ReceivedBytes}, Namespace: spec.Namespace,
		By: []metric.Dimension{metric.Name, metric.Source, metric.Destination, metric.Reporter},
	})
	before := w.today(spec.Step[evidence.Samples]{
		Name: "bytes-before", What: "asking Prometheus for the baseline", Source: spec.Prometheus, Do: bytes,
	}.Take(ctx, env))
	path := pathOf(env, databasePath)
	ends := w.known(metrics.TCPCalls(env.Release, env.Policy, "vfc-catalog", "vfc-db"))
	spec.Look[evidence.Samples]{
		Name:   "bytes",
		Source: spec.Prometheus,
		Limit:  45 * time.Second,
		Observe: func(ctx context.Context) (evidence.Samples, error) {
			if _, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.None}); err != nil {
				return evidence.Samples{}, err
			}
			return bytes(ctx)
		},
		Judge: func(after evidence.Samples) []verdict.Finding { return metrics.JudgeTCP(ends, before, w.today(after)) },
	}.Settle(ctx, env)
}

// twoLooks are an answer and the one before it.
type twoLooks struct {
	Last evidence.Samples `json:"last"`
	Now  evidence.Samples `json:"now"`
}

// quiet takes the baseline of the calls when the requests of the specs before are
// all counted: when so many looks in a row see the same counts.
func quiet(ctx context.Context, env *spec.Env, w words, calls []metrics.Call, steady int) evidence.Samples {
	var last evidence.Samples
	return w.today(spec.Look[twoLooks]{
		Name:   "requests-before",
		Source: spec.Prometheus,
		Limit:  time.Minute,
		Steady: steady,
		Observe: func(ctx context.Context) (twoLooks, error) {
			now, err := w.ask(totals())(ctx)
			seen := twoLooks{last, now}
			last = now
			return seen, err
		},
		Judge: func(seen twoLooks) []verdict.Finding {
			return metrics.JudgeQuiet(w.today(seen.Last), w.today(seen.Now), w.known(calls))
		},
	}.Settle(ctx, env).Now)
}

// sendAll sends n requests over every path and returns the calls they must be counted as.
func sendAll(ctx context.Context, env *spec.Env, n int) []metrics.Call {
	spec.Step[int]{
		Name: "sent", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) (int, error) {
			for k := range n {
				if err := sendOnce(ctx, env); err != nil {
					return k * len(env.Release.Requests()), err
				}
			}
			return n * len(env.Release.Requests()), nil
		},
	}.Take(ctx, env)
	return calls(env, n)
}

// sendOnce sends one request over each path.
func sendOnce(ctx context.Context, env *spec.Env) error {
	for _, path := range env.Release.Requests() {
		if _, err := env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.None}); err != nil {
			return fmt.Errorf("send a request over path %s: %w", path.ID, err)
		}
	}
	return nil
}

// calls lists what n requests over every path must be counted as.
func calls(env *spec.Env, n int) []metrics.Call {
	var all []metrics.Call
	for _, path := range env.Release.Requests() {
		all = append(all, metrics.Calls(env.Release, env.Policy, path, n)...)
	}
	return all
}

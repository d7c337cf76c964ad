package run

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/onsi/gomega"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/judge/sidecar"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/observe/jaeger"
	"github.com/onap/meshcert/framework/observe/prometheus"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// scenario is a run: what its specs see, and what must become of it.
type scenario struct {
	// profile is casablanca unless said otherwise.
	profile string
	specs   []spec.Spec
	// status is the exit status, verdicts the specs' by their ids' order, object
	// what the first failing finding is about.
	status   int
	verdicts string
	object   string
	// says are parts of what people read.
	says []string
}

// scenarios are the ways a run can end, by name. Evidence is recorded or as the
// catalogue has it; the judges are the real ones.
func scenarios() map[string]scenario {
	const whole, split = "435a47c48520d0dc5adb923542aff200", "0cdb98f75443e8222b670ccc43a72252"
	fine := ready("sidecar.ready", nil)
	return map[string]scenario{
		"healthy": {
			specs:    []spec.Spec{fine, trace("tracing.multicloud-to-vio", "identity", whole), counts("metrics.requests", "requests.json")},
			verdicts: "pass pass pass", says: []string{"29/29", "3 of 3 specs passed"},
		},
		"msb-iag without its sidecar": {
			specs:  []spec.Spec{ready("sidecar.ready", withoutProxy("msb-msb-iag"))},
			status: 1, verdicts: "fail", object: "Deployment onap/msb-msb-iag",
			says: []string{"28/29", "container istio-proxy", `policy enabled injects unless the annotation says "false"`, "1 of 1 spec failed"},
		},
		"the framework drops the headers": {
			specs:  []spec.Spec{fine, trace("tracing.multicloud-to-vio", "identity", split)},
			status: 1, verdicts: "pass fail", object: "Deployment onap/multicloud-multicloud", says: []string{"hop 2 of 3", "multicloud → msb-iag"},
		},
		"a query without samples": {
			specs:  []spec.Spec{fine, counts("metrics.requests", "empty.json")},
			status: 3, verdicts: "inconclusive pass", object: "Deployment istio-system/prometheus", says: []string{"the query has no samples", "1 of 2 specs was inconclusive"},
		},
		"the gap is as known": {
			specs:    []spec.Spec{trace("tracing.check-vim-capacity", "check-vim-capacity", split)},
			verdicts: "pass", says: []string{"check-vim-capacity-drops-headers"},
		},
		"the gap under the ideal": {
			profile: "readiness",
			specs:   []spec.Spec{trace("tracing.check-vim-capacity", "check-vim-capacity", split)},
			status:  1, verdicts: "fail", says: []string{"hop 2 of 3", "check-vim-capacity-drops-headers"},
		},
		"the gap is gone": {
			specs:    []spec.Spec{trace("tracing.check-vim-capacity", "check-vim-capacity", whole)},
			verdicts: "pass", says: []string{"a known gap is gone"},
		},
		"an observer that gets no answer": {
			specs:  []spec.Spec{trace("tracing.multicloud-to-vio", "identity", "nobody-answers")},
			status: 3, verdicts: "inconclusive", says: []string{"the trace could not be observed"},
		},
		"nothing is judged": {
			specs:  []spec.Spec{fine, do("msb.nothing", func(context.Context, *spec.Env) {})},
			status: 3, verdicts: "inconclusive pass", says: []string{"the spec ended without judging anything"},
		},
		"a panic": {
			specs:  []spec.Spec{do("msb.panic", func(context.Context, *spec.Env) { panic("no such thing") }), fine},
			status: 1, verdicts: "fail pass", says: []string{"no such thing"},
		},
		"an assertion": {
			specs:  []spec.Spec{do("msb.assertion", func(context.Context, *spec.Env) { gomega.Expect(1).To(gomega.Equal(2)) })},
			status: 1, verdicts: "fail", says: []string{"an assertion without a diagnosis failed"},
		},
		"out of time": {
			specs:  []spec.Spec{hang("msb.hangs")},
			status: 3, verdicts: "inconclusive", says: []string{"ended from outside (timedout)"},
		},
		"interrupted": {
			specs:  []spec.Spec{fine, do("msb.waits", waits), ready("sidecar.again", nil)},
			status: 130, verdicts: "inconclusive skip pass",
		},
		"one skipped": {
			specs:    []spec.Spec{fine, do("msb.skips", skips)},
			verdicts: "skip pass", says: []string{"1 skipped", "the release has no such path"},
		},
		"all skipped": {
			specs:  []spec.Spec{do("msb.skips", skips)},
			status: 3, verdicts: "skip", says: []string{"nothing was judged"},
		},
		"failed and inconclusive": {
			specs:  []spec.Spec{counts("metrics.requests", "empty.json"), ready("sidecar.ready", withoutProxy("vfc-vfc-db"))},
			status: 1, verdicts: "inconclusive fail", says: []string{"1 of 2 specs failed"},
		},
		"the child dies": {
			specs:  []spec.Spec{fine, do("msb.dies", func(context.Context, *spec.Env) { os.Exit(7) }), ready("sidecar.again", nil)},
			status: 3, verdicts: "pass", says: []string{"2 of 3 specs were never run", "ended without a word"},
		},
	}
}

func skips(_ context.Context, env *spec.Env) { env.Skip("the release has no such path") }

func do(id string, run func(context.Context, *spec.Env)) spec.Spec {
	return spec.Spec{ID: id, Proves: "it works", FailsIf: "it does not", Run: run}
}

// waits says that it has begun and then waits for its end.
func waits(ctx context.Context, env *spec.Env) {
	env.Keep("begun", true)
	env.Report()
	<-ctx.Done()
}

func hang(id string) spec.Spec {
	s := do(id, waits)
	s.Limit = 200 * time.Millisecond
	return s
}

// dumped keeps the names of the objects that artifacts were asked for.
func dumped(env *spec.Env) func(context.Context, string, []string) {
	return func(_ context.Context, id string, objects []string) {
		if err := env.Store(id).Put("dumped", objects); err != nil {
			panic(err)
		}
	}
}

// soon is how long the specs look at evidence that does not change.
const soon = 100 * time.Millisecond

// ready judges the pods of the release, as spoiled.
func ready(id string, spoil func(evidence.Pods)) spec.Spec {
	return do(id, func(ctx context.Context, env *spec.Env) {
		spec.Look[evidence.Pods]{
			Name: "pods", Limit: soon,
			Observe: func(context.Context) (evidence.Pods, error) {
				pods := pods(env.Release, env.Policy)
				if spoil != nil {
					spoil(pods)
				}
				return pods, nil
			},
			Judge: func(pods evidence.Pods) []verdict.Finding {
				env.Counted(sidecar.Matched(env.Release, env.Policy, pods))
				return sidecar.Judge(env.Release, env.Policy, pods)
			},
		}.Settle(ctx, env)
	})
}

// pods is one ready pod for each workload, with native sidecars.
func pods(release *catalogue.Release, policy catalogue.Policy) evidence.Pods {
	seen := evidence.Pods{Namespace: spec.Namespace}
	for _, w := range release.Workloads {
		p := evidence.Pod{Name: w.Name + "-5d9c7b9f4c-8xk2p", Workload: w.Name, Phase: "Running", Ready: true}
		if w.Annotation != "" {
			p.Annotations = map[string]string{"sidecar.istio.io/inject": w.Annotation}
		}
		for _, c := range w.Containers {
			p.Containers = append(p.Containers, evidence.Container{Name: c.Name, Ready: true})
		}
		for _, c := range w.InitContainers {
			p.InitContainers = append(p.InitContainers, evidence.Container{Name: c.Name, Ready: true})
		}
		if w.Injected(policy) {
			p.InitContainers = append(p.InitContainers, evidence.Container{Name: catalogue.Proxy, Ready: true, Sidecar: true})
		}
		seen.Items = append(seen.Items, p)
	}
	return seen
}

func withoutProxy(workload string) func(evidence.Pods) {
	return func(pods evidence.Pods) {
		for i, p := range pods.Items {
			if p.Workload == workload {
				pods.Items[i].InitContainers = slices.DeleteFunc(p.InitContainers, func(c evidence.Container) bool { return c.Name == catalogue.Proxy })
			}
		}
	}
}

// trace judges the recorded trace of the id as that of a request over the path.
func trace(id, path, traceID string) spec.Spec {
	return do(id, func(ctx context.Context, env *spec.Env) {
		base, web := recorded(env, map[string]string{
			"/api/traces/435a47c48520d0dc5adb923542aff200": "jaeger/identity.json",
			"/api/traces/0cdb98f75443e8222b670ccc43a72252": "jaeger/check-vim-capacity.json",
			"/api/traces": "jaeger/search-multicloud.json",
		})
		p, _ := env.Release.Path(path)
		start := time.UnixMicro(1795430000000000)
		search := traces.Search{TraceID: traceID, Services: tracing.Services(p, spec.Namespace), Start: start, End: start.Add(time.Second)}
		spec.Look[evidence.Traces]{
			Name: "trace", Limit: soon,
			Observe: func(ctx context.Context) (evidence.Traces, error) {
				return traces.Find(ctx, jaeger.At(base, web), search)
			},
			Judge: func(seen evidence.Traces) []verdict.Finding {
				return tracing.Judge(env.Release, p, tracing.Seen{Pods: pods(env.Release, env.Policy), Traces: seen})
			},
		}.Settle(ctx, env)
	})
}

// counts judges the recorded answer of Prometheus as the count of 11 requests
// over the path identity.
func counts(id, answer string) spec.Spec {
	const sent = 11
	return do(id, func(ctx context.Context, env *spec.Env) {
		base, web := recorded(env, map[string]string{"/api/v1/query": "prometheus/" + answer})
		observer, err := prometheus.At(base, web)
		if err != nil {
			panic(err)
		}
		p, _ := env.Release.Path("identity")
		spec.Look[evidence.Samples]{
			Name: "requests", Limit: soon,
			Observe: func(ctx context.Context) (evidence.Samples, error) {
				return observer.Query(ctx, "istio_requests_total")
			},
			Judge: func(after evidence.Samples) []verdict.Finding {
				before := after
				before.Items = slices.Clone(after.Items)
				for i := range before.Items {
					before.Items[i].Value -= sent
				}
				return metrics.Judge(metrics.Calls(env.Release, env.Policy, p, sent), before, after)
			},
		}.Settle(ctx, env)
	})
}

// recorded is a server that answers each path with a recorded answer, and
// refuses any other.
func recorded(env *spec.Env, paths map[string]string) (*url.URL, *http.Client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := answers.FS.ReadFile(paths[r.URL.Path])
		if err != nil {
			http.Error(w, "nothing recorded for "+r.URL.Path, http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}))
	env.Cleanup(func(context.Context) error { server.Close(); return nil })
	base, err := url.Parse(server.URL)
	if err != nil {
		panic(err)
	}
	return base, server.Client()
}

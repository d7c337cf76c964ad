package metrics

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

func scrapeSpecs() []spec.Spec {
	projects := []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC}
	return []spec.Spec{
		{
			ID:      "metrics.targets",
			Proves:  "Prometheus scrapes every sidecar, istiod and the telemetry service, and did so lately",
			FailsIf: "one of them is no target, is down or was not scraped for five intervals, or the counts of requests are old",
			Labels:  projects,
			Run:     targets,
		},
		{
			ID:      "metrics.labels",
			Proves:  "every series of requests and TCP bytes carries the standard labels of its generation of Istio, with values that Istio gives them",
			FailsIf: "a label is missing or renamed, or has a value that is none of Istio's",
			Labels:  projects,
			Run:     labels,
		},
	}
}

// Where metrics are offered: by the sidecar's agent, which adds those of Envoy and
// of the program, by istiod, and by the telemetry service, of which Prometheus
// knows the Service.
const (
	sidecarPort = "15020"
	istiodPort  = "15014"
	telemetry   = "istio-telemetry.istio-system.svc.cluster.local:42422"
)

func targets(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Scraping]{
		Name: "scraping", Source: spec.Prometheus, Limit: time.Minute,
		Observe: func(ctx context.Context) (evidence.Scraping, error) { return scraping(ctx, env) },
		Judge:   metrics.JudgeScraping,
	}.Settle(ctx, env)
}

func scraping(ctx context.Context, env *spec.Env) (evidence.Scraping, error) {
	var seen evidence.Scraping
	for _, namespace := range []string{spec.Namespace, "istio-system"} {
		pods, err := env.Pods.List(ctx, namespace)
		if err != nil {
			return seen, err
		}
		seen.Programs = append(seen.Programs, programs(env.Release, pods)...)
	}
	var err error
	if seen.Targets, err = env.Metrics.Targets(ctx); err != nil {
		return seen, err
	}
	if seen.Ages, err = query(env, metric.TargetAges)(ctx); err != nil {
		return seen, err
	}
	seen.Counts, err = query(env, metric.CountAges)(ctx)
	return seen, err
}

// programs are those of the ready pods that offer metrics.
func programs(release *catalogue.Release, pods evidence.Pods) []evidence.Program {
	var all []evidence.Program
	for _, p := range pods.Items {
		proxy := slices.ContainsFunc(append(p.Containers, p.InitContainers...), func(c evidence.Container) bool { return c.Name == catalogue.Proxy })
		address := ""
		switch {
		case !p.Ready || p.Terminating || p.IP == "":
			continue
		case proxy:
			address = net.JoinHostPort(p.IP, sidecarPort)
		case p.Workload == "istiod":
			address = net.JoinHostPort(p.IP, istiodPort)
		case p.Workload == "istio-telemetry":
			address = telemetry
		default:
			continue
		}
		all = append(all, evidence.Program{Workload: object.Workload(release, pods.Namespace, p.Workload), Pod: p.Name, Address: address})
	}
	return all
}

func labels(ctx context.Context, env *spec.Env) {
	w := listen(ctx, env)
	seen := spec.Look[evidence.Samples]{
		Name: "series", Source: spec.Prometheus,
		Observe: w.ask(metric.Intent{What: []metric.Quantity{metric.Requests, metric.SentBytes, metric.ReceivedBytes}, Namespace: spec.Namespace}),
		Judge:   func(seen evidence.Samples) []verdict.Finding { return metrics.JudgeLabels(w.generation, seen) },
	}.Settle(ctx, env)
	env.Note("%d series in the words of %s", len(seen.Items), w.generation.Title)
	if foreign := metrics.Foreign(w.generation, seen); len(foreign) > 0 {
		env.Note("labels beside the standard ones: %s", strings.Join(foreign, ", "))
	}
}

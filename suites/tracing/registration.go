package tracing

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

func registrationSpec() spec.Spec {
	return spec.Spec{
		ID:      "tracing.service-registration",
		Proves:  "the trace of a registration stays whole from kube2msb through discovery to Consul, or splits where the catalogue says that it does",
		FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
		Labels:  []spec.Label{spec.Extended, spec.MSB, spec.Traffic},
		Paths:   []string{"service-registration"},
		Run:     registration,
	}
}

// registering is how long after the change of a Service kube2msb's request may begin.
const registering = 20 * time.Second

// registration changes a Service of ours. Nobody sends kube2msb a trace id, so its
// request is looked for among those that it made since.
func registration(ctx context.Context, env *spec.Env) {
	path, ok := env.Release.Path("service-registration")
	if !ok {
		env.Skip(fmt.Sprintf("release %s has no path service-registration", env.Release.Name))
	}
	env.Cleanup(env.Registrar.Remove)
	start := spec.Step[time.Time]{
		Name: "registered", What: "changing what a Service of ours registers", Source: spec.APIServer,
		Do: func(ctx context.Context) (time.Time, error) { return time.Now().UTC(), env.Registrar.Touch(ctx) },
	}.Take(ctx, env)
	seen := spec.Look[tracing.Seen]{
		Name:   "trace",
		Source: env.Tracing.Backend.Object(),
		Limit:  45 * time.Second,
		Steady: 4,
		Observe: func(ctx context.Context) (tracing.Seen, error) {
			return registered(ctx, env, path, start)
		},
		Judge: func(seen tracing.Seen) []verdict.Finding { return tracing.Judge(env.Release, path, seen) },
	}.Settle(ctx, env)
	env.Keep("waterfall", tracing.Draw(env.Release, path, seen))
	env.Note("kube2msb's registration in trace %s", seen.Traces.Wanted.ID)
}

func registered(ctx context.Context, env *spec.Env, path catalogue.Path, start time.Time) (tracing.Seen, error) {
	seen, err := around(ctx, env, path)
	if err != nil {
		return seen, err
	}
	seen.Traces, err = traces.Find(ctx, env.Traces, traces.Search{
		TraceID: noTrace, Services: tracing.Services(path, spec.Namespace), Start: start, End: start.Add(registering),
	})
	if i := slices.IndexFunc(seen.Traces.Others, registers(tracing.Services(path, spec.Namespace)[0])); i >= 0 {
		wanted := seen.Traces.Others[i]
		seen.Traces.Wanted, seen.Traces.Others = &wanted, slices.Delete(seen.Traces.Others, i, i+1)
	}
	return seen, err
}

// registers tells whether a trace began with the service's request for a registration.
func registers(service string) func(evidence.Trace) bool {
	return func(t evidence.Trace) bool {
		return slices.ContainsFunc(t.Spans, func(s evidence.Span) bool {
			return s.Service == service && s.Kind == evidence.Client && s.Parent == "" &&
				s.Tags["http.method"] == http.MethodPost && strings.Contains(s.Tags["http.url"], "/services")
		})
	}
}

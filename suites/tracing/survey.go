package tracing

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

func surveySpec() spec.Spec {
	return spec.Spec{
		ID:      "tracing.header-survey",
		Proves:  "every workload that calls others passes the trace headers and the request id on, or is known not to",
		FailsIf: "a workload drops or changes a header that the catalogue does not know it to drop, or its calls are not seen",
		Labels:  []spec.Label{spec.Extended, spec.MSB, spec.MultiCloud, spec.VFC, spec.Traffic},
		Run:     survey,
	}
}

// also are the headers beside the formats, which ONAP's programs and the source
// document's author name.
func also() map[string]string {
	return map[string]string{"x-ot-span-context": "meshcert-context", "x-transactionid": "meshcert-transaction"}
}

// both are the two requests over a path.
type both struct {
	Path   string       `json:"path"`
	First  traffic.Sent `json:"first"`
	Second traffic.Sent `json:"second"`
}

func survey(ctx context.Context, env *spec.Env) {
	sent := spec.Step[[]both]{
		Name: "sent", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) ([]both, error) { return sendBoth(ctx, env) },
	}.Take(ctx, env)
	if len(sent) == 0 {
		env.Skip(fmt.Sprintf("release %s has no path on which a workload calls another", env.Release.Name))
	}
	for _, s := range sent {
		path, _ := env.Release.Path(s.Path)
		env.Report(append(answered(path, s.First), answered(path, s.Second)...)...)
	}
	seen := spec.Look[[]tracing.Surveyed]{
		Name: "calls", Source: env.Tracing.Backend.Object(), Limit: 45 * time.Second, Steady: 4,
		Observe: func(ctx context.Context) ([]tracing.Surveyed, error) { return lookBoth(ctx, env, sent) },
		Judge:   func(seen []tracing.Surveyed) []verdict.Finding { return tracing.JudgeSurvey(env.Release, seen) },
	}.Settle(ctx, env)
	table := tracing.Survey(env.Release, seen)
	env.Surveyed(table)
	env.Note("%d headers in %d calls", len(table.Headers), len(table.Rows))
}

func sendBoth(ctx context.Context, env *spec.Env) ([]both, error) {
	var all []both
	for _, path := range env.Release.Requests() {
		if len(path.Hops) < 2 {
			continue
		}
		one := both{Path: path.ID}
		var err error
		if one.First, err = env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.Both, Sampled: true, Also: also()}); err != nil {
			return nil, err
		}
		if one.Second, err = env.Traffic.Send(ctx, path, traffic.Options{Headers: traffic.B3SingleW3C, Sampled: true}); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func lookBoth(ctx context.Context, env *spec.Env, sent []both) ([]tracing.Surveyed, error) {
	paths := make([]catalogue.Path, len(sent))
	for i, s := range sent {
		paths[i], _ = env.Release.Path(s.Path)
	}
	common, err := around(ctx, env, paths...)
	if err != nil {
		return nil, err
	}
	all := make([]tracing.Surveyed, len(sent))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, s := range sent {
		group.Go(func() error {
			one := tracing.Surveyed{Path: s.Path, All: also(), First: common, Second: common, B3: s.Second.TraceID + "-" + s.Second.SpanID + "-1"}
			one.All["traceparent"], one.All["tracestate"], one.All["x-request-id"] = s.First.Traceparent, traffic.Tracestate, s.First.RequestID
			one.First.Parent, one.Second.Parent = s.First.SpanID, s.Second.SpanID
			var err error
			if one.First.Traces, err = find(ctx, env, paths[i], s.First); err != nil {
				return err
			}
			one.Second.Traces, err = find(ctx, env, paths[i], s.Second)
			all[i] = one
			return err
		})
	}
	return all, group.Wait()
}

package tracing

import (
	"context"
	"fmt"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// formatSpecs are the specs that send one request in many ways.
func formatSpecs() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "tracing.header-formats",
			Proves:  "the mesh joins a request's trace in every header format that its tracer reads, obeys the sampling decision, and begins a trace for every other request",
			FailsIf: "a format that the tracer reads does not join up, a request is traced against the decision that came with it, or one without a trace gets none",
			Labels:  []spec.Label{spec.Extended, spec.MultiCloud, spec.Traffic},
			Paths:   []string{"identity"},
			Run:     func(ctx context.Context, env *spec.Env) { variants(ctx, env, formats()) },
		},
		{
			ID:      "tracing.origins",
			Proves:  "a request's trace is the same whether it comes from outside, from a pod with a sidecar or from one without",
			FailsIf: "the trace of a request from one of the three breaks, or is not there",
			Labels:  []spec.Label{spec.Extended, spec.MultiCloud, spec.Traffic},
			Paths:   []string{"identity"},
			Run:     func(ctx context.Context, env *spec.Env) { variants(ctx, env, origins()) },
		},
	}
}

// variant is a way to send a request.
type variant struct {
	name    string
	options traffic.Options
	// readBy are the tracers that read its headers.
	readBy []string
}

// The tracers, as sidecars name them.
const (
	zipkin        = "zipkin"
	opentelemetry = "opentelemetry"
)

func formats() []variant {
	var all []variant
	for _, sampled := range []bool{true, false} {
		word := map[bool]string{true: "sampled", false: "not sampled"}[sampled]
		for _, f := range []struct {
			headers traffic.Headers
			readBy  []string
		}{
			{traffic.B3, []string{zipkin}}, {traffic.B3Single, []string{zipkin}},
			{traffic.W3C, []string{opentelemetry}}, {traffic.Both, []string{zipkin, opentelemetry}},
		} {
			all = append(all, variant{string(f.headers) + ", " + word, traffic.Options{Headers: f.headers, Sampled: sampled}, f.readBy})
		}
	}
	return append(all,
		variant{"x-request-id alone", traffic.Options{Headers: traffic.RequestID}, nil},
		variant{"no header", traffic.Options{Headers: traffic.None}, nil})
}

func origins() []variant {
	var all []variant
	for _, from := range []struct {
		name   string
		origin traffic.Origin
	}{
		{"from outside", traffic.Outside}, {"from a pod with a sidecar", traffic.Meshed}, {"from a pod without a sidecar", traffic.Unmeshed},
	} {
		all = append(all, variant{from.name, traffic.Options{Headers: traffic.Both, Sampled: true, From: from.origin}, []string{zipkin, opentelemetry}})
	}
	return all
}

// variants sends the request of path identity in each way, one after the other,
// and follows all of them.
func variants(ctx context.Context, env *spec.Env, ways []variant) {
	path, ok := env.Release.Path("identity")
	if !ok {
		env.Skip(fmt.Sprintf("release %s has no path identity", env.Release.Name))
	}
	sent := spec.Step[[]traffic.Sent]{
		Name: "sent", What: "sending the requests", Source: spec.Gateway,
		Do: func(ctx context.Context) ([]traffic.Sent, error) { return sendAll(ctx, env, path, ways) },
	}.Take(ctx, env)
	for _, s := range sent {
		env.Report(answered(path, s)...)
	}
	spec.Look[[]tracing.Request]{
		Name:    "traces",
		Source:  env.Tracing.Backend.Object(),
		Limit:   45 * time.Second,
		Steady:  4,
		Observe: func(ctx context.Context) ([]tracing.Request, error) { return lookAll(ctx, env, path, ways, sent) },
		Judge: func(seen []tracing.Request) []verdict.Finding {
			return tracing.JudgeFormats(env.Release, path, len(ways), seen)
		},
	}.Settle(ctx, env)
	env.Note("%s %s in %d ways", path.Method, path.URL, len(ways))
}

func sendAll(ctx context.Context, env *spec.Env, path catalogue.Path, ways []variant) ([]traffic.Sent, error) {
	var all []traffic.Sent
	for _, w := range ways {
		sent, err := env.Traffic.Send(ctx, path, w.options)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		all = append(all, sent)
	}
	return all, nil
}

func lookAll(ctx context.Context, env *spec.Env, path catalogue.Path, ways []variant, sent []traffic.Sent) ([]tracing.Request, error) {
	if len(sent) != len(ways) {
		return nil, fmt.Errorf("%d requests were sent, not %d", len(sent), len(ways))
	}
	// Who has a sidecar, and how it traces, is the same for all of them.
	common, err := around(ctx, env, path)
	if err != nil {
		return nil, err
	}
	var all []tracing.Request
	for i, w := range ways {
		one := common
		one.Parent = sent[i].SpanID
		if one.Traces, err = find(ctx, env, path, sent[i]); err != nil {
			return nil, err
		}
		all = append(all, tracing.Request{
			Format: w.name, Tracers: w.readBy, Sampled: w.options.Sampled, RequestID: sent[i].RequestID, Seen: one,
		})
	}
	return all, nil
}

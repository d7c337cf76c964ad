// Package tracing holds the specs that prove that a request's trace stays in
// one piece over all its hops, or name the hop that broke it.
package tracing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic tracing.
func Specs() []spec.Spec {
	return slices.Concat(pathSpecs(), []spec.Spec{registrationSpec()}, formatSpecs(), []spec.Spec{surveySpec()}, loadSpecs())
}

func pathSpecs() []spec.Spec {
	return []spec.Spec{
		along("identity", spec.Spec{
			ID:      "tracing.multicloud-to-vio",
			Proves:  "a request that enters msb-iag keeps one trace through multicloud and msb-iag to multicloud-vio",
			FailsIf: "a hop starts a new trace, or a sidecar on the path reports no span",
			Labels:  []spec.Label{spec.Core, spec.MultiCloud, spec.Traffic},
		}),
		along("check-vim-capacity", spec.Spec{
			ID:      "tracing.check-vim-capacity",
			Proves:  "the trace of POST check_vim_capacity stays whole, or splits where the catalogue says that it does",
			FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
			Labels:  []spec.Label{spec.Extended, spec.MultiCloud, spec.Traffic},
		}),
		along("nslcm-to-catalog", spec.Spec{
			ID:      "tracing.nslcm-to-catalog",
			Proves:  "the trace of a request to VF-C's nslcm stays whole to the catalog, or splits where the catalogue says that it does",
			FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
			Labels:  []spec.Label{spec.Extended, spec.VFC, spec.Traffic},
		}),
		along("vnflcm-to-catalog", spec.Spec{
			ID:      "tracing.vnflcm-to-catalog",
			Proves:  "the trace of a request to VF-C's vnflcm stays whole to the catalog, or splits where the catalogue says that it does",
			FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
			Labels:  []spec.Label{spec.Extended, spec.VFC, spec.Traffic},
		}),
		along("gvnfmdriver-to-nslcm", spec.Spec{
			ID:      "tracing.gvnfmdriver-to-nslcm",
			Proves:  "the trace of a request to VF-C's generic VNFM driver stays whole to nslcm, or splits where the catalogue says that it does",
			FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
			Labels:  []spec.Label{spec.Extended, spec.VFC, spec.Traffic},
		}),
		along("resmgr-to-vio", spec.Spec{
			ID:      "tracing.resmgr-to-vio",
			Proves:  "the trace of a request to VF-C's resource manager stays whole through MultiCloud to multicloud-vio, or splits where the catalogue says that it does",
			FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
			Labels:  []spec.Label{spec.Extended, spec.VFC, spec.Traffic},
		}),
		along("multivimproxy-to-vio", spec.Spec{
			ID:      "tracing.multivimproxy-to-vio",
			Proves:  "the trace of a request to VF-C's multi VIM proxy stays whole through MultiCloud to multicloud-vio, or splits where the catalogue says that it does",
			FailsIf: "the trace breaks at another hop than the known one, or spans are missing",
			Labels:  []spec.Label{spec.Extended, spec.VFC, spec.Traffic},
		}),
		along("portal", spec.Spec{
			ID:      "tracing.portal",
			Proves:  "a request for MSB's portal page leaves one span, that of msb-iag",
			FailsIf: "the sidecar of msb-iag reports no span for the page it serves",
			Labels:  []spec.Label{spec.Extended, spec.MSB, spec.Traffic},
		}),
		{
			ID:      "tracing.w3c-headers",
			Proves:  "the applications of the path to multicloud-vio pass the trace header that the mesh does not trace with on as they got it: W3C in a mesh of B3, B3 in one of W3C",
			FailsIf: "an application drops or changes it, or it is lost between two sidecars",
			Labels:  []spec.Label{spec.Extended, spec.MultiCloud, spec.Traffic},
			Paths:   []string{"identity"},
			Run:     w3c,
		},
	}
}

// along completes a spec that follows a request over the path.
func along(path string, s spec.Spec) spec.Spec {
	s.Paths = []string{path}
	s.Run = func(ctx context.Context, env *spec.Env) { follow(ctx, env, path) }
	return s
}

// traced is what the judge of a trace looks at.
type traced struct {
	Sent traffic.Sent `json:"sent"`
	tracing.Seen
}

// follow sends the path's request once and follows its trace by the id sent.
func follow(ctx context.Context, env *spec.Env, id string) {
	path, ok := env.Release.Path(id)
	if !ok {
		env.Skip(fmt.Sprintf("release %s has no path %s", env.Release.Name, id))
	}
	sent := send(ctx, env, path, traffic.Options{Headers: traffic.Both, Sampled: true})
	seen := spec.Look[traced]{
		Name:    "trace",
		Source:  env.Tracing.Backend.Object(),
		Limit:   30 * time.Second,
		Steady:  4,
		Observe: func(ctx context.Context) (traced, error) { return look(ctx, env, path, sent) },
		Judge: func(seen traced) []verdict.Finding {
			return tracing.Judge(env.Release, path, seen.Seen)
		},
	}.Settle(ctx, env)
	env.Keep("waterfall", tracing.Draw(env.Release, path, seen.Seen))
	env.Note("%s %s, trace %s", path.Method, path.URL, sent.TraceID)
}

// send sends the path's request once, and demands its answer.
func send(ctx context.Context, env *spec.Env, path catalogue.Path, options traffic.Options) traffic.Sent {
	sent := spec.Step[traffic.Sent]{
		Name: "sent", What: "sending the request", Source: spec.Gateway,
		Do: func(ctx context.Context) (traffic.Sent, error) {
			return env.Traffic.Send(ctx, path, options)
		},
	}.Take(ctx, env)
	env.Report(answered(path, sent)...)
	return sent
}

// w3c sends both formats: the spans are found by the one that the proxies read, and
// note the other.
func w3c(ctx context.Context, env *spec.Env) {
	path, ok := env.Release.Path("identity")
	if !ok {
		env.Skip(fmt.Sprintf("release %s has no path identity", env.Release.Name))
	}
	sent := send(ctx, env, path, traffic.Options{Headers: traffic.Both, Sampled: true})
	spec.Look[traced]{
		Name:    "trace",
		Source:  env.Tracing.Backend.Object(),
		Observe: func(ctx context.Context) (traced, error) { return look(ctx, env, path, sent) },
		Judge: func(seen traced) []verdict.Finding {
			header, value := seen.Untraced(env.Release, path, sent.TraceID, sent.Traceparent)
			return tracing.JudgeCarried(env.Release, path, seen.Seen, header, value)
		},
	}.Settle(ctx, env)
	env.Note("%s over %d hops", sent.Traceparent, len(path.Hops)-1)
}

func look(ctx context.Context, env *spec.Env, path catalogue.Path, sent traffic.Sent) (traced, error) {
	seen := traced{Sent: sent}
	var err error
	if seen.Seen, err = around(ctx, env, path); err != nil {
		return traced{}, err
	}
	seen.Parent = sent.SpanID
	seen.Traces, err = find(ctx, env, path, sent)
	return seen, err
}

// around is what is seen of the paths' workloads beside the traces.
func around(ctx context.Context, env *spec.Env, paths ...catalogue.Path) (tracing.Seen, error) {
	var workloads []string
	for _, path := range paths {
		workloads = append(workloads, tracing.Workloads(env.Release, path)...)
	}
	seen := tracing.Seen{Backend: env.Traces.Source()}
	var err error
	if seen.Pods, err = env.Pods.List(ctx, spec.Namespace); err != nil {
		return tracing.Seen{}, err
	}
	seen.Tracers, err = env.Proxies.Tracers(ctx, seen.Pods, workloads)
	return seen, err
}

// noTrace is the id that is asked for where none was sent; no back end has it.
const noTrace = "ffffffffffffffffffffffffffffffff"

func find(ctx context.Context, env *spec.Env, path catalogue.Path, sent traffic.Sent) (evidence.Traces, error) {
	return traces.Find(ctx, env.Traces, traces.Search{
		TraceID: cmp.Or(sent.TraceID, noTrace), Services: tracing.Services(path, spec.Namespace), Start: sent.Start, End: sent.End,
	})
}

// answered says whether the request got the answer without which its trace
// proves nothing.
func answered(path catalogue.Path, sent traffic.Sent) []verdict.Finding {
	if sent.Response.Status == path.Status {
		return nil
	}
	return []verdict.Finding{{
		Kind: "wrong-status", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("%s %s was not answered as it should be", path.Method, path.URL),
		Object:  spec.Gateway,
		Want:    fmt.Sprintf("status %d", path.Status),
		Got:     fmt.Sprintf("status %d %s %s", sent.Response.Status, sent.Response.Error, sent.Response.Body),
		Where:   path.Method + " " + sent.Response.URL,
		Why:     "the request did not take its path to the end, so its trace cannot show the path",
		Next:    "see that the workloads of the path are ready and registered: make e2e FOCUS=msb REUSE=1",
	}}
}

package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/controlplane"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Limits of the steps of up.
const (
	canaryLimit    = 2 * time.Minute
	readyLimit     = 8 * time.Minute
	uninstallLimit = 2 * time.Minute
	checkLimit     = 2 * time.Minute
)

// checkMesh is the gate before every spec. What does not hold in time is an
// environment that could not be made.
func (a *ascent) checkMesh(ctx context.Context) error {
	eyes, err := spec.Open(ctx, a.cluster.Kube, a.Config.Tracing().Backend)
	if err != nil {
		return err
	}
	if err := untilFit(ctx, eyes); err != nil || !a.retraced {
		return err
	}
	a.log("sidecars serve the connections that are open as before for " + tracing.Draining.String())
	return untilRetraced(ctx, eyes, string(a.Config.Tracing().Protocol))
}

// untilRetraced waits until no sidecar of ONAP serves a connection by a listener that
// traces as it was told before.
func untilRetraced(ctx context.Context, eyes spec.Eyes, provider string) error {
	return kube.Until(ctx, "the sidecars to send their spans as they are told now", checkLimit, func(ctx context.Context) error {
		pods, err := eyes.Pods.List(ctx, spec.Namespace)
		if err != nil {
			return err
		}
		var workloads []string
		for _, p := range pods.Items {
			workloads = append(workloads, p.Workload)
		}
		tracers, err := eyes.Proxies.Tracers(ctx, pods, workloads)
		if err != nil {
			return err
		}
		return retraced(tracers, provider)
	})
}

// retraced says of the first sidecar that may still trace as before why it does.
func retraced(tracers evidence.Tracers, provider string) error {
	for _, t := range tracers.Items {
		switch left := tracing.Draining - tracers.Observed.Sub(t.Since); {
		case t.Error != "":
			return errors.New(t.Error)
		case t.Provider != provider:
			return fmt.Errorf("the sidecar of pod %s traces by %q, not by %s", t.Pod, t.Provider, provider)
		case left > 0:
			return fmt.Errorf("the sidecar of pod %s serves connections as before for %s more", t.Pod, left.Round(time.Second))
		}
	}
	return nil
}

// untilFit waits until the mesh is fit to be judged: no proxy has refused
// configuration, all are in sync, and the canary's request arrives as HTTP under
// mutual TLS.
func untilFit(ctx context.Context, eyes spec.Eyes) error {
	return kube.Until(ctx, "the mesh to be fit to be judged", checkLimit, func(ctx context.Context) error {
		pods, err := eyes.Pods.List(ctx, spec.Namespace)
		if err != nil {
			return err
		}
		proxies, err := eyes.Proxies.Observe(ctx, pods)
		if err != nil {
			return err
		}
		if err := asError(controlplane.JudgeRejects(proxies)); err != nil {
			return err
		}
		canary, err := eyes.Canary(ctx)
		if err != nil {
			return err
		}
		return asError(controlplane.JudgeCanary(canary))
	})
}

// asError turns findings into the error of a step that cannot go on.
func asError(findings []verdict.Finding) error {
	var problems []error
	for _, f := range findings {
		if f.Verdict != verdict.Pass {
			problems = append(problems, errors.New(f.Summary+": want "+f.Want+", got "+f.Got))
		}
	}
	return errors.Join(problems...)
}

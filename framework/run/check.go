package run

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/onap/meshcert/framework/judge/controlplane"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/report"
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

// checkMesh is the gate before every spec: no proxy has refused configuration,
// all are in sync, the canary's request arrives as HTTP under mutual TLS, and MSB
// has registered what the release brings. What does not hold in time is an
// environment that could not be made.
func (a *ascent) checkMesh(ctx context.Context) error {
	eyes, err := spec.Open(ctx, a.cluster.Kube)
	if err != nil {
		return err
	}
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

// describe writes down what the specs will run on, as observed.
func (a *ascent) describe(ctx context.Context) error {
	version, err := a.cluster.Kube.Set.Discovery().ServerVersion()
	if err != nil {
		return err
	}
	e := &report.Environment{
		Release: a.release.Name, Kubernetes: version.GitVersion, ImageSource: "packages",
		Host: &report.Host{CPUs: runtime.NumCPU()},
	}
	standins := map[string]bool{}
	for _, s := range a.standins {
		standins[s.Ref] = true
	}
	for _, i := range a.images {
		e.Images = append(e.Images, report.Image{Ref: i.Ref, Digest: i.Digest, Source: i.Source, Standin: standins[i.Ref]})
	}
	return a.records.Append(report.Record{Environment: e})
}

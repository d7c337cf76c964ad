// Package releases holds the specs that prove that what Helm installed is the
// release that the catalogue describes.
package releases

import (
	"context"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/releases"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic releases.
func Specs() []spec.Spec {
	projects := []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC}
	return []spec.Spec{
		{
			ID:      "releases.helm",
			Proves:  "the Helm releases onap, msb, multicloud and vfc are deployed",
			FailsIf: "a release is missing, failed or pending",
			Labels:  projects,
			Run:     helm,
		},
		{
			ID:      "releases.services",
			Proves:  "every Service of the release exists with its type, port names, ports and NodePorts",
			FailsIf: "a Service is missing, or a port differs in name, number or NodePort",
			Labels:  projects,
			Run:     services,
		},
		{
			ID:      "releases.images",
			Proves:  "every container runs the image and version of the release",
			FailsIf: "a container runs another image or tag",
			Labels:  projects,
			Run:     images,
		},
	}
}

func helm(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.HelmReleases]{
		Name: "helm-releases", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.HelmReleases, error) {
			return env.Cluster.HelmReleases(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.HelmReleases) []verdict.Finding { return releases.JudgeHelm(env.Release, seen) },
	}.Settle(ctx, env)
}

func services(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Services]{
		Name: "services", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Services, error) {
			return env.Cluster.Services(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.Services) []verdict.Finding { return releases.JudgeServices(env.Release, seen) },
	}.Settle(ctx, env)
}

func images(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Pods]{
		Name:    "pods",
		Source:  spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Pods, error) { return env.Pods.List(ctx, spec.Namespace) },
		Judge:   func(seen evidence.Pods) []verdict.Finding { return releases.JudgeImages(env.Release, seen) },
	}.Settle(ctx, env)
}

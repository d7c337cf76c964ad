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
		{
			ID:       "releases.workloads",
			Proves:   "every workload of the release is there with all its replicas available, and no other",
			FailsIf:  "a workload is missing, scaled to nothing, not rolled out or not available, or one is there that the catalogue does not know",
			Labels:   projects,
			Waivable: releases.WorkloadKinds(),
			Run:      workloads,
		},
		{
			ID:       "releases.manifest",
			Proves:   "images, replicas, ports and environment on the cluster equal the manifests that Helm stored",
			FailsIf:  "an object was changed or deleted since it was installed",
			Labels:   projects,
			Waivable: releases.ManifestKinds(),
			Run:      manifest,
		},
		{
			ID:       "releases.restarts",
			Proves:   "no container was started again, and Kubernetes warned of no pod in the last minutes",
			FailsIf:  "a container restarted or was killed for its memory, or a recent event warns of a pod that had been ready",
			Labels:   projects,
			Waivable: releases.RestartKinds(),
			Run:      restarts,
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

func workloads(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Workloads]{
		Name: "workloads", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Workloads, error) {
			return env.Hygiene.Workloads(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.Workloads) []verdict.Finding { return releases.JudgeWorkloads(env.Release, seen) },
	}.Settle(ctx, env)
}

func manifest(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Installed]{
		Name: "installed", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Installed, error) {
			return env.Hygiene.Installed(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.Installed) []verdict.Finding { return releases.JudgeManifest(env.Release, seen) },
	}.Settle(ctx, env)
}

func restarts(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Stability]{
		Name: "stability", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Stability, error) {
			return env.Hygiene.Stability(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.Stability) []verdict.Finding { return releases.JudgeRestarts(env.Release, seen) },
	}.Settle(ctx, env)
}

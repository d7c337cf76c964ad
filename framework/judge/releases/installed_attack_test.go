package releases_test

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/releases"
	"github.com/onap/meshcert/framework/verdict"
)

// broken breaks evidence in every way; without one of its elements it must not pass.
func broken[E, T any](t *testing.T, healthy func() E, list func(*E) *[]T, needed func(E) E, judge attack.Judge[E]) {
	t.Helper()
	attack.Mutations(t, healthy(), judge)
	attack.NeverGreen(t, attack.Without(needed(healthy()), list), judge)
	attack.NeverGreen(t, map[string]E{"nothing": *new(E)}, judge)
	attack.Shuffled(t, healthy(), list, judge)
}

func TestBrokenInstalled(t *testing.T) {
	release := sample.Release(t, "casablanca")
	broken(t, func() evidence.Installed { return stored(release) },
		func(e *evidence.Installed) *[]evidence.InstalledObject { return &e.Items },
		func(e evidence.Installed) evidence.Installed {
			// Services are not asked for: releases.services compares them with the catalogue.
			var workloads []evidence.InstalledObject
			for _, o := range e.Items {
				if o.Stored["replicas"] != "" {
					workloads = append(workloads, o)
				}
			}
			e.Items = workloads
			return e
		},
		func(e evidence.Installed) []verdict.Finding { return releases.JudgeManifest(release, e) })
	broken(t, func() evidence.Workloads { return running(release) },
		func(e *evidence.Workloads) *[]evidence.Workload { return &e.Items },
		func(e evidence.Workloads) evidence.Workloads { return e },
		func(e evidence.Workloads) []verdict.Finding { return releases.JudgeWorkloads(release, e) })
	broken(t, func() evidence.Stability { return quiet(release) },
		func(e *evidence.Stability) *[]evidence.Pod { return &e.Pods.Items },
		func(e evidence.Stability) evidence.Stability { return e },
		func(e evidence.Stability) []verdict.Finding { return releases.JudgeRestarts(release, e) })
}

package injection_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/injection"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

func matrix(seen evidence.Injection) []verdict.Finding {
	return injection.Judge(catalogue.Enabled, seen)
}

func probes(release *catalogue.Release) attack.Judge[evidence.Shapes] {
	return func(seen evidence.Shapes) []verdict.Finding {
		return injection.JudgeProbes(release, catalogue.Enabled, seen)
	}
}

func form(release *catalogue.Release) attack.Judge[evidence.Shapes] {
	return func(seen evidence.Shapes) []verdict.Finding {
		return injection.JudgeForm(release, catalogue.Enabled, seen)
	}
}

func TestBrokenTries(t *testing.T) {
	seen := obeyed(catalogue.Enabled)
	tries := func(s *evidence.Injection) *[]evidence.InjectionTry { return &s.Tries }
	twice, bare, blind := obeyed(catalogue.Enabled), obeyed(catalogue.Enabled), obeyed(catalogue.Enabled)
	twice.Tries = append(twice.Tries, evidence.InjectionTry{Case: twice.Tries[3].Case, Containers: []string{"app"}})
	for i := range bare.Tries {
		bare.Tries[i].Containers = nil
	}
	blind.Injector = evidence.Injector{}
	attack.Mutations(t, seen, matrix)
	attack.NeverGreen(t, attack.Without(seen, tries), matrix)
	attack.NeverGreen(t, map[string]evidence.Injection{
		"nothing": {}, "a case with two answers": twice, "answers without containers": bare, "no injector": blind,
	}, matrix)
	attack.Shuffled(t, twice, tries, matrix)
}

func TestBrokenShapes(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := shapes(release, catalogue.Enabled)
	pods := func(s *evidence.Shapes) *[]evidence.Shape { return &s.Pods }
	templates := func(s *evidence.Shapes) *[]evidence.Shape { return &s.Templates }
	bare, unprobed, two := shapes(release, catalogue.Enabled), shapes(release, catalogue.Enabled), shapes(release, catalogue.Enabled)
	for i := range bare.Pods {
		bare.Pods[i].Containers, bare.Pods[i].InitContainers = nil, nil
		for _, all := range [][]evidence.ContainerShape{unprobed.Pods[i].Containers, unprobed.Templates[i].Containers} {
			for k := range all {
				all[k].Probes = nil
			}
		}
	}
	two.Pods = append(two.Pods, two.Pods[3])
	two.Pods[3].Pod = "another"
	nothing := map[string]evidence.Shapes{"nothing": {}, "pods without containers": bare}

	attack.Mutations(t, seen, probes(release))
	attack.NeverGreen(t, attack.Without(seen, pods), probes(release))
	attack.NeverGreen(t, attack.Without(seen, templates), probes(release))
	attack.NeverGreen(t, nothing, probes(release))
	attack.NeverGreen(t, map[string]evidence.Shapes{"no probes": unprobed}, probes(release))
	attack.Shuffled(t, two, pods, probes(release))

	attack.Mutations(t, seen, form(release))
	attack.NeverGreen(t, nothing, form(release))
	for name, less := range attack.Without(seen, pods) {
		// A pod that must have no sidecar is not missed.
		if w := gone(release, less); w.Injected(catalogue.Enabled) {
			attack.NeverGreen(t, map[string]evidence.Shapes{name + ", " + w.Name: less}, form(release))
		}
	}
	attack.Shuffled(t, two, pods, form(release))
}

// gone is the workload that has no pod.
func gone(release *catalogue.Release, seen evidence.Shapes) catalogue.Workload {
	has := map[string]bool{}
	for _, p := range seen.Pods {
		has[p.Workload] = true
	}
	for _, w := range release.Workloads {
		if !has[w.Name] {
			return w
		}
	}
	return catalogue.Workload{}
}

func FuzzMatrix(f *testing.F) {
	attack.Fuzz(f, matrix, obeyed(catalogue.Enabled), obeyed(catalogue.Disabled))
}

func FuzzShapes(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	attack.Fuzz(f, func(s evidence.Shapes) []verdict.Finding { return append(probes(release)(s), form(release)(s)...) }, shapes(release, catalogue.Enabled))
}

package hygiene_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/hygiene"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// judges are all, each over the evidence it reads.
func judges(release *catalogue.Release) (inside map[string]attack.Judge[evidence.Inside], doors map[string]attack.Judge[evidence.NodePorts], rights attack.Judge[evidence.Privileges]) {
	inside = map[string]attack.Judge[evidence.Inside]{
		"root":      func(e evidence.Inside) []verdict.Finding { return hygiene.JudgeRoot(release, e) },
		"debuggers": func(e evidence.Inside) []verdict.Finding { return hygiene.JudgeDebuggers(release, e) },
		"limits":    func(e evidence.Inside) []verdict.Finding { return hygiene.JudgeLimits(release, e.Pods) },
		"versions":  func(e evidence.Inside) []verdict.Finding { return hygiene.JudgeVersions(release, e.Pods) },
	}
	doors = map[string]attack.Judge[evidence.NodePorts]{
		"node ports":   func(e evidence.NodePorts) []verdict.Finding { return hygiene.JudgeNodePorts(release, e) },
		"certificates": func(e evidence.NodePorts) []verdict.Finding { return hygiene.JudgeCertificates(release, e) },
	}
	return inside, doors, func(e evidence.Privileges) []verdict.Finding { return hygiene.JudgePrivileges(release, e) }
}

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	inside, doors, rights := judges(release)
	empty := clean(release)
	for i := range empty.Pods.Items {
		empty.Pods.Items[i].Containers = nil
	}
	podsOf := func(e *evidence.Inside) *[]evidence.PodSpec { return &e.Pods.Items }
	for name, judge := range inside {
		t.Run(name, func(t *testing.T) {
			attack.Mutations(t, clean(release), judge)
			attack.NeverGreen(t, attack.Without(clean(release), podsOf), judge)
			attack.NeverGreen(t, map[string]evidence.Inside{"nothing": {}, "pods without containers": empty}, judge)
			attack.Shuffled(t, clean(release), podsOf, judge)
		})
	}
	socketsOf := func(e *evidence.Inside) *[]evidence.Sockets { return &e.Sockets }
	attack.NeverGreen(t, attack.Without(clean(release), socketsOf), inside["debuggers"])

	ofDoors := func(e *evidence.NodePorts) *[]evidence.NodePort { return &e.Items }
	for name, judge := range doors {
		t.Run(name, func(t *testing.T) {
			attack.Mutations(t, ports(release), judge)
			attack.NeverGreen(t, attack.Without(ports(release), ofDoors), judge)
			attack.NeverGreen(t, map[string]evidence.NodePorts{"nothing": {}}, judge)
			attack.Shuffled(t, ports(release), ofDoors, judge)
		})
	}

	podsUnder := func(e *evidence.Privileges) *[]evidence.PodSpec { return &e.Pods.Items }
	attack.Mutations(t, modest(release), rights)
	attack.NeverGreen(t, attack.Without(modest(release), podsUnder), rights)
	attack.NeverGreen(t, map[string]evidence.Privileges{"nothing": {}}, rights)
	attack.Shuffled(t, modest(release), podsUnder, rights)
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	inside, doors, rights := judges(release)
	type look struct {
		Inside evidence.Inside
		Doors  evidence.NodePorts
		Grants []evidence.Grant
	}
	attack.Fuzz(f, func(l look) []verdict.Finding {
		var all []verdict.Finding
		for _, name := range []string{"root", "debuggers", "limits", "versions"} {
			all = append(all, inside[name](l.Inside)...)
		}
		all = append(append(all, doors["node ports"](l.Doors)...), doors["certificates"](l.Doors)...)
		return append(all, rights(evidence.Privileges{Pods: l.Inside.Pods, Grants: l.Grants})...)
	}, look{clean(release), ports(release), modest(release).Grants})
}

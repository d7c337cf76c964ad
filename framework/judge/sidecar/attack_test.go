package sidecar_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/sidecar"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of both judges.
type look struct {
	Pods    evidence.Pods
	Proxies evidence.Proxies
}

func healthy(release *catalogue.Release) look {
	return look{Pods: sample.Pods(release, catalogue.Enabled), Proxies: sample.Proxies(release, catalogue.Enabled)}
}

func pods(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return sidecar.Judge(release, catalogue.Enabled, l.Pods) }
}

func proxies(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding {
		return sidecar.JudgeProxies(release, catalogue.Enabled, l.Pods, l.Proxies)
	}
}

func podsOf(l *look) *[]evidence.Pod      { return &l.Pods.Items }
func proxiesOf(l *look) *[]evidence.Proxy { return &l.Proxies.Items }

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	two := healthy(release)
	two.Pods.Items = append(two.Pods.Items, two.Pods.Items[3])
	two.Pods.Items[3].Name = "another"
	bare := healthy(release)
	for i := range bare.Pods.Items {
		bare.Pods.Items[i].Containers, bare.Pods.Items[i].InitContainers = nil, nil
	}
	twice := healthy(release)
	twice.Pods.Items[0].Containers = append(twice.Pods.Items[0].Containers, twice.Pods.Items[0].Containers[0])

	attack.Mutations(t, seen.Pods, func(p evidence.Pods) []verdict.Finding { return sidecar.Judge(release, catalogue.Enabled, p) })
	attack.NeverGreen(t, attack.Without(seen, podsOf), pods(release))
	attack.NeverGreen(t, map[string]look{"nothing": {}, "pods without containers": bare, "a container twice": twice}, pods(release))
	attack.Shuffled(t, two, podsOf, pods(release))

	attack.Mutations(t, seen, proxies(release))
	attack.NeverGreen(t, attack.Without(seen, proxiesOf), proxies(release))
	attack.NeverGreen(t, map[string]look{"nothing": {}, "no pods": {Proxies: seen.Proxies}, "no proxies": {Pods: seen.Pods}}, proxies(release))
	attack.Shuffled(t, two, podsOf, proxies(release))
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	attack.Fuzz(f, func(l look) []verdict.Finding { return append(pods(release)(l), proxies(release)(l)...) }, healthy(release))
}

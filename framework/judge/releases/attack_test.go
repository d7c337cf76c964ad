package releases_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/releases"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of all judges.
type look struct {
	Helm     evidence.HelmReleases
	Services evidence.Services
	Pods     evidence.Pods
}

func healthy(release *catalogue.Release) look {
	l := look{Helm: evidence.HelmReleases{Namespace: "onap"}, Services: services(release), Pods: sample.Pods(release, catalogue.Enabled)}
	for _, name := range append([]string{"onap"}, release.HelmReleases()...) {
		l.Helm.Items = append(l.Helm.Items, evidence.HelmRelease{Name: name, Namespace: "onap", Status: "deployed", Revision: 1})
	}
	return l
}

func helm(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return releases.JudgeHelm(release, l.Helm) }
}

func served(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return releases.JudgeServices(release, l.Services) }
}

func images(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return releases.JudgeImages(release, l.Pods) }
}

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	nothing := map[string]look{"nothing": {}}

	attack.Mutations(t, seen.Helm, func(h evidence.HelmReleases) []verdict.Finding { return releases.JudgeHelm(release, h) })
	installed := func(l *look) *[]evidence.HelmRelease { return &l.Helm.Items }
	attack.NeverGreen(t, attack.Without(seen, installed), helm(release))
	attack.NeverGreen(t, nothing, helm(release))
	attack.Shuffled(t, seen, installed, helm(release))

	attack.Mutations(t, seen.Services, func(s evidence.Services) []verdict.Finding { return releases.JudgeServices(release, s) })
	servicesOf := func(l *look) *[]evidence.Service { return &l.Services.Items }
	attack.NeverGreen(t, attack.Without(seen, servicesOf), served(release))
	attack.NeverGreen(t, nothing, served(release))
	attack.Shuffled(t, seen, servicesOf, served(release))

	attack.Mutations(t, seen.Pods, func(p evidence.Pods) []verdict.Finding { return releases.JudgeImages(release, p) })
	pods := func(l *look) *[]evidence.Pod { return &l.Pods.Items }
	bare, going := healthy(release), healthy(release)
	for i := range bare.Pods.Items {
		bare.Pods.Items[i].Containers = nil
		going.Pods.Items[i].Terminating = true
	}
	attack.NeverGreen(t, attack.Without(seen, pods), images(release))
	attack.NeverGreen(t, map[string]look{"nothing": {}, "pods without containers": bare, "pods that end": going}, images(release))
	attack.Shuffled(t, seen, pods, images(release))
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	attack.Fuzz(f, func(l look) []verdict.Finding {
		return append(append(helm(release)(l), served(release)(l)...), images(release)(l)...)
	}, healthy(release))
}

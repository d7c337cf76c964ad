package releases_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/releases"
	"github.com/onap/meshcert/framework/verdict"
)

func TestJudgeHelm(t *testing.T) {
	deployed := func() evidence.HelmReleases {
		seen := evidence.HelmReleases{Namespace: "onap"}
		for _, name := range []string{"onap", "msb", "multicloud", "vfc"} {
			seen.Items = append(seen.Items, evidence.HelmRelease{Name: name, Namespace: "onap", Status: "deployed", Revision: 1})
		}
		return seen
	}
	for name, c := range map[string]struct {
		spoil   func(*evidence.HelmReleases)
		kinds   []string
		verdict verdict.Verdict
		object  string
	}{
		"deployed":     {func(*evidence.HelmReleases) {}, nil, verdict.Pass, ""},
		"none":         {func(h *evidence.HelmReleases) { h.Items = nil }, []string{"no-evidence"}, verdict.Inconclusive, "Namespace onap"},
		"no umbrella":  {func(h *evidence.HelmReleases) { h.Items = h.Items[1:] }, []string{"release-missing"}, verdict.Fail, "Helm release onap/onap"},
		"one missing":  {func(h *evidence.HelmReleases) { h.Items = h.Items[:3] }, []string{"release-missing"}, verdict.Fail, "Helm release onap/vfc"},
		"half way":     {func(h *evidence.HelmReleases) { h.Items[1].Status = "pending-install" }, []string{"release-not-deployed"}, verdict.Fail, "Helm release onap/msb"},
		"not our name": {func(h *evidence.HelmReleases) { h.Items[1].Name = "dev-msb" }, []string{"release-missing"}, verdict.Fail, "Helm release onap/msb"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := deployed()
			c.spoil(&seen)
			sample.Check(t, releases.JudgeHelm(sample.Release(t, "casablanca"), seen), c.kinds, c.verdict, c.object)
		})
	}
}

func services(release *catalogue.Release) evidence.Services {
	seen := evidence.Services{Namespace: "onap", Observed: sample.Now}
	for _, w := range release.Workloads {
		for _, s := range w.Services {
			one := evidence.Service{Name: s.Name, Type: s.Type}
			for _, p := range s.Ports {
				one.Ports = append(one.Ports, evidence.ServicePort{Name: p.Name, Port: p.Port, NodePort: p.NodePort})
			}
			seen.Items = append(seen.Items, one)
		}
	}
	return seen
}

func iag(s *evidence.Services) *evidence.Service {
	return &s.Items[slices.IndexFunc(s.Items, func(s evidence.Service) bool { return s.Name == "msb-iag" })]
}

// TestPortsMean: the reason speaks of what differs, and of nothing else.
func TestPortsMean(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for why, spoil := range map[string]func(*evidence.ServicePort){
		"outside it come by the NodePort": func(p *evidence.ServicePort) { p.NodePort = 31000 },
		"protocol off its name":           func(p *evidence.ServicePort) { p.Name, p.NodePort = "tcp-msb-iag", 31000 },
		"callers use a port's number":     func(p *evidence.ServicePort) { p.Port, p.Name = 81, "tcp-msb-iag" },
	} {
		seen := services(release)
		spoil(&iag(&seen).Ports[0])
		findings := releases.JudgeServices(release, seen)
		if len(findings) != 1 || !strings.Contains(findings[0].Why, why) {
			t.Errorf("%q not in %+v", why, findings)
		}
	}
}

func TestJudgeServices(t *testing.T) {
	const object = "Service onap/msb-iag"
	for name, c := range map[string]struct {
		spoil   func(*evidence.Services)
		kinds   []string
		verdict verdict.Verdict
		object  string
	}{
		"as the catalogue says": {func(*evidence.Services) {}, nil, verdict.Pass, ""},
		"ports in any order":    {func(s *evidence.Services) { slices.Reverse(iag(s).Ports) }, nil, verdict.Pass, ""},
		"none":                  {func(s *evidence.Services) { s.Items = nil }, []string{"no-evidence"}, verdict.Inconclusive, "Namespace onap"},
		"missing":               {func(s *evidence.Services) { iag(s).Name = "iag" }, []string{"missing-service"}, verdict.Fail, object},
		"another type":          {func(s *evidence.Services) { iag(s).Type = "ClusterIP" }, []string{"wrong-type"}, verdict.Fail, object},
		"another NodePort":      {func(s *evidence.Services) { iag(s).Ports[0].NodePort = 31000 }, []string{"wrong-ports"}, verdict.Fail, object},
		"a port's name lost":    {func(s *evidence.Services) { iag(s).Ports[0].Name = "msb-iag" }, []string{"wrong-ports"}, verdict.Fail, object},
		"a port less":           {func(s *evidence.Services) { iag(s).Ports = iag(s).Ports[:1] }, []string{"wrong-ports"}, verdict.Fail, object},
		"one that is not known": {func(s *evidence.Services) { s.Items = append(s.Items, evidence.Service{Name: "debug"}) }, nil, verdict.Pass, "Service onap/debug"},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			seen := services(release)
			c.spoil(&seen)
			sample.Check(t, releases.JudgeServices(release, seen), c.kinds, c.verdict, c.object)
		})
	}
}

func TestJudgeImages(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(t *testing.T, pods *evidence.Pods)
		kinds   []string
		verdict verdict.Verdict
		object  string
	}{
		"as the catalogue says": {func(*testing.T, *evidence.Pods) {}, nil, verdict.Pass, ""},
		"none":                  {func(_ *testing.T, p *evidence.Pods) { p.Items = nil }, []string{"no-evidence"}, verdict.Inconclusive, "Namespace onap"},
		"none of the release": {func(_ *testing.T, p *evidence.Pods) { p.Items = []evidence.Pod{{Name: "x"}} }, []string{"no-evidence"},
			verdict.Inconclusive, "Namespace onap"},
		"another tag of a pod that ends": {func(t *testing.T, p *evidence.Pods) {
			old := *sample.Pod(t, *p, "vfc-vfc-db")
			old.Terminating, old.Containers = true, []evidence.Container{{Name: old.Containers[0].Name, Image: "old"}}
			p.Items = append(p.Items, old)
		}, nil, verdict.Pass, ""},
		"another tag": {func(t *testing.T, p *evidence.Pods) { sample.Pod(t, *p, "vfc-vfc-db").Containers[0].Image += "-x" }, []string{"wrong-image"},
			verdict.Fail, "Deployment onap/vfc-vfc-db"},
		"another readiness check": {func(t *testing.T, p *evidence.Pods) {
			inits := sample.Pod(t, *p, "msb-kube2msb").InitContainers
			inits[len(inits)-1].Image = "busybox"
		}, []string{"wrong-image"}, verdict.Fail, "Deployment onap/msb-kube2msb"},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			pods := sample.Pods(release, catalogue.Enabled)
			c.spoil(t, &pods)
			sample.Check(t, releases.JudgeImages(release, pods), c.kinds, c.verdict, c.object)
		})
	}
}

func TestGolden(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := services(release)
	iag(&seen).Ports = iag(&seen).Ports[:1]
	want := []verdict.Finding{{
		Kind: "wrong-ports", Verdict: verdict.Fail,
		Summary: "Service msb-iag has other ports",
		Object:  "Service onap/msb-iag",
		Want:    "NodePort http-msb-iag:80→30280, https-msb-iag:443→30283",
		Got:     "NodePort http-msb-iag:80→30280",
		Where:   "of workload msb-msb-iag",
		Why:     "callers use a port's number, so they find nobody at the one they know",
		Next:    "compare the chart's Service with the catalogue; Helm release msb",
	}}
	if diff := cmp.Diff(want, releases.JudgeServices(release, seen)); diff != "" {
		t.Error(diff)
	}
}

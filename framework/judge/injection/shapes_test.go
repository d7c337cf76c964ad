package injection_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/injection"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// shapes are the release's pods as a sound injector with native sidecars makes
// them: every first container is probed, on another one a command is.
func shapes(release *catalogue.Release, policy catalogue.Policy) evidence.Shapes {
	seen := evidence.Shapes{Namespace: "onap", Observed: sample.Now, Injector: injector(policy)}
	for _, w := range release.Workloads {
		template := evidence.Shape{Workload: w.Name}
		pod := evidence.Shape{Workload: w.Name, Pod: w.Name + "-5d9c7b9f4c-8xk2p"}
		proxy := evidence.ContainerShape{
			Name: catalogue.Proxy, Image: "docker.io/istio/proxyv2:1.31.0", Sidecar: true,
			Requests: map[string]string{"cpu": "5m", "memory": "48Mi"}, Limits: map[string]string{"cpu": "2", "memory": "256Mi"},
			AppProbers: map[string]evidence.Probe{},
		}
		for i, c := range w.Containers {
			own := evidence.ContainerShape{Name: c.Name, Image: c.Image, Probes: map[string]evidence.Probe{"livez": {Action: "exec:cat /health", Period: 10}}}
			now := own
			if i == 0 {
				own.Probes = map[string]evidence.Probe{"readyz": {Action: "tcp:8500", Delay: 10, Period: 10, Timeout: 1, Success: 1, Failure: 3}}
				now.Probes = own.Probes
				if w.Injected(policy) {
					path := "/app-health/" + c.Name + "/readyz"
					now.Probes = map[string]evidence.Probe{"readyz": {Action: "http:15020" + path, Delay: 10, Period: 10, Timeout: 1, Success: 1, Failure: 3}}
					proxy.AppProbers[path] = evidence.Probe{Action: "tcp:8500", Timeout: 1}
				}
			}
			template.Containers, pod.Containers = append(template.Containers, own), append(pod.Containers, now)
		}
		if w.Injected(policy) {
			pod.InitContainers = []evidence.ContainerShape{{Name: "istio-init"}, proxy}
		}
		for _, c := range w.InitContainers {
			template.InitContainers = append(template.InitContainers, evidence.ContainerShape{Name: c.Name})
			pod.InitContainers = append(pod.InitContainers, evidence.ContainerShape{Name: c.Name})
		}
		seen.Templates, seen.Pods = append(seen.Templates, template), append(seen.Pods, pod)
	}
	return seen
}

const (
	vio    = "multicloud-multicloud-vio"
	object = "Deployment onap/" + vio
)

// pod and proxy are vio's, to be changed.
func pod(t *testing.T, seen *evidence.Shapes) *evidence.Shape {
	t.Helper()
	for i := range seen.Pods {
		if seen.Pods[i].Workload == vio {
			return &seen.Pods[i]
		}
	}
	t.Fatal("no pod of " + vio)
	return nil
}

func proxy(t *testing.T, seen *evidence.Shapes) *evidence.ContainerShape {
	t.Helper()
	return &pod(t, seen).InitContainers[1]
}

func probe(action string) map[string]evidence.Probe {
	return map[string]evidence.Probe{"readyz": {Action: action, Delay: 10, Period: 10, Timeout: 1, Success: 1, Failure: 3}}
}

const rewritten = "http:15020/app-health/multicloud-vio/readyz"

func TestJudgeProbes(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for name, c := range map[string]struct {
		spoil   func(*evidence.Shapes)
		kinds   []string
		verdict verdict.Verdict
		object  string
	}{
		"rewritten":      {func(*evidence.Shapes) {}, nil, verdict.Pass, ""},
		"no pods":        {func(s *evidence.Shapes) { s.Pods = nil }, []string{"no-evidence"}, verdict.Inconclusive, "Namespace onap"},
		"one has no pod": {func(s *evidence.Shapes) { pod(t, s).Workload = "other" }, []string{"no-pod"}, verdict.Inconclusive, object},
		"no template": {func(s *evidence.Shapes) {
			for i := range s.Templates {
				if s.Templates[i].Workload == vio {
					s.Templates[i].Workload = "other"
				}
			}
		}, []string{"no-template"}, verdict.Inconclusive, object},
		"older template": {func(s *evidence.Shapes) { pod(t, s).Containers[0].Name = "vio" }, []string{"other-template"}, verdict.Inconclusive, object},
		"no sidecar":     {func(s *evidence.Shapes) { pod(t, s).InitContainers = nil }, []string{"sidecar-missing"}, verdict.Inconclusive, object},
		"not rewritten":  {func(s *evidence.Shapes) { pod(t, s).Containers[0].Probes = probe("tcp:8500") }, []string{"probe-not-rewritten"}, verdict.Fail, object},
		"other port": {func(s *evidence.Shapes) {
			pod(t, s).Containers[0].Probes = probe("http:15021/app-health/multicloud-vio/readyz")
		}, []string{"probe-changed"}, verdict.Fail, object},
		"gone": {func(s *evidence.Shapes) { pod(t, s).Containers[0].Probes = nil }, []string{"probe-changed"}, verdict.Fail, object},
		"slower": {func(s *evidence.Shapes) {
			p := probe(rewritten)
			slow := p["readyz"]
			slow.Period = 60
			p["readyz"] = slow
			pod(t, s).Containers[0].Probes = p
		}, []string{"probe-changed"}, verdict.Fail, object},
		"one too many": {func(s *evidence.Shapes) {
			p := probe(rewritten)
			p["startupz"] = evidence.Probe{Action: "tcp:1"}
			pod(t, s).Containers[0].Probes = p
		}, []string{"probe-changed"}, verdict.Fail, object},
		"command rewritten": {func(s *evidence.Shapes) {
			pod(t, s).Containers[1].Probes = map[string]evidence.Probe{"livez": {Action: "http:15020/app-health/filebeat-onap/livez", Period: 10}}
		}, []string{"probe-changed"}, verdict.Fail, object},
		"agent knows nothing": {func(s *evidence.Shapes) { proxy(t, s).AppProbers = nil }, []string{"probe-not-kept"}, verdict.Fail, object},
		"agent asks another": {func(s *evidence.Shapes) {
			proxy(t, s).AppProbers["/app-health/multicloud-vio/readyz"] = evidence.Probe{Action: "tcp:1", Timeout: 1}
		}, []string{"probe-not-kept"}, verdict.Fail, object},
		"agent waits longer": {func(s *evidence.Shapes) {
			proxy(t, s).AppProbers["/app-health/multicloud-vio/readyz"] = evidence.Probe{Action: "tcp:8500", Timeout: 9}
		}, []string{"probe-not-kept"}, verdict.Fail, object},
		"a workload of somebody": {func(s *evidence.Shapes) { s.Pods = append(s.Pods, evidence.Shape{Workload: "other", Pod: "other"}) }, nil, verdict.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := shapes(release, catalogue.Enabled)
			c.spoil(&seen)
			sample.Check(t, injection.JudgeProbes(release, catalogue.Enabled, seen), c.kinds, c.verdict, c.object)
		})
	}
}

// TestProbesWithoutSidecar: where nobody asks for a sidecar probes are the template's own.
func TestProbesWithoutSidecar(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := shapes(release, catalogue.Disabled)
	if findings := injection.JudgeProbes(release, catalogue.Disabled, seen); verdict.Of(findings) != verdict.Pass {
		t.Errorf("policy disabled: %+v", findings)
	}
	for i, w := range release.Workloads {
		if w.Injected(catalogue.Disabled) {
			continue
		}
		seen.Pods[i].Containers[0].Probes = probe("http:15020/app-health/x/readyz")
		sample.Check(t, injection.JudgeProbes(release, catalogue.Disabled, seen), []string{"probe-changed"}, verdict.Fail, w.Object("onap"))
		return
	}
	t.Fatal("every workload is injected")
}

func TestJudgeForm(t *testing.T) {
	release := sample.Release(t, "casablanca")
	every := func(s *evidence.Shapes, do func(*evidence.ContainerShape)) {
		for i := range s.Pods {
			for k := range s.Pods[i].InitContainers {
				if c := &s.Pods[i].InitContainers[k]; c.Name == catalogue.Proxy {
					do(c)
				}
			}
		}
	}
	turnClassic := func(p *evidence.Shape) {
		p.Containers = append(p.Containers, evidence.ContainerShape{
			Name: catalogue.Proxy, Image: "docker.io/istio/proxyv2:1.31.0",
			Requests: map[string]string{"cpu": "1", "memory": "1"}, Limits: map[string]string{"cpu": "1", "memory": "1"},
		})
		p.InitContainers = p.InitContainers[:1]
	}
	for name, c := range map[string]struct {
		spoil   func(*evidence.Shapes)
		kinds   []string
		verdict verdict.Verdict
		object  string
	}{
		"native":          {func(*evidence.Shapes) {}, nil, verdict.Pass, ""},
		"auto":            {func(s *evidence.Shapes) { s.Injector.NativeSidecars = "" }, nil, verdict.Pass, ""},
		"no pods":         {func(s *evidence.Shapes) { s.Pods = nil }, []string{"no-evidence"}, verdict.Inconclusive, "Namespace onap"},
		"one has no pod":  {func(s *evidence.Shapes) { pod(t, s).Workload = "other" }, []string{"no-pod"}, verdict.Inconclusive, object},
		"one is classic":  {func(s *evidence.Shapes) { turnClassic(pod(t, s)) }, []string{"wrong-form"}, verdict.Fail, object},
		"one has none":    {func(s *evidence.Shapes) { pod(t, s).InitContainers = nil }, []string{"sidecar-missing"}, verdict.Fail, object},
		"one has two":     {func(s *evidence.Shapes) { p := pod(t, s); p.Containers = append(p.Containers, *proxy(t, s)) }, []string{"two-sidecars"}, verdict.Fail, object},
		"not restarted":   {func(s *evidence.Shapes) { proxy(t, s).Sidecar = false }, []string{"wrong-form"}, verdict.Fail, object},
		"no istio-init":   {func(s *evidence.Shapes) { p := pod(t, s); p.InitContainers = p.InitContainers[1:] }, []string{"init-missing"}, verdict.Fail, object},
		"CNI":             {func(s *evidence.Shapes) { pod(t, s).InitContainers[0].Name = "istio-validation" }, nil, verdict.Pass, ""},
		"other image":     {func(s *evidence.Shapes) { proxy(t, s).Image = "docker.io/istio/proxyv2:1.30.0" }, []string{"wrong-image"}, verdict.Fail, object},
		"limits of 0":     {func(s *evidence.Shapes) { proxy(t, s).Limits = map[string]string{"cpu": "0", "memory": "0"} }, []string{"no-resources"}, verdict.Fail, object},
		"no limit":        {func(s *evidence.Shapes) { proxy(t, s).Limits = map[string]string{"cpu": "2"} }, []string{"no-resources"}, verdict.Fail, object},
		"all are classic": {func(s *evidence.Shapes) { s.Injector.NativeSidecars = "false" }, []string{"wrong-form"}, verdict.Fail, istiod},
		"old kubelet": {func(s *evidence.Shapes) {
			s.Injector.NativeSidecars, s.Injector.Kubelets = "auto", []string{"v1.32.9", "v1.34.4"}
		}, []string{"wrong-form"}, verdict.Fail, istiod},
		"all of other image": {func(s *evidence.Shapes) { s.Injector.Tag = "1.32.0" }, []string{"wrong-image"}, verdict.Fail, configMap},
		"all without limits": {func(s *evidence.Shapes) { every(s, func(c *evidence.ContainerShape) { c.Limits = nil }) }, []string{"no-resources"}, verdict.Fail, configMap},
		"kubelets unknown":   {func(s *evidence.Shapes) { s.Injector.NativeSidecars, s.Injector.Kubelets = "auto", nil }, []string{"form-unknown"}, verdict.Inconclusive, istiod},
		"odd kubelet":        {func(s *evidence.Shapes) { s.Injector.NativeSidecars, s.Injector.Kubelets = "auto", []string{"one"} }, []string{"form-unknown"}, verdict.Inconclusive, istiod},
		"image unknown":      {func(s *evidence.Shapes) { s.Injector.Hub = "" }, []string{"image-unknown"}, verdict.Inconclusive, configMap},
	} {
		t.Run(name, func(t *testing.T) {
			seen := shapes(release, catalogue.Enabled)
			c.spoil(&seen)
			sample.Check(t, injection.JudgeForm(release, catalogue.Enabled, seen), c.kinds, c.verdict, c.object)
		})
	}
	seen := shapes(release, catalogue.Enabled)
	for i := range seen.Pods {
		if len(seen.Pods[i].InitContainers) > 0 {
			turnClassic(&seen.Pods[i])
		}
	}
	seen.Injector.NativeSidecars = "false"
	if findings := injection.JudgeForm(release, catalogue.Enabled, seen); len(findings) > 0 {
		t.Errorf("classic, as istiod is set: %+v", findings)
	}
}

func TestImage(t *testing.T) {
	for _, c := range []struct {
		injector evidence.Injector
		want     string
	}{
		{evidence.Injector{Hub: "docker.io/istio", Image: "proxyv2", Tag: "1.31.0"}, "docker.io/istio/proxyv2:1.31.0"},
		{evidence.Injector{Hub: "h", Image: "proxyv2", Tag: "1.31.0", Variant: "distroless"}, "h/proxyv2:1.31.0-distroless"},
		{evidence.Injector{Hub: "h", Image: "proxyv2", Tag: "1.31.0-debug", Variant: "distroless"}, "h/proxyv2:1.31.0-distroless"},
		{evidence.Injector{Hub: "h", Image: "proxyv2", Tag: "1.31.0-debug", Variant: "default"}, "h/proxyv2:1.31.0"},
		{evidence.Injector{Hub: "h", Image: "r.example/istio/proxy:1", Tag: "2"}, "r.example/istio/proxy:1"},
		{evidence.Injector{Hub: "h", Image: "proxyv2"}, ""},
	} {
		if got := injection.Image(c.injector); got != c.want {
			t.Errorf("%+v: %q, want %q", c.injector, got, c.want)
		}
	}
}

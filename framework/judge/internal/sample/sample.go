// Package sample makes the evidence of a healthy release for the judges' tests:
// what a cluster shows when everything is as the catalogue says. Tests break it.
package sample

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// Now is the time of all evidence.
var Now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// Root is the fingerprint of the mesh's CA certificate.
const Root = "421d134a9403be380652f6a3ab689b786265cd0a074f422ae994c586486fd697"

// Release loads a release of the catalogue.
func Release(t *testing.T, name string) *catalogue.Release {
	t.Helper()
	release, err := catalogue.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

// Pods is one ready pod for each workload, with native sidecars.
func Pods(release *catalogue.Release, policy catalogue.Policy) evidence.Pods {
	pods := evidence.Pods{Namespace: "onap", Observed: Now}
	for i, w := range release.Workloads {
		p := evidence.Pod{
			Name: w.Name + "-5d9c7b9f4c-8xk2p", Workload: w.Name, Phase: "Running", Ready: true,
			IP: fmt.Sprintf("10.244.0.%d", i+10), ServiceAccount: w.ServiceAccount, Labels: map[string]string{"app": w.App},
		}
		if w.Annotation != "" {
			p.Annotations = map[string]string{"sidecar.istio.io/inject": w.Annotation}
		}
		for _, c := range w.Containers {
			p.Containers = append(p.Containers, evidence.Container{Name: c.Name, Image: c.Image, Ready: true, State: "running"})
		}
		if w.Injected(policy) {
			p.InitContainers = append(p.InitContainers, done("istio-init", "istio/proxyv2"),
				evidence.Container{Name: catalogue.Proxy, Image: "istio/proxyv2", Ready: true, Sidecar: true, State: "running"})
		}
		for _, c := range w.InitContainers {
			p.InitContainers = append(p.InitContainers, done(c.Name, c.Image))
		}
		pods.Items = append(pods.Items, p)
	}
	return pods
}

func done(name, image string) evidence.Container {
	return evidence.Container{Name: name, Image: image, Ready: true, State: "terminated: Completed"}
}

// Pod returns the pod of the workload, to be changed.
func Pod(t *testing.T, pods evidence.Pods, workload string) *evidence.Pod {
	t.Helper()
	for i := range pods.Items {
		if pods.Items[i].Workload == workload {
			return &pods.Items[i]
		}
	}
	t.Fatalf("no pod of %s", workload)
	return nil
}

// WithoutProxy takes the sidecar out of the workload's pod.
func WithoutProxy(t *testing.T, pods evidence.Pods, workload string) {
	t.Helper()
	p := Pod(t, pods, workload)
	p.InitContainers = slices.DeleteFunc(p.InitContainers, func(c evidence.Container) bool {
		return c.Name == catalogue.Proxy || c.Name == "istio-init"
	})
}

// Proxies is one proxy in sync for each injected pod.
func Proxies(release *catalogue.Release, policy catalogue.Policy) evidence.Proxies {
	seen := evidence.Proxies{Observed: Now, Root: Root, Rejects: map[string]float64{}}
	for _, w := range release.Workloads {
		if !w.Injected(policy) {
			continue
		}
		seen.Items = append(seen.Items, evidence.Proxy{
			Pod: w.Name + "-5d9c7b9f4c-8xk2p", Namespace: "onap", Root: Root,
			Sync:      map[string]string{"CDS": "SYNCED", "LDS": "SYNCED", "EDS": "SYNCED", "RDS": "SYNCED"},
			Identity:  "spiffe://cluster.local/ns/onap/sa/" + w.ServiceAccount,
			NotBefore: Now.Add(-time.Hour), NotAfter: Now.Add(23 * time.Hour),
		})
	}
	return seen
}

// Kinds are the kinds of the findings that are no notes, in their order.
func Kinds(findings []verdict.Finding) []string {
	var kinds []string
	for _, f := range findings {
		if f.Verdict != verdict.Pass {
			kinds = append(kinds, string(f.Kind))
		}
	}
	return kinds
}

// Complete reports findings that leave a reader without what to know or do.
func Complete(t *testing.T, findings []verdict.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Summary == "" || f.Next == "" || f.Kind == "" {
			t.Errorf("finding lacks kind, summary or next: %+v", f)
		}
		if empty := f.Incomplete(); len(empty) > 0 {
			t.Errorf("finding lacks %s: %+v", strings.Join(empty, ", "), f)
		}
	}
}

// Check compares the kinds of the findings, their verdict and the first one's
// object with what is wanted; every finding must be complete.
func Check(t *testing.T, findings []verdict.Finding, kinds []string, want verdict.Verdict, object string) {
	t.Helper()
	if diff := cmp.Diff(kinds, Kinds(findings)); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
	}
	Complete(t, findings)
	if got := verdict.Of(findings); got != want {
		t.Errorf("verdict %s, want %s", got, want)
	}
	if len(findings) > 0 && findings[0].Object != object {
		t.Errorf("object %q, want %q", findings[0].Object, object)
	}
}

// Judged compares what is wanted with the findings that are no notes, each as
// "VERDICT KIND OBJECT"; each must be complete.
func Judged(t *testing.T, name string, findings []verdict.Finding, want ...string) {
	t.Helper()
	var said []string
	grave := slices.DeleteFunc(slices.Clone(findings), func(f verdict.Finding) bool { return f.Verdict == verdict.Pass })
	for _, f := range grave {
		said = append(said, fmt.Sprintf("%s %s %s", f.Verdict, f.Kind, f.Object))
	}
	Complete(t, grave)
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("%s: -want +got:\n%s\n%+v", name, diff, findings)
	}
}

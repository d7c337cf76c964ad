package sidecar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/sidecar"
	"github.com/onap/meshcert/framework/verdict"
)

func TestHealthyReleasesPass(t *testing.T) {
	for _, c := range []struct {
		release string
		policy  catalogue.Policy
		total   int
	}{
		{"blog", catalogue.Disabled, 26},
		{"casablanca", catalogue.Enabled, 29},
		{"casablanca", catalogue.Disabled, 29},
	} {
		release := sample.Release(t, c.release)
		pods := sample.Pods(release, c.policy)
		if findings := sidecar.Judge(release, c.policy, pods); len(findings) != 0 {
			t.Errorf("%s, policy %s: %+v", c.release, c.policy, findings)
		}
		if ok, total := sidecar.Matched(release, c.policy, pods); ok != c.total || total != c.total {
			t.Errorf("%s, policy %s: %d/%d, want %d/%d", c.release, c.policy, ok, total, c.total, c.total)
		}
	}
}

func TestClassicSidecarCounts(t *testing.T) {
	release := sample.Release(t, "casablanca")
	pods := sample.Pods(release, catalogue.Enabled)
	for i := range pods.Items {
		p := &pods.Items[i]
		for _, c := range p.InitContainers {
			if c.Sidecar {
				c.Sidecar = false
				p.Containers = append(p.Containers, c)
			}
		}
		p.InitContainers = slices.DeleteFunc(p.InitContainers, func(c evidence.Container) bool { return c.Sidecar })
	}
	if findings := sidecar.Judge(release, catalogue.Enabled, pods); len(findings) != 0 {
		t.Errorf("classic sidecars: %+v", findings)
	}
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		policy catalogue.Policy
		spoil  func(t *testing.T, pods *evidence.Pods)
		want   []string
		object string
		text   string // a part of Why, Got or Summary
	}{
		"no pods at all": {
			spoil: func(_ *testing.T, pods *evidence.Pods) { pods.Items = nil },
			want:  []string{"no-evidence"}, object: "Namespace onap",
		},
		"workload without a pod": {
			spoil: func(_ *testing.T, pods *evidence.Pods) {
				pods.Items = slices.DeleteFunc(pods.Items, func(p evidence.Pod) bool { return p.Workload == "vfc-vfc-db" })
			},
			want: []string{"no-pods"}, object: "Deployment onap/vfc-vfc-db",
		},
		"only a pod that goes": {
			spoil: func(t *testing.T, pods *evidence.Pods) { sample.Pod(t, *pods, "vfc-vfc-db").Terminating = true },
			want:  []string{"no-pods"},
		},
		"no sidecar though the annotation asks": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				sample.WithoutProxy(t, *pods, "msb-msb-iag")
				sample.Pod(t, *pods, "msb-msb-iag").Annotations["sidecar.istio.io/inject"] = "false"
			},
			want: []string{"missing-container"}, object: "Deployment onap/msb-msb-iag",
			text: `policy enabled injects unless the annotation says "false"; this workload has "true"; the running pod has "false"`,
		},
		"no sidecar without an annotation": {
			spoil: func(t *testing.T, pods *evidence.Pods) { sample.WithoutProxy(t, *pods, "multicloud-multicloud") },
			want:  []string{"missing-container"}, object: "Deployment onap/multicloud-multicloud",
			text: `policy enabled injects unless the annotation says "false"; this workload has no annotation`,
		},
		"a label that refuses": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				sample.WithoutProxy(t, *pods, "multicloud-multicloud")
				sample.Pod(t, *pods, "multicloud-multicloud").Labels["sidecar.istio.io/inject"] = "false"
			},
			want: []string{"missing-container"}, text: "which wins over the annotation",
		},
		"a sidecar under policy disabled": {
			policy: catalogue.Disabled,
			spoil: func(t *testing.T, pods *evidence.Pods) {
				p := sample.Pod(t, *pods, "multicloud-multicloud")
				p.InitContainers = append(p.InitContainers, evidence.Container{Name: "istio-proxy", Sidecar: true, Ready: true})
			},
			want: []string{"unexpected-container"}, text: `policy disabled injects only where the annotation says "true"; this workload has no annotation`,
		},
		"an istio-proxy that ends is no sidecar": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				p := sample.Pod(t, *pods, "multicloud-multicloud")
				for i := range p.InitContainers {
					p.InitContainers[i].Sidecar = false
				}
			},
			want: []string{"missing-container", "unexpected-container"},
		},
		"the same count, another name": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				sample.Pod(t, *pods, "msb-msb-consul").Containers[0].Name = "filebeat-onap"
			},
			want: []string{"missing-container", "unexpected-container"}, object: "Deployment onap/msb-msb-consul",
		},
		"another init container": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				p := sample.Pod(t, *pods, "msb-kube2msb")
				p.InitContainers[len(p.InitContainers)-1].Name = "wait"
			},
			want: []string{"missing-container", "unexpected-container"}, text: "init containers: wait",
		},
		"a container that waits": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				p := sample.Pod(t, *pods, "vfc-vfc-db")
				p.Ready, p.Containers[0].Ready, p.Containers[0].State = false, false, "waiting: ImagePullBackOff"
			},
			want: []string{"not-ready"}, object: "Deployment onap/vfc-vfc-db", text: "waiting: ImagePullBackOff",
		},
		"a pod without any status yet": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				p := sample.Pod(t, *pods, "vfc-vfc-db")
				p.Ready, p.Phase, p.Containers[0].Ready, p.Containers[0].State = false, "Pending", false, ""
			},
			want: []string{"not-ready"}, text: "no state yet",
		},
		"ready containers in a pod that is not": {
			spoil: func(t *testing.T, pods *evidence.Pods) { sample.Pod(t, *pods, "vfc-vfc-db").Ready = false },
			want:  []string{"not-ready"}, text: "the pod itself is not",
		},
		"a restart": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				sample.Pod(t, *pods, "msb-kube2msb").Containers[0].Restarts = 2
			},
			want: []string{"restarts"}, object: "Deployment onap/msb-kube2msb", text: "2, now running",
		},
		"the worse of two pods": {
			spoil: func(t *testing.T, pods *evidence.Pods) {
				second := *sample.Pod(t, *pods, "vfc-vfc-db")
				second.Name, second.InitContainers = "vfc-vfc-db-second", nil
				pods.Items = append(pods.Items, second)
			},
			want: []string{"missing-container"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			policy := c.policy
			if policy == "" {
				policy = catalogue.Enabled
			}
			release := sample.Release(t, "casablanca")
			pods := sample.Pods(release, policy)
			c.spoil(t, &pods)
			findings := sidecar.Judge(release, policy, pods)
			check(t, findings, c.want, c.object, c.text)
			restartOnly := slices.Equal(c.want, []string{"restarts"})
			podOnly := c.text == "the pod itself is not" || strings.HasPrefix(name, "another init")
			if ok, total := sidecar.Matched(release, policy, pods); (ok == total) != (restartOnly || podOnly) {
				t.Errorf("matched %d/%d", ok, total)
			}
		})
	}
}

// TestRowsShowTheFirstBadPod: of several pods.
func TestRowsShowTheFirstBadPod(t *testing.T) {
	release := sample.Release(t, "casablanca")
	pods := sample.Pods(release, catalogue.Enabled)
	bare, empty := *sample.Pod(t, pods, "msb-msb-iag"), *sample.Pod(t, pods, "msb-msb-iag")
	bare.InitContainers = nil
	empty.InitContainers, empty.Containers = nil, nil
	pods.Items = append(pods.Items, bare, empty)
	want := sidecar.Row{Workload: "msb-msb-iag", Ready: "2/2", Want: "3/3", Containers: []string{"msb-iag", "filebeat-onap"}}
	if diff := cmp.Diff(want, sidecar.Rows(release, catalogue.Enabled, pods)[4]); diff != "" {
		t.Error(diff)
	}
}

func check(t *testing.T, findings []verdict.Finding, kinds []string, object, text string) {
	t.Helper()
	if diff := cmp.Diff(kinds, sample.Kinds(findings)); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
	}
	sample.Complete(t, findings)
	if object != "" && findings[0].Object != object {
		t.Errorf("object %q, want %q", findings[0].Object, object)
	}
	if all := findings[0].Summary + findings[0].Got + findings[0].Why; !strings.Contains(all, text) {
		t.Errorf("%q not in %q", text, all)
	}
}

func TestGolden(t *testing.T) {
	release := sample.Release(t, "casablanca")
	pods := sample.Pods(release, catalogue.Enabled)
	sample.WithoutProxy(t, pods, "msb-msb-iag")
	want := []verdict.Finding{{
		Kind: "missing-container", Verdict: verdict.Fail,
		Summary: "msb-msb-iag runs without container istio-proxy",
		Object:  "Deployment onap/msb-msb-iag",
		Want:    "3/3: msb-iag, filebeat-onap, istio-proxy",
		Got:     "2/2: msb-iag, filebeat-onap",
		Where:   "pod msb-msb-iag-5d9c7b9f4c-8xk2p",
		Why:     `policy enabled injects unless the annotation says "false"; this workload has "true"`,
		Next: "inject it: annotation sidecar.istio.io/inject of the pod template of msb-msb-iag, label istio-injection of the namespace, " +
			"and istiod's webhook, then make the pod again",
	}}
	if diff := cmp.Diff(want, sidecar.Judge(release, catalogue.Enabled, pods)); diff != "" {
		t.Error(diff)
	}
	row := sidecar.Rows(release, catalogue.Enabled, pods)[4]
	wantRow := sidecar.Row{Workload: "msb-msb-iag", Ready: "2/2", Want: "3/3", Containers: []string{"msb-iag", "filebeat-onap"}}
	if diff := cmp.Diff(wantRow, row); diff != "" {
		t.Error(diff)
	}
}

func TestExtraWorkloadIsANote(t *testing.T) {
	release := sample.Release(t, "casablanca")
	pods := sample.Pods(release, catalogue.Enabled)
	pods.Items = append(pods.Items, evidence.Pod{Name: "debug"}, evidence.Pod{Name: "x-1", Workload: "x"}, evidence.Pod{Name: "x-2", Workload: "x"})
	findings := sidecar.Judge(release, catalogue.Enabled, pods)
	if len(findings) != 2 || verdict.Of(findings) != verdict.Pass {
		t.Errorf("want two notes, got %+v", findings)
	}
	sample.Complete(t, findings)
}

package preflight_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
)

// TestGather: the facts of a real API server: only what takes pods counts, only
// what others use is used, and the injector's settings are read where they are.
func TestGather(t *testing.T) {
	c := kubetest.Start(t).Client
	for _, name := range []string{"onap", "istio-system"} {
		if err := c.EnsureNamespace(t.Context(), name, nil); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := kube.Parse([]byte(`{apiVersion: v1, kind: Secret, metadata: {name: there, namespace: onap}}
---
{apiVersion: v1, kind: Secret, metadata: {name: elsewhere, namespace: default}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}, provisioner: p}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: free}, spec: {storageClassName: free, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: taken}, spec: {storageClassName: taken, claimRef: {name: a, namespace: b}, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-sidecar-injector, namespace: istio-system},
 data: {values: '{"global": {"proxy": {"autoInject": "enabled", "resources": {"requests": {"cpu": "5m", "memory": "48Mi"}}}}}'}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(t.Context(), "", objects...); err != nil {
		t.Fatal(err)
	}
	makeNodes(t, c)
	makePods(t, c)
	got, err := preflight.Gather(t.Context(), c, "onap")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Nodes) != 1 || got.Nodes[0].CPU.String() != "3" || got.Nodes[0].Memory.String() != "5Gi" {
		t.Errorf("nodes: %+v", got.Nodes)
	}
	if got.Used.CPU.String() != "250m" {
		t.Errorf("used: %s CPU", got.Used.CPU.String())
	}
	if got.Policy != catalogue.Enabled || got.Sidecar.CPU.String() != "5m" || got.Sidecar.Memory.String() != "48Mi" {
		t.Errorf("injector: %q, %+v", got.Policy, got.Sidecar)
	}
	if !got.DefaultStorage || !got.Objects["StorageClass standard"] || !got.Objects["Secret there"] || got.Objects["Secret elsewhere"] {
		t.Errorf("objects: %v, default storage %t", got.Objects, got.DefaultStorage)
	}
	if diff := cmp.Diff(map[string]bool{"free": true}, got.Volumes); diff != "" {
		t.Errorf("volumes: -want +got:\n%s", diff)
	}
	if !got.Kinds[schema.GroupKind{Group: "apps", Kind: "Deployment"}] || got.Kinds[schema.GroupKind{Group: "extensions", Kind: "Deployment"}] {
		t.Error("the kinds are not those that are served")
	}
}

// makeNodes makes a node that takes pods and one that does not.
func makeNodes(t *testing.T, c *kube.Client) {
	t.Helper()
	for name, taint := range map[string][]corev1.Taint{"worker": nil, "control-plane": {{Key: "k", Effect: corev1.TaintEffectNoSchedule}}} {
		node, err := c.Set.CoreV1().Nodes().Create(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		node.Spec.Taints = taint
		if node, err = c.Set.CoreV1().Nodes().Update(t.Context(), node, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		node.Status.Allocatable = corev1.ResourceList{"cpu": resource.MustParse("3"), "memory": resource.MustParse("5Gi")}
		if _, err := c.Set.CoreV1().Nodes().UpdateStatus(t.Context(), node, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// makePods makes a pod in our namespace and one in another.
func makePods(t *testing.T, c *kube.Client) {
	t.Helper()
	for _, namespace := range []string{"onap", "istio-system"} {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
		if _, err := c.Set.CoreV1().ServiceAccounts(namespace).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{Containers: []corev1.Container{
			{Name: "c", Image: "i", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("250m")}}},
		}}}
		if _, err := c.Set.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGatherFails(t *testing.T) {
	broken, err := kube.FromConfig(&rest.Config{Host: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := preflight.Gather(t.Context(), broken, "onap"); err == nil || !strings.Contains(err.Error(), "ask the cluster for its nodes: ") {
		t.Errorf("got %v", err)
	}
}

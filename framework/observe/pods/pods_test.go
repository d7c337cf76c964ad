package pods_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/pods"
)

func pod(name string, owner ...metav1.OwnerReference) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: "onap", OwnerReferences: owner, Labels: map[string]string{"pod-template-hash": "5d9c7b9f4c", "app": "msb-iag"},
	}}
}

func owner(kind, name string) metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{Kind: kind, Name: name, UID: types.UID(name), Controller: &yes}
}

func TestList(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	iag := pod("msb-msb-iag-5d9c7b9f4c-8xk2p", owner("ReplicaSet", "msb-msb-iag-5d9c7b9f4c"))
	iag.Annotations = map[string]string{"sidecar.istio.io/inject": "true"}
	iag.Spec = corev1.PodSpec{
		NodeName: "node", ServiceAccountName: "msb",
		InitContainers: []corev1.Container{{Name: "istio-init", Image: "p"}, {Name: "istio-proxy", Image: "p", RestartPolicy: &always}},
		Containers:     []corev1.Container{{Name: "msb-iag", Image: "i:1"}, {Name: "filebeat-onap", Image: "f:1"}},
	}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	iag.Status = corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: "10.244.0.7",
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		InitContainerStatuses: []corev1.ContainerStatus{
			{Name: "istio-proxy", Ready: true, State: running, RestartCount: 1},
			{Name: "istio-init", Ready: true, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed"}}},
		},
		ContainerStatuses: []corev1.ContainerStatus{{Name: "msb-iag", Ready: true, ImageID: "sha256:0a", State: running}},
	}
	elsewhere := pod("x")
	elsewhere.Namespace = "other"
	set := fake.NewClientset(iag, pod("bare"), pod("a-db-0", owner("StatefulSet", "a-db")), elsewhere)
	got, err := pods.New(&kube.Client{Set: set}).List(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range got.Items {
		names = append(names, p.Workload+"/"+p.Name)
	}
	if diff := cmp.Diff([]string{"/bare", "a-db/a-db-0", "msb-msb-iag/" + iag.Name}, names); diff != "" {
		t.Fatal(diff)
	}
	want := evidence.Pod{
		Name: iag.Name, Workload: "msb-msb-iag", Phase: "Running", Ready: true, IP: "10.244.0.7", Node: "node", ServiceAccount: "msb",
		Labels: iag.Labels, Annotations: iag.Annotations,
		Containers: []evidence.Container{
			{Name: "msb-iag", Image: "i:1", ImageID: "sha256:0a", Ready: true, State: "running"},
			{Name: "filebeat-onap", Image: "f:1"},
		},
		InitContainers: []evidence.Container{
			{Name: "istio-init", Image: "p", Ready: true, State: "terminated: Completed"},
			{Name: "istio-proxy", Image: "p", Ready: true, Sidecar: true, Restarts: 1, State: "running"},
		},
	}
	if diff := cmp.Diff(want, got.Items[2]); diff != "" {
		t.Error(diff)
	}
}

func TestListFails(t *testing.T) {
	set := fake.NewClientset()
	set.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(corev1.Resource("pods"), "", errors.New("no"))
	})
	if _, err := pods.New(&kube.Client{Set: set}).List(t.Context(), "onap"); err == nil || evidence.AbsenceOf(err) != evidence.Final {
		t.Errorf("want a final error, got %v", err)
	}
}

package kube_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/progress"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":           {"", nil},
		"empty documents":   {"---\n---\n# a comment\n---\n", nil},
		"YAML and JSON":     {"kind: A\nmetadata: {name: a}\n---\n{\"kind\": \"B\", \"metadata\": {\"name\": \"b\", \"namespace\": \"n\"}}\n", []string{"A a", "B n/b"}},
		"windows line ends": {"kind: A\r\nmetadata:\r\n  name: a\r\n", []string{"A a"}},
		"a comment first":   {"# licence\n---\nkind: A\nmetadata: {name: a}\n", []string{"A a"}},
	} {
		objects, err := kube.Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, o := range objects {
			got = append(got, kube.Name(o))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
	for name, text := range map[string]string{
		"a list": "kind: A\n---\n- a\n", "a word": "kind: A\n---\nhello\n", "broken": "kind: A\n---\n}{\n", "a tab": "kind: A\n---\na:\n\tb: c\n",
	} {
		if _, err := kube.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "read document 2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAvailable(t *testing.T) {
	zero, two := int32(0), int32(2)
	status := func(observed int64, replicas, updated, available int32) appsv1.DeploymentStatus {
		return appsv1.DeploymentStatus{ObservedGeneration: observed, Replicas: replicas, UpdatedReplicas: updated, AvailableReplicas: available}
	}
	for name, c := range map[string]struct {
		replicas *int32
		status   appsv1.DeploymentStatus
		want     bool
	}{
		"one":                           {nil, status(3, 1, 1, 1), true},
		"two":                           {&two, status(3, 2, 2, 2), true},
		"scaled to none":                {&zero, status(3, 0, 0, 0), true},
		"nothing known yet":             {nil, appsv1.DeploymentStatus{}, false},
		"an older template":             {nil, status(2, 1, 1, 1), false},
		"one of two":                    {&two, status(3, 2, 2, 1), false},
		"the new pod is not there":      {nil, status(3, 1, 0, 1), false},
		"the old pod is still there":    {nil, status(3, 2, 1, 1), false},
		"to none, but one is there":     {&zero, status(3, 1, 0, 0), false},
		"available, but not all wanted": {&two, status(3, 1, 1, 1), false},
	} {
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Spec: appsv1.DeploymentSpec{Replicas: c.replicas}, Status: c.status}
		if got := kube.Available(d); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func controller(kind, name string) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, UID: "1", Controller: &yes}}
}

func TestWorkloadOf(t *testing.T) {
	hash := map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: "5d9c7b9f4c"}
	bystander := []metav1.OwnerReference{{Kind: "Node", Name: "n"}}
	for name, c := range map[string]struct {
		owners []metav1.OwnerReference
		labels map[string]string
		want   string
	}{
		"a Deployment":                 {controller("ReplicaSet", "msb-msb-iag-5d9c7b9f4c"), hash, "msb-msb-iag"},
		"a bare ReplicaSet":            {controller("ReplicaSet", "msb-iag"), nil, "msb-iag"},
		"a StatefulSet":                {controller("StatefulSet", "db"), hash, "db"},
		"a DaemonSet":                  {controller("DaemonSet", "kindnet"), nil, "kindnet"},
		"nobody":                       {nil, hash, ""},
		"an owner that does not steer": {bystander, hash, ""},
	} {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: c.labels, OwnerReferences: c.owners}}
		if got := kube.WorkloadOf(p); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

var (
	running = corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	crash   = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	waiting = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}
	failed  = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 1}}
	done    = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed"}}
)

func TestState(t *testing.T) {
	for want, s := range map[string]corev1.ContainerState{
		"running": running, "waiting: CrashLoopBackOff": crash, "waiting": waiting, "terminated: Error": failed, "unknown": {},
	} {
		if got := kube.State(s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestContainerStates(t *testing.T) {
	container := func(name string, ready bool, s corev1.ContainerState) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, Ready: ready, State: s}
	}
	unschedulable := corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/1 nodes are available"}
	initialized := corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}
	for name, c := range map[string]struct {
		status corev1.PodStatus
		want   []string
	}{
		"nothing known": {corev1.PodStatus{}, nil},
		"all ready":     {corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{container("a", true, running)}}, nil},
		"what is not ready, init containers first": {
			corev1.PodStatus{
				InitContainerStatuses: []corev1.ContainerStatus{container("istio-init", false, done), container("readiness", false, failed)},
				ContainerStatuses:     []corev1.ContainerStatus{container("a", true, running), container("b", false, running), container("c", false, crash)},
				Conditions:            []corev1.PodCondition{unschedulable},
			},
			[]string{"readiness terminated: Error", "b running", "c waiting: CrashLoopBackOff"},
		},
		"not on a node": {corev1.PodStatus{Conditions: []corev1.PodCondition{initialized, unschedulable}}, []string{"PodScheduled is False: 0/1 nodes are available"}},
	} {
		if diff := cmp.Diff(c.want, kube.ContainerStates(&corev1.Pod{Status: c.status})); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
}

func TestUntil(t *testing.T) {
	calls := 0
	var told []progress.Wait
	ctx := progress.With(t.Context(), func(e progress.Event) { told = append(told, *e.Wait) })
	err := kube.Until(ctx, "three", 10*time.Second, func(context.Context) error {
		if calls++; calls < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
	if len(told) != 3 || told[1].What != "three" || told[1].Seen != "not yet" || told[1].LimitSeconds != 10 || told[1].Over || !told[2].Over {
		t.Errorf("who watches saw %+v", told)
	}
}

func TestUntilItIsTooLate(t *testing.T) {
	refused := errors.New("connection refused")
	began := time.Now()
	err := kube.Until(t.Context(), "the server", 300*time.Millisecond, func(context.Context) error { return refused })
	if !errors.Is(err, refused) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("neither what was seen last nor why it ended is wrapped: %v", err)
	}
	if err != nil && !strings.Contains(err.Error(), "wait 300ms for the server") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestUntilIsInterrupted: a check that hangs is ended with the wait.
func TestUntilIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := kube.Until(ctx, "the server", time.Minute, func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	err = kube.Until(ctx, "the server", time.Minute, func(context.Context) error { return errors.New("not yet") })
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "%!") {
		t.Errorf("interrupted before the first look: %v", err)
	}
}

func TestServiceURL(t *testing.T) {
	for host, want := range map[string]string{
		"https://10.0.0.1:6443":         "https://10.0.0.1:6443/api/v1/namespaces/istio-system/services/prometheus:9090/proxy",
		"https://rancher/k8s/clusters/": "https://rancher/k8s/clusters/api/v1/namespaces/istio-system/services/prometheus:9090/proxy",
	} {
		c, err := kube.FromConfig(&rest.Config{Host: host})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := c.ServiceURL("istio-system", "prometheus", "9090")
		if err != nil || got.String() != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := kube.New("/nowhere/kubeconfig", "x"); err == nil || !strings.Contains(err.Error(), "read kubeconfig /nowhere/kubeconfig") {
		t.Errorf("got %v", err)
	}
	if _, err := kube.FromConfig(&rest.Config{Host: "://"}); err == nil {
		t.Error("a host that is none is accepted")
	}
}

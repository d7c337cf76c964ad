package hygiene

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/chart"
)

// manifests are a workload of each kind and two Services.
func manifests(t *testing.T) *chart.Manifests {
	t.Helper()
	m := &chart.Manifests{}
	for _, text := range []string{`
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: onap}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      initContainers: [{name: wait, image: "w:1"}]
      containers:
      - name: a
        image: a:1
        ports: [{containerPort: 80}, {containerPort: 443}]
        env:
        - {name: PORT, value: "80"}
        - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: s, key: p}}}
`, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: b, namespace: onap}
spec:
  replicas: 2
  serviceName: b
  selector: {matchLabels: {app: b}}
  template: {metadata: {labels: {app: b}}, spec: {containers: [{name: b, image: "b:1"}]}}
`, `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: c, namespace: onap}
spec:
  selector: {matchLabels: {app: c}}
  template: {metadata: {labels: {app: c}}, spec: {containers: [{name: c, image: "c:1"}]}}
`, `
apiVersion: v1
kind: Service
metadata: {name: a, namespace: onap}
spec: {type: NodePort, selector: {app: a}, ports: [{name: http, port: 80, nodePort: 30280}, {name: https, port: 443}]}
`, `
apiVersion: v1
kind: Service
metadata: {name: b, namespace: onap}
spec: {selector: {app: b}, ports: [{port: 81}]}
`, `
apiVersion: v1
kind: ConfigMap
metadata: {name: d, namespace: onap}
`} {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatal(err)
		}
		m.Objects = append(m.Objects, o)
	}
	return m
}

// install installs the manifests by Helm on a real API server.
func install(t *testing.T) *Observer {
	t.Helper()
	server := kubetest.Start(t)
	if err := server.Client.EnsureNamespace(t.Context(), "onap", nil); err != nil {
		t.Fatal(err)
	}
	static, err := chart.Static("x", "1.0.0", manifests(t))
	if err != nil {
		t.Fatal(err)
	}
	helm, err := chart.New(server.Client.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := helm.Ensure(t.Context(), chart.Release{Name: "x", Namespace: "onap", Chart: static}); err != nil {
		t.Fatal(err)
	}
	return New(server.Client)
}

// differing are the objects that are not as they were stored, by name, with
// what is there; nil for what is gone.
func differing(t *testing.T, o *Observer) map[string]map[string]string {
	t.Helper()
	seen, err := o.Installed(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x"}, seen.Releases); diff != "" || len(seen.Items) != 5 {
		t.Fatalf("%d objects of releases, -want +got:\n%s", len(seen.Items), diff)
	}
	all := map[string]map[string]string{}
	for _, item := range seen.Items {
		open := func(field, _ string) bool {
			_, stored := item.Stored[field]
			return !stored && strings.HasSuffix(field, ".nodePort")
		}
		live := maps.Clone(item.Live)
		if maps.DeleteFunc(live, open); !maps.Equal(item.Stored, live) {
			all[item.Object] = item.Live
		}
	}
	return all
}

func TestInstalled(t *testing.T) {
	o := install(t)
	seen, err := o.Installed(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"replicas": "1", "containers[wait].image": "w:1", "containers[a].image": "a:1", "containers[a].ports": "80, 443",
		"containers[a].env[PORT]": "80", "containers[a].env[IP]": "field status.podIP", "containers[a].env[PASSWORD]": "Secret s p",
	}
	if diff := cmp.Diff(evidence.InstalledObject{Release: "x", Object: "Deployment onap/a", Stored: want, Live: want}, seen.Items[1]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]map[string]string{}, differing(t, o)); diff != "" {
		t.Fatalf("just installed, and it differs, -want +got:\n%s", diff)
	}
	set := o.kube.Set
	changes := map[string]string{
		"Deployment onap/a":  `{"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a:2"}]}}}}`,
		"StatefulSet onap/b": `{"spec": {"replicas": 0}}`,
	}
	if _, err := set.AppsV1().Deployments("onap").Patch(t.Context(), "a", types.StrategicMergePatchType, []byte(changes["Deployment onap/a"]), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := set.AppsV1().StatefulSets("onap").Patch(t.Context(), "b", types.StrategicMergePatchType, []byte(changes["StatefulSet onap/b"]), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	moved := []byte(`{"spec": {"ports": [{"port": 81, "targetPort": 8081}]}}`)
	if _, err := set.CoreV1().Services("onap").Patch(t.Context(), "b", types.StrategicMergePatchType, moved, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := set.CoreV1().Services("onap").Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	want["containers[a].image"] = "a:2"
	now := map[string]map[string]string{
		"Deployment onap/a": want, "StatefulSet onap/b": {"replicas": "0", "containers[b].image": "b:1"}, "Service onap/a": nil,
		"Service onap/b": {"type": "ClusterIP", "ports[81]": "81", "ports[81].targetPort": "8081"},
	}
	if diff := cmp.Diff(now, differing(t, o)); diff != "" {
		t.Errorf("after changes, -want +got:\n%s", diff)
	}
}

func TestWorkloads(t *testing.T) {
	o := install(t)
	d, err := o.kube.Set.AppsV1().Deployments("onap").Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d.Status = appsv1.DeploymentStatus{Replicas: 1, ReadyReplicas: 1, AvailableReplicas: 1, UpdatedReplicas: 1, ObservedGeneration: d.Generation}
	if _, err := o.kube.Set.AppsV1().Deployments("onap").UpdateStatus(t.Context(), d, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := o.Workloads(t.Context(), "onap")
	want := []evidence.Workload{
		{Kind: "DaemonSet", Name: "c"}, {Kind: "Deployment", Name: "a", Wanted: 1, Available: 1, Updated: 1}, {Kind: "StatefulSet", Name: "b", Wanted: 2},
	}
	if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	// Nobody controls Deployments here, so a new template stays unseen.
	template := []byte(`{"spec": {"template": {"metadata": {"labels": {"new": "yes"}}}}}`)
	if _, err := o.kube.Set.AppsV1().Deployments("onap").Patch(t.Context(), "a", types.StrategicMergePatchType, template, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err = o.Workloads(t.Context(), "onap")
	want[1].Updated = 0
	if diff := cmp.Diff(want, got.Items); err != nil || diff != "" {
		t.Errorf("after a change that no controller has seen: %v, -want +got:\n%s", err, diff)
	}
}

// TestStability: only warnings about pods that are there, from after they were ready.
func TestStability(t *testing.T) {
	ready := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := pod("a-0", "a")
	p.Status.Conditions[0].LastTransitionTime = metav1.NewTime(ready)
	p.Status.ContainerStatuses[0].RestartCount = 1
	p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137, FinishedAt: metav1.NewTime(ready)}
	warning := func(name string, uid types.UID, at time.Time) *corev1.Event {
		return &corev1.Event{
			ObjectMeta: metav1.ObjectMeta{Namespace: "onap", Name: name}, Type: "Warning", Reason: name, Message: "m",
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "a-0", UID: uid}, LastTimestamp: metav1.NewTime(at), Count: 2,
		}
	}
	series := warning("Series", p.UID, ready.Add(-time.Minute))
	series.Series = &corev1.EventSeries{LastObservedTime: metav1.NewMicroTime(ready.Add(time.Minute))}
	modern := warning("New", p.UID, time.Time{})
	modern.EventTime, modern.Count = metav1.NewMicroTime(ready.Add(2*time.Minute)), 0
	normal := warning("Normal", p.UID, ready.Add(time.Minute))
	normal.Type = "Normal"
	got, err := observer(p, warning("After", p.UID, ready), warning("Before", p.UID, ready.Add(-time.Second)),
		warning("OfOldPod", "another", ready.Add(time.Minute)), series, modern, normal).Stability(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	at := func(reason string, count int, last time.Time) evidence.Warning {
		return evidence.Warning{Pod: "a-0", Reason: reason, Message: "m", Count: count, Last: last}
	}
	want := []evidence.Warning{at("After", 2, ready), at("Series", 2, ready.Add(time.Minute)), at("New", 1, ready.Add(2*time.Minute))}
	if diff := cmp.Diff(want, got.Warnings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]evidence.Death{{Pod: "a-0", Container: "app", Reason: "OOMKilled", ExitCode: 137, At: ready}}, got.Deaths); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(got.Pods.Items) != 1 || got.Pods.Items[0].Containers[0].Restarts != 1 {
		t.Errorf("pods %+v", got.Pods.Items)
	}
}

package kube_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/progress"
)

// TestServer runs everything that needs a real API server on one.
func TestServer(t *testing.T) {
	server := kubetest.Start(t)
	for name, test := range map[string]func(*testing.T, *kube.Client){
		"apply and delete":     applyAndDelete,
		"unknown kinds":        unknownKinds,
		"get":                  get,
		"namespaces":           namespaces,
		"foreign namespaces":   foreignNamespaces,
		"until available":      untilAvailable,
		"never available":      neverAvailable,
		"interrupted waiting":  interruptedWaiting,
		"services by the API":  services,
		"exec that cannot run": execFails,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, server.Client)
		})
	}
	t.Run("by its kubeconfig", func(t *testing.T) { byKubeconfig(t, server.Kubeconfig) })
}

func byKubeconfig(t *testing.T, path string) {
	t.Setenv("KUBECONFIG", "/nowhere")
	client, err := kube.New(path, "kubetest")
	if err != nil {
		t.Fatal(err)
	}
	if version, err := client.Set.Discovery().ServerVersion(); err != nil || !strings.HasPrefix(version.GitVersion, "v1.") {
		t.Errorf("got %v, %v", version, err)
	}
	if _, err := kube.New(path, "another"); err == nil || !strings.Contains(err.Error(), `context "another"`) {
		t.Errorf("a context that is not there: %v", err)
	}
}

// namespace makes one of ours for a test.
func namespace(t *testing.T, c *kube.Client, name string) string {
	t.Helper()
	if err := c.EnsureNamespace(t.Context(), name, nil); err != nil {
		t.Fatal(err)
	}
	return name
}

func parse(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := kube.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func applyAndDelete(t *testing.T, c *kube.Client) {
	ctx, ns := t.Context(), namespace(t, c, "apply")
	objects := parse(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app: a}}, data: {x: "1"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: default}, data: {x: "1"}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: apply, namespace: ignored}, rules: []}
`)
	for range 2 { // applying again changes nothing
		if err := c.Apply(ctx, ns, objects...); err != nil {
			t.Fatal(err)
		}
	}
	if objects[0].GetNamespace() != "" || len(objects[0].GetLabels()) != 1 {
		t.Error("the caller's object was changed")
	}
	maps := c.Set.CoreV1().ConfigMaps
	got, err := maps(ns).Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"app": "a", kube.ManagedBy: kube.Manager}, got.Labels); diff != "" {
		t.Errorf("labels, -want +got:\n%s", diff)
	}
	if len(got.ManagedFields) != 1 || got.ManagedFields[0].Manager != kube.Manager || got.ResourceVersion == "" {
		t.Errorf("managed fields: %+v", got.ManagedFields)
	}
	if _, err := maps("default").Get(ctx, "b", metav1.GetOptions{}); err != nil {
		t.Errorf("an object's own namespace is not heeded: %v", err)
	}
	changed := parse(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {"y": "2"}}`)
	if err := c.Apply(ctx, ns, changed...); err != nil {
		t.Fatal(err)
	}
	got, err = maps(ns).Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"y": "2"}, got.Data); diff != "" {
		t.Errorf("what is not applied any more stays, -want +got:\n%s", diff)
	}
	for range 2 { // what is gone already is no error
		if err := c.Delete(ctx, ns, objects...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := maps(ns).Get(ctx, "a", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the object is still there: %v", err)
	}
	if _, err := c.Set.RbacV1().ClusterRoles().Get(ctx, "apply", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the cluster role is still there: %v", err)
	}
	other := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"x": "another's"}}
	if _, err := maps(ns).Create(ctx, other, metav1.CreateOptions{FieldManager: "another"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(ctx, ns, parse(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {x: "ours"}}`)...); err != nil {
		t.Errorf("what another wrote is not taken over: %v", err)
	}
	refused := parse(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: Not_A_Name}}`)
	if err := c.Apply(ctx, ns, refused...); err == nil || !strings.Contains(err.Error(), "apply ConfigMap apply/Not_A_Name") {
		t.Errorf("got %v", err)
	}
}

func get(t *testing.T, c *kube.Client) {
	ns := namespace(t, c, "get")
	object := parse(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {x: "1"}}`)[0]
	if there, err := c.Get(t.Context(), ns, object); there != nil || err != nil {
		t.Errorf("what is not there: %v, %v", there, err)
	}
	if err := c.Apply(t.Context(), ns, object); err != nil {
		t.Fatal(err)
	}
	there, err := c.Get(t.Context(), ns, object)
	if err != nil || there == nil || there.GetUID() == "" {
		t.Errorf("what is there: %v, %v", there, err)
	}
	strange := parse(t, `{apiVersion: nowhere.example/v1, kind: Strange, metadata: {name: one}}`)[0]
	if there, err := c.Get(t.Context(), ns, strange); there != nil || err != nil {
		t.Errorf("of a kind that is not there: %v, %v", there, err)
	}
}

func unknownKinds(t *testing.T, c *kube.Client) {
	ns := namespace(t, c, "unknown")
	objects := parse(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: example.org/v1, kind: Nothing, metadata: {name: b}}
`)
	err := c.Apply(t.Context(), ns, objects...)
	if err == nil || !strings.Contains(err.Error(), "find the resource of Nothing b (example.org/v1, Kind=Nothing)") {
		t.Errorf("got %v", err)
	}
	if err := c.Delete(t.Context(), ns, objects...); err != nil {
		t.Errorf("an object of a kind that is gone is gone: %v", err)
	}
	if _, err := c.Set.CoreV1().ConfigMaps(ns).Get(t.Context(), "a", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the other object was not deleted: %v", err)
	}
}

func namespaces(t *testing.T, c *kube.Client) {
	ctx := t.Context()
	if there, err := c.Ours(ctx, "ours"); there || err != nil {
		t.Errorf("before: %t, %v", there, err)
	}
	for _, labels := range []map[string]string{nil, {"istio-injection": "enabled"}} {
		if err := c.EnsureNamespace(ctx, "ours", labels); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.Set.CoreV1().Namespaces().Get(ctx, "ours", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Labels["istio-injection"] != "enabled" || got.Labels[kube.ManagedBy] != kube.Manager {
		t.Errorf("labels %v", got.Labels)
	}
	if there, err := c.Ours(ctx, "ours"); !there || err != nil {
		t.Errorf("after: %t, %v", there, err)
	}
	// Nobody here ends the namespace, as the controller manager would.
	err = c.DeleteNamespace(ctx, "ours", 600*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "wait 600ms until namespace ours is gone") {
		t.Errorf("got %v", err)
	}
	if got, err = c.Set.CoreV1().Namespaces().Get(ctx, "ours", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	got.Spec.Finalizers = nil
	if _, err := c.Set.CoreV1().Namespaces().Finalize(ctx, got, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.DeleteNamespace(ctx, "ours", 10*time.Second); err != nil {
			t.Errorf("a namespace that is gone: %v", err)
		}
	}
}

func foreignNamespaces(t *testing.T, c *kube.Client) {
	ctx := t.Context()
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "foreign", Labels: map[string]string{kube.ManagedBy: "Helm"}}}
	if _, err := c.Set.CoreV1().Namespaces().Create(ctx, foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"ensure": c.EnsureNamespace(ctx, "foreign", map[string]string{"a": "b"}),
		"delete": c.DeleteNamespace(ctx, "foreign", time.Second),
	} {
		if err == nil || !strings.Contains(err.Error(), "namespace foreign was not made by meshcert") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	got, err := c.Set.CoreV1().Namespaces().Get(ctx, "foreign", metav1.GetOptions{})
	if err != nil || got.DeletionTimestamp != nil || got.Labels["a"] != "" {
		t.Errorf("the foreign namespace was changed: %+v, %v", got.ObjectMeta, err)
	}
}

// deploy applies Deployments of one replica.
func deploy(t *testing.T, c *kube.Client, ns string, names ...string) {
	t.Helper()
	for _, name := range names {
		text := strings.ReplaceAll(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME}, spec: {selector: {matchLabels: {app: NAME}},
			template: {metadata: {labels: {app: NAME}}, spec: {containers: [{name: c, image: i}]}}}}`, "NAME", name)
		if err := c.Apply(t.Context(), ns, parse(t, text)...); err != nil {
			t.Fatal(err)
		}
	}
}

// become sets a Deployment's status as its controller does.
func become(ctx context.Context, t *testing.T, c *kube.Client, ns, name string, available int32) {
	t.Helper()
	d, err := c.Set.AppsV1().Deployments(ns).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: available, AvailableReplicas: available}
	if _, err := c.Set.AppsV1().Deployments(ns).UpdateStatus(ctx, d, metav1.UpdateOptions{}); err != nil {
		t.Error(err)
	}
}

func untilAvailable(t *testing.T, c *kube.Client) {
	ctx, ns := t.Context(), namespace(t, c, "available")
	deploy(t, c, ns, "a", "b", "never")
	become(ctx, t, c, ns, "a", 1)
	var watched progress.Board
	done := make(chan error, 1)
	go func() {
		done <- c.UntilAvailable(progress.With(ctx, watched.Hear), ns, 30*time.Second, "a", "b", "later")
	}()
	err := kube.Until(ctx, "who watches to see one", 20*time.Second, func(context.Context) error {
		if text := watched.String(); !strings.Contains(text, "Deployments of namespace "+ns+" to be available: ") || !strings.HasSuffix(text, " of 30 s, last saw: 1 of 3 are, without b, later") {
			return errors.New(text)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	select {
	case err := <-done:
		t.Fatalf("the wait ended too early: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	become(ctx, t, c, ns, "b", 1)
	deploy(t, c, ns, "later")
	become(ctx, t, c, ns, "later", 1)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if left := watched.String(); left != "" {
		t.Errorf("watched although it is over: %s", left)
	}
	if err := c.UntilAvailable(ctx, ns, 10*time.Second, "a", "b", "later"); err != nil {
		t.Errorf("available from the start: %v", err)
	}
}

func neverAvailable(t *testing.T, c *kube.Client) {
	ctx, ns := t.Context(), namespace(t, c, "never")
	deploy(t, c, ns, "iag", "nopod", "fine")
	become(ctx, t, c, ns, "fine", 1)
	become(ctx, t, c, ns, "iag", 0)
	hash := map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: "5d9c"}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "iag-5d9c-x", Labels: hash, OwnerReferences: controller("ReplicaSet", "iag-5d9c")},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "iag", Image: "i"}}},
	}
	made, err := c.Set.CoreV1().Pods(ns).Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	made.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "iag", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}}}
	if _, err := c.Set.CoreV1().Pods(ns).UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	for i, message := range []string{"not found", "back-off"} {
		event := &corev1.Event{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "iag-"}, Type: corev1.EventTypeWarning, Reason: "Failed", Message: message,
			InvolvedObject: corev1.ObjectReference{Namespace: ns, Name: pod.Name}, LastTimestamp: metav1.NewTime(time.Unix(int64(1000+i), 0)),
		}
		if _, err := c.Set.CoreV1().Events(ns).Create(ctx, event, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	err = c.UntilAvailable(ctx, ns, 700*time.Millisecond, "fine", "iag", "nopod", "absent")
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{
		"wait 700ms for 3 of 4 Deployments of namespace never to be available",
		"\n  absent: no pod", "\n  nopod: no pod", "\n  iag: iag waiting: ImagePullBackOff (Failed: back-off)",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "fine") {
		t.Errorf("what is available is named: %v", err)
	}
}

func interruptedWaiting(t *testing.T, c *kube.Client) {
	ns := namespace(t, c, "interrupted")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := c.UntilAvailable(ctx, ns, time.Minute, "a"); err == nil || !strings.Contains(err.Error(), "a: no pod") {
		t.Errorf("got %v", err)
	}
}

// services: the API server is asked, with our token, and says that nobody is behind the Service.
func services(t *testing.T, c *kube.Client) {
	base, web, err := c.HTTPClient("default", "kubernetes", "nothing", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := web.Get(base.String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound && answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %s", answer.Status)
	}
}

func execFails(t *testing.T, c *kube.Client) {
	out, err := c.Exec(t.Context(), "default", "no-pod", "c", "echo", "hello")
	if err == nil || !strings.Contains(err.Error(), `run "echo hello" in container c of pod default/no-pod`) {
		t.Errorf("got %q, %v", out, err)
	}
}

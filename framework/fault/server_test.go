package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
)

// controller plays what a bare API server lacks: the Deployment controller, the
// kubelet and the end of the ledger's namespace. A template with the label
// broken has pods that never become ready.
type controller struct {
	client *kube.Client
	t      *testing.T
	number int
}

func play(t *testing.T, client *kube.Client) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c := controller{client: client, t: t}
		for ctx.Err() == nil {
			c.pass(ctx)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	t.Cleanup(func() { stop(); <-done })
}

// check reports an error, unless another client was faster: the next pass looks
// again.
func (c *controller) check(ctx context.Context, err error) bool {
	if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
		c.t.Error(err)
	}
	return err == nil
}

func (c *controller) pass(ctx context.Context) {
	list, err := c.client.Set.AppsV1().Deployments("").List(ctx, metav1.ListOptions{})
	if !c.check(ctx, err) {
		return
	}
	pods, err := c.client.Set.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if !c.check(ctx, err) {
		return
	}
	known := map[string]bool{}
	for _, d := range list.Items {
		known[d.Namespace+"/"+d.Name] = true
		c.reconcile(ctx, &d, pods.Items)
	}
	for _, p := range pods.Items {
		if !known[p.Namespace+"/"+kube.WorkloadOf(&p)] {
			c.check(ctx, c.client.Set.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{}))
		}
	}
	ns, err := c.client.Set.CoreV1().Namespaces().Get(ctx, Namespace, metav1.GetOptions{})
	if err == nil && ns.DeletionTimestamp != nil {
		ns.Spec.Finalizers = nil
		_, err = c.client.Set.CoreV1().Namespaces().Finalize(ctx, ns, metav1.UpdateOptions{})
		c.check(ctx, err)
	}
}

func (c *controller) reconcile(ctx context.Context, d *appsv1.Deployment, all []corev1.Pod) {
	text, err := json.Marshal(d.Spec.Template)
	if err != nil {
		c.t.Error(err)
	}
	sum := fnv.New32()
	sum.Write(text)
	hash := fmt.Sprintf("%x", sum.Sum32())
	broken := d.Spec.Template.Labels["broken"] != ""
	pods := c.client.Set.CoreV1().Pods(d.Namespace)
	status := appsv1.DeploymentStatus{ObservedGeneration: d.Generation}
	keepOld := broken && d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType
	for _, p := range all {
		if p.Namespace != d.Namespace || kube.WorkloadOf(&p) != d.Name {
			continue
		}
		updated := p.Labels[appsv1.DefaultDeploymentUniqueLabelKey] == hash
		if (!updated && !keepOld) || (updated && status.UpdatedReplicas == *d.Spec.Replicas) {
			c.check(ctx, pods.Delete(ctx, p.Name, metav1.DeleteOptions{}))
			continue
		}
		status.Replicas++
		if updated {
			status.UpdatedReplicas++
		}
		if !notReady(p) {
			status.AvailableReplicas++
		}
	}
	for ; status.UpdatedReplicas < *d.Spec.Replicas; status.UpdatedReplicas++ {
		status.Replicas++
		if c.run(ctx, d, hash, broken) {
			status.AvailableReplicas++
		}
	}
	if status.AvailableReplicas != d.Status.AvailableReplicas || status.UpdatedReplicas != d.Status.UpdatedReplicas ||
		status.Replicas != d.Status.Replicas || status.ObservedGeneration != d.Status.ObservedGeneration {
		status.ReadyReplicas = status.AvailableReplicas
		d.Status = status
		_, err = c.client.Set.AppsV1().Deployments(d.Namespace).UpdateStatus(ctx, d, metav1.UpdateOptions{})
		c.check(ctx, err)
	}
}

// run makes a pod and tells whether it is ready.
func (c *controller) run(ctx context.Context, d *appsv1.Deployment, hash string, broken bool) bool {
	c.number++
	yes, pods := true, c.client.Set.CoreV1().Pods(d.Namespace)
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: fmt.Sprintf("%s-%s-%d", d.Name, hash, c.number), Annotations: d.Spec.Template.Annotations,
		Labels:          map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: hash},
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: d.Name + "-" + hash, UID: "u", Controller: &yes}},
	}, Spec: d.Spec.Template.Spec}
	p, err := pods.Create(ctx, p, metav1.CreateOptions{})
	if !c.check(ctx, err) || broken {
		return false
	}
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	_, err = pods.UpdateStatus(ctx, p, metav1.UpdateOptions{})
	return c.check(ctx, err)
}

// world is a namespace with objects to break.
type world struct {
	*testing.T
	client *kube.Client
	// log is called for each line of the Breaker's.
	log func(string)
	// upgrades are the settings of each upgrade; refused is its error.
	upgrades [][]string
	refused  error
}

// objects of namespace NS that faults break.
const objects = `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: NS, annotations: {kept: "yes"}}, spec: {replicas: 2, selector: {matchLabels: {app: a}},
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: NS, labels: {l: "1"}}, data: {x: "1", "y": "2"}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: NS}, spec: {type: NodePort, selector: {app: a}, ports: [{name: http, port: 80}]}}
---
{apiVersion: v1, kind: Secret, type: example.org/x, metadata: {name: k, namespace: NS}, stringData: {x: secret}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: NS}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: NS}, webhooks: [
  {name: a.example.org, sideEffects: None, failurePolicy: Ignore, admissionReviewVersions: [v1], clientConfig: {url: "https://127.0.0.1:1"}, namespaceSelector: {matchLabels: {never: there}}}]}
`

// with makes namespace ns, its objects and a Breaker.
func (w *world) with(ns string) *Breaker {
	w.Helper()
	if err := w.client.EnsureNamespace(w.Context(), ns, nil); err != nil {
		w.Fatal(err)
	}
	all, err := kube.Parse([]byte(strings.ReplaceAll(objects, "NS", ns)))
	if err != nil {
		w.Fatal(err)
	}
	if err := w.client.Apply(w.Context(), ns, all...); err != nil {
		w.Fatal(err)
	}
	if err := w.client.UntilAvailable(w.Context(), ns, 20*time.Second, "a"); err != nil {
		w.Fatal(err)
	}
	return w.breaker(w.client)
}

func (w *world) breaker(client *kube.Client) *Breaker {
	b := New(client, func(_ context.Context, set []string) error {
		w.upgrades = append(w.upgrades, set)
		return w.refused
	}, func(line string) {
		if w.log != nil {
			w.log(line)
		}
	})
	b.Limit = 10 * time.Second
	return b
}

// get reads an object; nil when it is not there.
func (w *world) get(object string) *unstructured.Unstructured {
	w.Helper()
	r, err := parseReference(object)
	if err != nil {
		w.Fatal(err)
	}
	resource, err := w.breaker(w.client).find(r)
	if err != nil {
		w.Fatal(err)
	}
	o, err := resource.Get(w.Context(), r.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return o
}

// content is an object as its owner wrote it.
func (w *world) content(object string) map[string]any {
	w.Helper()
	o := w.get(object)
	if o == nil {
		return nil
	}
	return fresh(o).Object
}

// pods names the pods of Deployment a.
func (w *world) pods(ns string) []string {
	w.Helper()
	list, err := w.client.Set.CoreV1().Pods(ns).List(w.Context(), metav1.ListOptions{})
	if err != nil {
		w.Fatal(err)
	}
	var names []string
	for _, p := range list.Items {
		names = append(names, p.Name)
	}
	return slices.Sorted(slices.Values(names))
}

// change is another client's write.
func (w *world) change(object string, edit func(*unstructured.Unstructured)) {
	w.Helper()
	o := w.get(object)
	edit(o)
	resource, err := w.breaker(w.client).stored(o)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := resource.Update(w.Context(), o, metav1.UpdateOptions{}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) delete(object string) {
	w.Helper()
	o := w.get(object)
	resource, err := w.breaker(w.client).stored(o)
	if err != nil {
		w.Fatal(err)
	}
	if err := resource.Delete(w.Context(), o.GetName(), metav1.DeleteOptions{}); err != nil {
		w.Fatal(err)
	}
}

// ok ends the test on an error; says wants one that has each of the parts.
func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) says(err error, parts ...string) {
	w.Helper()
	for _, part := range parts {
		if !strings.Contains(message(err), part) {
			w.Errorf("%q is not in: %v", part, err)
		}
	}
}

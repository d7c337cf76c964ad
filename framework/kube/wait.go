package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/onap/meshcert/framework/progress"
)

// Available tells whether a Deployment has all its wanted replicas, of its
// newest template, available.
func Available(d *appsv1.Deployment) bool {
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	s := d.Status
	return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == want && s.AvailableReplicas == want && s.Replicas == want
}

// UntilAvailable waits, by list and watch, until every named Deployment of the
// namespace is Available. On timeout the error names each one that is not, its
// pods' container states and their last warning event.
func (c *Client) UntilAvailable(ctx context.Context, namespace string, limit time.Duration, names ...string) error {
	return c.untilAvailable(ctx, namespace, limit, "Deployment", names)
}

// describe says of each workload what its containers do and what the last warning was.
func (c *Client) describe(ctx context.Context, namespace string, workloads []string) string {
	pods, err := c.Set.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Sprintf("\n  (pods could not be listed: %v)", err)
	}
	var text strings.Builder
	for _, w := range workloads {
		found := false
		for _, p := range pods.Items {
			if !strings.HasPrefix(p.Name, w+"-") || WorkloadOf(&p) != w {
				continue
			}
			found = true
			fmt.Fprintf(&text, "\n  %s: %s%s", w, strings.Join(ContainerStates(&p), ", "), c.lastWarning(ctx, &p))
		}
		if !found {
			fmt.Fprintf(&text, "\n  %s: no pod", w)
		}
	}
	return text.String()
}

// WorkloadOf returns the Deployment's name of a pod that a ReplicaSet owns,
// another controller's name, or "" for a bare pod.
func WorkloadOf(p *corev1.Pod) string {
	owner := metav1.GetControllerOf(p)
	switch {
	case owner == nil:
		return ""
	case owner.Kind == "ReplicaSet":
		return strings.TrimSuffix(owner.Name, "-"+p.Labels[appsv1.DefaultDeploymentUniqueLabelKey])
	}
	return owner.Name
}

// ContainerStates says of each container that is not ready what it does.
func ContainerStates(p *corev1.Pod) []string {
	var out []string
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if s.Ready || (s.State.Terminated != nil && s.State.Terminated.ExitCode == 0) {
			continue
		}
		out = append(out, s.Name+" "+State(s.State))
	}
	if len(out) == 0 {
		for _, condition := range p.Status.Conditions {
			if condition.Status != corev1.ConditionTrue {
				out = append(out, fmt.Sprintf("%s is %s: %s", condition.Type, condition.Status, condition.Message))
			}
		}
	}
	return out
}

// State is a container state in words: "running", "waiting: REASON", "terminated: REASON".
func State(s corev1.ContainerState) string {
	switch {
	case s.Running != nil:
		return "running"
	case s.Waiting != nil:
		return strings.TrimSuffix("waiting: "+s.Waiting.Reason, ": ")
	case s.Terminated != nil:
		return strings.TrimSuffix("terminated: "+s.Terminated.Reason, ": ")
	}
	return "unknown"
}

func (c *Client) lastWarning(ctx context.Context, p *corev1.Pod) string {
	events, err := c.Set.CoreV1().Events(p.Namespace).List(ctx, metav1.ListOptions{
		FieldSelector: fields.Set{"involvedObject.name": p.Name, "type": corev1.EventTypeWarning}.String(),
	})
	if err != nil || len(events.Items) == 0 {
		return ""
	}
	last := slices.MaxFunc(events.Items, func(a, b corev1.Event) int { return a.LastTimestamp.Compare(b.LastTimestamp.Time) })
	return fmt.Sprintf(" (%s: %s)", last.Reason, last.Message)
}

// Ours tells whether the namespace is there. One that is there without our label
// is an error: it is not ours to change or to delete.
func (c *Client) Ours(ctx context.Context, name string) (bool, error) {
	ns, err := c.Set.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for namespace %s: %w", name, err)
	case ns.Labels[ManagedBy] != Manager:
		return false, fmt.Errorf("namespace %s was not made by %s (it lacks the label %s=%s) and is left alone; remove it or use another cluster",
			name, Manager, ManagedBy, Manager)
	}
	return true, nil
}

// EnsureNamespace makes the namespace, with our label and the given ones, or
// sets the labels on it. It refuses one that is not Ours.
func (c *Client) EnsureNamespace(ctx context.Context, name string, labels map[string]string) error {
	if _, err := c.Ours(ctx, name); err != nil {
		return err
	}
	object, err := Parse(fmt.Appendf(nil, "{apiVersion: v1, kind: Namespace, metadata: {name: %q}}", name))
	if err != nil {
		return fmt.Errorf("make namespace %s: %w", name, err)
	}
	object[0].SetLabels(labels)
	return c.Apply(ctx, "", object[0])
}

// DeleteNamespace deletes the namespace and waits until it is gone; what hangs
// is named in the error. It refuses one that is not Ours.
func (c *Client) DeleteNamespace(ctx context.Context, name string, limit time.Duration) error {
	if exists, err := c.Ours(ctx, name); err != nil || !exists {
		return err
	}
	namespaces := c.Set.CoreV1().Namespaces()
	if err := namespaces.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("delete namespace %s: %w", name, err)
	}
	last := ""
	shown := progress.Begin(ctx, "namespace "+name+" to be gone", limit)
	defer shown.End()
	err := wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, limit, true, func(ctx context.Context) (bool, error) {
		ns, err := namespaces.Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		if err == nil {
			last = hanging(ns)
			shown.Saw(last)
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("wait %s until namespace %s is gone (%s): %w", limit, name, last, err)
	}
	return nil
}

func hanging(ns *corev1.Namespace) string {
	var messages []string
	for _, condition := range ns.Status.Conditions {
		if condition.Status == corev1.ConditionTrue {
			messages = append(messages, condition.Message)
		}
	}
	return strings.Join(messages, "; ")
}

// Until polls an answer that cannot be watched, from 50 ms to 1 s apart, until
// check returns nil. The error carries what the last check said.
func Until(ctx context.Context, what string, limit time.Duration, check func(context.Context) error) error {
	var last error
	backoff := wait.Backoff{Duration: 50 * time.Millisecond, Factor: 1.6, Cap: time.Second, Steps: 1 << 20}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	shown := progress.Begin(ctx, what, limit)
	defer shown.End()
	err := backoff.DelayFunc().Until(ctx, true, false, func(ctx context.Context) (bool, error) {
		if last = check(ctx); last != nil {
			shown.Saw(last.Error())
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait %s for %s: %w (last: %w)", limit, what, err, last)
	}
	return nil
}

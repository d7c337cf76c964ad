package hygiene

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/pods"
)

// Stability observes restarts, how containers ended, and what was warned of
// about pods that are still there, from after they were last ready.
func (o *Observer) Stability(ctx context.Context, namespace string) (evidence.Stability, error) {
	states, err := pods.New(o.kube).List(ctx, namespace)
	if err != nil {
		return evidence.Stability{}, err
	}
	list, err := o.pods(ctx, namespace)
	if err != nil {
		return evidence.Stability{}, observe.Absent(err)
	}
	seen := evidence.Stability{Pods: states}
	ready := map[types.UID]time.Time{}
	for _, p := range list {
		ready[p.UID] = readySince(p)
		for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
			if end := s.LastTerminationState.Terminated; end != nil {
				seen.Deaths = append(seen.Deaths, evidence.Death{
					Pod: p.Name, Container: s.Name, Reason: end.Reason, ExitCode: int(end.ExitCode), At: end.FinishedAt.UTC(),
				})
			}
		}
	}
	events, err := o.kube.Set.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "type=" + corev1.EventTypeWarning})
	if err != nil {
		return evidence.Stability{}, observe.Absent(fmt.Errorf("list events of namespace %s: %w", namespace, err))
	}
	for _, e := range events.Items {
		since, there := ready[e.InvolvedObject.UID]
		last := lastSeen(e)
		if !there || e.Type != corev1.EventTypeWarning || last.Before(since) {
			continue
		}
		seen.Warnings = append(seen.Warnings, evidence.Warning{
			Pod: e.InvolvedObject.Name, Reason: e.Reason, Message: e.Message, Count: int(max(1, e.Count)), Last: last.UTC(),
		})
	}
	slices.SortFunc(seen.Warnings, func(a, b evidence.Warning) int {
		return cmp.Or(cmp.Compare(a.Pod, b.Pod), a.Last.Compare(b.Last), cmp.Compare(a.Reason, b.Reason))
	})
	return seen, nil
}

// readySince is when the pod became ready last; the zero time when it is not.
func readySince(p corev1.Pod) time.Time {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return c.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

// lastSeen is when an event happened last; which field holds it depends on who wrote it.
func lastSeen(e corev1.Event) time.Time {
	last := e.LastTimestamp.Time
	if e.Series != nil && e.Series.LastObservedTime.After(last) {
		last = e.Series.LastObservedTime.Time
	}
	for _, t := range []time.Time{e.EventTime.Time, e.CreationTimestamp.Time} {
		if last.IsZero() {
			last = t
		}
	}
	return last
}

package hygiene

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// Workloads observes the Deployments, StatefulSets and DaemonSets of the
// namespace, sorted by kind and name.
func (o *Observer) Workloads(ctx context.Context, namespace string) (evidence.Workloads, error) {
	seen, err := o.workloads(ctx, namespace)
	if err != nil {
		err = fmt.Errorf("list the workloads of namespace %s: %w", namespace, err)
	}
	return seen, observe.Absent(err)
}

func (o *Observer) workloads(ctx context.Context, namespace string) (evidence.Workloads, error) {
	seen := evidence.Workloads{Namespace: namespace, Observed: time.Now().UTC(), Items: []evidence.Workload{}}
	apps := o.kube.Set.AppsV1()
	deployments, err := apps.Deployments(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Workloads{}, err
	}
	for _, d := range deployments.Items {
		seen.Items = append(seen.Items, evidence.Workload{
			Kind: "Deployment", Name: d.Name, Wanted: wanted(d.Spec.Replicas),
			Available: int(d.Status.AvailableReplicas), Updated: updated(d.ObjectMeta, d.Status.ObservedGeneration, d.Status.UpdatedReplicas), Paused: d.Spec.Paused,
		})
	}
	sets, err := apps.StatefulSets(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Workloads{}, err
	}
	for _, s := range sets.Items {
		seen.Items = append(seen.Items, evidence.Workload{
			Kind: "StatefulSet", Name: s.Name, Wanted: wanted(s.Spec.Replicas),
			Available: int(s.Status.AvailableReplicas), Updated: updated(s.ObjectMeta, s.Status.ObservedGeneration, s.Status.UpdatedReplicas),
		})
	}
	daemons, err := apps.DaemonSets(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Workloads{}, err
	}
	for _, d := range daemons.Items {
		seen.Items = append(seen.Items, evidence.Workload{
			Kind: "DaemonSet", Name: d.Name, Wanted: int(d.Status.DesiredNumberScheduled),
			Available: int(d.Status.NumberAvailable), Updated: updated(d.ObjectMeta, d.Status.ObservedGeneration, d.Status.UpdatedNumberScheduled),
		})
	}
	slices.SortFunc(seen.Items, func(a, b evidence.Workload) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return seen, nil
}

// updated is how many pods are of the newest template: none is known to be when
// the controller has not seen the workload as it is now.
func updated(o metav1.ObjectMeta, observed int64, pods int32) int {
	if observed < o.Generation {
		return 0
	}
	return int(pods)
}

// wanted is what a number of replicas that is not said means.
func wanted(replicas *int32) int {
	if replicas == nil {
		return 1
	}
	return int(*replicas)
}

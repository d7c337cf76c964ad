// Package pods observes the pods of a namespace. It guarantees one entry for
// each pod the API server lists, with spec and status joined by container name:
// a container without a status yet is there, and not ready.
package pods

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// Observer lists pods.
type Observer struct{ kube *kube.Client }

// New returns an observer of the cluster.
func New(client *kube.Client) *Observer { return &Observer{kube: client} }

// List observes all pods of the namespace, sorted by workload and name.
func (o *Observer) List(ctx context.Context, namespace string) (evidence.Pods, error) {
	list, err := o.kube.Set.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Pods{}, observe.Absent(fmt.Errorf("list pods of namespace %s: %w", namespace, err))
	}
	seen := evidence.Pods{Namespace: namespace, Observed: time.Now().UTC(), Items: make([]evidence.Pod, 0, len(list.Items))}
	for i := range list.Items {
		seen.Items = append(seen.Items, read(&list.Items[i]))
	}
	slices.SortFunc(seen.Items, func(a, b evidence.Pod) int {
		return cmp.Or(cmp.Compare(a.Workload, b.Workload), cmp.Compare(a.Name, b.Name))
	})
	return seen, nil
}

func read(p *corev1.Pod) evidence.Pod {
	return evidence.Pod{
		Name:           p.Name,
		Workload:       kube.WorkloadOf(p),
		Phase:          string(p.Status.Phase),
		Ready:          ready(p),
		Terminating:    p.DeletionTimestamp != nil,
		IP:             p.Status.PodIP,
		Node:           p.Spec.NodeName,
		ServiceAccount: p.Spec.ServiceAccountName,
		Labels:         p.Labels,
		Annotations:    p.Annotations,
		Containers:     containers(p.Spec.Containers, p.Status.ContainerStatuses),
		InitContainers: containers(p.Spec.InitContainers, p.Status.InitContainerStatuses),
	}
}

func ready(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func containers(spec []corev1.Container, status []corev1.ContainerStatus) []evidence.Container {
	var all []evidence.Container
	for _, c := range spec {
		one := evidence.Container{
			Name:    c.Name,
			Image:   c.Image,
			Sidecar: c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways,
		}
		i := slices.IndexFunc(status, func(s corev1.ContainerStatus) bool { return s.Name == c.Name })
		if i >= 0 {
			one.Ready = status[i].Ready
			one.ImageID = status[i].ImageID
			one.Restarts = int(status[i].RestartCount)
			one.State = kube.State(status[i].State)
		}
		all = append(all, one)
	}
	return all
}

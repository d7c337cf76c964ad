// Package hygiene observes what pods are given and may do, what listens in them,
// what they went through, and whether what is installed still is what Helm
// stored. It guarantees that a pod that cannot be asked is said to be so, and
// that nothing is changed: it reads, lists, runs cat in containers and opens
// connections through the API server.
package hygiene

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// Observer asks the API server, and pods through it.
type Observer struct {
	kube *kube.Client
	// exec runs a command in a container and returns its output; connect connects
	// to a port of a pod until the context ends.
	exec    func(ctx context.Context, namespace, pod, container string, command ...string) (string, error)
	connect func(ctx context.Context, namespace, pod string, port int) (net.Conn, error)
}

// New returns an observer of the cluster.
func New(client *kube.Client) *Observer {
	return &Observer{kube: client, exec: client.Exec, connect: connector(client)}
}

// at is how many pods are asked at one time.
const at = 8

// PodSpecs observes the pods of the namespace that are not ending, sorted by
// workload and name.
func (o *Observer) PodSpecs(ctx context.Context, namespace string) (evidence.PodSpecs, error) {
	list, err := o.pods(ctx, namespace)
	if err != nil {
		return evidence.PodSpecs{}, observe.Absent(err)
	}
	return podSpecs(namespace, list), nil
}

// pods lists those that are not ending.
func (o *Observer) pods(ctx context.Context, namespace string) ([]corev1.Pod, error) {
	list, err := o.kube.Set.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list pods of namespace %s: %w", namespace, err)
	}
	return slices.DeleteFunc(list.Items, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil }), nil
}

func podSpecs(namespace string, list []corev1.Pod) evidence.PodSpecs {
	seen := evidence.PodSpecs{Namespace: namespace, Observed: time.Now().UTC(), Items: make([]evidence.PodSpec, 0, len(list))}
	for i := range list {
		seen.Items = append(seen.Items, podSpec(&list[i]))
	}
	slices.SortFunc(seen.Items, func(a, b evidence.PodSpec) int {
		return cmp.Or(cmp.Compare(a.Workload, b.Workload), cmp.Compare(a.Name, b.Name))
	})
	return seen
}

func podSpec(p *corev1.Pod) evidence.PodSpec {
	one := evidence.PodSpec{Name: p.Name, Workload: kube.WorkloadOf(p), ServiceAccount: p.Spec.ServiceAccountName}
	for _, shared := range []struct {
		is   bool
		name string
	}{{p.Spec.HostNetwork, "network"}, {p.Spec.HostPID, "pid"}, {p.Spec.HostIPC, "ipc"}} {
		if shared.is {
			one.HostNamespaces = append(one.HostNamespaces, shared.name)
		}
	}
	for _, v := range p.Spec.Volumes {
		if v.HostPath != nil {
			one.HostPaths = append(one.HostPaths, v.HostPath.Path)
		}
	}
	statuses := slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
	for _, c := range p.Spec.InitContainers {
		spec := containerSpec(c, p.Spec.SecurityContext, statuses)
		spec.Init = c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways
		one.Containers = append(one.Containers, spec)
	}
	for _, c := range p.Spec.Containers {
		one.Containers = append(one.Containers, containerSpec(c, p.Spec.SecurityContext, statuses))
	}
	return one
}

func containerSpec(c corev1.Container, pod *corev1.PodSecurityContext, statuses []corev1.ContainerStatus) evidence.ContainerSpec {
	one := evidence.ContainerSpec{Name: c.Name, Image: c.Image, Command: slices.Concat(c.Command, c.Args)}
	for _, e := range c.Env {
		if e.ValueFrom == nil {
			if one.Env == nil {
				one.Env = map[string]string{}
			}
			one.Env[e.Name] = e.Value
		}
	}
	for _, p := range c.Ports {
		one.Ports = append(one.Ports, int(p.ContainerPort))
	}
	for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if limit, ok := c.Resources.Limits[resource]; ok && !limit.IsZero() {
			if one.Limits == nil {
				one.Limits = map[string]string{}
			}
			one.Limits[string(resource)] = limit.String()
		}
	}
	if pod != nil {
		one.User, one.NonRoot = pod.RunAsUser, pod.RunAsNonRoot
	}
	if s := c.SecurityContext; s != nil {
		one.User, one.NonRoot = cmp.Or(s.RunAsUser, one.User), cmp.Or(s.RunAsNonRoot, one.NonRoot)
		one.Privileged = s.Privileged != nil && *s.Privileged
		if s.Capabilities != nil {
			for _, added := range s.Capabilities.Add {
				one.Added = append(one.Added, string(added))
			}
		}
	}
	for _, s := range statuses {
		if s.Name == c.Name && s.User != nil && s.User.Linux != nil {
			one.UID = &s.User.Linux.UID
		}
	}
	return one
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

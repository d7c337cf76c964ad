// Package cluster observes a cluster, its control plane and what is installed
// in it. It guarantees that what was asked from inside a pod is an answer of
// that pod: a pod that cannot be asked is an error, and not a closed network.
package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/pods"
	"github.com/onap/meshcert/framework/provision/chart"
)

// Observer asks the API server, and pods through it.
type Observer struct {
	kube *kube.Client
	pods *pods.Observer
	// exec runs a command in a container and returns its output.
	exec func(ctx context.Context, namespace, pod, container string, command ...string) (string, error)
}

// New returns an observer of the cluster.
func New(client *kube.Client) *Observer {
	return &Observer{kube: client, pods: pods.New(client), exec: client.Exec}
}

// Probe is what is asked from inside, from the client pod outside the mesh.
type Probe struct {
	// Names are looked up; Addresses (host:port) are dialed.
	Names     []string
	Addresses []string
}

// Cluster observes version, nodes, system pods and the probe's answers.
func (o *Observer) Cluster(ctx context.Context, probe Probe) (evidence.Cluster, error) {
	seen, err := o.cluster(ctx, probe)
	return seen, observe.Absent(err)
}

func (o *Observer) cluster(ctx context.Context, probe Probe) (evidence.Cluster, error) {
	version, err := o.kube.Set.Discovery().ServerVersion()
	if err != nil {
		return evidence.Cluster{}, fmt.Errorf("ask the API server for its version: %w", err)
	}
	seen := evidence.Cluster{Observed: time.Now().UTC(), Version: version.GitVersion}
	if seen.Nodes, err = o.nodes(ctx); err != nil {
		return evidence.Cluster{}, err
	}
	if seen.System, err = o.pods.List(ctx, metav1.NamespaceSystem); err != nil {
		return evidence.Cluster{}, err
	}
	if len(probe.Names)+len(probe.Addresses) == 0 {
		return seen, nil
	}
	seen.Resolved, seen.Dialed, err = o.ask(ctx, probe)
	return seen, err
}

func (o *Observer) nodes(ctx context.Context) ([]evidence.Node, error) {
	list, err := o.kube.Set.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	_, err = o.kube.Set.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, "kubeadm-config", metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("read kubeadm's configuration, ConfigMap kube-system/kubeadm-config: %w", err)
	}
	byKubeadm := err == nil
	nodes := make([]evidence.Node, 0, len(list.Items))
	for _, n := range list.Items {
		_, annotated := n.Annotations["kubeadm.alpha.kubernetes.io/cri-socket"]
		one := evidence.Node{
			Name:    n.Name,
			Kubelet: n.Status.NodeInfo.KubeletVersion,
			OS:      n.Status.NodeInfo.OSImage,
			Runtime: n.Status.NodeInfo.ContainerRuntimeVersion,
			PodCIDR: n.Spec.PodCIDR,
			Kubeadm: annotated || byKubeadm,
		}
		for _, c := range n.Status.Conditions {
			one.Ready = one.Ready || (c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue)
		}
		nodes = append(nodes, one)
	}
	return nodes, nil
}

// Services observes the Services of the namespace, by name.
func (o *Observer) Services(ctx context.Context, namespace string) (evidence.Services, error) {
	list, err := o.kube.Set.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Services{}, observe.Absent(fmt.Errorf("list Services of namespace %s: %w", namespace, err))
	}
	seen := evidence.Services{Namespace: namespace, Observed: time.Now().UTC()}
	for _, s := range list.Items {
		one := evidence.Service{Name: s.Name, Type: string(s.Spec.Type)}
		for _, p := range s.Spec.Ports {
			one.Ports = append(one.Ports, evidence.ServicePort{Name: p.Name, Port: int(p.Port), NodePort: int(p.NodePort)})
		}
		seen.Items = append(seen.Items, one)
	}
	return seen, nil
}

// HelmReleases observes the Helm releases of the namespace, by name.
func (o *Observer) HelmReleases(ctx context.Context, namespace string) (evidence.HelmReleases, error) {
	helm, err := chart.New(o.kube.Config)
	if err != nil {
		return evidence.HelmReleases{}, fmt.Errorf("reach Helm's records: %w", err)
	}
	found, err := helm.List(ctx, namespace)
	if err != nil {
		return evidence.HelmReleases{}, observe.Absent(err)
	}
	return evidence.HelmReleases{Namespace: namespace, Observed: time.Now().UTC(), Items: found}, nil
}

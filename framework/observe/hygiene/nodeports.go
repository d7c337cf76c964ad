package hygiene

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// NodePorts observes the NodePorts of the namespace, and whether a pod behind
// each speaks TLS.
func (o *Observer) NodePorts(ctx context.Context, namespace string) (evidence.NodePorts, error) {
	services, err := o.kube.Set.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.NodePorts{}, observe.Absent(fmt.Errorf("list Services of namespace %s: %w", namespace, err))
	}
	pods, err := o.pods(ctx, namespace)
	if err != nil {
		return evidence.NodePorts{}, observe.Absent(err)
	}
	found := make([][]evidence.NodePort, len(services.Items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(at)
	for i, s := range services.Items {
		if s.Spec.Type != corev1.ServiceTypeNodePort && s.Spec.Type != corev1.ServiceTypeLoadBalancer {
			continue
		}
		group.Go(func() error {
			found[i] = o.nodePorts(ctx, s, pods)
			return ctx.Err()
		})
	}
	err = group.Wait()
	return evidence.NodePorts{
		Namespace: namespace, Observed: time.Now().UTC(), Services: len(services.Items), Items: slices.Concat(found...),
	}, observe.Absent(err)
}

// nodePorts are the NodePorts of one Service.
func (o *Observer) nodePorts(ctx context.Context, s corev1.Service, pods []corev1.Pod) []evidence.NodePort {
	var all []evidence.NodePort
	pod := behind(s, pods)
	for _, p := range s.Spec.Ports {
		if p.NodePort == 0 {
			continue
		}
		one := evidence.NodePort{Service: s.Name, Name: p.Name, Port: int(p.Port), Number: int(p.NodePort)}
		port, err := target(p, pod)
		if err == nil {
			one.TLS, one.Certificate, err = o.shake(ctx, s.Namespace, pod.Name, port)
		}
		if err != nil {
			one.Error = err.Error()
		}
		all = append(all, one)
	}
	return all
}

// behind is a ready pod that the Service selects, nil when there is none.
func behind(s corev1.Service, pods []corev1.Pod) *corev1.Pod {
	for i, p := range pods {
		ready := slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
		if ready && len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Labels)) {
			return &pods[i]
		}
	}
	return nil
}

// target is the pod's port behind the Service's.
func target(p corev1.ServicePort, pod *corev1.Pod) (int, error) {
	switch {
	case pod == nil:
		return 0, errors.New("no ready pod is behind the Service")
	case p.Protocol != "" && p.Protocol != corev1.ProtocolTCP:
		return 0, fmt.Errorf("it is a port of %s", p.Protocol)
	case p.TargetPort.Type == intstr.Int && p.TargetPort.IntVal != 0:
		return int(p.TargetPort.IntVal), nil
	case p.TargetPort.Type == intstr.Int:
		return int(p.Port), nil
	}
	for _, c := range pod.Spec.Containers {
		for _, named := range c.Ports {
			if named.Name == p.TargetPort.StrVal {
				return int(named.ContainerPort), nil
			}
		}
	}
	return 0, fmt.Errorf("pod %s has no port named %q", pod.Name, p.TargetPort.StrVal)
}

// shake tries a TLS handshake with a port of a pod. Who answers it with
// something else has refused; no answer is an error.
func (o *Observer) shake(ctx context.Context, namespace, pod string, port int) (string, *evidence.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	connection, err := o.connect(ctx, namespace, pod, port)
	if err != nil {
		return "", nil, err
	}
	defer connection.Close()
	client := tls.Client(connection, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}) //nolint:gosec // what is presented is evidence, trust is not asked for
	err = client.HandshakeContext(ctx)
	var other tls.RecordHeaderError
	var alert *net.OpError // crypto/tls gives an alert of the other side this form
	switch {
	case errors.As(err, &other):
		return evidence.TLSRefused, nil, nil
	case errors.As(err, &alert) && alert.Op == "remote error":
		return evidence.TLSSpoken, nil, nil
	case err != nil:
		return "", nil, fmt.Errorf("no answer to a TLS handshake by port %d of pod %s/%s: %w", port, namespace, pod, err)
	}
	presented := client.ConnectionState().PeerCertificates
	if len(presented) == 0 {
		return evidence.TLSSpoken, nil, nil
	}
	return evidence.TLSSpoken, &evidence.Certificate{
		Subject: presented[0].Subject.String(), Issuer: presented[0].Issuer.String(),
		NotBefore: presented[0].NotBefore.UTC(), NotAfter: presented[0].NotAfter.UTC(),
	}, nil
}

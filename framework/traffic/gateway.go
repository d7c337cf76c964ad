package traffic

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// The gateways' Services and port; the NodePort is read off the cluster.
const (
	// Internal is the gateway that services call each other through.
	Internal = "msb-iag"
	// External is the gateway for callers outside.
	External = "msb-eag"
)

// entrance is a port that the gateways are called at.
type entrance struct {
	port   int32
	scheme string
}

// entrances are in the order of liking. From Frankfurt on OOM gives a NodePort
// to HTTPS alone (onap/oom, kubernetes/msb/charts/msb-iag/templates/service.yaml).
func entrances() []entrance { return []entrance{{80, "http"}, {443, "https"}} }

// entranceOf is the Service's best entrance with the NodePort that leads to it.
func entranceOf(s *corev1.Service) (e entrance, nodePort int32, found bool) {
	for _, e := range entrances() {
		i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == e.port && p.NodePort != 0 })
		if i >= 0 {
			return e, s.Spec.Ports[i].NodePort, true
		}
	}
	return entrance{}, 0, false
}

// New finds the internal gateway of the namespace; see Find.
func New(ctx context.Context, client *kube.Client, namespace string) (*Sender, error) {
	return Find(ctx, client, namespace, Internal)
}

// Find finds a gateway of the namespace by its Service: the internal address of
// the first ready node, and the NodePort of the Service's port 80, else of 443.
func Find(ctx context.Context, client *kube.Client, namespace, gateway string) (*Sender, error) {
	service, err := client.Set.CoreV1().Services(namespace).Get(ctx, gateway, metav1.GetOptions{})
	if err != nil {
		return nil, observe.Absent(fmt.Errorf("find the gateway, Service %s/%s: %w", namespace, gateway, err))
	}
	way, nodePort, found := entranceOf(service)
	if !found {
		return nil, evidence.Absent(evidence.Unmet,
			fmt.Errorf("find the gateway: Service %s/%s has no NodePort for port 80 or 443", namespace, gateway))
	}
	address, err := Node(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("reach the gateway: %w", err)
	}
	sender := To(&url.URL{Scheme: way.scheme, Host: net.JoinHostPort(address, strconv.Itoa(int(nodePort)))})
	sender.inside = insideOf(client, namespace, gateway)
	return sender, nil
}

// Node finds the internal address of the oldest node that is ready, where NodePorts answer.
func Node(ctx context.Context, client *kube.Client) (string, error) {
	nodes, err := client.Set.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", observe.Absent(fmt.Errorf("find a node: %w", err))
	}
	slices.SortFunc(nodes.Items, func(a, b corev1.Node) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })
	for _, n := range nodes.Items {
		if address := internalIP(n); address != "" && ready(n) {
			return address, nil
		}
	}
	return "", evidence.Absent(evidence.Unmet, fmt.Errorf("find a node: none of %d nodes is ready and has an internal address", len(nodes.Items)))
}

func internalIP(n corev1.Node) string {
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return a.Address
		}
	}
	return ""
}

func ready(n corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

package servicegraph

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/traffic"
)

// door is a way to Servicegraph from outside the cluster.
type door struct {
	// nodePort is 0 when the Service has none.
	nodePort int
	base     *url.URL
}

// findDoor finds the Service's NodePort and a node that has it.
func findDoor(ctx context.Context, client *kube.Client) (door, error) {
	found, err := client.Set.CoreV1().Services(observe.IstioNamespace).Get(ctx, service, metav1.GetOptions{})
	if err != nil {
		return door{}, observe.NeedsRights(fmt.Errorf("find Servicegraph's NodePort: %w", err))
	}
	i := slices.IndexFunc(found.Spec.Ports, func(p corev1.ServicePort) bool { return p.Port == port })
	if i < 0 || found.Spec.Ports[i].NodePort == 0 {
		return door{}, nil
	}
	address, err := traffic.Node(ctx, client)
	if err != nil {
		return door{}, fmt.Errorf("reach Servicegraph's NodePort: %w", err)
	}
	number := int(found.Spec.Ports[i].NodePort)
	return door{nodePort: number, base: &url.URL{Scheme: "http", Host: net.JoinHostPort(address, strconv.Itoa(number))}}, nil
}

// Outside asks GET /graph over the horizon at a node's port, past the API server,
// and once more through it. A node that cannot be connected to from here is a
// precondition that is unmet.
func (o *Observer) Outside(ctx context.Context, horizon time.Duration) (evidence.GraphOutside, error) {
	seen, err := o.outside(ctx, horizon)
	return seen, observe.Absent(err)
}

func (o *Observer) outside(ctx context.Context, horizon time.Duration) (evidence.GraphOutside, error) {
	door, err := o.door(ctx)
	if err != nil || door.nodePort == 0 {
		return evidence.GraphOutside{}, err
	}
	seen := evidence.GraphOutside{NodePort: door.nodePort, Address: door.base.String()}
	// No proxy of the environment is used, and no connection of an earlier look.
	web := &http.Client{Timeout: observe.Limit, Transport: &http.Transport{DisableKeepAlives: true}}
	seen.Graph, err = At(door.base, web).Graph(ctx, horizon)
	var connecting *net.OpError
	if errors.As(err, &connecting) && connecting.Op == "dial" {
		return seen, evidence.Absent(evidence.Unmet, fmt.Errorf("node port %s cannot be reached from here: %w", seen.Address, connecting))
	}
	if err != nil {
		return seen, err
	}
	seen.Graph.Source = DoorSource
	seen.Inside, err = o.Graph(ctx, horizon)
	return seen, err
}

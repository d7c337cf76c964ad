// Package cluster holds the specs that prove that the ground is firm: nodes,
// network, name service, and that nothing gets out.
package cluster

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/cluster"
	observe "github.com/onap/meshcert/framework/observe/cluster"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Specs of topic cluster.
func Specs() []spec.Spec {
	return []spec.Spec{
		{
			ID:      "cluster.nodes",
			Proves:  "every node was joined by kubeadm, is Ready and runs the version that is certified, with network and name service",
			FailsIf: "a node is not Ready or of an older version, or a part of kube-system is missing",
			Labels:  []spec.Label{spec.Core},
			Run:     nodes,
		},
		{
			ID:      "cluster.network",
			Proves:  "a pod resolves and reaches what is inside the cluster, and neither resolves nor reaches what is outside",
			FailsIf: "a Service name does not resolve, or a pod gets out: to an address of the host or a name of the internet",
			Labels:  []spec.Label{spec.Core},
			Run:     network,
		},
	}
}

func nodes(ctx context.Context, env *spec.Env) {
	want := cluster.Want{Version: "v1.34", System: []string{"kube-dns", "kube-proxy"}}
	seen := spec.Look[evidence.Cluster]{
		Name: "cluster", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Cluster, error) {
			return env.Cluster.Cluster(ctx, observe.Probe{})
		},
		Judge: func(seen evidence.Cluster) []verdict.Finding { return cluster.Judge(want, seen) },
	}.Settle(ctx, env)
	env.Note("Kubernetes %s, nodes: %d", seen.Version, len(seen.Nodes))
}

// inside are names that every pod must be able to resolve.
func inside() []string {
	return []string{"kubernetes.default.svc.cluster.local", "msb-iag.onap.svc.cluster.local"}
}

func network(ctx context.Context, env *spec.Env) {
	want := cluster.Network{Inside: inside()}
	bait := layBait(ctx, env)
	if bait == "" {
		env.Note("the way out was not closed by meshcert, so nothing was tried to get out")
	} else {
		want.OutsideNames = []string{"example.com"}
		want.OutsideAddresses = []string{bait}
	}
	probe := observe.Probe{Names: append(inside(), want.OutsideNames...), Addresses: want.OutsideAddresses}
	spec.Look[evidence.Cluster]{
		Name:    "network",
		Source:  "Deployment meshcert-client/client",
		Limit:   time.Minute,
		Observe: func(ctx context.Context) (evidence.Cluster, error) { return env.Cluster.Cluster(ctx, probe) },
		Judge:   func(seen evidence.Cluster) []verdict.Finding { return cluster.JudgeNetwork(want, seen) },
	}.Settle(ctx, env)
}

// layBait listens on an address of the host that the cluster has no business
// with, and answers: were the way out open, a pod would get there. The address
// is empty when the way out was not closed.
func layBait(ctx context.Context, env *spec.Env) string {
	return spec.Step[string]{
		Name: "bait", What: "listening on an address of the host", Source: "this machine",
		Do: func(context.Context) (string, error) {
			if !env.EgressClosed {
				return "", nil
			}
			address, err := hostAddress()
			if err != nil {
				return "", err
			}
			listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
			if err != nil {
				return "", fmt.Errorf("listen on the host's %s: %w", address, err)
			}
			env.Cleanup(func(context.Context) error { return listener.Close() })
			go greet(listener)
			return listener.Addr().String(), nil
		},
	}.Take(ctx, env)
}

// greet says a word to everyone who comes, until the listener is closed.
func greet(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		// Whether the word arrived is for the pod to say.
		_, _ = conn.Write([]byte("you got out\n"))
		_ = conn.Close()
	}
}

// Package cluster judges nodes, system pods and the network of a cluster.
package cluster

import (
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// Want is what a cluster must be.
type Want struct {
	// Version is the lowest version of API server and kubelets: "v1.34".
	Version string
	// Nodes is how many there must be; 0 for any number but none.
	Nodes int
	// System are app labels (k8s-app or app or component) of kube-system that must run, e.g. "kube-dns", "kindnet".
	System []string
}

// Network is what must and must not be reached from inside.
type Network struct {
	// Inside are names that must resolve.
	Inside []string
	// OutsideNames must not resolve; OutsideAddresses (host:port) must not connect. Nil when the cluster is open by wish.
	OutsideNames     []string
	OutsideAddresses []string
}

// Judge compares nodes, versions and system pods.
func Judge(want Want, seen evidence.Cluster) []verdict.Finding { return nil }

// JudgeNetwork compares what was resolved and dialed inside.
func JudgeNetwork(want Network, seen evidence.Cluster) []verdict.Finding { return nil }

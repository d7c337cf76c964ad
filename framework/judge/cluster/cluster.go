// Package cluster judges nodes, versions, system pods and the network of a
// cluster, the closed way out included. What was not asked is inconclusive.
//
// Kinds: no-evidence, wrong-node-count, node-not-ready, node-without-kubeadm,
// node-without-network, old-version, unreadable-version (inconclusive),
// system-pod-missing, system-pod-not-ready, not-asked (inconclusive),
// name-not-resolved, name-resolved, address-reached.
package cluster

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Want is what a cluster must be.
type Want struct {
	// Version is the lowest version of API server and kubelets: "v1.34".
	Version string
	// Nodes is how many there must be; 0 for any number but none.
	Nodes int
	// System names programs of kube-system that must run on ready pods, by
	// workload or by one of the labels k8s-app, app, component: "kube-dns", "kindnet".
	System []string
}

// Judge compares nodes, versions and system pods.
func Judge(want Want, seen evidence.Cluster) []verdict.Finding {
	if len(seen.Nodes) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "the API server lists no node",
			Want:    "at least one node", Got: "none",
			Next: "see whether the cluster is the right one and the credentials may list nodes",
		}}
	}
	findings := version("the API server", "API server", want.Version, seen.Version)
	if want.Nodes != 0 && len(seen.Nodes) != want.Nodes {
		findings = append(findings, verdict.Finding{
			Kind: "wrong-node-count", Verdict: verdict.Fail,
			Summary: fmt.Sprintf("the cluster has %d nodes, not %d", len(seen.Nodes), want.Nodes),
			Want:    fmt.Sprint(want.Nodes), Got: names(seen.Nodes),
			Next: "see whether each node container runs and has joined",
		})
	}
	for _, n := range seen.Nodes {
		findings = append(findings, judgeNode(want, n)...)
	}
	for _, name := range want.System {
		findings = append(findings, judgeSystem(name, seen.System)...)
	}
	verdict.Sort(findings)
	return findings
}

func judgeNode(want Want, n evidence.Node) []verdict.Finding {
	node := "Node " + n.Name
	findings := version("the kubelet of "+n.Name, node, want.Version, n.Kubelet)
	add := func(kind verdict.Kind, summary, wanted, got, next string) {
		findings = append(findings, verdict.Finding{Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: node, Want: wanted, Got: got, Next: next})
	}
	if !n.Ready {
		add("node-not-ready", n.Name+" is not ready", "condition Ready True", "not True", "see the node's conditions and the kubelet's log")
	}
	if !n.Kubeadm {
		add("node-without-kubeadm", n.Name+" was not joined by kubeadm", "kubeadm's mark on the node", "none", "see how the node came into the cluster")
	}
	if n.PodCIDR == "" {
		add("node-without-network", n.Name+" has no address range for pods", "a pod CIDR", "none", "see the controller manager's log and the CNI's")
	}
	return findings
}

// version demands that got is at least want, by major and minor.
func version(who, node, want, got string) []verdict.Finding {
	f := verdict.Finding{Object: node, Want: want + " or newer", Got: object.Text(got), Where: who, Next: "use a node image of a newer Kubernetes"}
	switch {
	case !semver.IsValid(got):
		f.Kind, f.Verdict = "unreadable-version", verdict.Inconclusive
		f.Summary = who + " says no version that can be read"
		return []verdict.Finding{f}
	case semver.Compare(semver.MajorMinor(got), semver.MajorMinor(want)) < 0:
		f.Kind, f.Verdict = "old-version", verdict.Fail
		f.Summary = fmt.Sprintf("%s is too old: %s", who, got)
		return []verdict.Finding{f}
	}
	return nil
}

func judgeSystem(name string, pods evidence.Pods) []verdict.Finding {
	found := false
	var waiting []string
	for _, p := range pods.Items {
		if p.Workload != name && !slices.Contains([]string{p.Labels["k8s-app"], p.Labels["app"], p.Labels["component"]}, name) {
			continue
		}
		found = true
		if !p.Ready && !p.Terminating {
			waiting = append(waiting, p.Name+" ("+p.Phase+")")
		}
	}
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: "kube-system/" + name,
		Want: "ready pods of " + name, Got: strings.Join(waiting, ", "),
		Next: "see the events and logs of namespace kube-system",
	}
	switch {
	case !found:
		f.Kind, f.Summary, f.Got = "system-pod-missing", "no pod of "+name+" runs in kube-system", "none"
	case len(waiting) > 0:
		f.Kind, f.Summary = "system-pod-not-ready", name+" is not ready"
	default:
		return nil
	}
	return []verdict.Finding{f}
}

func names(nodes []evidence.Node) string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.Name)
	}
	return strings.Join(all, ", ")
}

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

// apiServer is what every cluster names its API server.
const apiServer = "Service default/kubernetes"

// owners are what a cluster of kubeadm runs programs of kube-system by; any
// other is named as a pod.
var owners = map[string]string{
	"kube-dns":   "Deployment kube-system/coredns",
	"kube-proxy": "DaemonSet kube-system/kube-proxy",
	"kindnet":    "DaemonSet kube-system/kindnet",
}

// Judge compares nodes, versions and system pods.
func Judge(want Want, seen evidence.Cluster) []verdict.Finding {
	if len(seen.Nodes) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "the API server lists no node", Object: apiServer,
			Want: "at least one node", Got: "none", Where: "list of nodes",
			Why:  "the API server answers itself, so it runs on something: an empty list is not the state of a working cluster",
			Next: "see whether the cluster is the right one and the credentials may list nodes: kubectl get nodes",
		}}
	}
	findings := version("the API server", apiServer, "/version", want.Version, seen.Version)
	if want.Nodes != 0 && len(seen.Nodes) != want.Nodes {
		findings = append(findings, verdict.Finding{
			Kind: "wrong-node-count", Verdict: verdict.Fail,
			Summary: fmt.Sprintf("the cluster has %d nodes, not %d", len(seen.Nodes), want.Nodes), Object: apiServer,
			Want: fmt.Sprintf("%d nodes", want.Nodes), Got: fmt.Sprintf("%d: %s", len(seen.Nodes), names(seen.Nodes)), Where: "list of nodes",
			Why:  "a node that did not join is not listed; one that is listed and was not asked for is somebody else's",
			Next: "see whether each node container runs, and the kubelet's log of the one that is missing",
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
	findings := version("the kubelet of "+n.Name, node, "status.nodeInfo.kubeletVersion", want.Version, n.Kubelet)
	add := func(f verdict.Finding) {
		f.Verdict, f.Object = verdict.Fail, node
		findings = append(findings, f)
	}
	if !n.Ready {
		add(verdict.Finding{
			Kind: "node-not-ready", Summary: n.Name + " is not ready",
			Want: "condition Ready True", Got: "not True", Where: "status.conditions",
			Why:  "the kubelet says that it cannot run pods, or has said nothing for a while; the node's pods are moved away",
			Next: "see the node's conditions (kubectl describe node " + n.Name + ") and the kubelet's log",
		})
	}
	if !n.Kubeadm {
		add(verdict.Finding{
			Kind: "node-without-kubeadm", Summary: n.Name + " was not joined by kubeadm",
			Want: "kubeadm's annotation on the node or kubeadm's ConfigMap in kube-system", Got: "neither",
			Where: "metadata.annotations, ConfigMap kube-system/kubeadm-config",
			Why:   "nothing of what kubeadm leaves behind is there, so something else made this node",
			Next:  "see how the node came into the cluster",
		})
	}
	if n.PodCIDR == "" {
		add(verdict.Finding{
			Kind: "node-without-network", Summary: n.Name + " has no address range for pods",
			Want: "a pod CIDR", Got: "none", Where: "spec.podCIDR",
			Why:  "without a range the CNI has no addresses to give, and pods of this node do not start",
			Next: "see the controller manager's log and the CNI's",
		})
	}
	return findings
}

// version demands that got, seen at a place, is at least want, by major and minor.
func version(who, owner, where, want, got string) []verdict.Finding {
	f := verdict.Finding{Object: owner, Want: want + " or newer", Got: object.Text(got), Where: where}
	switch {
	case !semver.IsValid(got):
		f.Kind, f.Verdict = "unreadable-version", verdict.Inconclusive
		f.Summary = who + " says no version that can be read"
		f.Why = "whether it is new enough cannot be told"
		f.Next = "see what " + who + " answers: kubectl version, kubectl get nodes -o wide"
		return []verdict.Finding{f}
	case semver.Compare(semver.MajorMinor(got), semver.MajorMinor(want)) < 0:
		f.Kind, f.Verdict = "old-version", verdict.Fail
		f.Summary = fmt.Sprintf("%s is too old: %s", who, got)
		f.Why = "native sidecars and the API versions of the charts are those of " + want
		f.Next = "use a node image of a newer Kubernetes"
		return []verdict.Finding{f}
	}
	return nil
}

func judgeSystem(name string, pods evidence.Pods) []verdict.Finding {
	found := false
	var waiting []string
	for _, p := range pods.Items {
		if p.Terminating || p.Workload != name && !slices.Contains([]string{p.Labels["k8s-app"], p.Labels["app"], p.Labels["component"]}, name) {
			continue
		}
		found = true
		if !p.Ready {
			waiting = append(waiting, p.Name+" ("+p.Phase+")")
		}
	}
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: owner(name),
		Want: "ready pods of " + name, Got: strings.Join(waiting, ", "), Where: "pods of namespace kube-system",
	}
	switch {
	case !found:
		f.Kind, f.Summary, f.Got = "system-pod-missing", "no pod of "+name+" runs in kube-system", "none"
		f.Why = fmt.Sprintf("no pod belongs to a workload of this name or carries it as label k8s-app, app or component: %s was scaled down, deleted, or never installed", name)
		f.Next = "see " + owner(name) + " and the events of namespace kube-system"
	case len(waiting) > 0:
		f.Kind, f.Summary = "system-pod-not-ready", name+" is not ready"
		f.Why = "its pods are there and do not pass their readiness check, so what the cluster needs " + name + " for may fail"
		f.Next = "see the events and logs of these pods: kubectl -n kube-system describe pod"
	default:
		return nil
	}
	return []verdict.Finding{f}
}

func owner(program string) string {
	if known, ok := owners[program]; ok {
		return known
	}
	return "Pod kube-system/" + program
}

func names(nodes []evidence.Node) string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.Name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

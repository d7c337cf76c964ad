package cluster_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/cluster"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

var want = cluster.Want{Version: "v1.34", Nodes: 2, System: []string{"kube-dns", "kube-proxy", "etcd"}}

func healthy() evidence.Cluster {
	pod := func(name, workload, key, value string) evidence.Pod {
		return evidence.Pod{Name: name, Workload: workload, Labels: map[string]string{key: value}, Phase: "Running", Ready: true}
	}
	node := func(name string) evidence.Node {
		return evidence.Node{Name: name, Ready: true, Kubelet: "v1.34.4", PodCIDR: "10.244.0.0/24", Kubeadm: true}
	}
	return evidence.Cluster{
		Observed: sample.Now, Version: "v1.34.4", Nodes: []evidence.Node{node("a"), node("b")},
		System: evidence.Pods{Namespace: "kube-system", Items: []evidence.Pod{
			pod("coredns-1", "coredns", "k8s-app", "kube-dns"), pod("kube-proxy-1", "kube-proxy", "x", "y"), pod("etcd-a", "a", "component", "etcd"),
		}},
		Resolved: map[string]string{"kubernetes.default": "10.96.0.1", "example.com": "error: no such host"},
		Dialed:   map[string]string{"192.0.2.1:80": "error: connect: no route to host"},
	}
}

func check(t *testing.T, findings []verdict.Finding, kinds []string, v verdict.Verdict, object, text string) {
	t.Helper()
	if diff := cmp.Diff(kinds, sample.Kinds(findings)); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
	}
	sample.Complete(t, findings)
	if got := verdict.Of(findings); got != v {
		t.Errorf("verdict %s, want %s", got, v)
	}
	if len(findings) == 0 {
		return
	}
	if f := findings[0]; f.Object != object || !strings.Contains(f.Got+f.Summary, text) {
		t.Errorf("want object %q and text %q: %+v", object, text, f)
	}
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(*evidence.Cluster)
		kinds   []string
		verdict verdict.Verdict
		object  string
		text    string
	}{
		"healthy":     {func(*evidence.Cluster) {}, nil, verdict.Pass, "", ""},
		"newer":       {func(c *evidence.Cluster) { c.Version, c.Nodes[0].Kubelet = "v1.35.0", "v2.0.1" }, nil, verdict.Pass, "", ""},
		"no nodes":    {func(c *evidence.Cluster) { c.Nodes = nil }, []string{"no-evidence"}, verdict.Inconclusive, "Service default/kubernetes", ""},
		"a node less": {func(c *evidence.Cluster) { c.Nodes = c.Nodes[:1] }, []string{"wrong-node-count"}, verdict.Fail, "Service default/kubernetes", "1: a"},
		"not ready":   {func(c *evidence.Cluster) { c.Nodes[1].Ready = false }, []string{"node-not-ready"}, verdict.Fail, "Node b", ""},
		"no kubeadm":  {func(c *evidence.Cluster) { c.Nodes[1].Kubeadm = false }, []string{"node-without-kubeadm"}, verdict.Fail, "Node b", ""},
		"no pod CIDR": {func(c *evidence.Cluster) { c.Nodes[1].PodCIDR = "" }, []string{"node-without-network"}, verdict.Fail, "Node b", ""},
		"old server":  {func(c *evidence.Cluster) { c.Version = "v1.9.11" }, []string{"old-version"}, verdict.Fail, "Service default/kubernetes", "v1.9.11"},
		"old kubelet": {func(c *evidence.Cluster) { c.Nodes[0].Kubelet = "v1.33.9" }, []string{"old-version"}, verdict.Fail, "Node a", "v1.33.9"},
		"no version":  {func(c *evidence.Cluster) { c.Version = "" }, []string{"unreadable-version"}, verdict.Inconclusive, "Service default/kubernetes", "none"},
		"no DNS":      {func(c *evidence.Cluster) { c.System.Items = c.System.Items[1:] }, []string{"system-pod-missing"}, verdict.Fail, "Deployment kube-system/coredns", ""},
		"DNS waits": {func(c *evidence.Cluster) { c.System.Items[0].Ready = false }, []string{"system-pod-not-ready"}, verdict.Fail,
			"Deployment kube-system/coredns", "coredns-1 (Running)"},
		"no system pods": {func(c *evidence.Cluster) { c.System.Items = nil },
			[]string{"system-pod-missing", "system-pod-missing", "system-pod-missing"}, verdict.Fail, "DaemonSet kube-system/kube-proxy", ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthy()
			c.spoil(&seen)
			check(t, cluster.Judge(want, seen), c.kinds, c.verdict, c.object, c.text)
		})
	}
}

func TestJudgeNetwork(t *testing.T) {
	const dns, client = "Service kube-system/kube-dns", "Deployment meshcert-client/client"
	network := cluster.Network{Inside: []string{"kubernetes.default"}, OutsideNames: []string{"example.com"}, OutsideAddresses: []string{"192.0.2.1:80"}}
	for name, c := range map[string]struct {
		want    cluster.Network
		spoil   func(*evidence.Cluster)
		kinds   []string
		verdict verdict.Verdict
		object  string
		text    string
	}{
		"closed":         {network, func(*evidence.Cluster) {}, nil, verdict.Pass, "", ""},
		"open by wish":   {cluster.Network{Inside: network.Inside}, func(c *evidence.Cluster) { c.Resolved["example.com"] = "1.2.3.4" }, nil, verdict.Pass, "", ""},
		"names alone":    {cluster.Network{Inside: network.Inside, OutsideNames: network.OutsideNames}, func(*evidence.Cluster) {}, nil, verdict.Pass, "", ""},
		"outside alone":  {cluster.Network{OutsideNames: network.OutsideNames, OutsideAddresses: network.OutsideAddresses}, func(*evidence.Cluster) {}, nil, verdict.Pass, "", ""},
		"no DNS inside":  {network, func(c *evidence.Cluster) { c.Resolved["kubernetes.default"] = "error: timeout" }, []string{"name-not-resolved"}, verdict.Fail, dns, "timeout"},
		"empty answer":   {network, func(c *evidence.Cluster) { c.Resolved["kubernetes.default"] = "" }, []string{"name-not-resolved"}, verdict.Fail, dns, ""},
		"DNS gets out":   {network, func(c *evidence.Cluster) { c.Resolved["example.com"] = "93.184.216.34" }, []string{"name-resolved"}, verdict.Fail, dns, "93.184.216.34"},
		"a pod gets out": {network, func(c *evidence.Cluster) { c.Dialed["192.0.2.1:80"] = "connected" }, []string{"address-reached"}, verdict.Fail, "cluster network", "connected"},
		"nothing was asked": {network, func(c *evidence.Cluster) { c.Resolved, c.Dialed = nil, nil },
			[]string{"not-asked", "not-asked", "not-asked"}, verdict.Inconclusive, client, ""},
		"nothing is wanted": {cluster.Network{}, func(*evidence.Cluster) {}, []string{"not-asked"}, verdict.Inconclusive, client, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthy()
			c.spoil(&seen)
			check(t, cluster.JudgeNetwork(c.want, seen), c.kinds, c.verdict, c.object, c.text)
		})
	}
}

func TestGolden(t *testing.T) {
	seen := healthy()
	seen.Dialed["192.0.2.1:80"] = "connected"
	got := cluster.JudgeNetwork(cluster.Network{OutsideAddresses: []string{"192.0.2.1:80"}}, seen)
	want := []verdict.Finding{{
		Kind: "address-reached", Verdict: verdict.Fail,
		Summary: "a pod reaches an address outside the cluster: 192.0.2.1:80",
		Object:  "cluster network",
		Want:    "no connection to 192.0.2.1:80",
		Got:     "connected",
		Where:   "dialed from Deployment meshcert-client/client",
		Why:     "the connection was made from inside a pod, so the rules that close the cluster's network are gone or do not match",
		Next:    "see the firewall rules of the cluster's container network",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

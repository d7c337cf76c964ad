package load_test

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/load"
	"github.com/onap/meshcert/framework/verdict"
)

// pods are the four of a load, one with its sidecar as an init container, and one
// of the canary beside them.
func pods() evidence.Pods {
	own, proxy := evidence.Container{Name: "fortio"}, evidence.Container{Name: "istio-proxy"}
	native := evidence.Container{Name: "istio-proxy", Sidecar: true}
	pod := func(workload string, containers ...evidence.Container) evidence.Pod {
		return evidence.Pod{Name: workload + "-1", Workload: workload, Node: "node-1", Ready: true, Containers: containers}
	}
	seen := evidence.Pods{Namespace: "meshcert-canary", Items: []evidence.Pod{
		pod("canary-client", own, proxy), pod("load-client-meshed", own, proxy), pod("load-client-plain", own), pod("load-server-meshed", own), pod("load-server-plain", own),
	}}
	seen.Items[3].InitContainers = []evidence.Container{{Name: "istio-init"}, native}
	return seen
}

func TestJudgePods(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func([]evidence.Pod)
		want   verdict.Verdict
		kind   verdict.Kind
		object string
		text   string
	}{
		"healthy":                      {want: verdict.Pass},
		"the client lacks its sidecar": {func(p []evidence.Pod) { p[1].Containers = p[1].Containers[:1] }, verdict.Fail, "missing-sidecar", "Deployment meshcert-canary/load-client-meshed", "fortio"},
		"the server lacks its sidecar": {func(p []evidence.Pod) { p[3].InitContainers = p[3].InitContainers[:1] }, verdict.Fail, "missing-sidecar", "Deployment meshcert-canary/load-server-meshed", "fortio"},
		"an init container that ends":  {func(p []evidence.Pod) { p[3].InitContainers[1].Sidecar = false }, verdict.Fail, "missing-sidecar", "Deployment meshcert-canary/load-server-meshed", "fortio"},
		"two containers, no sidecar":   {func(p []evidence.Pod) { p[1].Containers[1].Name = "filebeat" }, verdict.Fail, "missing-sidecar", "Deployment meshcert-canary/load-client-meshed", "fortio, filebeat"},
		"a sidecar too many": {func(p []evidence.Pod) {
			p[4].Containers = append(p[4].Containers, evidence.Container{Name: "istio-proxy"})
		}, verdict.Fail, "unwanted-sidecar", "Deployment meshcert-canary/load-server-plain", "istio-proxy"},
		"another node":   {func(p []evidence.Pod) { p[2].Node = "node-2" }, verdict.Inconclusive, "other-node", "Namespace meshcert-canary", "load-client-plain on node-2"},
		"a pod on leave": {func(p []evidence.Pod) { p[2].Terminating = true }, verdict.Inconclusive, "no-evidence", "Deployment meshcert-canary/load-client-plain", "none"},
		"another's pod":  {func(p []evidence.Pod) { p[2].Workload = "load" }, verdict.Inconclusive, "no-evidence", "Deployment meshcert-canary/load-client-plain", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := pods()
			if c.edit != nil {
				c.edit(seen.Items)
			}
			says(t, load.JudgePods(seen), c.want, c.kind, c.object, c.text)
		})
	}
	says(t, load.JudgePods(evidence.Pods{}), verdict.Inconclusive, "no-evidence", "Deployment meshcert-canary/load-server-meshed", "none")
}

func probes() []evidence.LoadProbe {
	return []evidence.LoadProbe{
		{Way: evidence.Plain},
		{Way: evidence.Meshed, ForwardedClientCert: "By=spiffe://cluster.local/ns/meshcert-canary/sa/default;URI=spiffe://cluster.local/ns/meshcert-canary/sa/default"},
	}
}

func TestJudgeProbes(t *testing.T) {
	const plain, meshed = "Deployment meshcert-canary/load-server-plain", "Deployment meshcert-canary/load-server-meshed"
	for name, c := range map[string]struct {
		edit   func([]evidence.LoadProbe)
		want   verdict.Verdict
		kind   verdict.Kind
		object string
		text   string
	}{
		"healthy":                {want: verdict.Pass},
		"plain text":             {func(p []evidence.LoadProbe) { p[1].ForwardedClientCert = "" }, verdict.Fail, "no-client-certificate", meshed, "none"},
		"something on the way":   {func(p []evidence.LoadProbe) { p[0].ForwardedClientCert = "URI=spiffe://a" }, verdict.Fail, "unexpected-certificate", plain, "URI=spiffe://a"},
		"no answer":              {func(p []evidence.LoadProbe) { p[1] = evidence.LoadProbe{Way: evidence.Meshed, Error: "503"} }, verdict.Fail, "no-answer", meshed, "503"},
		"no answer without any":  {func(p []evidence.LoadProbe) { p[0].Error = "refused" }, verdict.Inconclusive, "no-answer", plain, "refused"},
		"one was not sent":       {func(p []evidence.LoadProbe) { p[0] = p[1] }, verdict.Inconclusive, "no-evidence", plain, "none"},
		"the other was not sent": {func(p []evidence.LoadProbe) { p[1].Way = "" }, verdict.Inconclusive, "no-evidence", meshed, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := probes()
			if c.edit != nil {
				c.edit(seen)
			}
			says(t, load.JudgeProbes(seen), c.want, c.kind, c.object, c.text)
		})
	}
	says(t, load.JudgeProbes(nil), verdict.Inconclusive, "no-evidence", meshed, "none")
}

package cluster

import (
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Network is what must and what must not be reached from inside the cluster.
type Network struct {
	// Inside are names that must resolve.
	Inside []string
	// OutsideNames must not resolve and OutsideAddresses (host:port) must not
	// connect; none of either when the cluster is open by wish.
	OutsideNames     []string
	OutsideAddresses []string
}

// failed is how evidence marks an answer that is an error.
const failed = "error: "

// dns is the server that answers for names inside the cluster; client is the
// workload of ours that asks and dials.
const (
	dns    = "Service kube-system/kube-dns"
	client = "Deployment meshcert-client/client"
)

// JudgeNetwork compares what was resolved and dialed inside with what must be.
func JudgeNetwork(want Network, seen evidence.Cluster) []verdict.Finding {
	var findings []verdict.Finding
	for _, name := range want.Inside {
		got, asked := seen.Resolved[name]
		switch {
		case !asked:
			findings = append(findings, notAsked("the name "+name))
		case got == "" || strings.HasPrefix(got, failed):
			findings = append(findings, notResolved(name, got))
		}
	}
	for _, name := range want.OutsideNames {
		got, asked := seen.Resolved[name]
		switch {
		case !asked:
			findings = append(findings, notAsked("the name "+name))
		case !strings.HasPrefix(got, failed):
			findings = append(findings, resolved(name, got))
		}
	}
	for _, address := range want.OutsideAddresses {
		got, asked := seen.Dialed[address]
		switch {
		case !asked:
			findings = append(findings, notAsked("the address "+address))
		case !strings.HasPrefix(got, failed):
			findings = append(findings, reached(address, got))
		}
	}
	if len(want.Inside)+len(want.OutsideNames)+len(want.OutsideAddresses) == 0 {
		findings = append(findings, notAsked("nothing"))
	}
	verdict.Sort(findings)
	return findings
}

func notResolved(name, got string) verdict.Finding {
	return verdict.Finding{
		Kind: "name-not-resolved", Verdict: verdict.Fail, Summary: "the cluster's DNS does not know " + name, Object: dns,
		Want: name + " resolves", Got: object.Text(got), Where: "lookup from " + client,
		Why:  "the name is that of a Service: CoreDNS does not answer, does not see the Service, or the Service is not there",
		Next: "see whether the Service exists, then the pods of CoreDNS and their log: kubectl -n kube-system logs -l k8s-app=kube-dns",
	}
}

func resolved(name, got string) verdict.Finding {
	return verdict.Finding{
		Kind: "name-resolved", Verdict: verdict.Fail, Summary: "a name outside the cluster is resolved: " + name, Object: dns,
		Want: name + " does not resolve", Got: object.Text(got), Where: "lookup from " + client,
		Why:  "CoreDNS asked a server outside the cluster, so questions of pods leave the machine",
		Next: "see that CoreDNS forwards nothing: kubectl -n kube-system get configmap coredns -o yaml",
	}
}

func reached(address, got string) verdict.Finding {
	return verdict.Finding{
		Kind: "address-reached", Verdict: verdict.Fail, Summary: "a pod reaches an address outside the cluster: " + address, Object: "cluster network",
		Want: "no connection to " + address, Got: object.Text(got), Where: "dialed from " + client,
		Why:  "the connection was made from inside a pod, so the rules that close the cluster's network are gone or do not match",
		Next: "see the firewall rules of the cluster's container network",
	}
}

func notAsked(what string) verdict.Finding {
	return verdict.Finding{
		Kind: "not-asked", Verdict: verdict.Inconclusive, Summary: what + " was not asked for inside the cluster",
		Object: client, Want: "an answer to judge", Got: "none", Where: "answers of " + client,
		Why:  "without an answer from inside a pod nothing can be said of the cluster's network",
		Next: "see that the client pod runs: kubectl -n meshcert-client get pods",
	}
}

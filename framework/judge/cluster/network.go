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

// JudgeNetwork compares what was resolved and dialed inside with what must be.
func JudgeNetwork(want Network, seen evidence.Cluster) []verdict.Finding {
	var findings []verdict.Finding
	for _, name := range want.Inside {
		got, asked := seen.Resolved[name]
		switch {
		case !asked:
			findings = append(findings, notAsked("the name "+name))
		case got == "" || strings.HasPrefix(got, failed):
			findings = append(findings, network("name-not-resolved", "the cluster's DNS does not know "+name, name+" resolves", got,
				"see the pods of kube-dns and their log"))
		}
	}
	for _, name := range want.OutsideNames {
		got, asked := seen.Resolved[name]
		switch {
		case !asked:
			findings = append(findings, notAsked("the name "+name))
		case !strings.HasPrefix(got, failed):
			findings = append(findings, network("name-resolved", "a name outside the cluster is resolved: "+name, name+" does not resolve", got,
				"see that CoreDNS forwards nothing"))
		}
	}
	for _, address := range want.OutsideAddresses {
		got, asked := seen.Dialed[address]
		switch {
		case !asked:
			findings = append(findings, notAsked("the address "+address))
		case !strings.HasPrefix(got, failed):
			findings = append(findings, network("address-reached", "a pod reaches an address outside the cluster: "+address, "no connection to "+address, got,
				"see the firewall rules of the cluster's container network"))
		}
	}
	if len(want.Inside)+len(want.OutsideNames)+len(want.OutsideAddresses) == 0 {
		findings = append(findings, notAsked("nothing"))
	}
	verdict.Sort(findings)
	return findings
}

func network(kind verdict.Kind, summary, want, got, next string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: "cluster network",
		Want: want, Got: object.Text(got), Where: "asked from the client pod of namespace meshcert-client", Next: next,
	}
}

func notAsked(what string) verdict.Finding {
	return verdict.Finding{
		Kind: "not-asked", Verdict: verdict.Inconclusive, Summary: what + " was not asked for inside the cluster",
		Object: "cluster network", Want: "an answer to judge", Got: "none",
		Next: "see that the client pod of namespace meshcert-client runs",
	}
}

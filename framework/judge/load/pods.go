package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgePods judges by their containers' names whether the load's pods have
// sidecars as their way says, and whether all are on one node.
func JudgePods(pods evidence.Pods) []verdict.Finding {
	var findings []verdict.Finding
	nodes := map[string][]string{}
	for _, way := range ways() {
		for _, end := range []string{"client", "server"} {
			workload := "load-" + end + "-" + string(way)
			found := false
			for _, pod := range pods.Items {
				if pod.Workload != workload || pod.Terminating {
					continue
				}
				found = true
				nodes[pod.Node] = append(nodes[pod.Node], workload)
				if has := slices.Contains(containers(pod), sidecar); has != (way == evidence.Meshed) {
					findings = append(findings, wrongContainers(workload, pod, way))
				}
			}
			if !found {
				findings = append(findings, noPod(workload))
			}
		}
	}
	if len(findings) == 0 && len(nodes) != 1 {
		findings = append(findings, otherNode(nodes))
	}
	verdict.Sort(findings)
	return findings
}

// containers are the names of those that run beside each other, native sidecars included.
func containers(p evidence.Pod) []string {
	var names []string
	for _, c := range p.InitContainers {
		if c.Sidecar {
			names = append(names, c.Name)
		}
	}
	for _, c := range p.Containers {
		names = append(names, c.Name)
	}
	return names
}

func noPod(workload string) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive,
		Summary: "no pod of " + workload + " was seen",
		Object:  object.Deployment(namespace, workload), Where: "the pods of namespace " + namespace,
		Want: "one pod", Got: "none",
		Why:  "without it nothing can be sent, and nobody knows whether it has a sidecar",
		Next: "see the events of namespace " + namespace,
	}
}

func wrongContainers(workload string, pod evidence.Pod, way evidence.LoadWay) verdict.Finding {
	f := verdict.Finding{
		Kind: "missing-sidecar", Verdict: verdict.Fail,
		Summary: workload + " has no sidecar, so that load with sidecars would be load without",
		Object:  object.Deployment(namespace, workload), Where: "pod " + namespace + "/" + pod.Name,
		Want: "containers fortio and " + sidecar, Got: strings.Join(containers(pod), ", "),
		Why:  "the pod asks for a sidecar by its annotation, in a namespace that is labelled for injection, and was made without one",
		Next: "see the injector: make e2e FOCUS=injection.matrix",
	}
	if way == evidence.Plain {
		f.Kind = "unwanted-sidecar"
		f.Summary = workload + " has a sidecar, so that load without sidecars would be load with"
		f.Want = "container fortio alone"
		f.Why = "the pod refuses a sidecar by its annotation, and was made with one"
	}
	return f
}

func otherNode(nodes map[string][]string) verdict.Finding {
	var parts []string
	for _, node := range slices.Sorted(maps.Keys(nodes)) {
		slices.Sort(nodes[node])
		parts = append(parts, fmt.Sprintf("%s on %s", strings.Join(nodes[node], ", "), object.Text(node)))
	}
	return verdict.Finding{
		Kind: "other-node", Verdict: verdict.Inconclusive,
		Summary: "the load's pods are not on one node",
		Object:  "Namespace " + namespace, Where: "the pods load-… of namespace " + namespace,
		Want: "all four on one node", Got: strings.Join(parts, "; "),
		Why:  "between nodes requests take longer than within one, so that not only the sidecars would differ",
		Next: "run it again; see the pods' affinity, and whether a node has room for all four",
	}
}

// JudgeProbes judges one request on each way of our own, by the client certificate
// that the server was told of.
func JudgeProbes(probes []evidence.LoadProbe) []verdict.Finding {
	var findings []verdict.Finding
	for _, way := range ways() {
		found := false
		for _, p := range probes {
			if p.Way != way {
				continue
			}
			found = true
			if f, wrong := wrongProbe(p); wrong {
				findings = append(findings, f)
			}
		}
		if !found {
			findings = append(findings, noProbe(way))
		}
	}
	verdict.Sort(findings)
	return findings
}

func noProbe(way evidence.LoadWay) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive,
		Summary: "no first request of way " + string(way) + " was sent",
		Object:  server(way), Where: "the requests before the load",
		Want: "one request", Got: "none",
		Why:  "whether requests of this way pass sidecars is known from what the server was told",
		Next: "run it again; see the log of the pods load-client-… in namespace " + namespace,
	}
}

func wrongProbe(p evidence.LoadProbe) (verdict.Finding, bool) {
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: server(p.Way), Where: "GET /debug of " + server(p.Way) + ", way " + string(p.Way),
		Got: "header X-Forwarded-Client-Cert: " + object.Text(p.ForwardedClientCert), Want: "a client certificate",
	}
	switch {
	case p.Error != "":
		f.Kind, f.Want, f.Got = "no-answer", "status 200", p.Error
		f.Summary = "the first request of way " + string(p.Way) + " was not answered"
		f.Why = "both pods are ready, so the request was lost or refused between them"
		f.Next = "see the logs of both pods, their sidecars' first: kubectl -n " + namespace + " logs deployment/load-client-" + string(p.Way) + " --all-containers"
		if p.Way == evidence.Plain {
			f.Verdict = verdict.Inconclusive
		}
	case p.Way == evidence.Meshed && p.ForwardedClientCert == "":
		f.Kind = "no-client-certificate"
		f.Summary = "requests between two sidecars arrive without a client certificate"
		f.Why = "the requests went around a sidecar or in plain text, so load with sidecars would be something else"
		f.Next = "see PeerAuthentication and DestinationRule of namespace " + namespace + " and of the mesh, and spec controlplane.canary"
	case p.Way == evidence.Plain && p.ForwardedClientCert != "":
		f.Kind, f.Want = "unexpected-certificate", "no client certificate"
		f.Summary = "requests between two pods without sidecars arrive with a client certificate"
		f.Why = "something like a sidecar is on the way, so load without sidecars would be something else"
		f.Next = "see what is between the pods: a node's proxy (ztunnel) or a gateway"
	default:
		return f, false
	}
	return f, true
}

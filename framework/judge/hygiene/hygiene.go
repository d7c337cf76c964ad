// Package hygiene judges what ONAP's own gating checks ask of a deployment: no
// root, limits, no debuggers, no NodePort without TLS, certificates that hold,
// fixed versions, no more privileges than needed. Every pod of the namespace is
// judged, and no evidence of a workload of the catalogue is never a pass.
//
// Kinds of all: no-evidence, workload-not-seen (both inconclusive).
// Of users: runs-as-root, root-allowed, init-root-allowed, proxy-runs-as-root.
// Of limits: no-limits, init-no-limits, proxy-no-limits.
// Of debuggers: debugger-option, debugger-listens, not-asked (inconclusive),
// sockets-not-seen (a note).
// Of NodePorts: unknown-node-port, node-port-without-tls, https-without-tls,
// node-port-not-seen and not-asked (both inconclusive).
// Of certificates: certificate-expired, certificate-ends-soon,
// certificate-self-signed, certificate-not-seen and not-asked (both inconclusive),
// no-certificate (a note).
// Of versions: floating-tag.
// Of privileges: privileged, host-namespace, host-path, host-time-zone,
// added-capability, cluster-admin, default-account-rights, default-account-writes.
package hygiene

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// meshInits are the init containers of the mesh itself, which set up the pod's
// network and need what no container of ONAP does.
var meshInits = []string{"istio-init", "istio-validation"}

// ofMesh tells whether the container is one of them; in a pod without a sidecar
// none is.
func ofMesh(p evidence.PodSpec, c evidence.ContainerSpec) bool {
	return c.Init && slices.Contains(meshInits, c.Name) && hasProxy(p)
}

func hasProxy(p evidence.PodSpec) bool {
	return slices.ContainsFunc(p.Containers, func(c evidence.ContainerSpec) bool { return c.Name == catalogue.Proxy })
}

// mark is something about one container, or one other part of a pod.
type mark struct {
	kind verdict.Kind
	// part is what it is about ("msb-iag"), got what was seen there.
	part, got string
}

// sentences is how the findings of one kind read.
type sentences struct {
	// summary is said of the object, the parts follow: "containers run as root".
	summary, want, why, next string
}

// judgePods judges each pod by marks and says one finding for each object and
// kind; evidence without pods, or without one of a workload, is inconclusive.
func judgePods(release *catalogue.Release, pods evidence.PodSpecs, marks func(evidence.PodSpec) []mark, say map[verdict.Kind]sentences) []verdict.Finding {
	if len(pods.Items) == 0 {
		return []verdict.Finding{nothing(pods.Namespace, "pods")}
	}
	type about struct {
		object string
		kind   verdict.Kind
	}
	found := map[about][]string{}
	for _, p := range pods.Items {
		for _, m := range marks(p) {
			key := about{objectOf(release, pods.Namespace, p), m.kind}
			found[key] = append(found[key], m.part+": "+m.got)
		}
	}
	findings := notSeen(release, pods)
	for key, got := range found {
		slices.Sort(got)
		got = slices.Compact(got)
		s := say[key.kind]
		findings = append(findings, verdict.Finding{
			Kind: key.kind, Verdict: verdict.Fail, Summary: key.object + ": " + s.summary, Object: key.object,
			Want: s.want, Got: strings.Join(got, "; "), Where: "pods of namespace " + cmp.Or(pods.Namespace, "(none)"),
			Why: s.why, Next: s.next,
		})
	}
	verdict.Sort(findings)
	return findings
}

// objectOf names the workload of a pod, or the pod where it has none.
func objectOf(release *catalogue.Release, namespace string, p evidence.PodSpec) string {
	if p.Workload == "" {
		return "Pod " + namespace + "/" + p.Name
	}
	return object.Workload(release, namespace, p.Workload)
}

// notSeen names the workloads of the catalogue that no pod with containers shows.
func notSeen(release *catalogue.Release, pods evidence.PodSpecs) []verdict.Finding {
	seen := map[string]map[string]bool{}
	for _, p := range pods.Items {
		for _, c := range p.Containers {
			if seen[p.Workload] == nil {
				seen[p.Workload] = map[string]bool{}
			}
			seen[p.Workload][c.Name] = true
		}
	}
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		missing := map[string]bool{}
		for _, c := range w.Containers {
			missing[c.Name] = true
		}
		maps.DeleteFunc(missing, func(name string, _ bool) bool { return seen[w.Name][name] })
		if len(missing) == 0 {
			continue
		}
		names := strings.Join(slices.Sorted(maps.Keys(missing)), ", ")
		findings = append(findings, verdict.Finding{
			Kind: "workload-not-seen", Verdict: verdict.Inconclusive,
			Summary: fmt.Sprintf("no pod of %s with container %s was seen", w.Name, names), Object: w.Object(pods.Namespace),
			Want: "a pod with each container of the catalogue", Got: "none with " + names, Where: "list of " + object.Count(len(pods.Items), "pod"),
			Why:  "what does not run cannot be judged, and it may come back otherwise than it was",
			Next: fmt.Sprintf("see why it has no such pod: kubectl -n %s get pods, and the findings of the sidecar specs", pods.Namespace),
		})
	}
	return findings
}

func nothing(namespace, what string) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: fmt.Sprintf("namespace %s shows no %s", namespace, what),
		Object: "Namespace " + namespace, Want: what + " to judge", Got: "none", Where: "what the API server lists",
		Why:  "an audit of nothing proves nothing",
		Next: "see whether the release is installed in this namespace: helm list --all-namespaces",
	}
}

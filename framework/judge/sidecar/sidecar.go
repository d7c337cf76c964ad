// Package sidecar judges pods and proxies against a release's catalogue. It
// compares container names, never counts alone: a pod that shows 2/2 may hold
// an application and a log shipper and no proxy. A native sidecar is looked for
// among the init containers as well. No pods at all is never a pass.
//
// Kinds: no-evidence, no-pods, missing-container, unexpected-container,
// not-ready, restarts, extra-workload (a note); of proxies no-root,
// proxy-not-connected, proxy-not-asked, proxy-out-of-sync, config-rejected,
// wrong-identity, certificate-expired, wrong-root.
package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// injectorInits are the init containers the injector adds besides the sidecar.
var injectorInits = []string{"istio-init", "istio-validation"}

// Row is one workload's line of the READY table.
type Row struct {
	Workload string `json:"workload"`
	// Ready and Want are READY columns: "2/3", "3/3". Ready is "-" without a pod.
	Ready string `json:"ready"`
	Want  string `json:"want"`
	// Containers are the names seen, sidecars last.
	Containers []string `json:"containers"`
	// OK tells that READY and every name are as the catalogue says.
	OK bool `json:"ok"`
}

// Judge compares READY, container names and restarts of every workload of the
// release with what the catalogue expects under the policy.
func Judge(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods) []verdict.Finding {
	if len(pods.Items) == 0 {
		return []verdict.Finding{noPods(pods.Namespace)}
	}
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		live := alive(pods, w.Name)
		if len(live) == 0 {
			findings = append(findings, workloadWithoutPod(release, policy, w, pods.Namespace))
		}
		for _, p := range live {
			j := podJudge{release: release, policy: policy, workload: w, pod: p, object: w.Object(pods.Namespace)}
			findings = append(findings, j.judge()...)
		}
	}
	findings = append(findings, extras(release, pods)...)
	verdict.Sort(findings)
	return findings
}

// Rows is the READY table in the catalogue's order. Of several pods the first
// that is not as it should be is shown.
func Rows(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods) []Row {
	rows := make([]Row, 0, len(release.Workloads))
	for _, w := range release.Workloads {
		names, want := release.Expected(w, policy)
		row := Row{Workload: w.Name, Ready: "-", Want: want}
		for i, p := range alive(pods, w.Name) {
			ready := Ready(p)
			seen := Names(p)
			ok := ready == want && slices.Equal(sorted(seen), sorted(names))
			if i == 0 || !ok {
				row.Ready, row.Containers, row.OK = ready, seen, ok
			}
			if !ok {
				break
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// Matched counts the rows that are as the catalogue says: 26 of 26.
func Matched(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods) (ok, total int) {
	for _, row := range Rows(release, policy, pods) {
		total++
		if row.OK {
			ok++
		}
	}
	return ok, total
}

// Ready is the pod's READY column as kubectl prints it: containers and native
// sidecars that are ready, of all of them.
func Ready(p evidence.Pod) string {
	ready, total := 0, 0
	for _, c := range lasting(p) {
		total++
		if c.Ready {
			ready++
		}
	}
	return fmt.Sprintf("%d/%d", ready, total)
}

// Names are the names of the pod's containers, native sidecars last.
func Names(p evidence.Pod) []string {
	var names []string
	for _, c := range lasting(p) {
		names = append(names, c.Name)
	}
	return names
}

// lasting are the containers that run as long as the pod: its containers and
// its native sidecars.
func lasting(p evidence.Pod) []evidence.Container {
	all := slices.Clone(p.Containers)
	for _, c := range p.InitContainers {
		if c.Sidecar {
			all = append(all, c)
		}
	}
	return all
}

// alive are the workload's pods that are neither going nor done.
func alive(pods evidence.Pods, workload string) []evidence.Pod {
	var live []evidence.Pod
	for _, p := range pods.Items {
		if p.Workload == workload && !p.Terminating && p.Phase != "Succeeded" && p.Phase != "Failed" {
			live = append(live, p)
		}
	}
	return live
}

func sorted(names []string) []string {
	return slices.Sorted(slices.Values(names))
}

func noPods(namespace string) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("namespace %s has no pods at all", namespace),
		Object:  "Namespace " + namespace,
		Want:    "the pods of the release",
		Got:     "none",
		Where:   "list of pods of namespace " + namespace,
		Why:     "the API server answered with an empty list: nothing is installed here, or this is not the release's namespace",
		Next:    "see what is installed and where: helm list --all-namespaces, kubectl get pods --all-namespaces",
	}
}

func workloadWithoutPod(release *catalogue.Release, policy catalogue.Policy, w catalogue.Workload, namespace string) verdict.Finding {
	names, want := release.Expected(w, policy)
	return verdict.Finding{
		Kind: "no-pods", Verdict: verdict.Fail,
		Summary: w.Name + " has no pod",
		Object:  w.Object(namespace),
		Want:    fmt.Sprintf("a pod %s: %s", want, strings.Join(names, ", ")),
		Got:     "none",
		Where:   "list of pods of namespace " + namespace,
		Why:     "other pods of the namespace are there: the Deployment is missing, wants no replica, or its pods are refused or all on their way out",
		Next: fmt.Sprintf("see whether Helm release %s is installed, and kubectl -n %s describe deployment,replicaset %s",
			w.HelmRelease, namespace, w.Name),
	}
}

// extras notes workloads the catalogue does not know; they fail nothing here.
func extras(release *catalogue.Release, pods evidence.Pods) []verdict.Finding {
	var findings []verdict.Finding
	seen := map[string]bool{}
	for _, w := range release.Workloads {
		seen[w.Name] = true
	}
	for _, p := range pods.Items {
		name := p.Workload
		if name == "" {
			name = p.Name
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		findings = append(findings, verdict.Finding{
			Kind: "extra-workload", Verdict: verdict.Pass,
			Summary: fmt.Sprintf("%s is not in the catalogue of %s", name, release.Name),
			Object:  object.Deployment(pods.Namespace, name),
			Where:   "pod " + p.Name,
			Got:     Ready(p) + ": " + strings.Join(Names(p), ", "),
			Next:    "add it to the catalogue when it belongs to the release",
		})
	}
	return findings
}

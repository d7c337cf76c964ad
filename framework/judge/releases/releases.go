// Package releases judges Helm releases, Services and images against a
// release's catalogue, which was not read from the charts that are installed.
//
// Kinds: no-evidence, release-missing, release-not-deployed, missing-service,
// wrong-type, wrong-ports, extra-service (a note), wrong-image, image-not-seen
// (inconclusive).
// Of manifests: drift, object-missing, not-in-manifest (inconclusive).
// Of workloads: missing-workload, scaled-to-nothing, rollout-paused,
// not-available, not-updated, extra-workload.
// Of restarts: restarted, oom-killed, warned, no-pod-seen (inconclusive).
package releases

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// umbrella is the Helm release that holds what the others share.
const umbrella = "onap"

// JudgeHelm says whether the umbrella and every Helm release of the catalogue are deployed.
func JudgeHelm(release *catalogue.Release, helm evidence.HelmReleases) []verdict.Finding {
	if len(helm.Items) == 0 {
		return []verdict.Finding{nothing("no Helm release is stored in namespace "+helm.Namespace, helm.Namespace, "Helm's records (Secrets of type helm.sh/release.v1)")}
	}
	var findings []verdict.Finding
	for _, name := range append([]string{umbrella}, release.HelmReleases()...) {
		f := verdict.Finding{Verdict: verdict.Fail, Object: "Helm release " + helm.Namespace + "/" + name, Want: "deployed",
			Where: "Helm's records in namespace " + helm.Namespace}
		i := slices.IndexFunc(helm.Items, func(r evidence.HelmRelease) bool { return r.Name == name })
		switch {
		case i < 0:
			f.Kind, f.Summary, f.Got = "release-missing", "Helm release "+name+" is missing", "none"
			f.Why = "other releases are recorded here and this one is not: it was never installed, or was uninstalled with all its objects"
			f.Next = "install it: meshcert up"
		case helm.Items[i].Status != "deployed":
			r := helm.Items[i]
			f.Kind, f.Summary = "release-not-deployed", fmt.Sprintf("Helm release %s is %s", name, r.Status)
			f.Got = fmt.Sprintf("%s, revision %d, chart %s %s", r.Status, r.Revision, r.Chart, r.ChartVersion)
			f.Why = "its last install or upgrade did not come to an end, so some of the chart's objects may be missing or be of an older revision"
			f.Next = fmt.Sprintf("see the error (helm -n %s history %s), then uninstall and install it", helm.Namespace, name)
		default:
			continue
		}
		findings = append(findings, f)
	}
	verdict.Sort(findings)
	return findings
}

// JudgeServices compares each Service's type, port names, numbers and NodePorts.
func JudgeServices(release *catalogue.Release, services evidence.Services) []verdict.Finding {
	if len(services.Items) == 0 {
		return []verdict.Finding{nothing("namespace "+services.Namespace+" has no Services", services.Namespace, "list of Services")}
	}
	var findings []verdict.Finding
	known := map[string]bool{}
	for _, w := range release.Workloads {
		for _, want := range w.Services {
			known[want.Name] = true
			findings = append(findings, judgeService(w, want, services)...)
		}
	}
	for _, got := range services.Items {
		if !known[got.Name] {
			findings = append(findings, verdict.Finding{
				Kind: "extra-service", Verdict: verdict.Pass,
				Summary: fmt.Sprintf("Service %s is not in the catalogue of %s", got.Name, release.Name),
				Object:  object.Service(services.Namespace, got.Name), Got: portsSeen(got.Ports),
				Next: "add it to the catalogue when it belongs to the release",
			})
		}
	}
	verdict.Sort(findings)
	return findings
}

func judgeService(w catalogue.Workload, want catalogue.Service, services evidence.Services) []verdict.Finding {
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: object.Service(services.Namespace, want.Name),
		Want: want.Type + " " + portsWanted(want.Ports), Where: "of workload " + w.Name,
		Next: fmt.Sprintf("compare the chart's Service with the catalogue; Helm release %s", w.HelmRelease),
	}
	i := slices.IndexFunc(services.Items, func(s evidence.Service) bool { return s.Name == want.Name })
	if i < 0 {
		f.Kind, f.Summary, f.Got = "missing-service", "Service "+want.Name+" is missing", "none"
		f.Why = "other Services are there: who calls " + want.Name + " by name finds no address, and MSB cannot register what has no Service"
		return []verdict.Finding{f}
	}
	got := services.Items[i]
	f.Got = got.Type + " " + portsSeen(got.Ports)
	switch {
	case got.Type != want.Type:
		f.Kind, f.Summary = "wrong-type", fmt.Sprintf("Service %s is a %s", want.Name, got.Type)
		f.Why = "the type says from where a Service is reached: a NodePort from outside the cluster, a ClusterIP only from inside"
	case portsSeen(got.Ports) != portsWanted(want.Ports):
		f.Kind, f.Summary = "wrong-ports", fmt.Sprintf("Service %s has other ports", want.Name)
		f.Why = portsMean(want.Ports, got.Ports)
	default:
		return nil
	}
	return []verdict.Finding{f}
}

// portsMean says what follows from ports that are not those wanted.
func portsMean(want []catalogue.Port, got []evidence.ServicePort) string {
	wanted, seen := servicePorts(want), slices.Clone(got)
	for _, ports := range [][]evidence.ServicePort{wanted, seen} {
		for i := range ports {
			ports[i].NodePort = 0
		}
	}
	if portsSeen(wanted) == portsSeen(seen) {
		return "inside the cluster nothing changes, but clients outside it come by the NodePort"
	}
	for _, ports := range [][]evidence.ServicePort{wanted, seen} {
		for i := range ports {
			ports[i].Name = ""
		}
	}
	if portsSeen(wanted) == portsSeen(seen) {
		return "Istio reads a port's protocol off its name, so it may treat the traffic as another protocol"
	}
	return "callers use a port's number, so they find nobody at the one they know"
}

func portsWanted(ports []catalogue.Port) string { return portsSeen(servicePorts(ports)) }

func servicePorts(ports []catalogue.Port) []evidence.ServicePort {
	var all []evidence.ServicePort
	for _, p := range ports {
		all = append(all, evidence.ServicePort{Name: p.Name, Port: p.Port, NodePort: p.NodePort})
	}
	return all
}

// portsSeen is "http-msb-iag:80→30280, https-msb-iag:443→30283", sorted.
func portsSeen(ports []evidence.ServicePort) string {
	var all []string
	for _, p := range ports {
		text := fmt.Sprintf("%s:%d", p.Name, p.Port)
		if p.NodePort != 0 {
			text += fmt.Sprintf("→%d", p.NodePort)
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// JudgeImages compares the image of every container, init containers included,
// with the catalogue's. Sidecars and what the catalogue does not list are left
// to the sidecar judge.
func JudgeImages(release *catalogue.Release, pods evidence.Pods) []verdict.Finding {
	if len(pods.Items) == 0 {
		return []verdict.Finding{nothing("namespace "+pods.Namespace+" has no pods", pods.Namespace, "list of pods")}
	}
	ofRelease := func(p evidence.Pod) bool {
		return slices.ContainsFunc(release.Workloads, func(w catalogue.Workload) bool { return w.Name == p.Workload && !p.Terminating })
	}
	if !slices.ContainsFunc(pods.Items, ofRelease) {
		return []verdict.Finding{nothing("no pod of the release's workloads was seen", pods.Namespace, "list of "+object.Count(len(pods.Items), "pod"))}
	}
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		want, seen := map[string]string{}, map[string]bool{}
		for _, c := range w.Containers {
			want[c.Name] = c.Image
		}
		for _, c := range w.InitContainers {
			want[c.Name] = c.Image
		}
		for _, p := range pods.Items {
			if p.Workload != w.Name || p.Terminating {
				continue
			}
			for _, c := range slices.Concat(p.InitContainers, p.Containers) {
				seen[c.Name] = true
			}
			findings = append(findings, judgePod(want, w, p, pods.Namespace)...)
		}
		if f, unseen := notSeen(want, seen, w, pods.Namespace); unseen {
			findings = append(findings, f)
		}
	}
	verdict.Sort(findings)
	return findings
}

// notSeen names the containers of a workload that no pod of it showed.
func notSeen(want map[string]string, seen map[string]bool, w catalogue.Workload, namespace string) (verdict.Finding, bool) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !seen[name] {
			names = append(names, name)
		}
	}
	return verdict.Finding{
		Kind: "image-not-seen", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("no image of container %s of %s was seen", strings.Join(names, ", "), w.Name),
		Object:  w.Object(namespace), Want: "a pod with each container of the catalogue", Got: "none with these",
		Where: "pods of namespace " + namespace + " that are not ending",
		Why:   "which image would run there cannot be told from pods that do not have the container",
		Next:  fmt.Sprintf("see the pods: kubectl -n %s get pods, and the finding of the sidecar specs about %s", namespace, w.Name),
	}, len(names) > 0
}

func judgePod(want map[string]string, w catalogue.Workload, p evidence.Pod, namespace string) []verdict.Finding {
	var findings []verdict.Finding
	for _, c := range slices.Concat(p.InitContainers, p.Containers) {
		image, listed := want[c.Name]
		if !listed || image == c.Image {
			continue
		}
		findings = append(findings, verdict.Finding{
			Kind: "wrong-image", Verdict: verdict.Fail,
			Summary: fmt.Sprintf("container %s of %s runs another image", c.Name, w.Name),
			Object:  w.Object(namespace), Want: image, Got: c.Image,
			Where: fmt.Sprintf("pod %s, container %s", p.Name, c.Name),
			Why:   "the chart was installed with other image values, or the Deployment was changed afterwards; what the specs prove is proved of another program",
			Next:  fmt.Sprintf("see the image values: helm -n %s get values %s", namespace, w.HelmRelease),
		})
	}
	return findings
}

func nothing(summary, namespace, where string) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: summary, Object: "Namespace " + namespace,
		Want: "what the release installs", Got: "none", Where: where,
		Why:  "the API server answered and nothing of the release is there, so there is nothing to compare with the catalogue",
		Next: "see whether the release is installed in this namespace: helm list --all-namespaces",
	}
}

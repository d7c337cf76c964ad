package releases

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// WorkloadKinds are the kinds of JudgeWorkloads that can be waived.
func WorkloadKinds() []verdict.Kind { return []verdict.Kind{"extra-workload"} }

// JudgeWorkloads says which workloads of the catalogue are not there with all
// their replicas, and which are there that the catalogue does not know.
func JudgeWorkloads(release *catalogue.Release, seen evidence.Workloads) []verdict.Finding {
	if len(seen.Items) == 0 {
		return []verdict.Finding{nothing("namespace "+seen.Namespace+" has no workload", seen.Namespace, "lists of Deployments, StatefulSets and DaemonSets")}
	}
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		kind := cmp.Or(w.Kind, catalogue.Deployment)
		i := slices.IndexFunc(seen.Items, func(got evidence.Workload) bool { return got.Kind == kind && got.Name == w.Name })
		f := verdict.Finding{
			Verdict: verdict.Fail, Object: w.Object(seen.Namespace), Want: "every replica available and of the newest template, one at least",
			Where: "its status at the API server",
			Next:  fmt.Sprintf("see why: kubectl -n %s describe %s %s, and its newest pod's events", seen.Namespace, kind, w.Name),
		}
		if i < 0 {
			f.Kind, f.Summary, f.Got = "missing-workload", f.Object+" is missing", "none"
			f.Why = object.Count(len(seen.Items), "other workload") + " are there and this one is not: it was never installed, or deleted"
			f.Next = fmt.Sprintf("install Helm release %s again: meshcert up", w.HelmRelease)
			findings = append(findings, f)
			continue
		}
		if replicas(&f, seen.Items[i]) {
			findings = append(findings, f)
		}
	}
	findings = append(findings, strangers(release, seen)...)
	verdict.Sort(findings)
	return findings
}

// replicas says what is wrong with a workload's replicas, if anything is.
func replicas(f *verdict.Finding, w evidence.Workload) bool {
	f.Got = fmt.Sprintf("%d wanted, %d available, %d of the newest template", w.Wanted, w.Available, w.Updated)
	switch {
	case w.Wanted < 1:
		f.Kind, f.Summary = "scaled-to-nothing", f.Object+" is scaled to nothing"
		f.Why = "nothing serves what it is for, although it looks healthy: 0 of 0"
	case w.Paused:
		f.Kind, f.Summary = "rollout-paused", f.Object+" does not roll out what is changed"
		f.Why = "spec.paused is set: what runs is not what its template says"
	case w.Available < w.Wanted:
		f.Kind, f.Summary = "not-available", f.Object+" lacks replicas that serve"
		f.Why = "pods are missing, or do not become ready"
	case w.Updated < w.Wanted:
		f.Kind, f.Summary = "not-updated", f.Object+" still runs an older template"
		f.Why = "its rollout did not come to an end, so what serves is not what was installed last"
	default:
		return false
	}
	return true
}

// strangers are workloads that the catalogue does not know.
func strangers(release *catalogue.Release, seen evidence.Workloads) []verdict.Finding {
	var findings []verdict.Finding
	for _, got := range seen.Items {
		known := slices.ContainsFunc(release.Workloads, func(w catalogue.Workload) bool {
			return w.Name == got.Name && cmp.Or(w.Kind, catalogue.Deployment) == got.Kind
		})
		if known {
			continue
		}
		of := fmt.Sprintf("%s %s/%s", got.Kind, seen.Namespace, got.Name)
		findings = append(findings, verdict.Finding{
			Kind: "extra-workload", Verdict: verdict.Fail, Object: of, Summary: of + " is not of release " + release.Name,
			Want: "the workloads of the catalogue and no others", Got: object.Count(got.Wanted, "replica") + " wanted", Where: "namespace " + seen.Namespace,
			Why:  "what runs beside the release can change what is measured of it, and nobody certifies it",
			Next: "see who installed it, and move it to a namespace of its own; or waive it with owner and end",
		})
	}
	return findings
}

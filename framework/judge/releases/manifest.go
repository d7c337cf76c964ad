package releases

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// ManifestKinds are the kinds of JudgeManifest that can be waived.
func ManifestKinds() []verdict.Kind { return []verdict.Kind{"drift", "object-missing"} }

// JudgeManifest says which workloads and Services are not what Helm installed
// any more: image, replicas, ports and environment, object by object.
func JudgeManifest(release *catalogue.Release, seen evidence.Installed) []verdict.Finding {
	if len(seen.Items) == 0 {
		return []verdict.Finding{nothing("Helm stored no workload of namespace "+seen.Namespace, seen.Namespace, "the manifests in Helm's records")}
	}
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		of := w.Object(seen.Namespace)
		if !slices.ContainsFunc(seen.Items, func(o evidence.InstalledObject) bool { return o.Object == of && len(o.Stored) > 0 }) {
			findings = append(findings, verdict.Finding{
				Kind: "not-in-manifest", Verdict: verdict.Inconclusive, Summary: of + " is in no manifest that Helm stored", Object: of,
				Want: "a manifest of Helm release " + w.HelmRelease + " that holds it", Got: "manifests of " + object.Text(strings.Join(seen.Releases, ", ")),
				Where: "Helm's records in namespace " + seen.Namespace,
				Why:   "what was not installed by Helm cannot be compared with what Helm installed",
				Next:  fmt.Sprintf("see the release: helm -n %s status %s", seen.Namespace, w.HelmRelease),
			})
		}
	}
	for _, o := range seen.Items {
		if f, differs := drift(o); differs {
			findings = append(findings, f)
		}
	}
	verdict.Sort(findings)
	return findings
}

// drift compares one object with what was stored of it.
func drift(o evidence.InstalledObject) (verdict.Finding, bool) {
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: o.Object, Where: "the manifest of Helm release " + o.Release + " against the API server",
		Want: "what Helm installed",
		Next: fmt.Sprintf("see who changed it (kubectl get -o yaml --show-managed-fields), then install Helm release %s again: meshcert up", o.Release),
	}
	if o.Live == nil {
		f.Kind, f.Summary, f.Got = "object-missing", o.Object+" is gone since it was installed", "none"
		f.Why = "Helm believes that it is there, so nothing makes it again"
		return f, true
	}
	want, got := differences(o)
	if len(got) == 0 {
		return f, false
	}
	f.Kind, f.Summary = "drift", o.Object+" was changed since it was installed"
	f.Want, f.Got = strings.Join(want, "; "), strings.Join(got, "; ")
	f.Why = "somebody changed it past Helm: the next upgrade takes it back or trips over it, and the charts do not say what runs"
	return f, true
}

// differences are the fields that differ, as stored and as they are. A NodePort
// that the manifest leaves open is the cluster's choice.
func differences(o evidence.InstalledObject) (want, got []string) {
	var fields []string
	for field := range o.Stored {
		fields = append(fields, field)
	}
	for field := range o.Live {
		if _, stored := o.Stored[field]; !stored && !strings.HasSuffix(field, ".nodePort") {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	for _, field := range fields {
		stored, isStored := o.Stored[field]
		live, isLive := o.Live[field]
		if isStored == isLive && stored == live {
			continue
		}
		want, got = append(want, shown(field, stored, isStored)), append(got, shown(field, live, isLive))
	}
	return want, got
}

func shown(field, value string, there bool) string {
	if !there {
		return "no " + field
	}
	return field + " " + object.Text(value)
}

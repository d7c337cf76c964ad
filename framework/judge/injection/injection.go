// Package injection judges the sidecar injector: what becomes of a pod by its
// namespace's label and its own label and annotation, and how the pods of a
// release were changed. It looks for containers by name, never by number, and
// passes nothing that was not tried or is not there.
//
// Kinds of the cases: no-evidence, case-missing, webhook-missing,
// webhook-too-narrow, webhook-too-wide, pod-refused, wrong-policy,
// decided-by-selector, rule-broken, half-injected; of probes no-evidence, no-pod,
// no-template, other-template, sidecar-missing, probe-not-rewritten,
// probe-changed, probe-not-kept; of the form no-evidence, no-pod, form-unknown,
// image-unknown, sidecar-missing, two-sidecars, wrong-form, init-missing,
// wrong-image, no-resources.
package injection

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// The objects that decide about sidecars.
const (
	webhook   = "MutatingWebhookConfiguration istio-sidecar-injector"
	configMap = "ConfigMap istio-system/istio-sidecar-injector"
	istiod    = "Deployment istio-system/istiod"
)

const (
	namespaceLabel = "istio-injection"
	inject         = "sidecar.istio.io/inject"
)

// injectorInits are the init containers of which an injected pod has one: it sets
// up the pod's network, or checks that the CNI plugin did.
var injectorInits = []string{"istio-init", "istio-validation"}

// Cases are the 18 pods that are tried: in a namespace labelled enabled and in
// one without a label, with label and annotation each "true", "false" or not set.
func Cases() []evidence.InjectionCase {
	var all []evidence.InjectionCase
	values := []string{"", "true", "false"}
	for _, namespace := range []string{"enabled", ""} {
		for _, label := range values {
			for _, annotation := range values {
				all = append(all, evidence.InjectionCase{NamespaceLabel: namespace, Label: label, Annotation: annotation})
			}
		}
	}
	return all
}

// asked tells whether the webhook is asked about the pod: in a labelled namespace
// unless the label refuses, in another one only where the label asks. Source:
// Istio's chart istio-discovery, templates/mutatingwebhook.yaml.
func asked(c evidence.InjectionCase) bool {
	if c.NamespaceLabel == "enabled" {
		return c.Label != "false"
	}
	return c.NamespaceLabel == "" && c.Label == "true"
}

// Injected tells whether a pod of the case gets a sidecar: when the webhook is
// asked, the label decides, without one the annotation, without both the
// policy. Source: Istio, pkg/kube/inject, injectRequired.
func Injected(policy catalogue.Policy, c evidence.InjectionCase) bool {
	decides := c.Label
	if decides == "" {
		decides = c.Annotation
	}
	return asked(c) && (decides == "true" || decides == "" && policy == catalogue.Enabled)
}

// rule is Injected in words, for findings.
const rule = "a pod's label wins over its annotation, the annotation over the policy; in a namespace without a label only the pod's label counts (Istio, pkg/kube/inject injectRequired, and the webhook's selectors)"

// What becomes of a pod.
const (
	Sidecar  = "sidecar"
	None     = "none"
	Half     = "half"
	Refused  = "refused"
	NotTried = "not tried"
)

// Row is one case's line of the table.
type Row struct {
	Case string `json:"case"`
	// Want is Sidecar or None; Got anything that becomes of a pod.
	Want string `json:"want"`
	Got  string `json:"got"`
	OK   bool   `json:"ok"`
}

// Table is what became of the 18 cases, in their order.
func Table(policy catalogue.Policy, seen evidence.Injection) []Row {
	var rows []Row
	for _, c := range Cases() {
		row := Row{Case: words(c), Want: outcome(Injected(policy, c)), Got: NotTried}
		for i, t := range tries(seen, c) {
			if got := became(t); i == 0 || got != row.Want {
				row.Got = got
			}
		}
		row.OK = row.Got == row.Want
		rows = append(rows, row)
	}
	return rows
}

func tries(seen evidence.Injection, c evidence.InjectionCase) []evidence.InjectionTry {
	return slices.DeleteFunc(slices.Clone(seen.Tries), func(t evidence.InjectionTry) bool { return t.Case != c })
}

func words(c evidence.InjectionCase) string {
	text := func(v string) string {
		if v == "" {
			return "none"
		}
		return v
	}
	return fmt.Sprintf("namespace %s, label %s, annotation %s", text(c.NamespaceLabel), text(c.Label), text(c.Annotation))
}

func outcome(injected bool) string {
	if injected {
		return Sidecar
	}
	return None
}

// became says what the injector did with a tried pod.
func became(t evidence.InjectionTry) string {
	proxy := slices.Contains(t.Containers, catalogue.Proxy) || slices.Contains(t.InitContainers, catalogue.Proxy)
	prepared := slices.ContainsFunc(t.InitContainers, func(name string) bool { return slices.Contains(injectorInits, name) })
	switch {
	case t.Refused != "":
		return Refused
	case len(t.Containers) == 0:
		return NotTried
	case proxy != prepared:
		return Half
	}
	return outcome(proxy)
}

// Judge compares what became of each of the 18 cases with the rule under the policy.
func Judge(policy catalogue.Policy, seen evidence.Injection) []verdict.Finding {
	if len(seen.Tries) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "no pod was tried", Object: "the API server",
			Want: fmt.Sprintf("an answer for each of %d cases", len(Cases())), Got: "none", Where: "server-side dry run",
			Why:  "what the injector does is only seen on pods",
			Next: "see that pods can be created in namespaces of ours, then run it again",
		}}
	}
	j := matrix{policy: policy, injector: seen.Injector, causes: map[key]*cause{}}
	j.settings()
	for _, c := range Cases() {
		all := tries(seen, c)
		if len(all) == 0 {
			all = []evidence.InjectionTry{{Case: c}}
		}
		for _, t := range all {
			j.try(t)
		}
	}
	return j.findings()
}

// reached tells whether a webhook that was seen selects a pod of the case.
func reached(injector evidence.Injector, c evidence.InjectionCase) bool {
	return slices.ContainsFunc(injector.Webhooks, func(w evidence.InjectionWebhook) bool {
		return selects(w.Namespaces, namespaceLabel, c.NamespaceLabel) && selects(w.Objects, inject, c.Label)
	})
}

// selects tells whether the selector takes something with one label, or without
// labels when the value is empty.
func selects(selector, key, value string) bool {
	parsed, err := labels.Parse(selector)
	if err != nil {
		return false
	}
	set := labels.Set{}
	if value != "" {
		set[key] = value
	}
	return parsed.Matches(set)
}

// selectorsOf names the webhooks and what they select.
func selectorsOf(injector evidence.Injector) string {
	var all []string
	for _, w := range injector.Webhooks {
		all = append(all, fmt.Sprintf("%s: namespaces (%s), pods (%s)", w.Name, w.Namespaces, w.Objects))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

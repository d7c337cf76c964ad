package injection

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// matrix judges the cases, and gathers those with the same cause.
type matrix struct {
	policy   catalogue.Policy
	injector evidence.Injector
	causes   map[key]*cause
}

// key tells causes apart.
type key struct {
	kind   verdict.Kind
	object string
}

// missing and wrongPolicy are causes that settings may have found.
var (
	missing     = key{"webhook-missing", webhook}
	wrongPolicy = key{"wrong-policy", configMap}
)

// cause is a finding in the making, with the cases that show it.
type cause struct {
	verdict.Finding
	wrong []wrong
}

// wrong is a case that is not as the rule says.
type wrong struct{ name, want, got string }

// settings judges what needs no pod to be seen.
func (j *matrix) settings() {
	if len(j.injector.Webhooks) == 0 {
		c := j.cause(missing, "no injection webhook is registered")
		c.Where = "list of MutatingWebhookConfigurations with label app=sidecar-injector"
		c.Why = "the API server asks nobody when a pod is made, so no new pod gets a sidecar"
		c.Next = "see whether the istiod chart made it: helm -n istio-system get manifest istiod"
		c.Want, c.Got = "a webhook", "none"
	}
	if j.injector.Policy != string(j.policy) {
		c := j.cause(wrongPolicy, "the injector has another policy than the environment")
		c.Where = "entry config, field policy; server-side dry run"
		c.Why = "pods that say nothing are decided by the policy, and the READY table of the release is that of policy " + string(j.policy)
		c.Next = "see who changed it: kubectl -n istio-system get configmap istio-sidecar-injector --show-managed-fields -o yaml; meshcert up puts it back"
		c.Want, c.Got = "policy "+string(j.policy), "policy "+object.Text(j.injector.Policy)
	}
}

// try judges one pod that was tried.
func (j *matrix) try(t evidence.InjectionTry) {
	want, got := outcome(Injected(j.policy, t.Case)), became(t)
	if got == want {
		return
	}
	c := j.blame(t, want, got)
	c.wrong = append(c.wrong, wrong{short(t.Case), want, got})
}

// blame finds what made a pod other than the rule says.
func (j *matrix) blame(t evidence.InjectionTry, want, got string) *cause {
	undecided := t.Case.Label == "" && t.Case.Annotation == ""
	switch {
	case got == Refused:
		return j.refused(t.Refused)
	case got == NotTried:
		return j.notTried()
	case got == Half:
		return j.half()
	case len(j.injector.Webhooks) == 0 && want == Sidecar:
		return j.causes[missing]
	case want == Sidecar && !reached(j.injector, t.Case):
		return j.tooNarrow()
	case want == None && !asked(t.Case):
		return j.tooWide()
	case undecided && j.injector.Policy != string(j.policy):
		return j.causes[wrongPolicy]
	case undecided && len(j.injector.Selectors) > 0:
		return j.selector()
	}
	return j.broken()
}

func (j *matrix) refused(text string) *cause {
	at, why := webhook, "the webhook leads to nobody, or to somebody whose certificate its CA bundle does not vouch for"
	next := "see the webhook's service and CA bundle: kubectl get mutatingwebhookconfiguration istio-sidecar-injector -o yaml"
	if !strings.Contains(text, "x509") && !strings.Contains(text, "not found") {
		at, why = istiod, "the webhook leads to istiod, which does not answer or refuses the pod"
		next = "see whether istiod is ready, and its log: kubectl -n istio-system logs deployment/istiod"
	}
	c := j.cause(key{"pod-refused", at}, "pods are refused because the injection webhook fails")
	if where := "server-side dry run: " + text; c.Where == "" || where < c.Where {
		c.Where = where
	}
	c.Why = why + ": while it is so, no pod that the webhook selects can be made at all"
	c.Next = next
	return c
}

func (j *matrix) notTried() *cause {
	c := j.cause(key{"case-missing", "the API server"}, "cases were not tried")
	c.Verdict = verdict.Inconclusive
	c.Where = "server-side dry run"
	c.Why = "there is no answer, or one without a container: nothing is known of the case"
	c.Next = "run it again"
	return c
}

func (j *matrix) half() *cause {
	c := j.cause(key{"half-injected", configMap}, "the injector adds only a part of the sidecar")
	c.Where = "containers and init containers after server-side dry run"
	c.Why = fmt.Sprintf("a sidecar is container %s and an init container (%s) that leads the pod's traffic to it; one without the other leaves a pod outside the mesh, or without a network",
		catalogue.Proxy, strings.Join(injectorInits, " or "))
	c.Next = "see the templates in entry config, and istiod's version: kubectl -n istio-system get configmap istio-sidecar-injector -o yaml"
	return c
}

func (j *matrix) tooNarrow() *cause {
	c := j.cause(key{"webhook-too-narrow", webhook}, "the injection webhook does not select pods that must get a sidecar")
	c.Where = "selectors of the webhooks: " + selectorsOf(j.injector)
	c.Why = "no webhook's selectors take these pods, so the API server does not ask istiod about them; " + rule
	c.Next = "compare namespaceSelector and objectSelector with the istiod chart's: helm -n istio-system get manifest istiod; meshcert up puts them back"
	return c
}

func (j *matrix) tooWide() *cause {
	c := j.cause(key{"webhook-too-wide", webhook}, "pods get a sidecar that the injection webhook must not be asked about")
	c.Where = "selectors of the webhooks: " + object.Text(selectorsOf(j.injector))
	c.Why = "a webhook takes these pods, one of those seen or another one of the cluster; " + rule
	c.Next = "compare namespaceSelector and objectSelector with the istiod chart's: helm -n istio-system get manifest istiod; see kubectl get mutatingwebhookconfigurations for others"
	return c
}

func (j *matrix) selector() *cause {
	c := j.cause(key{"decided-by-selector", configMap}, "a selector of the injector's rules decides in place of the policy")
	selectors := slices.Sorted(slices.Values(j.injector.Selectors))
	c.Where = "entry config: " + strings.Join(selectors, "; ")
	c.Why = "alwaysInjectSelector and neverInjectSelector come before the policy, so that a change of the policy has no effect on the pods they select"
	c.Next = "see values sidecarInjectorWebhook.alwaysInjectSelector and neverInjectSelector of release istiod: helm -n istio-system get values istiod"
	return c
}

func (j *matrix) broken() *cause {
	c := j.cause(key{"rule-broken", istiod}, "istiod decides otherwise than the rule says")
	c.Where = fmt.Sprintf("server-side dry run; ConfigMap istio-sidecar-injector says policy %s", object.Text(j.injector.Policy))
	c.Why = "the webhooks select as they should and the ConfigMap says what it should, so istiod has not taken it over or decides by another rule; " + rule
	c.Next = "see what istiod says of its configuration: kubectl -n istio-system logs deployment/istiod; its version may follow another rule"
	return c
}

// cause returns the cause of the key, at its first case a new one.
func (j *matrix) cause(k key, summary string) *cause {
	if j.causes[k] == nil {
		j.causes[k] = &cause{Finding: verdict.Finding{Kind: k.kind, Verdict: verdict.Fail, Summary: summary, Object: k.object}}
	}
	return j.causes[k]
}

func (j *matrix) findings() []verdict.Finding {
	var findings []verdict.Finding
	for _, c := range j.causes {
		if len(c.wrong) > 0 {
			c.Want = join(c.Want, outcomes(c.wrong, func(w wrong) string { return w.want }))
			c.Got = join(c.Got, outcomes(c.wrong, func(w wrong) string { return w.got }))
			c.Where += "; cases are label of the namespace/label of the pod/annotation of the pod"
		}
		findings = append(findings, c.Finding)
	}
	verdict.Sort(findings)
	return findings
}

// short is a case as "enabled/-/true".
func short(c evidence.InjectionCase) string {
	return strings.Join([]string{cmp.Or(c.NamespaceLabel, "-"), cmp.Or(c.Label, "-"), cmp.Or(c.Annotation, "-")}, "/")
}

// outcomes lists the cases by what becomes of them: "sidecar: enabled/-/-, enabled/-/true".
func outcomes(all []wrong, of func(wrong) string) string {
	var text string
	for _, outcome := range []string{Sidecar, None, Half, Refused, NotTried} {
		var names []string
		for _, w := range all {
			if of(w) == outcome {
				names = append(names, w.name)
			}
		}
		if len(names) > 0 {
			text = join(text, outcome+": "+strings.Join(names, ", "))
		}
	}
	return text
}

func join(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}

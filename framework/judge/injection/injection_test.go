package injection_test

import (
	"slices"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/injection"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	webhook   = "MutatingWebhookConfiguration istio-sidecar-injector"
	configMap = "ConfigMap istio-system/istio-sidecar-injector"
	istiod    = "Deployment istio-system/istiod"
)

// injector is one that is set as meshcert sets it, its webhooks as Istio's chart makes them.
func injector(policy catalogue.Policy) evidence.Injector {
	hook := func(name, namespaces, objects string) evidence.InjectionWebhook {
		return evidence.InjectionWebhook{
			Configuration: "istio-sidecar-injector", Name: name + "sidecar-injector.istio.io", Calls: "istio-system/istiod",
			Namespaces: namespaces, Objects: objects,
		}
	}
	return evidence.Injector{
		Policy: string(policy), Hub: "docker.io/istio", Image: "proxyv2", Tag: "1.31.0", NativeSidecars: "true", Kubelets: []string{"v1.34.4"},
		Webhooks: []evidence.InjectionWebhook{
			hook("namespace.", "istio-injection in (enabled)", "sidecar.istio.io/inject notin (false)"),
			hook("object.", "!istio-injection,!istio.io/rev", "!istio.io/rev,sidecar.istio.io/inject in (true)"),
			hook("rev.namespace.", "!istio-injection,istio.io/rev in (default)", "sidecar.istio.io/inject notin (false)"),
		},
	}
}

// obeyed is what a sound mesh makes of the 18 pods: the table of facts, not the rule.
func obeyed(policy catalogue.Policy) evidence.Injection {
	seen := evidence.Injection{Observed: sample.Now, Injector: injector(policy)}
	for _, c := range injection.Cases() {
		try := evidence.InjectionTry{Case: c, Containers: []string{"app"}}
		if slices.Contains(injected(policy), short(c)) {
			try.InitContainers = []string{"istio-init", "istio-proxy"}
		}
		seen.Tries = append(seen.Tries, try)
	}
	return seen
}

// short is a case as "namespace/label/annotation".
func short(c evidence.InjectionCase) string {
	text := func(v string) string {
		if v == "" {
			return "-"
		}
		return v
	}
	return text(c.NamespaceLabel) + "/" + text(c.Label) + "/" + text(c.Annotation)
}

// injected are the cases that get a sidecar, as measured on a cluster.
func injected(policy catalogue.Policy) []string {
	cases := []string{
		"enabled/true/-", "enabled/true/true", "enabled/true/false", "enabled/-/true",
		"-/true/-", "-/true/true", "-/true/false",
	}
	if policy == catalogue.Enabled {
		cases = append(cases, "enabled/-/-")
	}
	return cases
}

// at returns the try of a case, to be changed.
func at(t *testing.T, seen *evidence.Injection, name string) *evidence.InjectionTry {
	t.Helper()
	i := slices.IndexFunc(seen.Tries, func(try evidence.InjectionTry) bool { return short(try.Case) == name })
	if i < 0 {
		t.Fatalf("no case %s", name)
	}
	return &seen.Tries[i]
}

func TestRule(t *testing.T) {
	if n := len(injection.Cases()); n != 18 {
		t.Fatalf("%d cases, not 18", n)
	}
	for _, policy := range []catalogue.Policy{catalogue.Enabled, catalogue.Disabled} {
		for _, c := range injection.Cases() {
			if got, want := injection.Injected(policy, c), slices.Contains(injected(policy), short(c)); got != want {
				t.Errorf("policy %s, %s: injected %t, want %t", policy, short(c), got, want)
			}
		}
	}
	for _, c := range []evidence.InjectionCase{{NamespaceLabel: "disabled"}, {NamespaceLabel: "disabled", Label: "true"}} {
		if injection.Injected(catalogue.Enabled, c) {
			t.Errorf("%+v is injected in a namespace that refuses", c)
		}
	}
}

func TestJudge(t *testing.T) {
	none := []string(nil)
	refuse := func(s *evidence.Injection, text string) {
		for i := range s.Tries {
			if s.Tries[i].InitContainers != nil {
				s.Tries[i].Containers, s.Tries[i].InitContainers, s.Tries[i].Refused = nil, nil, text
			}
		}
	}
	const both = "enabled/-/-"
	for name, c := range map[string]struct {
		spoil   func(*evidence.Injection)
		kinds   []string
		verdict verdict.Verdict
		object  string
	}{
		"obeyed": {func(*evidence.Injection) {}, nil, verdict.Pass, ""},
		"classic": {func(s *evidence.Injection) {
			at(t, s, both).Containers, at(t, s, both).InitContainers = []string{"app", "istio-proxy"}, []string{"istio-init"}
		}, nil, verdict.Pass, ""},
		"with a CNI":    {func(s *evidence.Injection) { at(t, s, both).InitContainers[0] = "istio-validation" }, nil, verdict.Pass, ""},
		"not tried":     {func(s *evidence.Injection) { s.Tries = nil }, []string{"no-evidence"}, verdict.Inconclusive, "the API server"},
		"one not tried": {func(s *evidence.Injection) { s.Tries = s.Tries[1:] }, []string{"case-missing"}, verdict.Inconclusive, "the API server"},
		"empty answer":  {func(s *evidence.Injection) { at(t, s, both).Containers, at(t, s, both).InitContainers = nil, nil }, []string{"case-missing"}, verdict.Inconclusive, "the API server"},
		"two containers": {func(s *evidence.Injection) {
			at(t, s, both).Containers, at(t, s, both).InitContainers = []string{"app", "logs"}, none
		}, []string{"rule-broken"}, verdict.Fail, istiod},
		"no init":      {func(s *evidence.Injection) { at(t, s, both).InitContainers = []string{"istio-proxy"} }, []string{"half-injected"}, verdict.Fail, configMap},
		"only init":    {func(s *evidence.Injection) { at(t, s, "-/-/true").InitContainers = []string{"istio-init"} }, []string{"half-injected"}, verdict.Fail, configMap},
		"not injected": {func(s *evidence.Injection) { at(t, s, "enabled/true/false").InitContainers = none }, []string{"rule-broken"}, verdict.Fail, istiod},
		"against the pod": {func(s *evidence.Injection) {
			at(t, s, "enabled/-/false").InitContainers = []string{"istio-init", "istio-proxy"}
		}, []string{"rule-broken"}, verdict.Fail, istiod},
		"in any namespace": {func(s *evidence.Injection) {
			at(t, s, "-/-/true").InitContainers = []string{"istio-init", "istio-proxy"}
		},
			[]string{"webhook-too-wide"}, verdict.Fail, webhook},
		"against the label": {func(s *evidence.Injection) {
			at(t, s, "enabled/false/true").InitContainers = []string{"istio-init", "istio-proxy"}
		},
			[]string{"webhook-too-wide"}, verdict.Fail, webhook},
		"other policy":         {func(s *evidence.Injection) { *s = obeyed(catalogue.Disabled) }, []string{"wrong-policy"}, verdict.Fail, configMap},
		"other policy not yet": {func(s *evidence.Injection) { s.Injector.Policy = "disabled" }, []string{"wrong-policy"}, verdict.Fail, configMap},
		"policy not taken over": {func(s *evidence.Injection) { s.Tries = obeyed(catalogue.Disabled).Tries },
			[]string{"rule-broken"}, verdict.Fail, istiod},
		"a selector decides": {func(s *evidence.Injection) {
			s.Tries, s.Injector.Selectors = obeyed(catalogue.Disabled).Tries, []string{"neverInjectSelector: {}"}
		}, []string{"decided-by-selector"}, verdict.Fail, configMap},
		"no webhook": {func(s *evidence.Injection) {
			s.Injector.Webhooks = nil
			for i := range s.Tries {
				s.Tries[i].InitContainers = nil
			}
		}, []string{"webhook-missing"}, verdict.Fail, webhook},
		"narrow webhook": {func(s *evidence.Injection) {
			s.Injector.Webhooks[0].Namespaces = "istio-injection in (on)"
			for i := range s.Tries {
				if s.Tries[i].Case.NamespaceLabel == "enabled" {
					s.Tries[i].InitContainers = nil
				}
			}
		}, []string{"webhook-too-narrow"}, verdict.Fail, webhook},
		"webhook leads nowhere": {func(s *evidence.Injection) { refuse(s, `failed calling webhook: service "istiod-gone" not found`) },
			[]string{"pod-refused"}, verdict.Fail, webhook},
		"foreign CA":     {func(s *evidence.Injection) { refuse(s, "x509: certificate signed by unknown authority") }, []string{"pod-refused"}, verdict.Fail, webhook},
		"istiod is down": {func(s *evidence.Injection) { refuse(s, "dial tcp 10.96.3.4:443: connect: connection refused") }, []string{"pod-refused"}, verdict.Fail, istiod},
	} {
		t.Run(name, func(t *testing.T) {
			seen := obeyed(catalogue.Enabled)
			c.spoil(&seen)
			sample.Check(t, injection.Judge(catalogue.Enabled, seen), c.kinds, c.verdict, c.object)
			if c.verdict == verdict.Pass != tableOK(injection.Table(catalogue.Enabled, seen)) && c.kinds[0] != "wrong-policy" {
				t.Errorf("the table and the findings disagree: %+v", injection.Table(catalogue.Enabled, seen))
			}
		})
	}
	if findings := injection.Judge(catalogue.Disabled, obeyed(catalogue.Disabled)); len(findings) > 0 {
		t.Errorf("policy disabled, obeyed: %+v", findings)
	}
}

func tableOK(rows []injection.Row) bool {
	return len(rows) == 18 && !slices.ContainsFunc(rows, func(r injection.Row) bool { return !r.OK })
}

// TestCasesAreNamed: a finding lists each case that is wrong, and no other.
func TestCasesAreNamed(t *testing.T) {
	seen := obeyed(catalogue.Enabled)
	at(t, &seen, "enabled/true/-").InitContainers = nil
	at(t, &seen, "-/true/true").InitContainers = nil
	f := injection.Judge(catalogue.Enabled, seen)
	if len(f) != 1 || f[0].Want != "sidecar: enabled/true/-, -/true/true" || f[0].Got != "none: enabled/true/-, -/true/true" {
		t.Errorf("got %+v, want one finding with two cases", f)
	}
}

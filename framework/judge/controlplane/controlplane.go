// Package controlplane judges istiod, its CA and webhook, the add-ons, what
// proxies refuse, and the canary pair that shows HTTP over mutual TLS.
//
// Kinds: no-evidence, no-root, not-asked (inconclusive), workload-not-ready,
// wrong-version, missing-service, missing-port, no-webhook, wrong-webhook-root,
// config-rejected, proxy-out-of-sync, canary-failed, no-client-certificate,
// wrong-identity, no-inbound-span, target-missing, target-down.
package controlplane

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

const namespace = "istio-system"

// Want is what the control plane must be.
type Want struct {
	// Version is istiod's, e.g. "1.31.0"; empty for any.
	Version string
	// Workloads must have a ready pod: "istiod", "jaeger", "prometheus".
	Workloads []string
	// Services maps a Service of istio-system to the ports it must have.
	Services map[string][]int
}

// Judge compares pods, version, Services and the webhooks' CA.
func Judge(want Want, seen evidence.ControlPlane) []verdict.Finding {
	if len(seen.Pods.Items) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "namespace " + namespace + " has no pods", Object: "Namespace " + namespace,
			Want: "istiod and the add-ons", Got: "none", Next: "see whether Istio is installed in this cluster",
		}}
	}
	var findings []verdict.Finding
	for _, name := range want.Workloads {
		findings = append(findings, workload(name, seen.Pods)...)
	}
	if want.Version != "" && want.Version != seen.Version {
		findings = append(findings, fail("wrong-version", "istiod has another version", object.Deployment(namespace, "istiod"),
			want.Version, object.Text(seen.Version), "see the image of istiod"))
	}
	for _, name := range slices.Sorted(maps.Keys(want.Services)) {
		findings = append(findings, service(name, want.Services[name], seen.Services)...)
	}
	findings = append(findings, webhooks(seen)...)
	verdict.Sort(findings)
	return findings
}

func workload(name string, pods evidence.Pods) []verdict.Finding {
	var states []string
	for _, p := range pods.Items {
		if p.Workload != name || p.Terminating {
			continue
		}
		if p.Ready {
			return nil
		}
		states = append(states, p.Name+" is "+p.Phase)
	}
	return []verdict.Finding{fail("workload-not-ready", name+" has no ready pod", object.Deployment(namespace, name),
		"a ready pod", object.Text(strings.Join(states, ", ")), "see the events and the log of "+name)}
}

func service(name string, ports []int, seen map[string][]string) []verdict.Finding {
	have, ok := seen[name]
	if !ok {
		return []verdict.Finding{fail("missing-service", "Service "+name+" is missing", object.Service(namespace, name),
			fmt.Sprintf("ports %v", ports), "none", "see the add-on's installation")}
	}
	var findings []verdict.Finding
	for _, port := range ports {
		if !slices.ContainsFunc(have, func(text string) bool { return number(text) == port }) {
			findings = append(findings, fail("missing-port", fmt.Sprintf("Service %s lacks port %d", name, port), object.Service(namespace, name),
				fmt.Sprintf("ports %v", ports), object.Text(strings.Join(have, ", ")), "see the add-on's manifest"))
		}
	}
	return findings
}

// number reads the port of "8088:30088/TCP".
func number(text string) int {
	text, _, _ = strings.Cut(text, "/")
	text, _, _ = strings.Cut(text, ":")
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func webhooks(seen evidence.ControlPlane) []verdict.Finding {
	if seen.Root == "" {
		f := fail("no-root", "istiod publishes no CA certificate, so the webhook's cannot be judged", "ConfigMap "+namespace+"/istio-ca-root-cert",
			"a certificate", "none", "see istiod's log")
		f.Verdict = verdict.Inconclusive
		return []verdict.Finding{f}
	}
	if len(seen.WebhookRoots) == 0 {
		return []verdict.Finding{fail("no-webhook", "no injection webhook is registered", "MutatingWebhookConfiguration",
			"istio-sidecar-injector", "none", "see whether the istiod chart made it; without it no pod gets a sidecar")}
	}
	var findings []verdict.Finding
	for _, name := range slices.Sorted(maps.Keys(seen.WebhookRoots)) {
		root := seen.WebhookRoots[name]
		if root == seen.Root {
			continue
		}
		f := fail("wrong-webhook-root", "the API server does not trust istiod's injection webhook", "MutatingWebhookConfiguration "+name,
			"CA bundle SHA-256 "+seen.Root, object.Text(root), "see istiod's log on patching the webhook")
		f.Why = "the webhook's CA bundle is not the CA that istiod publishes, so calls to it fail and no sidecar is injected"
		findings = append(findings, f)
	}
	return findings
}

// JudgeRejects says whether any proxy refused configuration, by istiod's count
// and by each proxy's last answer, and whether all are in sync.
func JudgeRejects(proxies evidence.Proxies) []verdict.Finding {
	if len(proxies.Items) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "istiod knows no proxy", Object: object.Deployment(namespace, "istiod"),
			Want: "at least one connected proxy", Got: "none", Next: "see whether any pod is injected and can reach istiod",
		}}
	}
	var findings []verdict.Finding
	for _, kind := range slices.Sorted(maps.Keys(proxies.Rejects)) {
		if count := proxies.Rejects[kind]; count > 0 {
			f := fail("config-rejected", fmt.Sprintf("proxies refused %s configuration %g times", kind, count), object.Deployment(namespace, "istiod"),
				"pilot_total_xds_rejects 0", fmt.Sprintf("%g", count), "search istiod's log for ACK ERROR: it says what Envoy does not know")
			findings = append(findings, f)
		}
	}
	for _, p := range proxies.Items {
		pod := fmt.Sprintf("Pod %s/%s", p.Namespace, p.Pod)
		for _, kind := range slices.Sorted(maps.Keys(p.Rejected)) {
			findings = append(findings, fail("config-rejected", fmt.Sprintf("the proxy of %s refuses %s", p.Pod, kind), pod,
				"every configuration accepted", p.Rejected[kind], "compare istiod's settings with what the proxy image's Envoy holds"))
		}
		for _, kind := range slices.Sorted(maps.Keys(p.Sync)) {
			if p.Sync[kind] == "STALE" {
				findings = append(findings, fail("proxy-out-of-sync", fmt.Sprintf("the proxy of %s has old %s", p.Pod, kind), pod,
					"SYNCED", "STALE", "look again; if it stays, see istiod's log for this proxy"))
			}
		}
	}
	verdict.Sort(findings)
	return findings
}

// JudgeTargets says whether Prometheus scrapes each named pool, all targets up.
func JudgeTargets(pools []string, targets evidence.Targets) []verdict.Finding {
	if len(targets.Items) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "Prometheus has no active target", Object: object.Deployment(namespace, "prometheus"),
			Want: strings.Join(pools, ", "), Got: "none", Next: "see Prometheus' configuration and its rights to list pods",
		}}
	}
	var findings []verdict.Finding
	for _, pool := range pools {
		found := false
		for _, t := range targets.Items {
			if t.Pool != pool {
				continue
			}
			found = true
			if t.Health != "up" {
				f := fail("target-down", "Prometheus cannot scrape "+t.URL, object.Deployment(namespace, "prometheus"),
					"health up", t.Health, "see whether the program answers on this address")
				f.Where, f.Why = "scrape pool "+pool, t.Error
				findings = append(findings, f)
			}
		}
		if !found {
			findings = append(findings, fail("target-missing", "Prometheus scrapes nothing in pool "+pool, object.Deployment(namespace, "prometheus"),
				"a target of "+pool, "none", "see the pool's discovery in Prometheus' configuration"))
		}
	}
	verdict.Sort(findings)
	return findings
}

func fail(kind verdict.Kind, summary, object, want, got, next string) verdict.Finding {
	return verdict.Finding{Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: object, Want: want, Got: got, Next: next}
}

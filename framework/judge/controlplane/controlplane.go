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

// The parts that are named most.
const (
	istiod     = "Deployment istio-system/istiod"
	prometheus = "Deployment istio-system/prometheus"
)

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
			Want: "istiod and the add-ons", Got: "none", Where: "list of pods",
			Why:  "the API server answered with an empty list: there is no mesh here to judge",
			Next: "see whether Istio is installed in this cluster: helm list --all-namespaces",
		}}
	}
	var findings []verdict.Finding
	for _, name := range want.Workloads {
		findings = append(findings, workload(name, seen.Pods)...)
	}
	if want.Version != "" && want.Version != seen.Version {
		findings = append(findings, verdict.Finding{
			Kind: "wrong-version", Verdict: verdict.Fail, Summary: "istiod has another version", Object: istiod,
			Want: want.Version, Got: object.Text(seen.Version), Where: "pilot-discovery request GET /version",
			Why:  "settings, charts and proxies of the environment are those of " + want.Version,
			Next: "see the image: kubectl -n istio-system get deployment istiod -o wide",
		})
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
	f := verdict.Finding{
		Kind: "workload-not-ready", Verdict: verdict.Fail, Summary: name + " has no ready pod", Object: object.Deployment(namespace, name),
		Want: "a ready pod", Got: strings.Join(states, ", "), Where: "pods of namespace " + namespace,
		Why:  "its pods are there and none passes its readiness check, so nothing answers behind its Services",
		Next: fmt.Sprintf("see its events and its log: kubectl -n %s describe deployment %s", namespace, name),
	}
	if len(states) == 0 {
		f.Got = "no pod"
		f.Why = "other pods of the namespace are there: the Deployment is missing, wants no replica, or its pods are refused"
	}
	return []verdict.Finding{f}
}

func service(name string, ports []int, seen map[string][]string) []verdict.Finding {
	have, ok := seen[name]
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: object.Service(namespace, name),
		Want: fmt.Sprintf("ports %v", ports), Got: object.Text(strings.Join(have, ", ")), Where: "list of Services",
	}
	if !ok {
		f.Kind, f.Summary, f.Got = "missing-service", "Service "+name+" is missing", "none"
		f.Why = "whoever calls it by name finds no address"
		f.Next = "see the installation of what it belongs to: helm -n " + namespace + " list"
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, port := range ports {
		if !slices.ContainsFunc(have, func(text string) bool { return number(text) == port }) {
			f.Kind, f.Summary = "missing-port", fmt.Sprintf("Service %s lacks port %d", name, port)
			f.Why = fmt.Sprintf("proxies and observers call it on port %d, and nothing is there", port)
			f.Next = fmt.Sprintf("see its manifest: kubectl -n %s get service %s -o yaml", namespace, name)
			findings = append(findings, f)
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
		return []verdict.Finding{{
			Kind: "no-root", Verdict: verdict.Inconclusive,
			Summary: "istiod publishes no CA certificate, so the webhook's cannot be judged", Object: "ConfigMap " + namespace + "/istio-ca-root-cert",
			Want: "a certificate", Got: "none", Where: "field root-cert.pem",
			Why:  "the webhook's CA bundle is judged against this certificate",
			Next: "see istiod's log: kubectl -n istio-system logs deployment/istiod",
		}}
	}
	if len(seen.WebhookRoots) == 0 {
		return []verdict.Finding{{
			Kind: "no-webhook", Verdict: verdict.Fail,
			Summary: "no injection webhook is registered", Object: "MutatingWebhookConfiguration istio-sidecar-injector",
			Want: "a webhook with label app=sidecar-injector", Got: "none", Where: "list of MutatingWebhookConfigurations",
			Why:  "the API server asks nobody when a pod is made, so no new pod gets a sidecar",
			Next: "see whether the istiod chart made it: helm -n istio-system get manifest istiod",
		}}
	}
	var findings []verdict.Finding
	for _, name := range slices.Sorted(maps.Keys(seen.WebhookRoots)) {
		root := seen.WebhookRoots[name]
		if root == seen.Root {
			continue
		}
		configuration, webhook, _ := strings.Cut(name, "/")
		findings = append(findings, verdict.Finding{
			Kind: "wrong-webhook-root", Verdict: verdict.Fail,
			Summary: "the API server does not trust istiod's injection webhook", Object: "MutatingWebhookConfiguration " + configuration,
			Want: "CA bundle SHA-256 " + seen.Root, Got: object.Text(root), Where: "caBundle of webhook " + object.Text(webhook),
			Why:  "the webhook's CA bundle is not the CA that istiod publishes, so calls to it fail and no sidecar is injected",
			Next: "see istiod's log on patching the webhook: kubectl -n istio-system logs deployment/istiod",
		})
	}
	return findings
}

// JudgeRejects says whether any proxy refused configuration, by istiod's count
// and by each proxy's last answer, and whether all are in sync.
func JudgeRejects(proxies evidence.Proxies) []verdict.Finding {
	if !slices.ContainsFunc(proxies.Items, func(p evidence.Proxy) bool { return len(p.Sync) > 0 }) {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "istiod knows no proxy", Object: istiod,
			Want: "at least one connected proxy", Got: "none", Where: "/debug/syncz of istiod",
			Why:  "whether configuration is accepted is known only of proxies that are there",
			Next: "see whether any pod is injected and can reach istiod",
		}}
	}
	findings := counted(proxies.Rejects)
	for _, p := range proxies.Items {
		findings = append(findings, proxy(p)...)
	}
	verdict.Sort(findings)
	return findings
}

// counted names the types of configuration that istiod counts rejects of.
func counted(rejects map[string]float64) []verdict.Finding {
	var findings []verdict.Finding
	for _, kind := range slices.Sorted(maps.Keys(rejects)) {
		if count := rejects[kind]; count != 0 {
			findings = append(findings, verdict.Finding{
				Kind: "config-rejected", Verdict: verdict.Fail,
				Summary: fmt.Sprintf("proxies refused %s configuration %g times", kind, count), Object: istiod,
				Want: "pilot_total_xds_rejects 0", Got: fmt.Sprintf("%g", count), Where: fmt.Sprintf("istiod's metric pilot_total_xds_rejects, type %q", kind),
				Why:  "the count is since istiod's start: a part of what it sent was not understood, and those proxies work with what they had before",
				Next: "search istiod's log for ACK ERROR, which says what Envoy does not know: kubectl -n istio-system logs deployment/istiod",
			})
		}
	}
	return findings
}

// proxy names what one proxy refuses, and what it has an old version of.
func proxy(p evidence.Proxy) []verdict.Finding {
	owner := fmt.Sprintf("Pod %s/%s", p.Namespace, p.Pod)
	if p.Workload != "" {
		owner = object.Deployment(p.Namespace, p.Workload)
	}
	var findings []verdict.Finding
	for _, kind := range slices.Sorted(maps.Keys(p.Rejected)) {
		findings = append(findings, verdict.Finding{
			Kind: "config-rejected", Verdict: verdict.Fail, Summary: fmt.Sprintf("the proxy of %s refuses %s", p.Pod, kind), Object: owner,
			Want: "every configuration accepted", Got: p.Rejected[kind], Where: "/debug/syncz of istiod, lastError of " + kind,
			Why:  "Envoy does not know a part of what istiod sends, and goes on with what it had before",
			Next: "compare istiod's settings and EnvoyFilters with what the proxy image's Envoy holds",
		})
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Sync)) {
		if state := p.Sync[kind]; state != "SYNCED" && state != "NOT SENT" {
			findings = append(findings, verdict.Finding{
				Kind: "proxy-out-of-sync", Verdict: verdict.Fail, Summary: fmt.Sprintf("the proxy of %s has old %s", p.Pod, kind), Object: owner,
				Want: "SYNCED", Got: object.Text(state), Where: "/debug/syncz of istiod, " + kind,
				Why:  "istiod sent " + kind + " and the proxy has not acknowledged it: it hangs, is cut off, or has only just been sent news",
				Next: "look again; if it stays, see istiod's log for this proxy and the proxy's own",
			})
		}
	}
	return findings
}

// JudgeTargets says whether Prometheus scrapes each named pool, all targets up.
func JudgeTargets(pools []string, targets evidence.Targets) []verdict.Finding {
	if len(targets.Items) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "Prometheus has no active target", Object: prometheus,
			Want: strings.Join(pools, ", "), Got: "none", Where: "/api/v1/targets of Prometheus",
			Why:  "Prometheus answers and scrapes nothing at all, so metrics say nothing of the mesh",
			Next: "see Prometheus' configuration and its rights to list pods",
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
				findings = append(findings, down(t))
			}
		}
		if !found {
			findings = append(findings, verdict.Finding{
				Kind: "target-missing", Verdict: verdict.Fail, Summary: "Prometheus scrapes nothing in pool " + pool, Object: prometheus,
				Want: "a target of " + pool, Got: "none", Where: "/api/v1/targets of Prometheus",
				Why:  "other targets are there: the pool's discovery finds no program, or the pool is not configured",
				Next: "see the pool's discovery in Prometheus' configuration, and whether what it looks for runs",
			})
		}
	}
	verdict.Sort(findings)
	return findings
}

func down(t evidence.Target) verdict.Finding {
	f := verdict.Finding{
		Kind: "target-down", Verdict: verdict.Fail, Summary: "Prometheus cannot scrape " + t.URL, Object: prometheus,
		Want: "health up", Got: object.Text(t.Health), Where: "scrape pool " + t.Pool,
		Why:  "the last scrape failed: " + t.Error,
		Next: "see whether the program answers on this address: its pod's state and log",
	}
	if t.Error == "" {
		f.Why = "Prometheus names no error: it has not scraped the target yet"
	}
	return f
}

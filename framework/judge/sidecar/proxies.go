package sidecar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// trustDomain is Istio's default.
const trustDomain = "cluster.local"

// JudgeProxies says whether the proxy of every pod that must have one is
// connected to istiod, in sync with it, and holds a valid certificate of its
// own ServiceAccount from the mesh's CA. Time is the evidence's.
func JudgeProxies(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods, proxies evidence.Proxies) []verdict.Finding {
	if f, missing := noProxyEvidence(pods, proxies); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	judged := 0
	for _, w := range release.Workloads {
		if !w.Injected(policy) {
			continue
		}
		for _, p := range alive(pods, w.Name) {
			judged++
			j := proxyJudge{
				namespace: pods.Namespace, workload: w, pod: p, root: proxies.Root, now: proxies.Observed,
			}
			findings = append(findings, j.judge(find(proxies, pods.Namespace, p.Name))...)
		}
	}
	if judged == 0 {
		findings = append(findings, verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "no pod of the release should have a proxy, so none was judged",
			Object:  "Namespace " + pods.Namespace,
			Want:    "at least one pod of an injected workload",
			Got:     fmt.Sprintf("none of %d workloads under policy %s", len(release.Workloads), policy),
			Where:   "catalogue of " + release.Name + ", list of pods of namespace " + pods.Namespace,
			Why:     "by the catalogue's annotations and the run's policy no pod that is there must have a sidecar; a judgement of none proves nothing",
			Next:    "see the catalogue's annotations, the policy of the run, and whether the injected workloads have pods",
		})
	}
	verdict.Sort(findings)
	return findings
}

func noProxyEvidence(pods evidence.Pods, proxies evidence.Proxies) (verdict.Finding, bool) {
	switch {
	case len(pods.Items) == 0:
		return noPods(pods.Namespace), true
	case len(proxies.Items) == 0:
		return verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "istiod knows no proxy and none could be asked", Object: object.Deployment("istio-system", "istiod"),
			Want: "one entry for each sidecar", Got: "none", Where: "/debug/syncz of istiod",
			Why:  "istiod answered that nothing is connected to it, and no pod has a container istio-proxy",
			Next: "see that pods are injected, and istiod's log: kubectl -n istio-system logs deployment/istiod",
		}, true
	case proxies.Root == "":
		return verdict.Finding{
			Kind: "no-root", Verdict: verdict.Inconclusive,
			Summary: "the mesh's CA certificate is not known, so no certificate can be judged",
			Object:  "ConfigMap istio-system/istio-ca-root-cert",
			Want:    "the CA certificate that istiod publishes", Got: "none", Where: "field root-cert.pem",
			Why:  "a proxy's certificate is judged against this one",
			Next: "see istiod's log: kubectl -n istio-system logs deployment/istiod",
		}, true
	}
	return verdict.Finding{}, false
}

func find(proxies evidence.Proxies, namespace, pod string) *evidence.Proxy {
	for i, p := range proxies.Items {
		if p.Namespace == namespace && p.Pod == pod {
			return &proxies.Items[i]
		}
	}
	return nil
}

// proxyJudge judges the proxy of one pod.
type proxyJudge struct {
	namespace string
	workload  catalogue.Workload
	pod       evidence.Pod
	root      string
	now       time.Time
}

func (j proxyJudge) judge(p *evidence.Proxy) []verdict.Finding {
	if p == nil || len(p.Sync) == 0 {
		return []verdict.Finding{j.notConnected(p)}
	}
	findings := append(j.sync(p), j.rejected(p)...)
	if p.Error != "" {
		f := j.finding("proxy-not-asked", "the proxy of "+j.workload.Name+" could not be asked for its certificates")
		f.Verdict = verdict.Inconclusive
		f.Want, f.Got = "its certificates", p.Error
		f.Why = "istiod knows the proxy; which certificates it holds is only known to the proxy itself"
		f.Next = fmt.Sprintf("see that pilot-agent and Envoy run: kubectl -n %s logs %s -c %s", j.namespace, j.pod.Name, catalogue.Proxy)
		return append(findings, f)
	}
	return append(findings, j.certificate(p)...)
}

func (j proxyJudge) notConnected(p *evidence.Proxy) verdict.Finding {
	f := j.finding("proxy-not-connected", "the proxy of "+j.workload.Name+" is not connected to istiod")
	f.Want, f.Got = "an entry in istiod's list of proxies", "none"
	switch {
	case !slices.Contains(Names(j.pod), catalogue.Proxy):
		f.Why = "the pod has no container " + catalogue.Proxy
	case p != nil && p.Error != "":
		f.Why = "the proxy itself could not be asked either: " + p.Error
	case p != nil:
		f.Why = "the proxy runs and answers, so it has no connection to istiod: it keeps the configuration it has, and gets no news of endpoints and certificates"
	default:
		f.Why = "the pod has a container " + catalogue.Proxy + ", of which nothing else is known"
	}
	f.Next = fmt.Sprintf("see the log of container istio-proxy in pod %s and whether istiod is ready", j.pod.Name)
	return f
}

// sync demands that istiod's last word of each type was acknowledged, and that
// clusters and listeners were sent at all; routes and endpoints are only sent
// to a proxy that asks for some.
func (j proxyJudge) sync(p *evidence.Proxy) []verdict.Finding {
	var bad []string
	for _, kind := range []string{"CDS", "EDS", "LDS", "RDS"} {
		status := p.Sync[kind]
		optional := kind == "EDS" || kind == "RDS"
		if status != "SYNCED" && (!optional || (status != "NOT SENT" && status != "")) {
			bad = append(bad, kind+" "+status)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	f := j.finding("proxy-out-of-sync", "the proxy of "+j.workload.Name+" works with old configuration")
	f.Want, f.Got = "CDS, EDS, LDS, RDS SYNCED", strings.Join(bad, ", ")
	f.Why = "istiod sent these and the proxy has not acknowledged them (STALE), or istiod has sent none (NOT SENT): requests go by what was before"
	f.Next = "look again; if it stays, see istiod's log for this proxy"
	return []verdict.Finding{f}
}

func (j proxyJudge) rejected(p *evidence.Proxy) []verdict.Finding {
	var findings []verdict.Finding
	for _, kind := range slices.Sorted(maps.Keys(p.Rejected)) {
		f := j.finding("config-rejected", fmt.Sprintf("the proxy of %s refuses its %s configuration", j.workload.Name, kind))
		f.Want, f.Got = "every configuration accepted", p.Rejected[kind]
		f.Why = "Envoy does not know a part of what istiod sends: the proxy and istiod do not fit together"
		f.Next = "compare istiod's settings with what the proxy image's Envoy holds"
		findings = append(findings, f)
	}
	return findings
}

func (j proxyJudge) certificate(p *evidence.Proxy) []verdict.Finding {
	var findings []verdict.Finding
	want := fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", trustDomain, j.namespace, j.workload.ServiceAccount)
	if p.Identity != want {
		f := j.finding("wrong-identity", "the proxy of "+j.workload.Name+" has another identity")
		f.Want, f.Got = want, object.Text(p.Identity)
		f.Why = fmt.Sprintf("the pod runs as ServiceAccount %s, the catalogue says %s; policies that name the wanted identity do not match this one",
			object.Text(j.pod.ServiceAccount), j.workload.ServiceAccount)
		f.Next = fmt.Sprintf("see the ServiceAccount of the pod template: kubectl -n %s get pod %s -o yaml", j.namespace, j.pod.Name)
		findings = append(findings, f)
	}
	if j.now.Before(p.NotBefore) || !j.now.Before(p.NotAfter) {
		f := j.finding("certificate-expired", "the certificate of the proxy of "+j.workload.Name+" is not valid now")
		f.Want = "valid at " + j.now.UTC().Format(time.RFC3339)
		f.Got = fmt.Sprintf("valid from %s to %s", p.NotBefore.UTC().Format(time.RFC3339), p.NotAfter.UTC().Format(time.RFC3339))
		f.Why = "peers refuse a certificate outside its time; pilot-agent asks for a new one long before its end, so asking fails or a clock is wrong"
		f.Next = "see whether pilot-agent can reach istiod's CA (its log in the pod), and the clocks of node and istiod"
		findings = append(findings, f)
	}
	if p.Root != j.root {
		f := j.finding("wrong-root", "the proxy of "+j.workload.Name+" trusts another CA than the mesh's")
		f.Want, f.Got = "CA certificate SHA-256 "+j.root, object.Text(p.Root)
		f.Why = "the proxy started under another CA, so it and its peers refuse each other"
		f.Next = fmt.Sprintf("make the pod again: kubectl -n %s delete pod %s", j.namespace, j.pod.Name)
		findings = append(findings, f)
	}
	return findings
}

func (j proxyJudge) finding(kind verdict.Kind, summary string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: summary,
		Object: j.workload.Object(j.namespace),
		Where:  fmt.Sprintf("pod %s, container %s", j.pod.Name, catalogue.Proxy),
	}
}

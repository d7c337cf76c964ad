package sidecar_test

import (
	"slices"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/sidecar"
)

func TestHealthyProxiesPass(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for _, policy := range []catalogue.Policy{catalogue.Enabled, catalogue.Disabled} {
		findings := sidecar.JudgeProxies(release, policy, sample.Pods(release, policy), sample.Proxies(release, policy))
		if len(findings) != 0 {
			t.Errorf("policy %s: %+v", policy, findings)
		}
	}
}

func TestJudgeProxies(t *testing.T) {
	const iag = "msb-msb-iag-5d9c7b9f4c-8xk2p"
	proxy := func(proxies *evidence.Proxies) *evidence.Proxy {
		return &proxies.Items[slices.IndexFunc(proxies.Items, func(p evidence.Proxy) bool { return p.Pod == iag })]
	}
	for name, c := range map[string]struct {
		spoil func(pods *evidence.Pods, proxies *evidence.Proxies)
		want  []string
		text  string
	}{
		"no pods":      {func(pods *evidence.Pods, _ *evidence.Proxies) { pods.Items = nil }, []string{"no-evidence"}, ""},
		"no proxies":   {func(_ *evidence.Pods, p *evidence.Proxies) { p.Items = nil }, []string{"no-evidence"}, ""},
		"no mesh root": {func(_ *evidence.Pods, p *evidence.Proxies) { p.Root = "" }, []string{"no-root"}, ""},
		"no entry":     {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Pod = "gone" }, []string{"proxy-not-connected"}, "of which nothing else is known"},
		"never synced": {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Sync = nil }, []string{"proxy-not-connected"}, "so it has no connection to istiod"},
		"neither synced nor asked": {func(_ *evidence.Pods, p *evidence.Proxies) {
			proxy(p).Sync, proxy(p).Error = nil, "timeout"
		}, []string{"proxy-not-connected"}, "could not be asked either: timeout"},
		"no container": {func(pods *evidence.Pods, p *evidence.Proxies) {
			proxy(p).Sync = nil
			i := slices.IndexFunc(pods.Items, func(pod evidence.Pod) bool { return pod.Name == iag })
			pods.Items[i].InitContainers = nil
		}, []string{"proxy-not-connected"}, "the pod has no container istio-proxy"},
		"no listeners":  {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Sync["LDS"] = "NOT SENT" }, []string{"proxy-out-of-sync"}, "LDS NOT SENT"},
		"no routes yet": {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Sync["RDS"] = "NOT SENT" }, nil, ""},
		"stale routes":  {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Sync["RDS"] = "STALE" }, []string{"proxy-out-of-sync"}, "RDS STALE"},
		"refused": {func(_ *evidence.Pods, p *evidence.Proxies) {
			proxy(p).Rejected = map[string]string{"LDS": "no istio.stats"}
		}, []string{"config-rejected"}, "no istio.stats"},
		"not asked": {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Error = "timeout" }, []string{"proxy-not-asked"}, "timeout"},
		"other account": {func(_ *evidence.Pods, p *evidence.Proxies) {
			proxy(p).Identity = "spiffe://cluster.local/ns/onap/sa/default"
		}, []string{"wrong-identity"}, "sa/default"},
		"no identity":     {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Identity = "" }, []string{"wrong-identity"}, "none"},
		"expired":         {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).NotAfter = sample.Now }, []string{"certificate-expired"}, ""},
		"not yet valid":   {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).NotBefore = sample.Now.Add(time.Second) }, []string{"certificate-expired"}, ""},
		"no certificate":  {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).NotAfter = time.Time{} }, []string{"certificate-expired"}, ""},
		"another CA":      {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Root = "00" }, []string{"wrong-root"}, "00"},
		"other namespace": {func(_ *evidence.Pods, p *evidence.Proxies) { proxy(p).Namespace = "other" }, []string{"proxy-not-connected"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			pods, proxies := sample.Pods(release, catalogue.Enabled), sample.Proxies(release, catalogue.Enabled)
			c.spoil(&pods, &proxies)
			findings := sidecar.JudgeProxies(release, catalogue.Enabled, pods, proxies)
			if len(c.want) == 0 {
				if len(findings) != 0 {
					t.Errorf("findings: %+v", findings)
				}
				return
			}
			check(t, findings, c.want, "", c.text)
		})
	}
}

// TestEveryProxyIsJudged: those of the last workloads too, and where others need none.
func TestEveryProxyIsJudged(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for _, policy := range []catalogue.Policy{catalogue.Enabled, catalogue.Disabled} {
		for i := range sample.Proxies(release, policy).Items {
			proxies := sample.Proxies(release, policy)
			proxies.Items[i].Root = "00"
			check(t, sidecar.JudgeProxies(release, policy, sample.Pods(release, policy), proxies), []string{"wrong-root"}, "", "00")
		}
	}
}

func TestNothingInjectedIsInconclusive(t *testing.T) {
	release := &catalogue.Release{Name: "bare", Workloads: []catalogue.Workload{{Name: "a", App: "a"}}}
	findings := sidecar.JudgeProxies(release, catalogue.Disabled, sample.Pods(release, catalogue.Disabled), evidence.Proxies{Root: sample.Root, Items: []evidence.Proxy{{Pod: "x"}}})
	check(t, findings, []string{"no-evidence"}, "", "")
}

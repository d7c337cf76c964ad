package controlplane_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/controlplane"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

var want = controlplane.Want{
	Version: "1.31.0", Workloads: []string{"istiod", "jaeger"},
	Services: map[string][]int{"istiod": {15012, 443}, "servicegraph": {8088}},
}

func healthy() evidence.ControlPlane {
	pod := func(workload string) evidence.Pod {
		return evidence.Pod{Name: workload + "-1", Workload: workload, Phase: "Running", Ready: true}
	}
	return evidence.ControlPlane{
		Observed: sample.Now, Version: "1.31.0", Root: sample.Root,
		Pods:         evidence.Pods{Namespace: "istio-system", Items: []evidence.Pod{pod("istiod"), pod("jaeger")}},
		WebhookRoots: map[string]string{"istio-sidecar-injector/namespace.sidecar-injector.istio.io": sample.Root},
		Services:     map[string][]string{"istiod": {"15012/TCP", "443/TCP"}, "servicegraph": {"8088:30088/TCP"}},
	}
}

func check(t *testing.T, findings []verdict.Finding, kinds []string, v verdict.Verdict, text string) {
	t.Helper()
	if diff := cmp.Diff(kinds, sample.Kinds(findings)); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
	}
	sample.Complete(t, findings)
	if got := verdict.Of(findings); got != v {
		t.Errorf("verdict %s, want %s", got, v)
	}
	if len(findings) == 0 {
		return
	}
	if f := findings[0]; !strings.Contains(f.Object+f.Got+f.Summary+f.Why, text) || f.Object == "" {
		t.Errorf("want text %q: %+v", text, f)
	}
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(*evidence.ControlPlane)
		kinds   []string
		verdict verdict.Verdict
		text    string
	}{
		"healthy": {func(*evidence.ControlPlane) {}, nil, verdict.Pass, ""},
		"an old pod goes": {func(c *evidence.ControlPlane) {
			c.Pods.Items = append(c.Pods.Items, evidence.Pod{Name: "istiod-0", Workload: "istiod", Terminating: true})
		}, nil, verdict.Pass, ""},
		"no pods":         {func(c *evidence.ControlPlane) { c.Pods.Items = nil }, []string{"no-evidence"}, verdict.Inconclusive, ""},
		"jaeger is gone":  {func(c *evidence.ControlPlane) { c.Pods.Items = c.Pods.Items[:1] }, []string{"workload-not-ready"}, verdict.Fail, "Deployment istio-system/jaeger"},
		"istiod waits":    {func(c *evidence.ControlPlane) { c.Pods.Items[0].Ready = false }, []string{"workload-not-ready"}, verdict.Fail, "istiod-1 is Running"},
		"another version": {func(c *evidence.ControlPlane) { c.Version = "unknown" }, []string{"wrong-version"}, verdict.Fail, "unknown"},
		"no Service":      {func(c *evidence.ControlPlane) { delete(c.Services, "servicegraph") }, []string{"missing-service"}, verdict.Fail, "servicegraph"},
		"no port":         {func(c *evidence.ControlPlane) { c.Services["istiod"] = []string{"443/TCP"} }, []string{"missing-port"}, verdict.Fail, "15012"},
		"a port like it":  {func(c *evidence.ControlPlane) { c.Services["istiod"] = []string{"443/TCP", "150120/TCP", "x"} }, []string{"missing-port"}, verdict.Fail, ""},
		"no CA":           {func(c *evidence.ControlPlane) { c.Root = "" }, []string{"no-root"}, verdict.Inconclusive, ""},
		"no webhook":      {func(c *evidence.ControlPlane) { c.WebhookRoots = nil }, []string{"no-webhook"}, verdict.Fail, ""},
		"another bundle": {func(c *evidence.ControlPlane) { c.WebhookRoots["rev"] = "00" }, []string{"wrong-webhook-root"}, verdict.Fail,
			"no sidecar is injected"},
		"an empty bundle": {func(c *evidence.ControlPlane) { c.WebhookRoots["rev"] = "" }, []string{"wrong-webhook-root"}, verdict.Fail, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthy()
			c.spoil(&seen)
			check(t, controlplane.Judge(want, seen), c.kinds, c.verdict, c.text)
		})
	}
	anyVersion := controlplane.Want{}
	check(t, controlplane.Judge(anyVersion, healthy()), nil, verdict.Pass, "")
}

func TestJudgeRejects(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(*evidence.Proxies)
		kinds   []string
		verdict verdict.Verdict
		text    string
	}{
		"healthy":      {func(*evidence.Proxies) {}, nil, verdict.Pass, ""},
		"no proxies":   {func(p *evidence.Proxies) { p.Items = nil }, []string{"no-evidence"}, verdict.Inconclusive, ""},
		"counted":      {func(p *evidence.Proxies) { p.Rejects["lds"] = 3 }, []string{"config-rejected"}, verdict.Fail, "lds configuration 3 times"},
		"counted zero": {func(p *evidence.Proxies) { p.Rejects["lds"] = 0 }, nil, verdict.Pass, ""},
		"istiod knows none": {func(p *evidence.Proxies) {
			for i := range p.Items {
				p.Items[i].Sync = nil
			}
		}, []string{"no-evidence"}, verdict.Inconclusive, ""},
		"refused by a Deployment's": {func(p *evidence.Proxies) {
			p.Items[0].Workload, p.Items[0].Rejected = "msb-msb-iag", map[string]string{"LDS": "no istio.alpn"}
		}, []string{"config-rejected"}, verdict.Fail, "Deployment onap/msb-msb-iag"},
		"stale in a pod of no Deployment": {func(p *evidence.Proxies) {
			p.Items[0].Pod, p.Items[0].Workload, p.Items[0].Sync["EDS"] = "lone", "", "STALE"
		}, []string{"proxy-out-of-sync"}, verdict.Fail, "Pod onap/lone"},
		"refused now": {func(p *evidence.Proxies) { p.Items[0].Rejected = map[string]string{"LDS": "no istio.alpn"} },
			[]string{"config-rejected"}, verdict.Fail, "no istio.alpn"},
		"stale":          {func(p *evidence.Proxies) { p.Items[0].Sync["EDS"] = "STALE" }, []string{"proxy-out-of-sync"}, verdict.Fail, "EDS"},
		"not subscribed": {func(p *evidence.Proxies) { p.Items[0].Sync["RDS"] = "NOT SENT" }, nil, verdict.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := sample.Proxies(sample.Release(t, "casablanca"), catalogue.Enabled)
			c.spoil(&seen)
			check(t, controlplane.JudgeRejects(seen), c.kinds, c.verdict, c.text)
		})
	}
}

func TestJudgeTargets(t *testing.T) {
	up := evidence.Target{Pool: "istio-telemetry", URL: "http://a/metrics", Health: "up"}
	down := evidence.Target{Pool: "istio-telemetry", URL: "http://b/metrics", Health: "down", Error: "connection refused"}
	for name, c := range map[string]struct {
		items   []evidence.Target
		kinds   []string
		verdict verdict.Verdict
		text    string
	}{
		"up":                    {[]evidence.Target{up, {Pool: "other", Health: "down"}}, nil, verdict.Pass, ""},
		"none":                  {nil, []string{"no-evidence"}, verdict.Inconclusive, ""},
		"down":                  {[]evidence.Target{up, down}, []string{"target-down"}, verdict.Fail, "connection refused"},
		"behind another pool's": {[]evidence.Target{{Pool: "other", Health: "up"}, down}, []string{"target-down"}, verdict.Fail, "connection refused"},
		"another pool":          {[]evidence.Target{{Pool: "other", Health: "up"}}, []string{"target-missing"}, verdict.Fail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, controlplane.JudgeTargets([]string{"istio-telemetry"}, evidence.Targets{Items: c.items}), c.kinds, c.verdict, c.text)
		})
	}
}

func TestJudgeCanary(t *testing.T) {
	const client, server = "spiffe://cluster.local/ns/meshcert-canary/sa/canary-client", "spiffe://cluster.local/ns/meshcert-canary/sa/canary-server"
	healthy := func() evidence.Canary {
		return evidence.Canary{
			TraceID: "0001", Response: evidence.Response{Status: 200},
			ForwardedClientCert: "By=" + server + `;Hash=0a1b;Subject="CN=a;b,c";URI=` + client,
			ClientIdentity:      client, ServerIdentity: server, ServerService: "canary-server.meshcert-canary",
			Trace: &evidence.Trace{ID: "1", Spans: []evidence.Span{{ID: "2", Kind: evidence.Server, Service: "canary-server.meshcert-canary"}}},
		}
	}
	for name, c := range map[string]struct {
		spoil   func(*evidence.Canary)
		kinds   []string
		verdict verdict.Verdict
		text    string
	}{
		"healthy": {func(*evidence.Canary) {}, nil, verdict.Pass, ""},
		"the last of several certificates counts": {func(c *evidence.Canary) {
			c.ForwardedClientCert = "By=spiffe://other;URI=spiffe://other," + c.ForwardedClientCert
		}, nil, verdict.Pass, ""},
		"an id that is not known": {func(c *evidence.Canary) { c.TraceID = "" }, nil, verdict.Pass, ""},
		"another request's trace": {func(c *evidence.Canary) { c.Trace.ID = "2" }, []string{"not-asked"}, verdict.Inconclusive, ""},
		"no answer":               {func(c *evidence.Canary) { c.Response = evidence.Response{Error: "connection reset"} }, []string{"canary-failed"}, verdict.Fail, "connection reset"},
		"refused":                 {func(c *evidence.Canary) { c.Response.Status = 503 }, []string{"canary-failed"}, verdict.Fail, "503"},
		"no certificate":          {func(c *evidence.Canary) { c.ForwardedClientCert = "" }, []string{"no-client-certificate"}, verdict.Fail, "no mutual TLS"},
		"another client":          {func(c *evidence.Canary) { c.ClientIdentity += "2" }, []string{"wrong-identity"}, verdict.Fail, ""},
		"another server":          {func(c *evidence.Canary) { c.ServerIdentity += "2" }, []string{"wrong-identity"}, verdict.Fail, ""},
		"not a header":            {func(c *evidence.Canary) { c.ForwardedClientCert = ";;=," }, []string{"wrong-identity"}, verdict.Fail, "none called by none"},
		"no certificate and no trace": {func(c *evidence.Canary) { c.ForwardedClientCert, c.Trace = "", nil },
			[]string{"no-client-certificate", "not-asked"}, verdict.Fail, "cannot be told apart"},
		"no trace":        {func(c *evidence.Canary) { c.Trace = nil }, []string{"not-asked"}, verdict.Inconclusive, ""},
		"an empty trace":  {func(c *evidence.Canary) { c.Trace.Spans = nil }, []string{"not-asked"}, verdict.Inconclusive, ""},
		"no inbound span": {func(c *evidence.Canary) { c.Trace.Spans[0].Kind = evidence.Client }, []string{"no-inbound-span"}, verdict.Fail, "so it saw HTTP over mutual TLS"},
		"all seen as TCP": {func(c *evidence.Canary) { c.ForwardedClientCert, c.Trace.Spans[0].Kind = "", evidence.Client }, []string{"no-client-certificate", "no-inbound-span"}, verdict.Fail, "arrives as plain TCP"},
		"no certificate and an empty trace": {func(c *evidence.Canary) { c.ForwardedClientCert, c.Trace.Spans = "", nil },
			[]string{"no-client-certificate", "not-asked"}, verdict.Fail, "cannot be told apart"},
		"span of another": {func(c *evidence.Canary) { c.Trace.Spans[0].Service = "x" }, []string{"no-inbound-span"}, verdict.Fail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthy()
			c.spoil(&seen)
			check(t, controlplane.JudgeCanary(seen), c.kinds, c.verdict, c.text)
		})
	}
}

// TestCanaryNamesTheBackend: who keeps the traces is who may have lost this one.
func TestCanaryNamesTheBackend(t *testing.T) {
	for backend, want := range map[string]string{
		"": "Deployment istio-system/jaeger", "Deployment istio-system/zipkin": "Deployment istio-system/zipkin",
	} {
		got := controlplane.JudgeCanary(evidence.Canary{Response: evidence.Response{Status: 200}, ForwardedClientCert: "By=;URI=", Backend: backend})
		if len(got) != 1 || got[0].Object != want || !strings.Contains(got[0].Next, want) {
			t.Errorf("backend %q: %+v, want %s", backend, got, want)
		}
	}
}

func TestGolden(t *testing.T) {
	seen := healthy()
	seen.WebhookRoots = map[string]string{"istio-sidecar-injector/x": "00"}
	want := []verdict.Finding{{
		Kind: "wrong-webhook-root", Verdict: verdict.Fail,
		Summary: "the API server does not trust istiod's injection webhook",
		Object:  "MutatingWebhookConfiguration istio-sidecar-injector",
		Want:    "CA bundle SHA-256 " + sample.Root,
		Got:     "00",
		Where:   "caBundle of webhook x",
		Why:     "the webhook's CA bundle is not the CA that istiod publishes, so calls to it fail and no sidecar is injected",
		Next:    "see istiod's log on patching the webhook: kubectl -n istio-system logs deployment/istiod",
	}}
	if diff := cmp.Diff(want, controlplane.Judge(controlplane.Want{}, seen)); diff != "" {
		t.Error(diff)
	}
}

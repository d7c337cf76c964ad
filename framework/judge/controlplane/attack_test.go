package controlplane_test

import (
	"math"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/controlplane"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of all judges.
type look struct {
	Plane   evidence.ControlPlane
	Proxies evidence.Proxies
	Targets evidence.Targets
	Canary  evidence.Canary
}

func whole(t testing.TB) look {
	t.Helper()
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	const client, server = "spiffe://cluster.local/ns/meshcert-canary/sa/canary-client", "spiffe://cluster.local/ns/meshcert-canary/sa/canary-server"
	return look{
		Plane:   healthy(),
		Proxies: sample.Proxies(release, catalogue.Enabled),
		Targets: evidence.Targets{Items: []evidence.Target{
			{Pool: "istio-telemetry", URL: "http://a/metrics", Health: "up"}, {Pool: "pods", URL: "http://b/metrics", Health: "up"},
		}},
		Canary: evidence.Canary{
			TraceID: "1", Response: evidence.Response{Status: 200}, ForwardedClientCert: "By=" + server + ";URI=" + client,
			ClientIdentity: client, ServerIdentity: server, ServerService: "canary-server.meshcert-canary",
			Trace: &evidence.Trace{ID: "1", Spans: []evidence.Span{{ID: "2", TraceID: "1", Kind: evidence.Server, Service: "canary-server.meshcert-canary"}}},
		},
	}
}

func plane(l look) []verdict.Finding   { return controlplane.Judge(want, l.Plane) }
func rejects(l look) []verdict.Finding { return controlplane.JudgeRejects(l.Proxies) }
func canary(l look) []verdict.Finding  { return controlplane.JudgeCanary(l.Canary) }
func targets(l look) []verdict.Finding {
	return controlplane.JudgeTargets([]string{"istio-telemetry", "pods"}, l.Targets)
}

func TestBrokenEvidence(t *testing.T) {
	seen := whole(t)
	nothing := map[string]look{"nothing": {}}
	pods := func(l *look) *[]evidence.Pod { return &l.Plane.Pods.Items }
	attack.Mutations(t, seen.Plane, func(p evidence.ControlPlane) []verdict.Finding { return controlplane.Judge(want, p) })
	attack.NeverGreen(t, attack.Without(seen, pods), plane)
	attack.NeverGreen(t, nothing, plane)
	attack.Shuffled(t, seen, pods, plane)

	proxies := func(l *look) *[]evidence.Proxy { return &l.Proxies.Items }
	unknown, strange, odd := whole(t), whole(t), whole(t)
	for i := range unknown.Proxies.Items {
		unknown.Proxies.Items[i].Sync = nil
	}
	strange.Proxies.Items[0].Sync["CDS"] = "PERHAPS"
	odd.Proxies.Rejects = map[string]float64{"cds": math.NaN()}
	attack.Mutations(t, seen.Proxies, controlplane.JudgeRejects)
	attack.NeverGreen(t, map[string]look{
		"nothing": {}, "proxies istiod does not know": unknown, "a state nobody knows": strange, "a count that is no number": odd,
	}, rejects)
	attack.Shuffled(t, seen, proxies, rejects)

	scraped := func(l *look) *[]evidence.Target { return &l.Targets.Items }
	attack.Mutations(t, seen, targets)
	attack.NeverGreen(t, attack.Without(seen, scraped), targets)
	attack.NeverGreen(t, nothing, targets)
	attack.Shuffled(t, seen, scraped, targets)

	another := whole(t)
	another.Canary.Trace.ID, another.Canary.Trace.Spans[0].TraceID = "7", "7"
	attack.Mutations(t, seen.Canary, controlplane.JudgeCanary)
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]evidence.Span { return &l.Canary.Trace.Spans }), canary)
	attack.NeverGreen(t, map[string]look{"nothing": {}, "another request's trace": another}, canary)
}

func FuzzJudge(f *testing.F) {
	attack.Fuzz(f, func(l look) []verdict.Finding {
		return append(append(append(plane(l), rejects(l)...), targets(l)...), canary(l)...)
	}, whole(f))
}

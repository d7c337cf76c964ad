package report

import (
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

var began = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }

// split is the failure of the design page.
var split = verdict.Finding{
	Kind: "broken-hop", Verdict: verdict.Fail,
	Summary: "the trace splits at hop 2 of 3",
	Object:  "Deployment onap/vfc-nslcm",
	Want:    "msb-iag → vfc-nslcm → msb-iag → vfc-catalog, one trace",
	Got:     "msb-iag → vfc-nslcm | msb-iag → vfc-catalog in new trace 7a01…",
	Where:   "vfc-nslcm → msb-iag: server span 5c3f… of vfc-nslcm has no child; its client span 91be… starts a new trace 11 ms later",
	Why:     "the application vfc-nslcm drops the headers: its sidecar reported both spans, its port is HTTP",
	Next:    "make vfc-nslcm copy the trace headers to the requests it sends",
}

const digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// sampleRun has every kind of record and, in them, every field.
func sampleRun() []Record {
	return []Record{
		{Time: at(0), RunStarted: &Run{
			ID: "20261123T150000Z-core", Profile: "core", Stages: []verdict.Stage{{Release: "blog", Topics: []string{"sidecar"}}, {Release: "casablanca"}, {Release: "casablanca", Policy: "disabled", Soak: true, Bounds: verdict.Bounds{GatewayP99: 1}}}, Version: "0.1.0", Selected: 6, Replayed: at(200),
			SpecList: []string{"blog/sidecar.ready", "casablanca/sidecar.ready"},
			Settings: Settings{Focus: "tracing", LabelFilter: "core", Images: "packages", ONAPImages: "standin",
				Sidecars: "native", Layout: "multi-node", Tracer: "jaeger", TraceProtocol: "zipkin", Policy: "disabled", Charts: "oom:/oom/kubernetes", Repair: true, ExtraCharts: []string{"so"}, Without: []string{"flavor"},
				Waivers: "waivers.yaml", Values: []string{"small.yaml"}, Set: []string{"a.b=c"}, OpenEgress: true, Context: "kind-meshcert", Reuse: true},
		}},
		{Time: at(1), Environment: &Environment{
			Kubernetes: "v1.34.4", Istio: "1.31.0", Policy: "enabled", Sidecars: "native", Tracer: "jaeger", Egress: "closed", ImageSource: "packages",
			Nodes: []Node{
				{Name: "meshcert-worker", Kubelet: "v1.34.4", OS: "Debian GNU/Linux 13", Runtime: "containerd://2.1.4", ImageDigest: digestA},
				{Name: "meshcert-control-plane", Kubelet: "v1.34.4"},
			},
			Images: []Image{
				{Ref: "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", Digest: digestA, Source: "packages", Standin: true},
				{Ref: "docker.io/istio/pilot:1.31.0", Digest: digestA, Source: "packages"},
			},
			Host: &Host{CPUs: 2, MemoryBytes: 8 << 30, Load: [3]float64{0.5, 0.25, 0.1}, OS: "Debian GNU/Linux 13", Kernel: "6.12"},
		}},
		{Time: at(2), Environment: &Environment{Release: "casablanca", Changes: []Change{
			{Object: "Deployment onap/msb-msb-iag", By: "migration", Rule: "api-version", Field: "apiVersion", From: "extensions/v1beta1", To: "apps/v1"},
		}, Charts: []Chart{
			{Release: "msb", Namespace: "onap", Name: "msb", Version: "3.0.0", Digest: digestA, ValuesDigest: digestA},
		}}},
		{Time: at(30), Phase: &Phase{Name: "cluster", Started: at(2), Seconds: 27.4444}},
		{Time: at(95), Phase: &Phase{Name: "onap casablanca", Started: at(30), Seconds: 65, Error: "Deployment onap/vfc-db\nis not available"}},
		{Time: at(101), Spec: &Spec{ID: "tracing.nslcm-to-catalog", Topic: "tracing", Release: "casablanca",
			Proves: "a request to nslcm keeps one trace to the catalog", Verdict: verdict.Fail, Started: at(100), Seconds: 1.23456,
			Findings: []verdict.Finding{
				{Kind: "known-hop", Verdict: verdict.Pass, Summary: "multicloud drops the headers of check_vim_capacity", Gap: "check-vim-capacity-drops-headers"},
				split,
				{Kind: "root-user", Verdict: verdict.Pass, Summary: "vfc-catalog runs as root", Object: "Deployment onap/vfc-vfc-catalog", Waiver: "ONAP OOM, until 2027-12-31: its image does"},
				{Kind: "wrong-name", Verdict: verdict.Fail, Summary: "a span has the wrong service", Object: "Pod onap/x",
					Want: "vfc-catalog.onap", Got: "catalog.onap", Where: "span 5c3f…", Why: "the name comes from the pod's labels",
					Next: "look at its annotation\nand at its labels"},
			},
			Artifacts: "artifacts/tracing.nslcm-to-catalog/", Rerun: "make e2e FOCUS=tracing.nslcm-to-catalog REUSE=1",
			Notes: []string{"4 spans"}}},
		{Time: at(102), Spec: &Spec{ID: "sidecar.ready", Topic: "sidecar", Release: "casablanca", Verdict: verdict.Pass, Started: at(101), Seconds: 0.2, Ready: "29/29", Headers: &evidence.HeaderSurvey{
			Declared: true, Headers: []string{"x-b3-*", "traceparent"},
			Rows: []evidence.HeaderRow{{App: "multicloud", Call: "identity", States: []evidence.HeaderState{evidence.Forwarded, evidence.Dropped}, Spans: []string{"5c3f → 91be"}}},
		}}},
		{Time: at(103), Spec: &Spec{ID: "metrics.requests", Topic: "metrics", Release: "casablanca", Proves: "requests are counted exactly",
			Verdict: verdict.Inconclusive, Started: at(102), Seconds: 61, Figures: []evidence.Figure{
				{Name: "p99", Object: "with a sidecar", Value: 12.3456, Unit: "ms"}, {Name: "requests", Object: "with a sidecar", Value: 1200},
				{Name: "p99", Object: "without", Value: 0.0031, Unit: "ms"},
			}, Reason: "Prometheus did not answer: 503", Interrupted: true,
			Artifacts: "artifacts/casablanca/metrics.requests/", Evidence: []EvidenceFile{
				{Path: "artifacts/casablanca/metrics.requests/requests.json", Bytes: 12, Digest: digestA},
				{Path: "artifacts/casablanca/metrics.requests/before.json", Bytes: 7, Digest: digestA},
			}}},
		{Time: at(50), Spec: &Spec{ID: "sidecar.ready", Topic: "sidecar", Release: "blog", Verdict: verdict.Pass, Started: at(49), Seconds: 0.2, Ready: "26/26",
			Findings: []verdict.Finding{
				{Kind: "slow", Verdict: verdict.Pass, Summary: "slower than usual"},
				{Kind: verdict.GapGone, Verdict: verdict.Pass, Gap: "old", Summary: "a known gap is gone: old", Next: "remove known gap old"},
			}}},
		{Time: at(51), Spec: &Spec{ID: "msb.portal", Topic: "msb", Release: "blog", Verdict: verdict.Skip, Started: at(50), Reason: "the portal needs --portal"}},
		{Time: at(104), Note: &Note{Text: "2 packets left the cluster", Release: "casablanca", Fault: "open-egress"}},
		{Time: at(105), Leftover: &Leftover{Kind: "folder", Name: "/tmp/meshcert-1", Error: "permission denied"}},
		{Time: at(106), Selftest: &Selftest{Run: "20261122T150000Z-selftest", Score: 0.9928, Faults: 139, Noticed: 138, Survived: 1, FalseAlarms: 1}},
		{Time: at(106), RunEnded: &End{Interrupted: true, Error: "onap casablanca: Deployment onap/vfc-db is not available"}},
	}
}

package diff

import (
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// sample is what a run is made of, for tests to change.
type sample struct {
	run    report.Run
	env    report.Environment
	specs  []report.Spec
	phases []report.Phase
	graph  evidence.Graph
	series evidence.Samples
	before evidence.Samples
	after  evidence.Measured
	killed bool
}

var began = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

const digestA, digestB = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

// split is a failure as judges find it.
func split(trace string) verdict.Finding {
	return verdict.Finding{
		Kind: "headers-dropped", Verdict: verdict.Fail, Object: "Deployment onap/vfc-vfc-nslcm",
		Summary: "the trace splits at hop 2 of 3", Want: "one trace", Got: "msb-iag → vfc-nslcm | msb-iag → vfc-catalog in new trace " + trace,
		Where: "vfc-nslcm → msb-iag", Why: "the application drops the headers", Next: "make it copy them",
	}
}

// counter is a series of requests.
func counter(from, to, reporter, security string, value float64) evidence.Sample {
	return evidence.Sample{Value: value, Labels: map[string]string{
		"source_workload": from, "destination_workload": to, "reporter": reporter, "response_code": "200", "connection_security_policy": security,
	}}
}

// good is a run with something in every section.
func good() sample {
	gap := split("7a01…")
	gap.Verdict, gap.Gap = verdict.Pass, "nslcm-drops-headers"
	waived := verdict.Finding{Kind: "runs-as-root", Verdict: verdict.Pass, Object: "Deployment onap/vfc-vfc-db", Summary: "vfc-db runs as root", Waiver: "ONAP OOM, until 2027-12-31: its image does"}
	spec := func(id, topic string, change func(*report.Spec)) report.Spec {
		s := report.Spec{ID: id, Topic: topic, Release: "casablanca", Verdict: verdict.Pass, Started: began, Seconds: 2, Artifacts: "artifacts/casablanca/" + id + "/"}
		if change != nil {
			change(&s)
		}
		return s
	}
	const iag, framework, vio = "msb-msb-iag", "multicloud-multicloud", "multicloud-multicloud-vio"
	return sample{
		run: report.Run{ID: "20261124T010000Z-casablanca", Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}}, Version: "1.0", Settings: report.Settings{Images: "auto"}},
		env: report.Environment{
			Release: "casablanca", Kubernetes: "v1.34.4", Istio: "1.31.0",
			Nodes:   []report.Node{{Name: "n1", Kubelet: "v1.34.4"}},
			Images:  []report.Image{{Ref: "nexus3.onap.org:10001/onap/vfc/nslcm:1.2.0", Digest: digestA, Source: "packages", Standin: true}, {Ref: "docker.io/istio/proxyv2:1.31.0", Digest: digestA, Source: "packages"}},
			Charts:  []report.Chart{{Release: "vfc", Namespace: "onap", Name: "vfc", Version: "3.0.0", Digest: digestA, ValuesDigest: digestA}},
			Changes: []report.Change{{Object: "Deployment onap/vfc-vfc-nslcm", By: "migration", Rule: "api-version", Field: "apiVersion", From: "extensions/v1beta1", To: "apps/v1"}},
		},
		specs: []report.Spec{
			spec("graph.edges", "graph", nil),
			spec("hygiene.root-pods", "hygiene", func(s *report.Spec) { s.Findings = []verdict.Finding{waived} }),
			spec("metrics.labels", "metrics", nil),
			spec("metrics.load", "metrics", func(s *report.Spec) {
				s.Figures = []evidence.Figure{{Name: "p99", Object: "with sidecars", Value: 14, Unit: "ms"}, {Name: "requests", Object: "with sidecars", Value: 1000}, {Name: "success", Object: "with sidecars", Value: 100, Unit: "%"}}
			}),
			spec("metrics.workloads", "metrics", nil),
			spec("sidecar.ready", "sidecar", func(s *report.Spec) { s.Ready = "29/29" }),
			spec("tracing.header-survey", "tracing", func(s *report.Spec) {
				s.Headers = &evidence.HeaderSurvey{Headers: []string{"x-b3-*", "traceparent"}, Rows: []evidence.HeaderRow{
					{App: "msb-iag", Call: "identity", States: []evidence.HeaderState{evidence.Forwarded, evidence.Forwarded}, Spans: []string{"8ff435018fdb6e98 → 8acfb64876d346da"}},
					{App: "multicloud", Call: "identity", States: []evidence.HeaderState{evidence.Forwarded, evidence.Dropped}},
				}}
			}),
			spec("tracing.nslcm-to-catalog", "tracing", func(s *report.Spec) { s.Findings = []verdict.Finding{gap} }),
		},
		phases: []report.Phase{{Name: "cluster", Started: began, Seconds: 40}},
		graph: evidence.Graph{Source: "servicegraph", Edges: []evidence.Edge{
			{From: catalogue.Unnamed, To: iag, Rate: 8, Unit: "reqs/sec"}, {From: iag, To: framework, Rate: 2, Unit: "reqs/sec"},
			{From: framework, To: iag, Rate: 2, Unit: "reqs/sec"}, {From: "vfc-vfc-vnfres", To: "vfc-vfc-db", Rate: 0, Unit: "bytes/sec"},
		}},
		series: evidence.Samples{Items: []evidence.Sample{
			{Labels: map[string]string{"__name__": "istio_requests_total", "reporter": "source", "source_app": "msb-iag"}, Value: 7},
			{Labels: map[string]string{"__name__": "istio_tcp_sent_bytes_total", "reporter": "source"}, Value: 7},
		}},
		before: evidence.Samples{Items: []evidence.Sample{counter(iag, framework, "destination", "mutual_tls", 10)}},
		after: evidence.Measured{Requests: evidence.Samples{Items: []evidence.Sample{
			counter(iag, framework, "destination", "mutual_tls", 30), counter(iag, framework, "source", "unknown", 20),
			counter(iag, vio, "destination", "mutual_tls", 5),
		}}},
	}
}

// made is the run that a change of the good one makes.
func made(t testing.TB, change func(*sample)) Run {
	t.Helper()
	s := good()
	if change != nil {
		change(&s)
	}
	s.run.Selected = max(s.run.Selected, len(s.specs))
	records := []report.Record{{Time: began, RunStarted: &s.run}, {Time: began, Environment: &report.Environment{Host: s.env.Host}}, {Time: began, Environment: &s.env}}
	for i := range s.phases {
		records = append(records, report.Record{Time: began, Phase: &s.phases[i]})
	}
	for i := range s.specs {
		records = append(records, report.Record{Time: began, Spec: &s.specs[i]})
	}
	if !s.killed {
		records = append(records, report.Record{Time: began.Add(time.Minute), RunEnded: &report.End{}})
	}
	r, err := report.Assemble(records)
	if err != nil {
		t.Fatal(err)
	}
	return Run{Report: r, Artifacts: fstest.MapFS{
		"artifacts/casablanca/graph.edges/graph.json":                  file(t, s.graph),
		"artifacts/casablanca/metrics.labels/series.json":              file(t, s.series),
		"artifacts/casablanca/metrics.workloads/workloads-before.json": file(t, s.before),
		"artifacts/casablanca/metrics.workloads/workloads.json":        file(t, s.after),
	}}
}

// file is evidence as a run's folder keeps it.
func file(t testing.TB, evidence any) *fstest.MapFile {
	t.Helper()
	text, err := json.Marshal(map[string]any{"evidence": evidence})
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: text}
}

// spec finds a spec of the sample.
func (s *sample) spec(id string) *report.Spec {
	for i := range s.specs {
		if s.specs[i].ID == id {
			return &s.specs[i]
		}
	}
	panic("the sample has no spec " + id)
}

// drop takes a spec out.
func (s *sample) drop(id string) {
	var left []report.Spec
	for _, one := range s.specs {
		if one.ID != id {
			left = append(left, one)
		}
	}
	s.specs = left
}

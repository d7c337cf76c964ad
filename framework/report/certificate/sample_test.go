package certificate

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

var (
	began     = time.Date(2026, 11, 23, 15, 0, 0, 123456789, time.UTC)
	ending    = began.Add(5 * time.Minute)
	certified = ending.Add(time.Minute)
	today     = certified.Add(24 * time.Hour)
)

const waiver = "ONAP OOM, until 2027-12-31: its image does"

// demand is what the test's meshcert has under the name casablanca.
func demand(profile string) (*Demand, error) {
	if profile != "casablanca" {
		return nil, errors.New("there is no such profile")
	}
	return &Demand{
		Version: "1.0.0", Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}},
		SpecList:  []string{"casablanca/sidecar.ready", "casablanca/tracing.identity", "casablanca/hygiene.root", "casablanca/metrics.grafana"},
		Skippable: map[string]string{"metrics.grafana": "the cluster has no Grafana"}, Disruptive: []string{"metrics.restart"},
		Gaps: map[string][]string{"casablanca": {"drops-headers"}}, Waivers: map[string][]string{"casablanca": {waiver}},
	}, nil
}

// evidence are the files of the run's folder.
func evidence() fstest.MapFS {
	files := fstest.MapFS{"junit.xml": {Data: []byte("<testsuites/>")}}
	for _, id := range []string{"sidecar.ready", "tracing.identity", "hygiene.root", "metrics.grafana"} {
		files["artifacts/casablanca/"+id+"/seen.json"] = &fstest.MapFile{Data: []byte(`{"of":"` + id + `"}`)}
	}
	return files
}

func specOf(t testing.TB, id string, v verdict.Verdict, findings ...verdict.Finding) *report.Spec {
	t.Helper()
	topic, _, _ := strings.Cut(id, ".")
	s := &report.Spec{
		ID: id, Topic: topic, Release: "casablanca", Verdict: v, Findings: findings,
		Started: began.Add(time.Minute), Seconds: 1.5, Artifacts: "artifacts/casablanca/" + id + "/",
	}
	var err error
	if s.Evidence, err = report.EvidenceOf(evidence(), s.Artifacts); err != nil {
		t.Fatal(err)
	}
	return s
}

func digestNo(n int) string { return fmt.Sprintf("sha256:%064x", n) }

// records are those of a good run with stand-ins.
func records(t testing.TB) []report.Record {
	t.Helper()
	list, err := demand("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	ready := specOf(t, "sidecar.ready", verdict.Pass)
	ready.Ready = "29/29"
	grafana := specOf(t, "metrics.grafana", verdict.Skip)
	grafana.Reason = "there is no Grafana here"
	return []report.Record{
		{Time: began, RunStarted: &report.Run{
			ID: "20261123T150000Z-casablanca", Profile: "casablanca", Stages: list.Stages, Version: "1.0.0", Selected: 4,
			SpecList: list.SpecList, Settings: report.Settings{ONAPImages: "standin", Images: "auto", Tracer: "jaeger"},
		}},
		{Time: began, Environment: &report.Environment{
			Release: "casablanca", Kubernetes: "v1.34.4", Istio: "1.31.0",
			Nodes: []report.Node{{Name: "meshcert-control-plane", ImageDigest: digestNo(1)}},
			Images: []report.Image{
				{Ref: "docker.io/istio/pilot:1.31.0", Digest: digestNo(2), Source: "packages"},
				{Ref: "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", Digest: digestNo(3), Source: "packages", Standin: true},
				{Ref: "nexus3.onap.org:10001/onap/vfc/nslcm:1.2.2", Digest: digestNo(4), Source: "packages", Standin: true},
			},
			Charts: []report.Chart{{Release: "msb", Namespace: "onap", Name: "msb", Version: "3.0.0", Digest: digestNo(5), ValuesDigest: digestNo(6)}},
		}},
		{Time: began, Phase: &report.Phase{Name: "cluster", Started: began, Seconds: 27}},
		{Time: ending, Spec: ready},
		{Time: ending, Spec: specOf(t, "tracing.identity", verdict.Pass, verdict.Finding{
			Kind: "headers-dropped", Verdict: verdict.Pass, Summary: "vfc-nslcm drops the headers", Gap: "drops-headers"})},
		{Time: ending, Spec: specOf(t, "hygiene.root", verdict.Pass, verdict.Finding{
			Kind: "root-user", Verdict: verdict.Pass, Summary: "vfc-catalog runs as root", Object: "Deployment onap/vfc-catalog", Waiver: waiver})},
		{Time: ending, Spec: grafana},
		{Time: ending, RunEnded: &report.End{}},
	}
}

// assembled is the report of records, changed before by edits.
func assembled(t testing.TB, edits ...func([]report.Record) []report.Record) *report.Report {
	t.Helper()
	all := records(t)
	for _, edit := range edits {
		all = edit(all)
	}
	r, err := report.Assemble(all)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// each changes one record after the other.
func each(change func(*report.Record)) func([]report.Record) []report.Record {
	return func(all []report.Record) []report.Record {
		for i := range all {
			change(&all[i])
		}
		return all
	}
}

// ownONAP makes it a run with ONAP's own images.
func ownONAP() func([]report.Record) []report.Record {
	return each(func(r *report.Record) {
		if r.RunStarted != nil {
			r.RunStarted.Settings.ONAPImages = ownImages
		}
		if r.Environment != nil {
			for i := range r.Environment.Images {
				r.Environment.Images[i].Standin = false
			}
		}
	})
}

// broke makes a spec fail.
func broke() func([]report.Record) []report.Record {
	return each(func(r *report.Record) {
		if r.Spec != nil && r.Spec.ID == "sidecar.ready" {
			r.Spec.Verdict, r.Spec.Ready = verdict.Fail, "28/29"
			r.Spec.Findings = []verdict.Finding{{Kind: "missing-container", Verdict: verdict.Fail, Summary: "msb-iag has no sidecar", Object: "Deployment onap/msb-iag",
				Want: "2/2", Got: "1/1", Where: "its pod", Why: "the pod has one container", Next: "look at its annotation"}}
		}
	})
}

// testKey is the same key in every run: texts and attacks stay the same.
func testKey(t testing.TB, number byte) *Key {
	t.Helper()
	seed := make([]byte, 32)
	seed[0] = number
	key, err := keyOf(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func trusting(t testing.TB, keys ...*Key) TrustedKeys {
	t.Helper()
	all := TrustedKeys{}
	for i, k := range keys {
		var err error
		if all, err = all.Trust(k.public, fmt.Sprintf("ONAP release management %d", i+1), began.Add(-time.Hour), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func encoded(t testing.TB, keys TrustedKeys) []byte {
	t.Helper()
	text, err := keys.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signed is the certificate of a report by keys that are trusted.
func signed(t testing.TB, r *report.Report, folder fs.FS, keys ...*Key) Papers {
	t.Helper()
	if len(keys) == 0 {
		keys = []*Key{testKey(t, 1)}
	}
	var signers []Signer
	for _, k := range keys {
		signers = append(signers, k)
	}
	envelope, document, err := Sign(t.Context(), r, certified, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return Papers{Envelope: envelope, Report: document, Trusted: encoded(t, trusting(t, keys...)), Folder: folder}
}

func verified(t testing.TB, p Papers) *Result {
	t.Helper()
	return Verify(t.Context(), p, today, demand)
}

// reasons are those of a result.
func reasons(v *Result) []Reason {
	var out []Reason
	for _, r := range v.Refusals {
		out = append(out, r.Reason)
	}
	return out
}

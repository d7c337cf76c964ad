package page

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/evidence/store/storetest"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

// sampleRun is a report and the folder it lies in.
type sampleRun struct {
	Report *report.Report
	Folder string
}

func (s sampleRun) files() fs.FS { return os.DirFS(s.Folder) }

// The runs of the tests, and the recorded faults in each.
const (
	green        = "green"
	red          = "red"
	inconclusive = "inconclusive"
)

func faultsOf() map[string][]string {
	return map[string][]string{
		green: nil,
		red: {"graph-foreign-call", "proxies-split-trace", "image-other-tag", "proxy-wrong-root", "gateway-certificate-expired",
			"workload-answers-errors"},
		inconclusive: {"jaeger-slow", "servicegraph-other-namespace"},
	}
}

var samples struct {
	once   sync.Once
	runs   map[string]sampleRun
	folder string
	err    error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if samples.folder != "" {
		_ = os.RemoveAll(samples.folder)
	}
	os.Exit(status)
}

// runs judges a recorded run of casablanca as it is and with faults; once, since
// Ginkgo runs once a process.
func runs(t testing.TB) map[string]sampleRun {
	t.Helper()
	samples.once.Do(func() { samples.runs, samples.err = judge() })
	if samples.err != nil {
		t.Fatal(samples.err)
	}
	return samples.runs
}

func judge() (map[string]sampleRun, error) {
	var err error
	if samples.folder, err = os.MkdirTemp("", "meshcert-page-"); err != nil {
		return nil, err
	}
	known, err := fault.Load()
	if err != nil {
		return nil, err
	}
	var cases []spec.Case
	for name, ids := range faultsOf() {
		evidence := filepath.Join(samples.folder, name, report.ArtifactsFolder, "casablanca")
		if err := unpack(evidence); err != nil {
			return nil, err
		}
		for _, id := range ids {
			i := slices.IndexFunc(known, func(f fault.Fault) bool { return f.ID == id })
			if i < 0 {
				return nil, fmt.Errorf("there is no fault %s", id)
			}
			if err := fault.Spoil(evidence, known[i]); err != nil {
				return nil, err
			}
		}
		env, err := replaying(evidence)
		if err != nil {
			return nil, err
		}
		for _, s := range all.Specs() {
			cases = append(cases, spec.Case{Spec: s, Env: env, Fault: name})
		}
	}
	records := map[string][]report.Record{}
	for name := range faultsOf() {
		records[name] = start(name)
	}
	spec.Run("pages", cases, func(r spec.Result) {
		records[r.Fault] = append(records[r.Fault], recordOf(r, records[r.Fault]))
	})
	made := map[string]sampleRun{}
	for name, all := range records {
		r, err := report.Assemble(append(all, report.Record{Time: began.Add(7 * time.Minute), RunEnded: &report.End{}}))
		if err != nil {
			return nil, err
		}
		made[name] = sampleRun{r, filepath.Join(samples.folder, name)}
	}
	return made, nil
}

var began = time.Date(2026, 11, 24, 2, 41, 33, 0, time.UTC)

// start is what a run writes before its specs.
func start(name string) []report.Record {
	at := func(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }
	records := []report.Record{
		{Time: began, RunStarted: &report.Run{
			ID: "20261124T024133Z-" + name, Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}}, Version: "0.1.0", Selected: len(all.Specs()),
			Settings: report.Settings{Images: "packages", ONAPImages: "standin", Sidecars: "native", Layout: "single", Tracer: "jaeger"},
		}},
		{Time: at(1), Environment: &report.Environment{
			Kubernetes: "v1.34.4", Istio: "1.31.0", ImageSource: "packages",
			Nodes: []report.Node{{Name: "meshcert-control-plane", Kubelet: "v1.34.4", OS: "Debian GNU/Linux 13", Runtime: "containerd://2.1.4"}},
			Images: []report.Image{
				{Ref: "docker.io/istio/pilot:1.31.0", Digest: "sha256:" + strings.Repeat("a", 64), Source: "packages"},
				{Ref: "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", Digest: "sha256:" + strings.Repeat("b", 64), Source: "packages", Standin: true},
			},
			Host: &report.Host{CPUs: 2, MemoryBytes: 8 << 30, Load: [3]float64{0.5, 0.25, 0.1}, OS: "linux", Kernel: "6.12"},
		}},
		{Time: at(2), Environment: &report.Environment{
			Release: "casablanca",
			Charts:  []report.Chart{{Release: "msb", Namespace: "onap", Name: "msb", Version: "3.0.0"}},
			Changes: []report.Change{{Object: "Deployment onap/msb-msb-iag", By: "migration", Rule: "api-version", Field: "apiVersion", From: "extensions/v1beta1", To: "apps/v1"}},
		}},
		{Time: at(3), Note: &report.Note{Text: "6 Deployments name a Service that nobody installed: aai.onap", Release: "casablanca"}},
	}
	from := 0
	for _, phase := range []struct {
		name    string
		seconds int
	}{{"images", 4}, {"cluster", 36}, {"istio and add-ons", 15}, {"onap casablanca", 70}, {"mesh check", 3}, {"specs casablanca", 290}} {
		records = append(records, report.Record{Time: at(from + phase.seconds), Phase: &report.Phase{Name: phase.name, Started: at(from), Seconds: float64(phase.seconds)}})
		from += phase.seconds
	}
	return records
}

func recordOf(r spec.Result, before []report.Record) report.Record {
	at := began.Add(130*time.Second + time.Duration(len(before))*3*time.Second)
	s := report.Spec{
		ID: r.Spec.ID, Topic: r.Spec.Topic(), Release: "casablanca", Proves: r.Spec.Proves, Verdict: r.Verdict, Findings: r.Findings,
		Started: at, Seconds: 2.5, Artifacts: "artifacts/casablanca/" + r.Spec.ID + "/", Notes: r.Notes, Ready: r.Ready, Headers: r.Headers, Figures: r.Figures,
		Rerun: "make e2e FOCUS=" + r.Spec.ID + " RELEASE=casablanca REUSE=1",
	}
	if s.Headers != nil {
		declared := *s.Headers
		declared.Declared = true
		s.Headers = &declared
	}
	if r.Verdict == verdict.Skip {
		s.Reason = "this cluster has no Grafana"
	}
	return report.Record{Time: at, Spec: &s}
}

func replaying(folder string) (*spec.Env, error) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		return nil, err
	}
	waivers, err := verdict.WaiversOf(release.Name, spec.Waivable(all.Specs()))
	if err != nil {
		return nil, err
	}
	return &spec.Env{
		Tracing: tracer.All()[0], Release: release, Policy: release.Policy, Replay: true, Waivers: waivers, Today: "2026-11-23",
		Store: func(id string) *store.Store { return store.Open(filepath.Join(folder, id)) },
	}, nil
}

// unpack lays the evidence of a healthy run out.
func unpack(folder string) error {
	return storetest.Unpack(filepath.Join("..", "..", "..", "suites", "all", "testdata", "healthy.tar.gz"), folder)
}

// memory is a run's folder.
type memory fstest.MapFS

func (m memory) put(t testing.TB, path string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	m[path] = &fstest.MapFile{Data: text}
}

// fs is the folder on the disk of a machine: MapFS itself is slow to list.
func (m memory) fs() fs.FS { return fstest.MapFS(m) }

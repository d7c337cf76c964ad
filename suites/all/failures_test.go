package all_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// The evidence of whole runs of casablanca, as artifacts/ keeps it: one with
// nothing broken, and the batch of the quick selftest. New ones are made with
//
//	tar -czf suites/all/testdata/healthy.tar.gz -C RUN/artifacts/casablanca .
//	tar -czf suites/all/testdata/broken.tar.gz -C SELFTEST/artifacts/broken-01 .
const (
	healthy = "healthy"
	broken  = "broken"
)

// unpack lays a run's evidence out in a folder.
func unpack(t *testing.T, name, folder string) {
	t.Helper()
	if err := storetest.Unpack(filepath.Join("testdata", name+".tar.gz"), folder); err != nil {
		t.Fatal(err)
	}
}

// replaying is an environment that judges the evidence in the folder.
func replaying(t *testing.T, folder string) *spec.Env {
	t.Helper()
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	waivers, err := verdict.WaiversOf(release.Name, spec.Waivable(all.Specs()))
	if err != nil {
		t.Fatal(err)
	}
	return &spec.Env{
		Tracing: tracer.All()[0],
		Release: release, Policy: release.Policy, Replay: true, Waivers: waivers, Today: "2026-11-23",
		Store: func(id string) *store.Store { return store.Open(filepath.Join(folder, id)) },
	}
}

// spoiled is the healthy evidence with a fault put in.
func spoiled(t *testing.T, f fault.Fault) trial {
	t.Helper()
	folder := t.TempDir()
	unpack(t, healthy, folder)
	if err := fault.Spoil(folder, f); err != nil {
		t.Fatal(err)
	}
	return trial{[]fault.Fault{f}, replaying(t, folder), folder}
}

// trial is what a case of TestRecorded must find in the evidence of the folder.
type trial struct {
	faults []fault.Fault
	env    *spec.Env
	folder string
}

// trials are the recorded runs by the name their failures are kept under.
func trials(t *testing.T) map[string]trial {
	t.Helper()
	faults, err := fault.Load()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	unpack(t, broken, folder)
	quick := trial{env: replaying(t, folder), folder: folder}
	all := map[string]trial{}
	for _, f := range faults {
		switch {
		case !f.Live():
			all[f.ID] = spoiled(t, f)
		case f.Quick:
			quick.faults = append(quick.faults, f)
		}
	}
	all["the quick batch on a cluster"] = quick
	return all
}

// of are the findings that a spec must have.
func (t trial) of(id string) []fault.Red {
	var reds []fault.Red
	for _, f := range t.faults {
		reds = append(reds, f.Of(id)...)
	}
	return reds
}

// soundly is a spec's verdict where nothing is broken: a cluster from packages
// has no Grafana.
func soundly(id string) verdict.Verdict {
	if id == "metrics.grafana" {
		return verdict.Skip
	}
	return verdict.Pass
}

// TestRecorded judges recorded runs in one go, since Ginkgo runs once a process:
// nothing is red while nothing is broken; each fault turns the specs it names
// red, for the reason it names; what a spec says of each is kept, at least one
// failure of every spec; and the difference to the healthy run is the fault's.
func TestRecorded(t *testing.T) {
	folder := t.TempDir()
	unpack(t, healthy, folder)
	cases := spec.Cases(all.Specs(), replaying(t, folder))
	broken := trials(t)
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		for _, s := range all.Specs() {
			if len(broken[name].of(s.ID)) > 0 {
				cases = append(cases, spec.Case{Spec: s, Env: broken[name].env, Fault: name})
			}
		}
	}
	said, judged := map[string]string{}, map[string][]spec.Result{}
	spec.Run("recorded", cases, func(r spec.Result) {
		judged[r.Fault] = append(judged[r.Fault], r)
		if r.Fault == "" {
			if r.Verdict != soundly(r.Spec.ID) {
				t.Errorf("%s is %s although nothing is broken: %+v", r.Spec.ID, r.Verdict, r.Findings)
			}
			return
		}
		for _, red := range broken[r.Fault].of(r.Spec.ID) {
			if !red.In(r.Findings) {
				t.Errorf("%s does not find %s about %q with %s: %+v", r.Spec.ID, red.Kind, red.Object, r.Fault, r.Findings)
			}
		}
		said[r.Spec.ID] += "with " + r.Fault + "\n\n" + text(t, r) + "\n"
	})
	for _, s := range all.Specs() {
		if said[s.ID] == "" {
			t.Errorf("no recorded fault turns %s red, so nothing holds how its failure reads", s.ID)
		}
		golden(t, filepath.Join("testdata", "failures", s.ID+".txt"), said[s.ID])
	}
	testDifferences(t, folder, judged, broken)
}

// text is what people read of a spec that did not pass. Every finding says all
// there is to say.
func text(t *testing.T, r spec.Result) string {
	t.Helper()
	for _, f := range r.Findings {
		if missing := f.Incomplete(); len(missing) > 0 {
			t.Errorf("%s with %s: finding %s does not say %q", r.Spec.ID, r.Fault, f.Kind, missing)
		}
	}
	return strings.Join(report.FailureTexts(report.Spec{
		ID: r.Spec.ID, Topic: r.Spec.Topic(), Verdict: r.Verdict, Findings: r.Findings,
		Artifacts: "artifacts/casablanca/" + r.Spec.ID + "/", Rerun: "make e2e FOCUS=" + r.Spec.ID + " RELEASE=casablanca REUSE=1",
	}), "\n")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, -want +got (go test ./suites/all -update):\n%s", path, diff)
	}
}

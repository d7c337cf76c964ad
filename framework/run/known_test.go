package run

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/selftest"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// TestSpecList: what was asked for changes nothing of what the profile has.
func TestSpecList(t *testing.T) {
	soak := do("msb.soak", nil)
	soak.Labels = []spec.Label{spec.Soak}
	specs := []spec.Spec{do("tracing.identity", nil), do("sidecar.ready", nil), soak}
	for _, c := range []struct {
		config config.Config
		want   []string
	}{
		{config.Config{}, []string{"blog/sidecar.ready", "casablanca/tracing.identity", "casablanca/sidecar.ready"}},
		{config.Config{Focus: "sidecar", Reuse: true, LabelFilter: "soak"}, []string{"blog/sidecar.ready", "casablanca/tracing.identity", "casablanca/sidecar.ready"}},
		{config.Config{Profile: "full"}, []string{"blog/sidecar.ready", "casablanca/tracing.identity", "casablanca/sidecar.ready", "casablanca/msb.soak"}},
		{config.Config{Release: "casablanca", Policy: "disabled"}, []string{"casablanca-disabled/tracing.identity", "casablanca-disabled/sidecar.ready"}},
	} {
		conductor := &Conductor{Config: c.config.WithDefaults(), Specs: specs}
		profile, err := conductor.Config.ResolveProfile()
		if err != nil {
			t.Fatal(err)
		}
		got, err := conductor.specList(profile)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v: spec list (-want +got):\n%s", c.config, diff)
		}
	}
}

// selftested writes the records of a selftest with two faults, one noticed and
// one that survived.
func selftested(t *testing.T, runs, name string, change func(*selftest.Started, *selftest.Ended)) {
	t.Helper()
	red := func(id string) selftest.Planned {
		return selftest.Planned{ID: id, Layer: "mesh", Breaks: "it is broken", Red: []selftest.Expected{{Spec: "a.b", Kind: "broken"}}}
	}
	started := &selftest.Started{ID: name, Version: "test", Release: "casablanca", Faults: []selftest.Planned{red("one"), red("two")}, Specs: []string{"a.b"}}
	ended := &selftest.Ended{}
	change(started, ended)
	seen := selftest.Cell{Spec: "a.b", Verdict: verdict.Fail, Findings: []verdict.Finding{{Kind: "broken", Verdict: verdict.Fail, Summary: "it is"}}}
	blind := selftest.Cell{Spec: "a.b", Verdict: verdict.Pass}
	records := selftest.NewWriter(filepath.Join(runs, name, selftest.RecordsFile))
	for _, r := range []selftest.Record{
		{Started: started}, {Healthy: &selftest.Healthy{Number: 1, Cells: []selftest.Cell{blind}}},
		{Judged: &selftest.Judged{Fault: "one", Cells: []selftest.Cell{seen}}},
		{Judged: &selftest.Judged{Fault: "two", Cells: []selftest.Cell{blind}}},
		{Ended: ended},
	} {
		r.Time = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
		if r.Ended == nil || started.ID != "20261126T000000Z-selftest" { // killed before its end
			if err := records.Append(r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestScore: only a whole selftest of the same meshcert that came to its end counts.
func TestScore(t *testing.T) {
	c, _ := conductor(t, "healthy")
	runs := c.Config.Places.Runs
	if known, err := score(runs, "test"); known != nil || err != nil {
		t.Errorf("without runs: %+v, %v; want nothing", known, err)
	}
	for name, change := range map[string]func(*selftest.Started, *selftest.Ended){
		"20261120T000000Z-selftest": func(*selftest.Started, *selftest.Ended) {},
		"20261121T000000Z-selftest": func(*selftest.Started, *selftest.Ended) {},
		"20261122T000000Z-selftest": func(s *selftest.Started, _ *selftest.Ended) { s.Version = "another" },
		"20261123T000000Z-selftest": func(s *selftest.Started, _ *selftest.Ended) { s.Quick = true },
		"20261124T000000Z-selftest": func(s *selftest.Started, _ *selftest.Ended) { s.Focus = "mesh" },
		"20261125T000000Z-selftest": func(_ *selftest.Started, e *selftest.Ended) { e.Interrupted = true },
		"20261126T000000Z-selftest": func(*selftest.Started, *selftest.Ended) {},
	} {
		mkdir(t, filepath.Join(runs, name))
		selftested(t, runs, name, change)
	}
	want := &report.Selftest{Run: "20261121T000000Z-selftest", Score: 0.5, Faults: 2, Noticed: 1, Survived: 1}
	known, err := score(runs, "test")
	if diff := cmp.Diff(want, known); err != nil || diff != "" {
		t.Errorf("%v, score (-want +got):\n%s", err, diff)
	}
	if status, err := c.Run(t.Context()); err != nil || status != 0 {
		t.Fatalf("status %d, %v", status, err)
	}
	found, err := filepath.Glob(filepath.Join(runs, "*-casablanca"))
	if err != nil || len(found) != 1 {
		t.Fatalf("runs %v, %v", found, err)
	}
	d := document(t, found[0])
	if diff := cmp.Diff(want, d.Selftest); diff != "" {
		t.Errorf("in the report of a run (-want +got):\n%s", diff)
	}
	list := []string{"casablanca/sidecar.ready", "casablanca/tracing.multicloud-to-vio", "casablanca/metrics.requests"}
	if diff := cmp.Diff(list, d.Run.SpecList); diff != "" || d.Run.Focused() {
		t.Errorf("focused %t, spec list (-want +got):\n%s", d.Run.Focused(), diff)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

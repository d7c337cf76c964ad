package selftest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

func written(t *testing.T, records []Record) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), RecordsFile)
	for _, r := range records {
		if err := NewWriter(path).Append(r); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestRecordsComeBackAsTheyWereWritten(t *testing.T) {
	for name, records := range samplesByName() {
		got, err := Read(written(t, records))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(records, got); diff != "" {
			t.Errorf("%s: records differ (-written +read):\n%s", name, diff)
		}
	}
}

func TestAppendSetsTheTime(t *testing.T) {
	got, err := Read(written(t, []Record{{Ended: &Ended{}}}))
	if err != nil || len(got) != 1 || got[0].Time.IsZero() {
		t.Fatalf("got %v, %v; want one record with a time", got, err)
	}
}

// A kill in the middle of any line leaves a selftest that is unfinished.
func TestASelftestKilledWhileItWroteIsUnfinished(t *testing.T) {
	path := written(t, noticed())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin := strings.Index(string(whole), "\n") + 1
	for size := begin; size < len(whole)-1; size += 37 {
		if err := os.WriteFile(path, whole[:size], 0o644); err != nil {
			t.Fatal(err)
		}
		records, err := Read(path)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if d := assembled(t, records); d.Finished || d.Exit != report.ExitInconclusive {
			t.Errorf("%d bytes: finished %t, exit %d; want an unfinished document and exit 3", size, d.Finished, d.Exit)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	planned := func(change func(*Planned)) Record {
		p := plan()[0]
		change(&p)
		return Record{Started: &Started{Faults: []Planned{p}}}
	}
	judged := func(cells ...Cell) Record { return Record{Judged: &Judged{Fault: vio, Cells: cells}} }
	pass := Cell{Spec: ready, Verdict: verdict.Pass}
	for name, c := range map[string]struct {
		record Record
		want   string
	}{
		"no kind":                   {Record{}, "holds 0"},
		"two kinds":                 {Record{Ended: &Ended{}, Back: &Back{}}, "holds 2"},
		"a fault without an id":     {planned(func(p *Planned) { p.ID = "" }), "a fault has no id"},
		"a fault nobody can miss":   {planned(func(p *Planned) { p.Red = nil }), "fault vio-without-sidecar: red is empty; name the specs"},
		"a fault for no spec":       {planned(func(p *Planned) { p.Red = []Expected{{Spec: "ready", Kind: "k"}} }), "red needs spec TOPIC.SLUG and kind"},
		"a fault of no kind":        {planned(func(p *Planned) { p.Red = []Expected{{Spec: ready}} }), "red needs spec TOPIC.SLUG and kind"},
		"a fault twice":             {Record{Started: &Started{Faults: append(plan(), plan()[1])}}, "fault sampling-zero is planned twice"},
		"skipped for no reason":     {Record{Started: &Started{Skipped: []Skipped{{ID: "a"}}}}, `fault "a" is skipped: it needs an id, a reason`},
		"skipped although planned":  {Record{Started: &Started{Faults: plan(), Skipped: []Skipped{{ID: plan()[0].ID, Reason: "r"}}}}, "not to be planned"},
		"a healthy spec of no name": {Record{Started: &Started{Specs: []string{".x"}}}, `spec id ".x" is not TOPIC.SLUG`},
		"a healthy run 0":           {Record{Healthy: &Healthy{}}, "runs count from 1"},
		"healthy: no verdict":       {Record{Healthy: &Healthy{Number: 2, Cells: []Cell{{Spec: ready}}}}, `healthy run 2: spec sidecar.ready: verdict ""`},
		"back: no spec":             {Record{Back: &Back{Fault: vio, Cells: []Cell{{Verdict: "pass"}}}}, `fault vio-without-sidecar cleared: spec id ""`},
		"a spec twice":              {judged(pass, pass), "spec sidecar.ready was judged twice"},
		"an unknown verdict":        {judged(Cell{Spec: ready, Verdict: "red"}), `verdict "red" is none of`},
		"a finding without one":     {judged(Cell{Spec: ready, Verdict: "fail", Findings: []verdict.Finding{{Kind: "k"}}}), "finding k: verdict"},
		"pass with a failure":       {judged(Cell{Spec: ready, Verdict: "pass", Findings: []verdict.Finding{missing}}), "verdict pass, but its findings say fail"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), RecordsFile)
			if err := NewWriter(path).Append(c.record); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("a refused record made the file")
			}
		})
	}
}

func TestReadNamesTheLineThatIsNoRecord(t *testing.T) {
	path := written(t, noticed()[:2])
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "garbage\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), RecordsFile+" line 3: not a record") {
		t.Errorf("got %v, want an error that names line 3", err)
	}
}

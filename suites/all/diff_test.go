package all_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/diff"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

// compared is the evidence that diff itself reads, by the section it is for.
var compared = map[string]diff.Topic{
	"graph.edges/graph.json":                  diff.Edges,
	"metrics.labels/series.json":              diff.Metrics,
	"metrics.workloads/workloads-before.json": diff.Metrics,
	"metrics.workloads/workloads.json":        diff.Metrics,
}

// testDifferences compares the healthy run with each faulted one: what is told is
// the fault's effects, and nothing else. It is called with what TestRecorded
// judged, by fault.
func testDifferences(t *testing.T, healthy string, judged map[string][]spec.Result, broken map[string]trial) {
	a := diff.Run{Report: reported(t, "20260101T000000Z-casablanca", judged[""], nil), Artifacts: os.DirFS(healthy)}
	t.Run("no difference to itself", func(t *testing.T) { same(t, a, a) })
	t.Run("no difference to the next run", func(t *testing.T) { same(t, a, nextRun(t, a)) })
	t.Logf("%d faults", len(broken))
	for fault, tried := range broken {
		t.Run("difference made by "+fault, func(t *testing.T) {
			b := diff.Run{Report: reported(t, "20260101T010000Z-casablanca", judged[""], judged[fault]), Artifacts: os.DirFS(tried.folder)}
			effects(t, diff.Compare(a, b), tried)
		})
	}
}

// reported is a whole run in which some specs were judged otherwise.
func reported(t *testing.T, id string, judged, otherwise []spec.Result) *report.Report {
	t.Helper()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	records := []report.Record{{Time: began, RunStarted: &report.Run{
		ID: id, Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}}, Version: "dev", Selected: len(all.Specs()),
	}}, {Time: began, Environment: &report.Environment{Kubernetes: "v1.34.4"}}, {Time: began, Environment: &report.Environment{Release: "casablanca"}}}
	for _, r := range judged {
		if i := slices.IndexFunc(otherwise, func(o spec.Result) bool { return o.Spec.ID == r.Spec.ID }); i >= 0 {
			r = otherwise[i]
		}
		records = append(records, report.Record{Time: began, Spec: &report.Spec{
			ID: r.Spec.ID, Topic: r.Spec.Topic(), Release: "casablanca", Verdict: r.Verdict, Findings: r.Findings, Started: began,
			Seconds: 1, Artifacts: r.Spec.ID + "/", Ready: r.Ready, Headers: r.Headers, Figures: r.Figures,
		}})
	}
	made, err := report.Assemble(append(records, report.Record{Time: began.Add(time.Minute), RunEnded: &report.End{}}))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func same(t *testing.T, a, b diff.Run) {
	t.Helper()
	if d := diff.Compare(a, b); !d.Empty() || d.Exit != diff.ExitSame {
		t.Errorf("exit %d:\n%s", d.Exit, d.Text(false))
	}
}

// effects demands that the difference names every finding the fault must have,
// and that whatever else it tells is of the specs that became red, or of the
// evidence that was changed.
func effects(t *testing.T, d diff.Diff, tried trial) {
	t.Helper()
	red := map[string]bool{}
	changed := map[diff.Topic]bool{}
	verdicts := d.Section(diff.Verdicts)
	for _, f := range tried.faults {
		for _, r := range f.Red {
			red[r.Spec] = true
			if !slices.ContainsFunc(verdicts.Changes, func(c diff.Change) bool {
				return c.Subject == r.Spec && c.Kind == r.Kind && c.Object == r.Object && c.Way != diff.Gone
			}) {
				t.Errorf("%s: finding %s of %q is not told", r.Spec, r.Kind, r.Object)
			}
		}
		for _, e := range f.Evidence {
			changed[compared[e.Spec+"/"+e.Name+".json"]] = true
		}
	}
	for id := range red {
		if !slices.ContainsFunc(verdicts.Changes, func(c diff.Change) bool {
			return c.Subject == id && c.Field == "verdict" && c.Effect == diff.Worse
		}) {
			t.Errorf("%s: it is not told that it became worse", id)
		}
	}
	if d.Exit != diff.ExitWorse || len(d.Incomparable)+len(d.Unlike) > 0 {
		t.Errorf("exit %d, incomparable %q, unlike %+v", d.Exit, d.Incomparable, d.Unlike)
	}
	of := func(text string) bool {
		return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" :;,/", r) }), func(word string) bool { return red[word] })
	}
	live := len(tried.faults) > 1 // another run, whose evidence is another
	for _, s := range d.Sections {
		if live && s.Topic != diff.Verdicts && s.Topic != diff.Gaps {
			continue
		}
		for _, c := range s.Changes {
			if !of(c.Subject) && !of(c.Field) && !changed[s.Topic] && (s.Topic != diff.Headers || !red["tracing.header-survey"]) {
				t.Errorf("%s: %+v is no effect of the fault", s.Topic, c)
			}
		}
		for _, why := range s.Unknown {
			if !of(why) && !changed[s.Topic] && (s.Topic != diff.Headers || !red["tracing.header-survey"]) {
				t.Errorf("%s: not compared: %s", s.Topic, why)
			}
		}
	}
	if t.Failed() {
		t.Log(d.Text(false))
	}
}

var (
	hex    = regexp.MustCompile(`\b[0-9a-f]{8,}\b`)
	moment = regexp.MustCompile(`2026-\d\d-\d\dT\d\d:\d\d:\d\d`)
	suffix = regexp.MustCompile(`-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b`)
	podIP  = regexp.MustCompile(`\b10\.\d+\.\d+\.\d+\b`)
)

// nextRun is the same run an hour later: other ids, times, pods and addresses,
// lists in another order, a little slower, and three times the traffic.
func nextRun(t *testing.T, a diff.Run) diff.Run {
	t.Helper()
	text, err := a.Report.JSON()
	if err != nil {
		t.Fatal(err)
	}
	later := moment.ReplaceAllString(string(text), "2026-02-03T04:05:06")
	later = suffix.ReplaceAllString(later, "-6b6d4c558f-zzxwv")
	later = podIP.ReplaceAllString(later, "10.9.8.7")
	later = hex.ReplaceAllStringFunc(later, func(id string) string {
		if !strings.ContainsAny(id, "abcdef") {
			return id // a number
		}
		digits := []byte(id)
		slices.Reverse(digits)
		return "f" + string(digits[1:])
	})
	if later == string(text) {
		t.Fatal("nothing of the run was changed")
	}
	var b report.Report
	if err := json.Unmarshal([]byte(later), &b); err != nil {
		t.Fatal(err)
	}
	for i := range b.Specs {
		b.Specs[i].Seconds *= 1.5
		slices.Reverse(b.Specs[i].Findings)
	}
	slices.Reverse(b.Specs)
	files := fstest.MapFS{}
	for path := range compared {
		files[path] = &fstest.MapFile{Data: threefold(t, a.Artifacts, path)}
	}
	return diff.Run{Report: &b, Artifacts: files}
}

// threefold is evidence with three times the traffic, its lists reversed.
func threefold(t *testing.T, folder fs.FS, path string) []byte {
	t.Helper()
	text, err := fs.ReadFile(folder, path)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if number, ok := inner.(float64); ok && (key == "rate" || key == "value") {
					v[key] = 3 * number
				}
				walk(inner)
			}
		case []any:
			slices.Reverse(v)
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(value)
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestComparedEvidenceIsKept: what diff reads is what specs of that name keep.
func TestComparedEvidenceIsKept(t *testing.T) {
	folder := t.TempDir()
	unpack(t, healthy, folder)
	for path := range compared {
		if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(path))); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

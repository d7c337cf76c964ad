package selftest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); run go test -update when it is meant:\n%s", path, diff)
	}
}

// samplesByName are the selftests whose texts are kept.
func samplesByName() map[string][]Record {
	return map[string][]Record{
		"noticed": noticed(), "survivor": survivor(), "wrong-reason": wrongReason(), "false-alarm": falseAlarm(), "not-back": notBack(),
		"not-applied": notApplied(), "not-cleared": notCleared(), "killed": killed(), "nothing-planned": nothingPlanned(), "interrupted": interrupted(), "rare": rare(),
	}
}

func TestSummary(t *testing.T) {
	for name, records := range samplesByName() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Summary(&out, assembled(t, records), "reports/runs/20261123T150000Z-selftest", false); err != nil {
				t.Fatal(err)
			}
			golden(t, "summary-"+name+".txt", out.String())
		})
	}
}

func TestTextHasTheMatrix(t *testing.T) {
	golden(t, "selftest.txt", string(text(assembled(t, survivor()))))
}

// many is a selftest with the longest names there are, and more specs than fit in one line.
func many() []Record {
	records := noticed()
	started := records[0].Started
	for i := range 60 {
		started.Specs = append(started.Specs, fmt.Sprintf("controlplane.quite-a-long-name-%d", i))
	}
	for i := range 2 {
		started.Faults = append(started.Faults, Planned{ID: fmt.Sprintf("a-fault-whose-name-is-longer-than-its-column-%d", i), Layer: "application",
			Breaks: "something that takes many more words to say than there is place for in the column of a table",
			Red:    []Expected{{Spec: fmt.Sprintf("controlplane.quite-a-long-name-%d", i), Kind: "k"}}})
	}
	return records
}

func TestMatrixFoldsItsColumns(t *testing.T) {
	golden(t, "matrix-wide.txt", string(text(assembled(t, many()))))
}

func TestNoLineIsWiderThanAScreen(t *testing.T) {
	for line := range strings.Lines(string(text(assembled(t, many())))) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
}

func TestColoursChangeNothingElse(t *testing.T) {
	for name, records := range samplesByName() {
		var plain, coloured bytes.Buffer
		d := assembled(t, records)
		if err := errors.Join(Summary(&plain, d, "run", false), Summary(&coloured, d, "run", true)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plain.String(), "\x1b") || !strings.Contains(coloured.String(), "\x1b") {
			t.Errorf("%s: colours although none were asked for, or none although they were", name)
		}
		if diff := cmp.Diff(plain.String(), stripped(coloured.String())); diff != "" {
			t.Errorf("%s: with the colours taken out the text differs:\n%s", name, diff)
		}
	}
}

// stripped takes ANSI colours out.
func stripped(text string) string {
	for {
		before, rest, ok := strings.Cut(text, "\x1b[")
		if !ok {
			return text
		}
		_, after, _ := strings.Cut(rest, "m")
		text = before + after
	}
}

func TestALongAnswerIsCutShort(t *testing.T) {
	var all []verdict.Finding
	for range 8 {
		all = append(all, missing)
	}
	cell := red(ready, all...)
	got := Answer{Said: &cell}.said()
	if strings.Count(got, "missing-container") != said || !strings.HasSuffix(got, "\n  and 3 more") {
		t.Errorf("got %s", got)
	}
}

func TestLive(t *testing.T) {
	for _, name := range []string{"noticed", "survivor", "wrong-reason", "false-alarm", "not-back", "not-applied", "not-cleared", "rare"} {
		t.Run(name, func(t *testing.T) {
			var out, coloured bytes.Buffer
			plain, colour := NewLive(&out, false), NewLive(&coloured, true)
			for _, r := range samplesByName()[name] {
				if err := errors.Join(plain.Record(r), colour.Record(r)); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, "live-"+name+".txt", out.String())
			if diff := cmp.Diff(out.String(), stripped(coloured.String())); diff != "" {
				t.Errorf("with the colours taken out the lines differ:\n%s", diff)
			}
		})
	}
}

func TestLiveSaysWhatWasNotJudged(t *testing.T) {
	var out bytes.Buffer
	live := NewLive(&out, report.Terminal(&out))
	records := changed(staleAt, func(r *Record) { r.Judged.Cells = nil })
	if err := errors.Join(live.Record(records[0]), live.Record(records[staleAt])); err != nil {
		t.Fatal(err)
	}
	if want := "recorded evidence\n? prometheus-stale  not judged by metrics.requests  0.1 s\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want it to end with %q", out.String(), want)
	}
}

func TestLiveRefusesAFaultOfNoPlan(t *testing.T) {
	for _, r := range []Record{{Applied: &Applied{Fault: "x"}}, {Judged: &Judged{Fault: "x"}}, {Cleared: &Cleared{Fault: "x"}}, {Back: &Back{Fault: "x"}}} {
		if err := NewLive(&bytes.Buffer{}, false).Record(r); err == nil || !strings.Contains(err.Error(), `fault "x" is not among the planned ones`) {
			t.Errorf("got %v, want an error that names the fault", err)
		}
	}
}

func TestSaveWritesBothFilesWholeAndAgain(t *testing.T) {
	folder := t.TempDir()
	d := assembled(t, survivor())
	for range 2 {
		if err := Save(folder, d); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{DocumentFile, TextFile}, names); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	document, err := os.ReadFile(filepath.Join(folder, DocumentFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := check(t, document); err != nil {
		t.Error(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, TextFile))
	if err != nil || !bytes.Equal(got, text(d)) {
		t.Errorf("got %v and\n%s", err, got)
	}
}

func TestSaveNamesTheFolderThatIsMissing(t *testing.T) {
	if err := Save("/nowhere/run", assembled(t, noticed())); err == nil || !strings.Contains(err.Error(), "/nowhere/run/selftest.json") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

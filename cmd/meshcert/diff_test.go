package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/diff"
	"github.com/onap/meshcert/framework/verdict"
)

// judged makes a run's folder in which one spec came to the verdict; without
// one the run was killed.
func judged(t *testing.T, id string, v verdict.Verdict) string {
	t.Helper()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	records := []report.Record{{Time: began, RunStarted: &report.Run{
		ID: id, Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}}, Version: "dev", Selected: 1,
	}}}
	if v != "" {
		s := &report.Spec{ID: "msb.portal", Topic: "msb", Release: "casablanca", Verdict: v, Started: began}
		if v == verdict.Fail {
			s.Findings = []verdict.Finding{{Kind: "portal-empty", Verdict: v, Summary: "the portal lists nothing", Object: "Deployment onap/msb-msb-iag"}}
		}
		records = append(records, report.Record{Time: began, Spec: s}, report.Record{Time: began, RunEnded: &report.End{}})
	}
	r, err := report.Assemble(records)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), id)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := report.Save(folder, r); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestDiff(t *testing.T) {
	good, bad, killed := judged(t, "good", verdict.Pass), judged(t, "bad", verdict.Fail), judged(t, "killed", "")
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"the same", []string{good, good}, 0, "No differences in what could be compared"},
		{"worse", []string{good, bad}, 1, "+ msb.portal finding portal-empty of Deployment onap/msb-msb-iag: fail: the portal lists nothing"},
		{"better", []string{bad, good}, 0, "B is better than A"},
		{"a report's file", []string{filepath.Join(good, report.ReportFile), bad}, 1, "B is worse than A"},
		{"killed", []string{good, killed}, 3, "it was killed before its end"},
		{"a baseline", []string{good, bad, "--baseline", good, "--baseline", good}, 1, "B is worse than A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := meshcert(t, append([]string{"diff"}, c.args...)...)
			if got.status != c.status || !strings.Contains(got.out, c.want) || got.err != "" {
				t.Errorf("status %d, want %d; %q is not in: %s%s", got.status, c.status, c.want, got.out, got.err)
			}
		})
	}
}

func TestDiffForms(t *testing.T) {
	good, bad := judged(t, "good", verdict.Pass), judged(t, "bad", verdict.Fail)
	got, _ := meshcert(t, "diff", good, bad, "-o", "json")
	var d diff.Diff
	if err := json.Unmarshal([]byte(got.out), &d); err != nil || d.Exit != 1 || got.status != 1 {
		t.Errorf("status %d, %v: %s", got.status, err, got.out)
	}
	page := filepath.Join(t.TempDir(), "diff.html")
	got, _ = meshcert(t, "diff", good, bad, "-o", "html", "--out", page)
	text, err := os.ReadFile(page)
	if err != nil || got.status != 1 || got.out != "" || !strings.HasPrefix(string(text), "<!doctype html>") {
		t.Errorf("status %d, %v, printed %q, wrote %.100q", got.status, err, got.out, text)
	}
}

func TestDiffWrongUse(t *testing.T) {
	good, empty, damaged := judged(t, "good", verdict.Pass), t.TempDir(), judged(t, "damaged", verdict.Pass)
	if err := os.WriteFile(filepath.Join(damaged, report.ReportFile), []byte(`{"schema":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"one run", []string{good}, "want two, A and B"},
		{"three runs", []string{good, good, good}, "want two, A and B"},
		{"a run that is not there", []string{good, "yesterday"}, `B: "yesterday" is`},
		{"a folder without a report", []string{empty, good}, report.ReportFile},
		{"a report of another form", []string{good, damaged}, "does not follow the schema"},
		{"no report of a baseline", []string{good, good, "--baseline", empty}, "--baseline"},
		{"an unknown form", []string{good, good, "-o", "pdf"}, "must be text, json or html"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := meshcert(t, append([]string{"diff"}, c.args...)...)
			if got.status != exitUsage || !strings.Contains(got.err, c.want) {
				t.Errorf("status %d, want %d; %q is not in: %s", got.status, exitUsage, c.want, got.err)
			}
		})
	}
	got, _ := meshcert(t, "diff", good, good, "--out", filepath.Join(empty, "no", "folder"))
	if got.status == 0 || !strings.Contains(got.err, "--out") {
		t.Errorf("a file that cannot be written: %d, %s", got.status, got.err)
	}
}

// TestCompletionOfDiff: two runs, no third.
func TestCompletionOfDiff(t *testing.T) {
	for _, c := range []struct {
		args      []string
		want      string
		directive string
	}{
		{[]string{"diff", "-o", ""}, "text json html", noFiles},
		{[]string{"diff", "--out", ""}, "", anything},
		{[]string{"diff", "a", "b", ""}, "", noFiles},
	} {
		if words, directive := completed(t, c.args...); strings.Join(words, " ") != c.want || directive != c.directive {
			t.Errorf("%q: %q, directive %s", c.args, words, directive)
		}
	}
	for _, args := range [][]string{{"diff", ""}, {"diff", "a", ""}, {"diff", "a", "b", "--baseline", ""}} {
		words, directive := completed(t, args...)
		if want, _ := completed(t, "report", ""); strings.Join(words, " ") != strings.Join(want, " ") || directive == noFiles {
			t.Errorf("%q: %q, want the runs %q; directive %s", args, words, want, directive)
		}
	}
}

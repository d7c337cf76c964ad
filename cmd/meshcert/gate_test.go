package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/impact"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

// TestPathsOfSpecs: what a spec says of its paths is in the catalogue, and each
// of tracing's that follows one path says which.
func TestPathsOfSpecs(t *testing.T) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	broad := []string{"tracing.header-survey", "tracing.sampling", "tracing.volume"}
	for _, s := range all.Specs() {
		for _, id := range s.Paths {
			if _, ok := release.Path(id); !ok {
				t.Errorf("%s: there is no path %s", s.ID, id)
			}
		}
		if s.Topic() == "tracing" && (len(s.Paths) == 0) != slices.Contains(broad, s.ID) {
			t.Errorf("%s says paths %v", s.ID, s.Paths)
		}
	}
}

// TestGateChoosesEnough: every spec of a project is chosen for it, and whoever
// can be broken by nobody is about the platform.
func TestGateChoosesEnough(t *testing.T) {
	chosen := map[string]bool{}
	for _, p := range impact.Projects() {
		got, _ := meshcert(t, "gate", "--project", p.Name, "--release", "casablanca", "--list", "-o", "json")
		var i impact.Impact
		if err := json.Unmarshal([]byte(got.out), &i); err != nil || got.status != report.ExitInconclusive || got.err != "" {
			t.Fatalf("%v: %+v", err, got)
		}
		for _, s := range all.Specs() {
			if slices.Contains(s.Labels, p.Label) && !slices.Contains(s.Labels, spec.Soak) && !slices.Contains(i.IDs(), s.ID) {
				t.Errorf("%s is not chosen for %s", s.ID, p.Name)
			}
		}
		for _, id := range i.IDs() {
			chosen[id] = true
		}
	}
	for _, s := range all.Specs() {
		platform := []string{"cluster", "controlplane", "injection", "metrics"}
		if !chosen[s.ID] && !slices.Contains(s.Labels, spec.Soak) && !slices.Contains(platform, s.Topic()) {
			t.Errorf("%s can be broken by nobody", s.ID)
		}
	}
}

func TestGateList(t *testing.T) {
	change := file(t, "change", "docs/a.rst\n\"kubernetes/vfc/charts/vfc-db/\\303\\244.yaml\"\n")
	got, home := meshcert(t, "gate", "--project", "vfc", "--change", change, "--list")
	for _, want := range []string{"docs/a.rst", "documentation", "ä.yaml", "workload vfc-db", "tracing.nslcm-to-catalog", "on path nslcm-to-catalog vfc-catalog calls vfc-db"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is not in:\n%s", want, got.out)
		}
	}
	if got.status != report.ExitInconclusive || strings.Contains(got.out, "resmgr-to-vio") || len(files(t, home)) > 0 {
		t.Errorf("status %d, or more than is to be:\n%s", got.status, got.out)
	}
}

// made is a run's folder with one spec of VF-C that failed.
func made(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	stage := verdict.Stage{Release: "casablanca", Topics: []string{"sidecar"}}
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	bad := verdict.Finding{Kind: "missing-sidecar", Verdict: verdict.Fail, Summary: "no\x1b sidecar", Object: "Deployment onap/vfc-vfc-db", Want: "w", Got: "::error::g", Where: "p", Why: "y", Next: "n"}
	document, err := report.Assemble([]report.Record{
		{Time: at, RunStarted: &report.Run{ID: "r", Profile: "casablanca", Stages: []verdict.Stage{stage}, Version: "v", Selected: 2}},
		{Time: at, Spec: &report.Spec{ID: "sidecar.ready", Topic: "sidecar", Release: "casablanca", Verdict: verdict.Fail, Findings: []verdict.Finding{bad}, Started: at}},
		{Time: at, Spec: &report.Spec{ID: "sidecar.proxies", Topic: "sidecar", Release: "casablanca", Verdict: verdict.Pass, Started: at}},
		{Time: at, RunEnded: &report.End{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := document.JSON()
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, report.ReportFile), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestGateOfAMadeRun(t *testing.T) {
	run, dir := made(t), t.TempDir()
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(dir, "summary"))
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"text":    {nil, 1, "gate of VF-C: FAIL: 1 of 2 specs that the change can break passed; 1 finding (new: blocks) (exit 1)"},
		"json":    {[]string{"-o", "json"}, 1, `"verdict": "fail"`},
		"tap":     {[]string{"--review", "tap"}, 1, "TAP version 14\n1..2\nnot ok 1 - casablanca/sidecar.ready\n"},
		"github":  {[]string{"--review", "github"}, 1, "::error file=fixtures/charts/vfc/values.yaml,line="},
		"gerrit":  {[]string{"--review", "gerrit=" + filepath.Join(dir, "g") + ",gitlab=" + filepath.Join(dir, "l")}, 1, "gate of VF-C"},
		"nothing": {[]string{"--change", file(t, "c", "docs/a.md\n")}, 3, "SKIP: nothing to judge: the change can break nothing of VF-C (exit 3)"},
		"allowed": {[]string{"--change", file(t, "c", "docs/a.md\n"), "--allow-empty"}, 0, "SKIP: nothing to judge"},
	} {
		got, home := meshcert(t, append([]string{"gate", "--project", "vfc", "--run", run}, c.args...)...)
		if got.status != c.status || !strings.Contains(got.out, c.want) || strings.Contains(got.out, "\x1b") || got.err != "" {
			t.Errorf("%s: status %d, want %d: %s%s", name, got.status, c.status, got.out, got.err)
		}
		if left := files(t, home); len(left) > 0 {
			t.Errorf("%s: %v was made", name, left)
		}
	}
	for name, want := range map[string]string{"g": `"Verified": -1`, "l": `"severity": "blocker"`, "summary": "### meshcert, VF-C: FAIL"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s: %v %s", name, err, text)
		}
	}
}

// TestGateRefuses: wrong use says which flag and what to do, before anything is made.
func TestGateRefuses(t *testing.T) {
	t.Setenv("GITHUB_SHA", "")
	run := made(t)
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"no project":          {nil, []string{"--project", "msb, multicloud, vfc"}},
		"unknown project":     {[]string{"--project", "vfcc"}, []string{"--project", "did you mean vfc?"}},
		"a title":             {[]string{"--project", "VF-C"}, []string{"--project", `"VF-C"`}},
		"no such change":      {[]string{"--project", "vfc", "--change", "/nowhere"}, []string{"--change", "/nowhere", "- for standard input"}},
		"a folder":            {[]string{"--project", "vfc", "--change", t.TempDir()}, []string{"--change", "readable file"}},
		"an empty change":     {[]string{"--project", "vfc", "--change", "-"}, []string{"--change", "names no file"}},
		"no name of a change": {[]string{"--project", "vfc", "--change", ""}, []string{"--change", "is empty"}},
		"no run":              {[]string{"--project", "vfc", "--run", "yesterday"}, []string{"--run", `"yesterday"`}},
		"no name of a run":    {[]string{"--project", "vfc", "--run", ""}, []string{"--run", "is empty"}},
		"no baseline":         {[]string{"--project", "vfc", "--run", run, "--baseline", "nowhere"}, []string{"--baseline", `"nowhere"`}},
		"itself for baseline": {[]string{"--project", "vfc", "--run", run, "--baseline", run}, []string{"--baseline", "from before the change"}},
		"no waivers":          {[]string{"--project", "vfc", "--run", run, "--waivers", file(t, "w", "waiver: []")}, []string{"--waivers", "unknown field"}},
		"a format of nobody":  {[]string{"--project", "vfc", "--run", run, "--review", "bitbucket=x"}, []string{"--review", "bitbucket", "gerrit"}},
		"no file":             {[]string{"--project", "vfc", "--run", run, "--review", "gerrit"}, []string{"--review", "gerrit=FILE"}},
		"a file nowhere":      {[]string{"--project", "vfc", "--run", run, "--review", "gitlab=/nowhere/x"}, []string{"--review", "/nowhere"}},
		"no vote":             {[]string{"--project", "vfc", "--run", run, "--gerrit-label", "Verified=yes"}, []string{"--gerrit-label", "Verified=+1/-1"}},
		"a check of nothing":  {[]string{"--project", "vfc", "--run", run, "--review", "github-check=x"}, []string{"--review", "GITHUB_SHA"}},
		"a focus":             {[]string{"--project", "vfc", "--focus", "msb"}, []string{"--focus"}},
		"a focus in a file":   {[]string{"--project", "vfc", "--config", file(t, "c.yaml", "focus: msb\n")}, []string{"--config", "focus"}},
		"an argument":         {[]string{"--project", "vfc", "now"}, []string{`"now"`}},
	} {
		got, home := meshcert(t, append([]string{"gate", "--out", filepath.Join(t.TempDir(), "runs")}, c.args...)...)
		for _, want := range c.want {
			if got.status != exitUsage || got.out != "" || !strings.Contains(got.err, want) {
				t.Errorf("%s: status %d, %q is not in: %s%s", name, got.status, want, got.out, got.err)
			}
		}
		if left := files(t, home); len(left) > 0 {
			t.Errorf("%s: %v was made", name, left)
		}
	}
}

func TestGateCompletes(t *testing.T) {
	for flag, want := range map[string]string{"--project": "vfc", "--review": "gerrit=", "--gerrit-label": "Verified"} {
		if words, _ := completed(t, "gate", flag, ""); !slices.Contains(words, want) {
			t.Errorf("%s offers %v", flag, words)
		}
	}
	if _, directive := completed(t, "gate", "--change", ""); directive != anything {
		t.Errorf("--change: %s", directive)
	}
}

// TestCommandsOfTheGatePage: what the page shows can be called.
func TestCommandsOfTheGatePage(t *testing.T) {
	text, err := os.ReadFile("../../docs/gate.md")
	if err != nil {
		t.Fatal(err)
	}
	if got := checkCalls(t, "gate.md", string(text)); len(got) != 3 {
		t.Errorf("calls %v", got)
	}
}

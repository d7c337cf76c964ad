package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/certificate"
	"github.com/onap/meshcert/framework/run"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

// wholeRun writes the folder of a run of profile casablanca with the whole spec
// list, all of which passed, with stand-ins or with ONAP's own images.
func wholeRun(t *testing.T, onapImages string) string {
	t.Helper()
	demand, err := (&run.Conductor{Specs: all.Specs(), Version: version}).Demands("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "20260101T000000Z-casablanca")
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	records := []report.Record{
		{RunStarted: &report.Run{ID: filepath.Base(folder), Profile: "casablanca", Stages: demand.Stages, Version: version,
			Selected: len(demand.SpecList), SpecList: demand.SpecList, Settings: report.Settings{ONAPImages: onapImages}}},
		{Environment: &report.Environment{Release: "casablanca", Images: []report.Image{
			{Ref: "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", Digest: report.Digest(nil), Source: "packages", Standin: onapImages == "standin"},
		}}},
	}
	for _, name := range demand.SpecList {
		_, id, _ := strings.Cut(name, "/")
		topic, _, _ := strings.Cut(id, ".")
		s := &report.Spec{ID: id, Topic: topic, Release: "casablanca", Verdict: verdict.Pass, Started: began, Artifacts: "artifacts/casablanca/" + id + "/"}
		if err := os.MkdirAll(filepath.Join(folder, s.Artifacts), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, s.Artifacts, "seen.json"), []byte(id), 0o600); err != nil {
			t.Fatal(err)
		}
		if s.Evidence, err = report.EvidenceOf(os.DirFS(folder), s.Artifacts); err != nil {
			t.Fatal(err)
		}
		records = append(records, report.Record{Spec: s})
	}
	writer := report.NewWriter(filepath.Join(folder, report.RecordsFile))
	for _, r := range append(records, report.Record{RunEnded: &report.End{}}) {
		r.Time = began
		if err := writer.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestFromKeyToVerdict: a key is made and trusted, a run certified and verified, and
// the key given up, with the commands that people use.
func TestFromKeyToVerdict(t *testing.T) {
	place := t.TempDir()
	key, trusted := filepath.Join(place, "release.key"), filepath.Join(place, "trusted.json")
	do := func(status int, says string, args ...string) said {
		t.Helper()
		got, _ := meshcert(t, args...)
		if got.status != status || !strings.Contains(got.out+got.err, says) {
			t.Fatalf("%v: status %d, want %d with %q: %s%s", args, got.status, status, says, got.out, got.err)
		}
		return got
	}
	do(0, "readable by you alone", "key", "new", "--out", key)
	do(exitUsage, "is there already", "key", "new", "--out", key)
	shown := do(0, "-----BEGIN PUBLIC KEY-----", "key", "show", key)
	if public := do(0, "sha256:", "key", "show", key+".pub"); public.out != shown.out {
		t.Errorf("the public half shows another key:\n%s%s", shown.out, public.out)
	}
	id, _, _ := strings.Cut(shown.out, "\n")
	do(0, id, "key", "show", key, "-o", "json")
	do(exitUsage, "owner: missing", "key", "trust", key+".pub", "--trusted-keys", trusted)
	do(0, "is trusted from 2026-01-01T00:00:00Z", "key", "trust", key+".pub", "--trusted-keys", trusted, "--owner", "ONAP", "--from", "2026-01-01")
	do(0, "from 2026-01-01", "key", "list", "--trusted-keys", trusted)

	standins, own := wholeRun(t, "standin"), wholeRun(t, "real")
	certified := filepath.Join(place, "certified")
	do(report.ExitInconclusive, "NOT CERTIFIED: profile casablanca conforms with stand-ins", "certify", "--run", standins, "--key", key, "--to", certified)
	if got := names(t, certified); !slices.Equal(got, []string{certificate.File, certificate.KeyFile, report.ReportFile}) {
		t.Errorf("--to has %v", got)
	}
	do(0, "\nCERTIFIED: ", "certify", "--run", own, "--key", key)
	for _, c := range []struct {
		path, starts string
		flags        []string
		status       int
	}{
		{certified, "NOT CERTIFIED: profile casablanca conforms with stand-ins for ONAP's images: ", nil, report.ExitInconclusive},
		{certified, "NOT CERTIFIED: profile casablanca conforms with stand-ins for ONAP's images: ", []string{"--allow-standins"}, 0},
		{filepath.Join(certified, certificate.File), "NOT CERTIFIED: ", []string{"--allow-standins"}, 0},
		{standins, "NOT CERTIFIED: ", nil, report.ExitInconclusive},
		{own, "CERTIFIED: profile casablanca conforms, with ONAP's own images: ", nil, 0},
	} {
		got := do(c.status, c.starts, append([]string{"verify", c.path, "--trusted-keys", trusted}, c.flags...)...)
		if !strings.HasPrefix(got.out, c.starts) {
			t.Errorf("%s: the first line is not %q:\n%s", c.path, c.starts, got.out)
		}
	}
	var asJSON struct {
		Accepted bool
		State    certificate.State
		Run      struct{ Counts report.Counts }
	}
	got := do(0, "{", "verify", own, "--trusted-keys", trusted, "-o", "json")
	if err := json.Unmarshal([]byte(got.out), &asJSON); err != nil || !asJSON.Accepted || asJSON.State != certificate.Certified || asJSON.Run.Counts.Pass != asJSON.Run.Counts.Specs || asJSON.Run.Counts.Pass == 0 {
		t.Errorf("JSON %v:\n%s", err, got.out)
	}
	do(0, "signs until", "key", "retire", id, "--trusted-keys", trusted, "--until", "2026-01-02")
	do(report.ExitInconclusive, "REFUSED: it was made on", "verify", own, "--trusted-keys", trusted)
	do(exitUsage, "reason: missing", "key", "revoke", id, "--trusted-keys", trusted)
	do(0, "is revoked", "key", "revoke", id, "--trusted-keys", trusted, "--reason", "lost on a train")
	do(report.ExitInconclusive, "was revoked on", "verify", own, "--trusted-keys", trusted)
	do(0, "lost on a train", "key", "list", "--trusted-keys", trusted)
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestDemonstration: the key that signs is nowhere, its public half beside what it signed.
func TestDemonstration(t *testing.T) {
	folder := wholeRun(t, "standin")
	to := filepath.Join(t.TempDir(), "certified")
	got, home := meshcert(t, "certify", "--run", folder, "--demonstration", "--allow-standins", "--to", to)
	if got.status != 0 {
		t.Fatalf("%+v", got)
	}
	if all := names(t, to); !slices.Equal(all, []string{certificate.File, certificate.KeyFile, report.ReportFile, certificate.TrustedFile}) {
		t.Errorf("--to has %v", all)
	}
	for _, path := range files(t, home, to, folder) {
		if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), "PRIVATE KEY") {
			t.Errorf("%s holds the private half", path)
		}
	}
	if got, _ := meshcert(t, "verify", to, "--allow-standins", "--trusted-keys", filepath.Join(to, certificate.TrustedFile)); got.status != 0 || !strings.Contains(got.out, "proves nothing about") {
		t.Errorf("%+v", got)
	}
}

// TestCertificateWrongUse: status 2, with the field and the fix, before anything was made.
func TestCertificateWrongUse(t *testing.T) {
	key := filepath.Join(t.TempDir(), "k")
	if got, _ := meshcert(t, "key", "new", "--out", key); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	open := file(t, "open.key", "x")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	keys := file(t, "keys.json", "{}")
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{[]string{"certify", "--release", "casablanca"}, []string{"--key", "meshcert key new"}},
		{[]string{"certify", "--release", "casablanca", "--key", key, "--demonstration"}, []string{"--demonstration", "--key"}},
		{[]string{"certify", "--release", "casablanca", "--key", key + "x"}, []string{"--key", "no such file"}},
		{[]string{"certify", "--release", "casablanca", "--key", open}, []string{"--key", "chmod 600"}},
		{[]string{"certify", "--release", "casablanka", "--key", key}, []string{"--release", "did you mean casablanca?"}},
		{[]string{"certify", "--release", "casablanca", "--key", key, "--set", "msb.msb-iag.istioSidecar=false"}, []string{"--set", "run it without"}},
		{[]string{"certify", "--release", "casablanca", "--key", key, "--focus", "tracing"}, []string{`"--focus" is not known`}},
		{[]string{"certify", "--release", "casablanca", "--key", key, "--run", "x"}, []string{"--release", "leave it out"}},
		{[]string{"certify", "--key", key, "--run", ""}, []string{"--run", "is empty"}},
		{[]string{"certify", "--key", key, "--out", t.TempDir(), "--run", "yesterday"}, []string{`"yesterday" is no folder`}},
		{[]string{"verify"}, []string{"CERTIFICATE"}},
		{[]string{"verify", t.TempDir()}, []string{"--trusted-keys", "meshcert key trust"}},
		{[]string{"verify", t.TempDir(), "--trusted-keys", keys}, []string{"CERTIFICATE", certificate.File}},
		{[]string{"verify", wholeRun(t, "standin"), "--trusted-keys", keys + "x"}, []string{"CERTIFICATE"}},
		{[]string{"key", "show", key + "x"}, []string{"FILE", "no such file"}},
		{[]string{"key", "show", keys}, []string{"no PEM file"}},
		{[]string{"key", "list"}, []string{"--trusted-keys"}},
		{[]string{"key", "list", "--trusted-keys", keys}, []string{"--trusted-keys"}},
		{[]string{"key", "trust", key + ".pub", "--trusted-keys", keys, "--owner", "a"}, []string{"--trusted-keys"}},
		{[]string{"key", "trust", key + ".pub", "--owner", "a"}, []string{"--trusted-keys", "is missing"}},
		{[]string{"key", "trust", key + ".pub", "--trusted-keys", keys + "new", "--owner", "a", "--from", "tomorrow"}, []string{"--from", "2027-12-31"}},
		{[]string{"key", "retire", "sha256:0", "--trusted-keys", keys}, []string{"--trusted-keys"}},
		{[]string{"key", "nwe"}, []string{`"nwe" is not known`, "did you mean new?"}},
	} {
		t.Run(strings.Join(c.args[:min(2, len(c.args))], " "), func(t *testing.T) {
			got, home := meshcert(t, c.args...)
			if got.status != exitUsage || got.out != "" {
				t.Errorf("%v: status %d, want %d: %s%s", c.args, got.status, exitUsage, got.out, got.err)
			}
			for _, want := range c.wants {
				if !strings.Contains(got.err, want) {
					t.Errorf("%v: %q is not in: %s", c.args, want, got.err)
				}
			}
			if made := files(t, home); len(made) > 0 {
				t.Errorf("%v: something was made: %v", c.args, made)
			}
		})
	}
}

// TestCertificateCompletion: paths where paths are wanted, and the ids of trusted keys.
func TestCertificateCompletion(t *testing.T) {
	place := t.TempDir()
	key, trusted := filepath.Join(place, "k"), filepath.Join(place, "t")
	for _, args := range [][]string{{"key", "new", "--out", key}, {"key", "trust", key, "--owner", "ONAP", "--trusted-keys", trusted}} {
		if got, _ := meshcert(t, args...); got.status != 0 {
			t.Fatalf("%v: %+v", args, got)
		}
	}
	for _, c := range []struct {
		args      []string
		directive string
		words     int
	}{
		{[]string{"verify", ""}, anything, 0}, {[]string{"verify", "x", ""}, noFiles, 0}, {[]string{"verify", "--trusted-keys", ""}, anything, 0},
		{[]string{"verify", "-o", ""}, noFiles, 2}, {[]string{"certify", "--key", ""}, anything, 0}, {[]string{"certify", "--to", ""}, folders, 0},
		{[]string{"certify", "--out", t.TempDir(), "--run", ""}, inOrder, 0}, {[]string{"certify", ""}, noFiles, 0}, {[]string{"key", "new", "--out", ""}, anything, 0},
		{[]string{"key", "show", ""}, anything, 0}, {[]string{"key", "trust", ""}, anything, 0}, {[]string{"key", "trust", "--owner", ""}, noFiles, 0},
		{[]string{"key", "retire", "--trusted-keys", trusted, ""}, noFiles, 1}, {[]string{"key", "revoke", "--trusted-keys", trusted, ""}, noFiles, 1},
		{[]string{"key", "retire", "--trusted-keys", trusted + "x", ""}, noFiles, 0}, {[]string{"key", ""}, noFiles, 6},
	} {
		words, directive := completed(t, c.args...)
		if directive != c.directive || len(words) != c.words {
			t.Errorf("%q: directive %s, words %q; want %s and %d", c.args, directive, words, c.directive, c.words)
		}
	}
}

// certifiedFolder holds the certificate of a real run with stand-ins that comes with
// the suite. certifyAnew makes it.
const (
	certifiedFolder = "../../reports/certified/casablanca"
	certifyAnew     = "bin/meshcert certify --release casablanca --demonstration --allow-standins --to reports/certified/casablanca"
)

// TestCertifiedCasablanca: it is in order as anybody would find it, and does not call
// stand-ins certified.
func TestCertifiedCasablanca(t *testing.T) {
	if _, err := os.Stat(certifiedFolder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("there is no %s yet; make it with %s", certifiedFolder, certifyAnew)
	}
	if got := names(t, certifiedFolder); !slices.Equal(got, []string{certificate.File, certificate.KeyFile, report.ReportFile, certificate.TrustedFile}) {
		t.Errorf("it holds %v", got)
	}
	papers, done, err := certificate.Read(certifiedFolder)
	if err != nil {
		t.Fatalf("%v; make it anew with %s", err, certifyAnew)
	}
	defer done()
	if papers.Trusted, err = os.ReadFile(filepath.Join(certifiedFolder, certificate.TrustedFile)); err != nil {
		t.Fatal(err)
	}
	// Ahead of every clock that it may have been made by.
	now := time.Now().AddDate(10, 0, 0)
	conductor := &run.Conductor{Specs: all.Specs(), Version: version}
	result := certificate.Verify(t.Context(), papers, now, conductor.Demands)
	if result.State != certificate.WithStandins {
		t.Fatalf("%s: %v\nafter a change of the spec list, or of what a report says, make it anew with %s", result.Sentence(), result.Refusals, certifyAnew)
	}
	if !strings.HasPrefix(result.Sentence(), "NOT CERTIFIED: profile casablanca conforms with stand-ins for ONAP's images: ") {
		t.Errorf("first line: %s", result.Sentence())
	}
	if run.StatusOf(result, false) != report.ExitInconclusive || run.StatusOf(result, true) != report.ExitPass {
		t.Error("it is taken for what was not asked for")
	}
	text, err := os.ReadFile(filepath.Join(certifiedFolder, certificate.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if public, err := certificate.ParsePublic(text); err != nil || len(result.Keys) != 1 || result.Keys[0].ID != public.ID {
		t.Errorf("%s is not the key that signed: %v", certificate.KeyFile, err)
	}
	papers.Report[len(papers.Report)/2] ^= 1
	if got := certificate.Verify(t.Context(), papers, now, conductor.Demands); got.State != certificate.Refused {
		t.Errorf("with one bit of the report changed: %s", got.Sentence())
	}
}

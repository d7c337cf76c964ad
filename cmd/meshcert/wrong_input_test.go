package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/onap/meshcert/framework/report"
)

// TestWrongInput: each is refused with one message that names the field, before
// anything was made.
func TestWrongInput(t *testing.T) {
	list := file(t, "list.yaml", "- msb\n")
	cluster := file(t, "kubeconfig", `{apiVersion: v1, kind: Config, contexts: [{name: a, context: {cluster: gone, user: u}}], users: [{name: u}]}`)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"setting without a key", []string{"e2e", "--set", "=x"}, "want a key and a value, like a.b=c"},
		{"setting without a value", []string{"e2e", "--set", "msb"}, "want a key and a value, like a.b=c"},
		{"unknown key of a workload", []string{"e2e", "--set", "msb.msb-iag.istioSidecarr=false"}, "'istioSidecarr' not allowed"},
		{"unknown global", []string{"e2e", "--set", "global.x=1"}, "'x' not allowed"},
		{"wrong type", []string{"e2e", "--set", "msb.msb-iag.istioSidecar=maybe"}, "/msb-iag/istioSidecar"},
		{"scalar for a workload", []string{"e2e", "--set", "vfc.vfc-nslcm=1"}, "/vfc-nslcm"},
		{"NodePort without prefix", []string{"e2e", "--set", "msb.msb-iag.service.nodePort=30280"}, "/msb-iag/service/nodePort"},
		{"values that are a list", []string{"e2e", "--values", list}, "want a mapping"},
		{"context without its cluster", []string{"up", "--kubeconfig", cluster, "--context", "a"}, `names cluster "gone"`},
		{"run that is not there", []string{"report", "--out", t.TempDir(), "yesterday"}, `"yesterday" is no folder with records.jsonl`},
		{"no run at all", []string{"report", "--out", t.TempDir()}, "no run that judged something"},
		{"two runs", []string{"report", "a", "b"}, "want at most 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			runs := t.TempDir()
			if c.args[0] == "e2e" || c.args[0] == "up" {
				c.args = append(c.args, "--out", runs)
			}
			got, home := meshcert(t, c.args...)
			if got.status != exitUsage || !strings.Contains(got.err, c.want) {
				t.Errorf("status %d, want %d; %q is not in: %s", got.status, exitUsage, c.want, got.err)
			}
			if made := files(t, home, runs); len(made) > 0 {
				t.Errorf("something was made: %v", made)
			}
		})
	}
}

// TestReportOfAKilledRun: the records alone make a report, and its status is the command's.
func TestReportOfAKilledRun(t *testing.T) {
	runs := t.TempDir()
	for _, r := range []struct {
		id       string
		selected int
	}{{"20260101T000000Z-core", 3}, {"20260102T000000Z-core", 3}, {"20260103T000000Z-up", 0}} {
		folder := filepath.Join(runs, r.id)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		err := report.NewWriter(filepath.Join(folder, report.RecordsFile)).Append(report.Record{RunStarted: &report.Run{
			ID: r.id, Profile: "core", Selected: r.selected, Version: "dev",
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, folder string }{
		{"", "20260102T000000Z-core"}, // the newest that was to judge something
		{"20260101T000000Z-core", "20260101T000000Z-core"},
		{filepath.Join(runs, "20260101T000000Z-core"), "20260101T000000Z-core"},
	} {
		args := []string{"report", "--out", runs}
		if c.name != "" {
			args = append(args, c.name)
		}
		got, _ := meshcert(t, args...)
		if got.status != report.ExitInconclusive || !strings.Contains(got.out, "the run was killed") || !strings.Contains(got.out, c.folder) {
			t.Errorf("report %s: status %d, said %s%s", c.name, got.status, got.out, got.err)
		}
		if _, err := os.Stat(filepath.Join(runs, c.folder, report.JUnitFile)); err != nil {
			t.Errorf("report %s: %v", c.name, err)
		}
	}
}

// TestTablesFitATerminal: no line is wider than tableWidth.
func TestTablesFitATerminal(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"images", "list"}, {"doctor"}, {"explain", "tracing.multicloud-to-vio"}} {
		got, _ := meshcert(t, args...)
		if got.out == "" {
			t.Errorf("%v printed nothing: %s", args, got.err)
		}
		for line := range strings.Lines(got.out) {
			if width := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > tableWidth {
				t.Errorf("%v: %d characters wide: %s", args, width, line)
			}
		}
	}
}

// TestInterruptOfASilentServer: an API server that takes a connection and says
// nothing does not hold the program.
func TestInterruptOfASilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	kubeconfig := file(t, "kubeconfig", `{apiVersion: v1, kind: Config, current-context: a, users: [{name: u}],
contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: "http://`+listener.Addr().String()+`"}}]}`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	t.Setenv("HOME", t.TempDir())
	var out, errOut strings.Builder
	began := time.Now()
	status := execute(ctx, []string{"doctor", "--kubeconfig", kubeconfig}, strings.NewReader(""), &out, &errOut)
	if status != report.ExitInterrupted || time.Since(began) > 10*time.Second {
		t.Errorf("status %d after %s, want %d at once: %s%s", status, time.Since(began), report.ExitInterrupted, out.String(), errOut.String())
	}
}

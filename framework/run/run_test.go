package run

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// conductor leads runs in folders of the test's own.
func conductor(t *testing.T, name string) (*Conductor, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	return fakeConductor(name, t.TempDir(), &out), &out
}

// folderOf is the one run folder there is.
func folderOf(t *testing.T, c *Conductor) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(c.Config.Places.Runs, "*"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("run folders: %v, %v", runs, err)
	}
	return runs[0]
}

// document is the report that the run left, which must be what its records make,
// with its evidence as it says.
func document(t *testing.T, folder string) *report.Report {
	t.Helper()
	d, err := report.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	due, err := assemble(folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(due, d); diff != "" {
		t.Errorf("the report is not what the records make (-records +report):\n%s", diff)
	}
	altered, err := report.Altered(d, os.DirFS(folder))
	if err != nil || len(altered) > 0 {
		t.Errorf("evidence that is not as the report says: %v, %v", altered, err)
	}
	return d
}

func TestScenarios(t *testing.T) {
	for name, want := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, out := conductor(t, name)
			if want.profile != "" {
				c.Config.Profile = want.profile
			}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			if want.status == report.ExitInterrupted {
				go interruptWhenBegun(ctx, c, interrupt)
			}
			status, err := c.Run(ctx)
			if err != nil || status != want.status {
				t.Errorf("got status %d, %v; want %d\n%s", status, err, want.status, out)
			}
			for _, part := range want.says {
				if !strings.Contains(out.String(), part) {
					t.Errorf("people do not read %q:\n%s", part, out)
				}
			}
			folder := folderOf(t, c)
			d := document(t, folder)
			if got := report.Status(d); got != want.status || d.Exit != want.status {
				t.Errorf("the report says %d and %d", got, d.Exit)
			}
			var verdicts []string
			object := ""
			for _, s := range d.Specs {
				verdicts = append(verdicts, string(s.Verdict))
				complete(t, folder, s)
				for _, f := range s.Findings {
					if s.Verdict == f.Verdict && s.Verdict != verdict.Pass {
						object = cmp.Or(object, f.Object)
					}
				}
			}
			if want.object != "" && object != want.object {
				t.Errorf("the finding is about %q, want %q", object, want.object)
			}
			if got := strings.Join(verdicts, " "); got != want.verdicts {
				t.Errorf("verdicts %q, want %q", got, want.verdicts)
			}
			for _, file := range []string{report.ReportFile, report.JUnitFile, report.PageFile} {
				if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
					t.Error(err)
				}
			}
			replayed(t, c, folder, want.status)
		})
	}
}

// replayed demands that the run's evidence, judged again, gives the same report
// byte for byte, but for when that was.
func replayed(t *testing.T, c *Conductor, folder string, want int) {
	t.Helper()
	status, err := c.Replay(t.Context(), folder)
	if err != nil || status != want {
		t.Errorf("judged again: status %d, %v; want %d", status, err, want)
	}
	read := func(folder string) string {
		text, err := os.ReadFile(filepath.Join(folder, report.ReportFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	when := regexp.MustCompile(`"replayed":"[^"]*",`)
	again := read(filepath.Join(c.Config.Places.Runs, filepath.Base(folder)+"-replay"))
	if !when.MatchString(again) {
		t.Errorf("the report does not say that it was judged again")
	}
	if diff := gocmp.Diff(read(folder), when.ReplaceAllString(again, "")); diff != "" {
		t.Errorf("judged again, -live +again:\n%s", diff)
	}
}

// interruptWhenBegun is the Ctrl-C of somebody who sees a spec at work.
func interruptWhenBegun(ctx context.Context, c *Conductor, interrupt func()) {
	defer interrupt()
	_ = kube.Until(ctx, "a spec to begin", 20*time.Second, func(context.Context) error {
		begun, _ := filepath.Glob(filepath.Join(c.Config.Places.Runs, "*", report.ArtifactsFolder, "casablanca", "msb.waits", "begun.json"))
		if len(begun) == 0 {
			return errors.New("not yet")
		}
		return nil
	})
}

// complete demands of a spec's record what a reader needs: how to run it again,
// why it was skipped, and artifacts collected when it did not pass.
func complete(t *testing.T, folder string, s report.Spec) {
	t.Helper()
	if !strings.HasPrefix(s.Rerun, "make e2e FOCUS="+s.ID+" ") {
		t.Errorf("%s: rerun %q", s.ID, s.Rerun)
	}
	if (s.Verdict == "skip") != (s.Reason != "") {
		t.Errorf("%s: verdict %s, reason %q", s.ID, s.Verdict, s.Reason)
	}
	judged := s.Topic != "msb" && (s.Verdict == "fail" || s.Verdict == "inconclusive")
	_, err := os.Stat(filepath.Join(folder, s.Artifacts, "dumped.json"))
	if collected := err == nil; collected != judged {
		t.Errorf("%s: verdict %s, artifacts collected: %t", s.ID, s.Verdict, collected)
	}
}

// TestFailureTexts keeps how a failure of each of these topics reads.
func TestFailureTexts(t *testing.T) {
	for name, file := range map[string]string{
		"msb-iag without its sidecar":     "failure-sidecar.txt",
		"the framework drops the headers": "failure-tracing.txt",
		"a query without samples":         "failure-metrics.txt",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			c, out := conductor(t, name)
			if _, err := c.Run(t.Context()); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var got string
			for _, s := range document(t, folderOf(t, c)).Specs {
				got += strings.Join(report.FailureTexts(s), "\n")
			}
			golden(t, file, got)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, -want +got (go test ./framework/run -update):\n%s", name, diff)
	}
}

// TestDryRun: it lists what would be run, does nothing, and is not green.
func TestDryRun(t *testing.T) {
	c, out := conductor(t, "healthy")
	status, err := c.DryRun(t.Context())
	if err != nil || status != report.ExitInconclusive {
		t.Errorf("status %d, %v\n%s", status, err, out)
	}
	d := document(t, folderOf(t, c))
	if d.Counts.Skip != 3 || d.Counts.Specs != 3 || d.Verdict != verdict.Inconclusive {
		t.Errorf("verdict %s, %+v", d.Verdict, d.Counts)
	}
	if !strings.Contains(out.String(), "nothing was judged") || strings.Contains(out.String(), "PASS:") {
		t.Errorf("people read:\n%s", out)
	}
}

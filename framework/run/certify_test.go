package run

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/certificate"
	"github.com/onap/meshcert/framework/verdict"
)

// TestDemands: every profile has a list, and what there is not has none.
func TestDemands(t *testing.T) {
	c, _ := conductor(t, "healthy")
	for _, p := range verdict.Profiles() {
		d, err := c.Demands(p.Name)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if d.Profile != p.Name || !slices.EqualFunc(d.Stages, p.Stages, func(a, b verdict.Stage) bool { return a.Name() == b.Name() }) || len(d.SpecList) == 0 {
			t.Errorf("%s: %+v", p.Name, d)
		}
	}
	d, err := c.Demands("casablanca")
	if err != nil || !slices.Contains(d.Gaps["casablanca"], "nslcm-drops-headers") {
		t.Errorf("gaps of casablanca: %v, %v", d.Gaps, err)
	}
	for _, name := range []string{"selftest", "", "mine"} {
		if _, err := c.Demands(name); err == nil {
			t.Errorf("profile %q has a list", name)
		}
	}
}

// certifying signs with a key of the test's own.
func certifying(t *testing.T) Certifying {
	t.Helper()
	key, err := certificate.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return Certifying{Signer: key, Owner: "the test", To: filepath.Join(t.TempDir(), "certified"), WriteTrusted: true}
}

// TestCertifyRefusesBeforehand: what nobody could certify is not even run.
func TestCertifyRefusesBeforehand(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*config.Config)
		want string
	}{
		"values":  {func(c *config.Config) { c.Values = []string{"x.yaml"} }, "--values"},
		"set":     {func(c *config.Config) { c.Set = []string{"a.b=c"} }, "--set"},
		"waivers": {func(c *config.Config) { c.Waivers = "w.yaml" }, "--waivers"},
		"without": {func(c *config.Config) { c.Without = []string{"flavor"} }, "--without"},
		"charts":  {func(c *config.Config) { c.Charts, c.Repair = "oom:/x", true }, "--charts, --repair"},
		"focus":   {func(c *config.Config) { c.Focus = "tracing" }, "--focus"},
		"filter":  {func(c *config.Config) { c.LabelFilter = "core" }, "--label-filter"},
		"policy":  {func(c *config.Config) { c.Profile, c.Release, c.Policy = "", "casablanca", "disabled" }, "casablanca-disabled"},
	} {
		conductor, _ := conductor(t, "healthy")
		c.set(&conductor.Config)
		_, err := conductor.Certify(t.Context(), certifying(t))
		var usage *config.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want wrong use with %q, got %v", name, c.want, err)
		}
		if _, err := os.Stat(conductor.Config.Places.Runs); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a run was begun", name)
		}
	}
}

// refusedFor demands that a run has no certificate for this reason, and that none was written.
func refusedFor(t *testing.T, c *Conductor, folder string, want certificate.Reason) {
	t.Helper()
	how := certifying(t)
	status, err := c.CertifyRun(t.Context(), folder, how)
	var refused *certificate.RefusedError
	if !errors.As(err, &refused) || refused.Reasons[0].Reason != want || status != report.ExitInconclusive {
		t.Errorf("want refused for %s, got status %d, %v", want, status, err)
	}
	for _, place := range []string{folder, how.To} {
		if _, err := os.Stat(filepath.Join(place, certificate.File)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a certificate was written to %s", place)
		}
	}
}

// TestRunsThatAreNotCertified: real runs of each sort.
func TestRunsThatAreNotCertified(t *testing.T) {
	dry, _ := conductor(t, "healthy")
	if _, err := dry.DryRun(t.Context()); err != nil {
		t.Fatal(err)
	}
	refusedFor(t, dry, folderOf(t, dry), certificate.NothingDone)

	focused, _ := conductor(t, "healthy")
	focused.Config.Focus = "sidecar"
	if _, err := focused.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	folder := folderOf(t, focused)
	focused.Config.Focus = ""
	refusedFor(t, focused, folder, certificate.Focused)

	again, _ := conductor(t, "healthy")
	if _, err := again.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	source := folderOf(t, again)
	refusedFor(t, again, source, certificate.Images)
	if _, err := again.Replay(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	replays, err := filepath.Glob(source + "-replay")
	if err != nil || len(replays) != 1 {
		t.Fatalf("replays: %v, %v", replays, err)
	}
	refusedFor(t, again, replays[0], certificate.Replayed)

	interrupted, _ := conductor(t, "healthy")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status, err := interrupted.Run(ctx); err != nil || status != report.ExitInterrupted {
		t.Fatalf("status %d, %v", status, err)
	}
	refusedFor(t, interrupted, folderOf(t, interrupted), certificate.Interrupted)
}

// onOwn writes a run's records anew, as those of a run whose environment is known.
func onOwn(t *testing.T, c *Conductor, standin bool) string {
	t.Helper()
	if _, err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	folder := folderOf(t, c)
	path := filepath.Join(folder, report.RecordsFile)
	records, err := report.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	known := report.Record{Time: records[0].Time, Environment: &report.Environment{Release: "casablanca", Images: []report.Image{
		{Ref: "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", Digest: report.Digest(nil), Source: "packages", Standin: standin},
	}}}
	writer := report.NewWriter(path)
	for _, r := range slices.Insert(records, 1, known) {
		if err := writer.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Report(folder, c.Out, false); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestCertifyRun: what was handed out is what anybody verifies, until one byte of it,
// of the evidence, or of what the run recorded is another.
func TestCertifyRun(t *testing.T) {
	c, out := conductor(t, "healthy")
	folder := onOwn(t, c, true)
	how := certifying(t)
	status, err := c.CertifyRun(t.Context(), folder, how)
	if err != nil || status != report.ExitInconclusive || !strings.Contains(out.String(), "\nNOT CERTIFIED: profile casablanca conforms with stand-ins") {
		t.Errorf("status %d, %v:\n%s", status, err, out)
	}
	how.AllowStandins = true
	if status, err = c.CertifyRun(t.Context(), folder, how); err != nil || status != report.ExitPass {
		t.Errorf("with --allow-standins: status %d, %v", status, err)
	}
	for _, place := range []string{folder, how.To} {
		papers, done, err := certificate.Read(place)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		if papers.Trusted, err = os.ReadFile(filepath.Join(place, certificate.TrustedFile)); err != nil {
			t.Fatal(err)
		}
		if got := certificate.Verify(t.Context(), papers, time.Now(), c.Demands); got.State != certificate.WithStandins {
			t.Errorf("%s: %s, %v", place, got.State, got.Refusals)
		}
	}

	written := filepath.Join(folder, report.ReportFile)
	text, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(written, []byte(strings.Replace(string(text), "pass", "fail", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = c.CertifyRun(t.Context(), folder, how)
	if err == nil || !strings.Contains(err.Error(), "meshcert report") {
		t.Errorf("a report that was changed: %v", err)
	}
	if err := os.WriteFile(written, text, 0o600); err != nil {
		t.Fatal(err)
	}
	seen, err := filepath.Glob(filepath.Join(folder, report.ArtifactsFolder, "*", "*", "*.json"))
	if err != nil || len(seen) == 0 {
		t.Fatalf("evidence: %v, %v", seen, err)
	}
	if err := os.WriteFile(seen[0], []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var refused *certificate.RefusedError
	if _, err = c.CertifyRun(t.Context(), folder, how); !errors.As(err, &refused) || refused.Reasons[0].Reason != certificate.Evidence {
		t.Errorf("evidence that was changed: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(folder, report.ArtifactsFolder)); err != nil {
		t.Fatal(err)
	}
	if _, err = c.CertifyRun(t.Context(), folder, how); !errors.As(err, &refused) || refused.Reasons[0].Reason != certificate.Evidence {
		t.Errorf("evidence that is gone: %v", err)
	}
}

// TestCertifyRedRun: a run that failed is certified as failed.
func TestCertifyRedRun(t *testing.T) {
	c, out := conductor(t, "msb-iag without its sidecar")
	folder := onOwn(t, c, true)
	how := certifying(t)
	how.AllowStandins = true
	status, err := c.CertifyRun(t.Context(), folder, how)
	if err != nil || status != report.ExitFail || !strings.Contains(out.String(), "does not conform: 1 of 1 specs failed") {
		t.Errorf("status %d, %v:\n%s", status, err, out)
	}
}

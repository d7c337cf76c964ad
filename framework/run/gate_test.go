package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/impact"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/review"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// gateOf is a conductor whose specs all judge MSB, and a gate of it.
func gateOf(t *testing.T, scenario string) (*Conductor, Gating) {
	t.Helper()
	c, _ := conductor(t, scenario)
	c.Config.Profile = "casablanca"
	c.Specs = slices.Clone(c.Specs)
	for i := range c.Specs {
		c.Specs[i].Labels = []spec.Label{spec.MSB}
	}
	msb, _ := impact.Find("msb")
	return c, Gating{Project: msb}
}

// TestGateRuns: what the change can break is run, and nothing else.
func TestGateRuns(t *testing.T) {
	for name, c := range map[string]struct {
		scenario string
		change   []string
		exit     int
		judged   int
		place    string
	}{
		"healthy":                         {"healthy", nil, 0, 3, ""},
		"broken":                          {"msb-iag without its sidecar", []string{"fixtures/charts/msb/values.yaml"}, 1, 1, "fixtures/charts/msb/values.yaml"},
		"a change that can break nothing": {"healthy", []string{"README.md"}, 3, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conductor, g := gateOf(t, c.scenario)
			g.Change = c.change
			r, err := conductor.gateBy(t.Context(), g, (*Conductor).Run)
			if err != nil || r.Exit != c.exit || len(r.Results) != c.judged {
				t.Fatalf("exit %d with %d results, want %d with %d (%v): %s", r.Exit, len(r.Results), c.exit, c.judged, err, r.Sentence())
			}
			runs, err := os.ReadDir(conductor.Config.Places.Runs)
			if ran := len(runs) == 1; ran != (c.judged > 0) {
				t.Errorf("runs %v (%v)", runs, err)
			}
			if conductor.Config.Focus != "" {
				t.Error("the caller's configuration was changed")
			}
			if c.place == "" {
				return
			}
			if p := r.Problems[0]; p.Place.File != c.place || p.Place.Line == 0 || p.Standing != review.New {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestGateOfARun: a run that is there is judged by what the change can break, and
// against a baseline and waivers; killed ones are never green.
func TestGateOfARun(t *testing.T) {
	c, g := gateOf(t, "msb-iag without its sidecar")
	r, err := c.gateBy(t.Context(), g, (*Conductor).Run)
	if err != nil || len(r.Problems) == 0 {
		t.Fatal(r, err)
	}
	folder := folderOf(t, c)
	g.Run = filepath.Base(folder)
	waivers := filepath.Join(t.TempDir(), "waivers.yaml")
	text := "waivers:\n- {spec: sidecar.ready, kind: " + string(r.Problems[0].Finding.Kind) + ", object: Deployment onap/msb-*, owner: MSB, reason: being mended, expires: 9999-12-31}\n"
	if err := os.WriteFile(waivers, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]struct {
		do   func(*Gating)
		exit int
	}{
		"by name":   {func(*Gating) {}, 1},
		"by folder": {func(g *Gating) { g.Run = folder }, 1},
		"by report": {func(g *Gating) { g.Run = filepath.Join(folder, report.ReportFile) }, 1},
		"waived":    {func(g *Gating) { g.Waivers = waivers }, 0},
		"nothing":   {func(g *Gating) { g.Change, g.AllowEmpty = []string{"docs/a.rst"}, true }, 0},
	} {
		again := g
		change.do(&again)
		if r, err := c.Gate(t.Context(), again); err != nil || r.Exit != change.exit {
			t.Errorf("%s: exit %d, want %d (%v): %s", name, r.Exit, change.exit, err, r.Sentence())
		}
	}
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	records, err := os.ReadFile(filepath.Join(killed, report.RecordsFile))
	lines := strings.SplitAfter(strings.TrimSpace(string(records)), "\n")
	if err = errors.Join(err, os.Remove(filepath.Join(killed, report.ReportFile)), os.WriteFile(filepath.Join(killed, report.RecordsFile), []byte(lines[0]), 0o600)); err != nil {
		t.Fatal(err)
	}
	g.Run = killed
	if r, err := c.Gate(t.Context(), g); err != nil || r.Exit != report.ExitInconclusive || r.Verdict != verdict.Inconclusive {
		t.Errorf("killed: exit %d (%v): %s", r.Exit, err, r.Sentence())
	}
}

// TestGateRefuses: wrong input is wrong use that names the flag, and nothing is run.
func TestGateRefuses(t *testing.T) {
	c, g := gateOf(t, "healthy")
	if _, err := c.gateBy(t.Context(), g, (*Conductor).Run); err != nil {
		t.Fatal(err)
	}
	run := folderOf(t, c)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("waivers: [{}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Conductor, *Gating){
		"--run":      func(_ *Conductor, g *Gating) { g.Run = "yesterday" },
		"--run ":     func(_ *Conductor, g *Gating) { g.Run = file },
		"--run  ":    func(_ *Conductor, g *Gating) { g.Run = t.TempDir() },
		"--baseline": func(_ *Conductor, g *Gating) { g.Baseline = "../../nowhere" },
		"--baseline ": func(_ *Conductor, g *Gating) {
			g.Run, g.Baseline = run, filepath.Join(run, report.ReportFile)
		},
		"--waivers":  func(_ *Conductor, g *Gating) { g.Waivers = file },
		"--waivers ": func(_ *Conductor, g *Gating) { g.Waivers = file + "s" },
		"--config":   func(c *Conductor, _ *Gating) { c.Config.Focus = "msb" },
		"--charts":   func(c *Conductor, g *Gating) { g.Run, c.Config.Charts = run, "oom:"+file },
	} {
		broken, wrong := *c, g
		change(&broken, &wrong)
		_, err := broken.gateBy(t.Context(), wrong, func(*Conductor, context.Context) (int, error) {
			t.Errorf("%s: something is run", field)
			return 0, nil
		})
		var usage *config.UsageError
		if !errors.As(err, &usage) || usage.Field != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestTreeOf(t *testing.T) {
	top := t.TempDir()
	for _, folder := range []string{"oom/.git", "oom/kubernetes/msb", "mono/.git", "mono/deploy/oom/kubernetes/msb", "plain/kubernetes/msb", "flat/msb"} {
		if err := os.MkdirAll(filepath.Join(top, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string][2]string{
		"oom": {"oom/kubernetes", "kubernetes"}, "oom/kubernetes": {"oom/kubernetes", "kubernetes"}, "mono/deploy/oom": {"mono/deploy/oom/kubernetes", "deploy/oom/kubernetes"},
		"plain": {"plain/kubernetes", "kubernetes"}, "plain/kubernetes": {"plain/kubernetes", "kubernetes"}, "flat": {"flat", ""},
	} {
		folder, prefix := treeOf(filepath.Join(top, dir))
		if folder != filepath.Join(top, want[0]) || prefix != want[1] {
			t.Errorf("%s: %s, %s", dir, folder, prefix)
		}
	}
}

package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/live"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// TestStages: which releases are made and judged.
func TestStages(t *testing.T) {
	specs := []spec.Spec{do("sidecar.ready", nil), do("msb.portal", nil), do("tracing.identity", nil)}
	e2e := work{up: true, specs: true, down: true}
	kept := work{up: true, specs: true}
	for name, c := range map[string]struct {
		config config.Config
		work   work
		want   string
		count  int
	}{
		"core":                    {config.Config{}, e2e, "blog casablanca", 5},
		"core, one topic of both": {config.Config{Focus: "msb"}, e2e, "blog casablanca", 2},
		"core, a topic that blog is not judged on": {config.Config{Focus: "tracing"}, e2e, "casablanca", 1},
		"core on a kept cluster":                   {config.Config{Reuse: true}, kept, "casablanca", 3},
		"a topic of both on a kept cluster":        {config.Config{Reuse: true, Focus: "msb"}, kept, "casablanca", 1},
		"one release":                              {config.Config{Release: "blog"}, e2e, "blog", 2},
		"one release on a kept cluster":            {config.Config{Release: "blog", Reuse: true}, kept, "blog", 2},
		"run judges what up keeps":                 {config.Config{}, work{specs: true}, "casablanca", 3},
		"up makes what a kept cluster keeps":       {config.Config{}, work{up: true}, "casablanca", 0},
		"up heeds no focus":                        {config.Config{Profile: "blog", Focus: "tracing"}, work{up: true}, "blog", 0},
		"the images of all releases":               {config.Config{}, work{images: true}, "blog casablanca", 0},
	} {
		t.Run(name, func(t *testing.T) {
			conductor := &Conductor{Config: c.config.WithDefaults(), Specs: specs}
			profile, err := conductor.Config.ResolveProfile()
			if err != nil {
				t.Fatal(err)
			}
			profile.Stages, err = conductor.stages(profile, c.work)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(profile.Names(), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := conductor.count(profile, c.work); got != c.count {
				t.Errorf("%d specs are announced, want %d", got, c.count)
			}
		})
	}
}

func TestStagesRefuse(t *testing.T) {
	specs := []spec.Spec{do("sidecar.ready", nil), do("tracing.identity", nil)}
	for name, c := range map[string]struct {
		config config.Config
		want   string
	}{
		"unknown focus":             {config.Config{Focus: "tracign"}, "did you mean tracing?"},
		"a topic of another stage":  {config.Config{Release: "blog", Focus: "tracing"}, "selects no spec"},
		"an unknown label":          {config.Config{LabelFilter: "coer"}, `"coer" is not known`},
		"a topic the label excepts": {config.Config{Focus: "tracing", LabelFilter: "!tracing"}, "selects no spec"},
	} {
		conductor := &Conductor{Config: c.config.WithDefaults(), Specs: specs}
		profile, err := conductor.Config.ResolveProfile()
		if err != nil {
			t.Fatal(err)
		}
		_, err = conductor.stages(profile, work{up: true, specs: true})
		var usage *config.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a *config.UsageError that says %q", name, err, c.want)
		}
	}
}

func TestChildren(t *testing.T) {
	for want, w := range map[string]work{
		"images": {images: true}, "up": {up: true}, "specs": {specs: true, down: true}, "up specs": {up: true, specs: true},
	} {
		if got := strings.Join(w.children(), " "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPhase(t *testing.T) {
	path := filepath.Join(t.TempDir(), report.RecordsFile)
	records := report.NewWriter(path)
	var out bytes.Buffer
	view := live.Open(live.Options{Out: &out})
	view.FollowReport(path)
	ctx := progress.With(t.Context(), view.Tell)
	if err := phase(ctx, records, "cluster", func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no webhook")
	err := phase(ctx, records, "istio", func(context.Context) error { return broken })
	if !errors.Is(err, broken) || err.Error() != "istio: no webhook" {
		t.Errorf("got %v", err)
	}
	if err := view.Close(); err != nil {
		t.Error(err)
	}
	want := "· cluster\n✓ cluster  N s\n· istio\n✗ istio  N s\n"
	if diff := cmp.Diff(want, regexp.MustCompile(`\d+\.\d s`).ReplaceAllString(out.String(), "N s")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	written, err := report.Read(path)
	if err != nil || len(written) != 2 || written[0].Phase.Error != "" || written[1].Phase.Error != "no webhook" {
		t.Errorf("got %+v, %v", written, err)
	}
	unwritable := report.NewWriter(filepath.Join(path, "no folder"))
	if err := phase(t.Context(), unwritable, "cluster", func(context.Context) error { return nil }); err == nil {
		t.Error("a phase that could not be written down is no error")
	}
}

func TestOneAtATime(t *testing.T) {
	c, _ := conductor(t, "healthy")
	first, err := c.begin(t.Context(), verdict.Profile{Name: "core"}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	status, err := c.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another meshcert is at work") || status != 0 {
		t.Errorf("got %d, %v", status, err)
	}
	if got := folderOf(t, c); got != first.folder {
		t.Errorf("the second run has a folder: %s", got)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
}

// TestLeftover: what cannot be removed stays in the journal, is named, and is
// the exit status, whatever the specs said.
func TestLeftover(t *testing.T) {
	for name, scenario := range map[string]string{"specs passed": "healthy", "a spec failed": "a panic"} {
		t.Run(name, func(t *testing.T) {
			c, out := conductor(t, scenario)
			c.Config.Kubeconfig = ""
			removable := t.TempDir()
			entries := []journal.Entry{{Kind: "mystery", Name: "x"}, {Kind: journal.Folder, Name: removable}}
			j := begun(t, c, entries)
			problem := j.child(t.Context(), Order{Stage: StageSpecs, Config: c.Config, Folder: j.folder, Run: verdict.Stage{Release: "casablanca"}})
			problem = errors.Join(problem, j.clean(t.Context()))
			status, err := j.finish(work{specs: true, down: true}, problem, false)
			if err != nil || status != report.ExitLeftover {
				t.Errorf("got status %d, %v\n%s", status, err, out)
			}
			if !strings.Contains(out.String(), "mystery x") {
				t.Errorf("what is left is not named:\n%s", out)
			}
			left, err := j.journal.Entries()
			if err != nil || len(left) != 1 || left[0].Name != "x" {
				t.Errorf("the journal has %+v, %v", left, err)
			}
			if _, err := os.Stat(removable); err == nil {
				t.Error("after the error nothing more was removed")
			}
		})
	}
}

// begun is a run that has made what the entries name.
func begun(t *testing.T, c *Conductor, made []journal.Entry) *job {
	t.Helper()
	j, err := c.begin(t.Context(), verdict.Profile{Name: "core"}, len(c.Specs), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	for _, e := range made {
		if err := j.journal.Intend(e); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func TestDown(t *testing.T) {
	folder := func(t *testing.T) journal.Entry { return journal.Entry{Kind: journal.Folder, Name: t.TempDir()} }
	for name, c := range map[string]struct {
		made   func(*testing.T) []journal.Entry
		cache  bool
		status int
		left   []string
	}{
		"nothing to do":   {func(*testing.T) []journal.Entry { return nil }, false, 0, []string{"cache"}},
		"everything goes": {func(t *testing.T) []journal.Entry { return []journal.Entry{folder(t), folder(t)} }, false, 0, []string{"cache"}},
		"the cache too":   {func(t *testing.T) []journal.Entry { return []journal.Entry{folder(t)} }, true, 0, nil},
		"something stays": {func(t *testing.T) []journal.Entry { return []journal.Entry{{Kind: "mystery", Name: "x"}, folder(t)} }, true, 4, []string{"cache"}},
	} {
		t.Run(name, func(t *testing.T) {
			conductor, out := conductor(t, "fine")
			conductor.Config.Kubeconfig = ""
			places := conductor.Config.Places
			if err := os.MkdirAll(places.Cache, 0o755); err != nil {
				t.Fatal(err)
			}
			made := c.made(t)
			record := journal.Open(places.State)
			for _, e := range made {
				if err := record.Intend(e); err != nil {
					t.Fatal(err)
				}
			}
			status, err := conductor.Down(t.Context(), c.cache)
			if status != c.status || (err != nil) != (c.status != 0) {
				t.Errorf("got %d, %v; want %d\n%s", status, err, c.status, out)
			}
			for _, e := range made {
				if _, err := os.Stat(e.Name); e.Kind == journal.Folder && err == nil {
					t.Errorf("%s is still there", e.Name)
				}
			}
			if runs, _ := os.ReadDir(places.Runs); len(runs) > 0 {
				t.Errorf("a clean-up left run folder %s", runs[0].Name())
			}
			var left []string
			if _, err := os.Stat(places.Cache); err == nil {
				left = append(left, "cache")
			}
			if diff := cmp.Diff(c.left, left); diff != "" {
				t.Errorf("-want +left:\n%s", diff)
			}
		})
	}
}

// TestNothingWasMade: a run that ends before stage up leaves a real cluster
// alone, and says once why it ended.
func TestNothingWasMade(t *testing.T) {
	for name, c := range map[string]struct {
		lead      func(*Conductor, context.Context) (int, error)
		interrupt bool
		status    int
	}{
		"e2e, unreachable": {(*Conductor).E2E, false, report.ExitInconclusive},
		"up, unreachable":  {(*Conductor).Up, false, report.ExitInconclusive},
		"e2e, interrupted": {(*Conductor).E2E, true, report.ExitInterrupted},
		"up, interrupted":  {(*Conductor).Up, true, report.ExitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			conductor, out := conductor(t, "fine")
			conductor.Specs = scenarios()["healthy"].specs
			conductor.Config.Kubeconfig = unreachable(t)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			if c.interrupt {
				interrupt()
			}
			status, err := c.lead(conductor, ctx)
			if status != c.status {
				t.Errorf("got status %d, %v; want %d\n%s", status, err, c.status, out)
			}
			said := out.String()
			if err != nil {
				said += err.Error()
			}
			if !strings.Contains(said, "check --kubeconfig and --context") {
				t.Errorf("nobody reads what to do:\n%s", said)
			}
			if _, err := os.Stat(filepath.Join(folderOf(t, conductor), "order")); err == nil {
				t.Error("a stage was run on a cluster that was not touched")
			}
		})
	}
}

// unreachable is a kubeconfig whose context "fine" nobody answers at.
func unreachable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	text := `{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}], contexts: [{name: fine, context: {cluster: c}}]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRealClusterIsCleaned: stage down removes what stage up made; what it
// cannot remove is left behind.
func TestRealClusterIsCleaned(t *testing.T) {
	for act, c := range map[string]struct {
		touched bool
		status  int
		stage   string
	}{
		"fine": {true, report.ExitPass, StageDown},
		"says": {true, report.ExitLeftover, ""},
		"dies": {false, report.ExitPass, ""},
	} {
		t.Run(act, func(t *testing.T) {
			conductor, out := conductor(t, act)
			j := begun(t, conductor, nil)
			j.touched = c.touched
			if err := j.records.Append(report.Record{Spec: &report.Spec{ID: "msb.a", Topic: "msb", Verdict: verdict.Pass}}); err != nil {
				t.Fatal(err)
			}
			status, err := j.finish(work{specs: true}, j.clean(t.Context()), false)
			if err != nil || status != c.status {
				t.Errorf("got %d, %v; want %d\n%s", status, err, c.status, out)
			}
			if c.stage != "" && wrote[Order](t, j, "order").Stage != c.stage {
				t.Error("the child was asked for another stage")
			}
			if left := strings.Contains(out.String(), "objects of cluster"); left != (c.status == report.ExitLeftover) {
				t.Errorf("named as left behind: %t\n%s", left, out)
			}
		})
	}
}

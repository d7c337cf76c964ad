package spec_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Ginkgo runs specs once per process, so the test binary runs itself: with this
// variable set it is the process that runs the named suite and writes what it
// saw to the file of the other.
const (
	suiteVariable = "MESHCERT_TEST_SUITE"
	outVariable   = "MESHCERT_TEST_OUT"
	// againVariable names the artifacts of a suite that was run, to be judged again.
	againVariable = "MESHCERT_TEST_AGAIN"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(suiteVariable); name != "" {
		if err := play(name, os.Getenv(outVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// suite is what a child process runs.
type suite struct {
	specs []spec.Spec
	ideal bool
	// ours allows disruptive specs.
	ours bool
	// watch logs what is told of the specs while they run.
	watch bool
}

// told is what a child process saw of one spec.
type told struct {
	ID       string
	Verdict  verdict.Verdict
	Findings []verdict.Finding
	Notes    []string
	Ready    string
	Figures  []evidence.Figure
	Seconds  float64
}

// seen is all that a child process saw.
type seen struct {
	Passed bool
	Told   []told
	// Log is what was kept, dumped and cleaned up, in order.
	Log []string
}

func (s *seen) log(format string, args ...any) { s.Log = append(s.Log, fmt.Sprintf(format, args...)) }

// play runs the named suite and writes what it saw to the file out.
func play(name, out string) error {
	record := &seen{}
	s := suites(record)[name]
	artifacts := cmp.Or(os.Getenv(againVariable), filepath.Join(filepath.Dir(out), "artifacts"))
	env := &spec.Env{
		Release: &catalogue.Release{Gaps: []verdict.KnownGap{
			{ID: "known", Spec: "gap.known", Kind: "broken", Object: "Deployment onap/a", Text: "a is broken"},
			{ID: "gone", Spec: "gap.gone", Kind: "broken", Text: "a is broken"},
		}},
		Ideal:      s.ideal,
		MayDisrupt: s.ours,
		Replay:     os.Getenv(againVariable) != "",
		Store:      func(id string) *store.Store { return store.Open(filepath.Join(artifacts, id)) },
		Dump: func(ctx context.Context, id string, objects []string) {
			record.log("dump %s %v, cancelled %t", id, objects, ctx.Err() != nil)
		},
	}
	if s.watch {
		env.Progress = record.watch
	}
	record.Passed = spec.Run("test", spec.Cases(s.specs, env), func(r spec.Result) {
		if r.Started.IsZero() && r.Verdict != verdict.Skip {
			record.log("spec %s has no start", r.Spec.ID)
		}
		record.Told = append(record.Told, told{r.Spec.ID, r.Verdict, r.Findings, r.Notes, r.Ready, r.Figures, r.Duration.Seconds()})
	})
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o600)
}

// broken is a failing finding about an object.
func broken(object string) verdict.Finding {
	return verdict.Finding{Kind: "broken", Verdict: verdict.Fail, Summary: object + " is broken", Object: object, Want: "whole", Got: "broken"}
}

// numbers is a look whose judge is shown 0, 1, 2 … and says what it thinks of each.
func numbers(steady int, judge func(int) []verdict.Finding) spec.Look[int] {
	n := -1
	return spec.Look[int]{
		Name: "number", Limit: 700 * time.Millisecond, Steady: steady,
		Observe: func(context.Context) (int, error) { n++; return n, nil },
		Judge:   judge,
	}
}

func suites(record *seen) map[string]suite {
	gaps := []spec.Spec{
		test("gap.known", func(_ context.Context, env *spec.Env) { env.Report(broken("Deployment onap/a")) }),
		test("gap.gone", func(_ context.Context, env *spec.Env) { env.Report(); env.Report() }),
	}
	return map[string]suite{
		"every end": {specs: everyEnd(record)},
		"looks":     {specs: looks()},
		"gaps":      {specs: gaps},
		"ideal":     {specs: gaps, ideal: true},
		"ours":      {specs: disruptive(record), ours: true},
		"not ours":  {specs: disruptive(record)},
		"cut":       {specs: cut(record)},
		"watched":   {specs: watched(record), watch: true},
		"interrupt": {specs: []spec.Spec{
			test("stop.first", func(ctx context.Context, env *spec.Env) {
				env.Report(verdict.Finding{Kind: "extra", Verdict: verdict.Pass})
				record.log("signal: %v", syscall.Kill(os.Getpid(), syscall.SIGINT))
				<-ctx.Done()
			}),
			test("stop.second", func(_ context.Context, env *spec.Env) { env.Report() }),
		}},
	}
}

// child runs the suite in a process of its own, and returns also where its
// artifacts are. With artifacts it judges those again.
func child(t *testing.T, name, again string) (s seen, artifacts string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := filepath.Join(t.TempDir(), "seen.json")
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), suiteVariable+"="+name, outVariable+"="+out, againVariable+"="+again)
	var console bytes.Buffer
	cmd.Stdout, cmd.Stderr = &console, &console
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, console.String())
	}
	return readSeen(t, out), filepath.Join(filepath.Dir(out), "artifacts")
}

// readSeen reads what a child process saw.
func readSeen(t *testing.T, path string) (s seen) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// judgedAgain demands that the suite says the same of what it kept, without
// doing anything.
func judgedAgain(t *testing.T, name string, live seen, artifacts string) {
	t.Helper()
	again, _ := child(t, name, artifacts)
	if len(again.Log) > 0 {
		t.Errorf("judging again did %q", again.Log)
	}
	timeless := gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".Seconds" }, gocmp.Ignore())
	if diff := gocmp.Diff(live.Told, again.Told[:len(live.Told)], timeless); diff != "" {
		t.Errorf("judged again, -live +again:\n%s", diff)
	}
}

// end is how a spec must have ended.
type end struct {
	id      string
	verdict verdict.Verdict
	// kinds are those of the findings, in order.
	kinds string
	// text is a part of what the findings and notes say.
	text string
}

func check(t *testing.T, s seen, want []end) {
	t.Helper()
	if len(s.Told) != len(want) {
		t.Fatalf("%d specs told how they ended, want %d: %+v", len(s.Told), len(want), s.Told)
	}
	for i, w := range want {
		got := s.Told[i]
		var kinds []string
		for _, f := range got.Findings {
			kinds = append(kinds, string(f.Kind))
		}
		if got.ID != w.id || got.Verdict != w.verdict || strings.Join(kinds, " ") != w.kinds {
			t.Errorf("got %s, %s, %q; want %s, %s, %q", got.ID, got.Verdict, strings.Join(kinds, " "), w.id, w.verdict, w.kinds)
		}
		if all := fmt.Sprintf("%+v", got); !strings.Contains(all, w.text) {
			t.Errorf("%s: %q is not in %s", w.id, w.text, all)
		}
	}
}

func TestEveryEnd(t *testing.T) {
	s, _ := child(t, "every end", "")
	if s.Passed {
		t.Error("Ginkgo saw everything pass")
	}
	check(t, s, []end{
		{"end.pass", verdict.Pass, "extra", "Notes:[ratio of a could not be worked out: it is +Inf share of b could not be worked out: it is NaN 3 things] Ready:2/3 Figures:[{Name:p50 Object:a Value:1.5 Unit:ms} {Name:requests Object:a Value:3 Unit:}]"},
		{"end.fail", verdict.Fail, "broken broken broken extra", "Deployment onap/a is broken"},
		{"end.precondition", verdict.Inconclusive, "precondition", "asking the server failed, so nothing was judged"},
		{"end.nothing-judged", verdict.Inconclusive, "nothing-judged", ""},
		{"end.assertion", verdict.Fail, "assertion", "to equal"},
		{"end.assertion-after-pass", verdict.Fail, "assertion", "to be empty"},
		{"end.panic", verdict.Fail, "assertion", "no such thing"},
		{"end.skip", verdict.Skip, "", "Notes:[seen so far the release has no such path]"},
		{"end.timeout", verdict.Inconclusive, "interrupted", "timedout"},
		{"end.unkept", verdict.Pass, "", "un/kept was not kept: evidence name"},
		{"end.cleanup-fails", verdict.Fail, "assertion", "it is still there"},
		{"end.last", verdict.Pass, "", "Notes:[] Ready: Figures:[] "},
	})
	want := []string{
		"dump end.fail [Deployment onap/a Deployment onap/b], cancelled false",
		"cleanup end.fail",
		"dump end.precondition [Service onap/b], cancelled false",
	}
	if diff := gocmp.Diff(want, s.Log); diff != "" {
		t.Errorf("what was kept, dumped and cleaned up, -want +got:\n%s", diff)
	}
}

func TestLooks(t *testing.T) {
	s, artifacts := child(t, "looks", "")
	check(t, s, []end{
		{"look.at-once", verdict.Pass, "", "settled on 0"},
		{"look.settles", verdict.Pass, "", "settled on 2"},
		{"look.grows", verdict.Pass, "", "s, waited for 30s at most settled on 3]"},
		{"look.stays-wrong", verdict.Fail, "broken", ""},
		{"look.unsteady", verdict.Inconclusive, "unsteady", "100 good looks in a row"},
		{"look.late", verdict.Fail, "broken", "s, waited for 700ms at most]"},
		{"look.blind", verdict.Inconclusive, "no-evidence", "connection refused"},
		{"look.refused", verdict.Inconclusive, "no-evidence", "looking again will not help"},
		{"look.enough", verdict.Fail, "broken", ""},
		{"look.out-of-time", verdict.Fail, "broken interrupted", "timedout"},
	})
	for id, want := range map[string]string{
		"look.settles": `{ "evidence": 2 }`,
		"look.blind":   `{ "absence": "transient", "error": "connection refused", "evidence": 0 }`,
		"look.refused": `{ "absence": "final", "error": "forbidden", "evidence": 0 }`,
	} {
		if text, err := os.ReadFile(filepath.Join(artifacts, id, "number.json")); err != nil || strings.Join(strings.Fields(string(text)), " ") != want {
			t.Errorf("kept of %s: %s, %v; want %s", id, text, err, want)
		}
	}
	if got := s.Told[7].Seconds; got > 10 {
		t.Errorf("a look went on for %.1f s after an error that is final", got)
	}
	if got := s.Told[8].Seconds; got < 4 || got > 15 {
		t.Errorf("a look that had found what was waited for took %.1f s", got)
	}
	if got := s.Told[9].Seconds; got > 5 {
		t.Errorf("a spec with 700 ms took %.1f s", got)
	}
	// What ran out of time is not judged again.
	s.Told = s.Told[:9]
	judgedAgain(t, "looks", s, artifacts)
}

func TestGaps(t *testing.T) {
	s, artifacts := child(t, "gaps", "")
	check(t, s, []end{
		{"gap.known", verdict.Pass, "broken", "Gap:known"},
		{"gap.gone", verdict.Pass, "gap-gone", "a known gap is gone: a is broken"},
	})
	if !s.Passed || len(s.Log) > 0 {
		t.Errorf("passed %t, and %q", s.Passed, s.Log)
	}
	judgedAgain(t, "gaps", s, artifacts)
	s, artifacts = child(t, "ideal", "")
	check(t, s, []end{
		{"gap.known", verdict.Fail, "broken", "Gap:known"},
		{"gap.gone", verdict.Pass, "gap-gone", ""},
	})
	judgedAgain(t, "ideal", s, artifacts)
}

func TestInterrupt(t *testing.T) {
	s, _ := child(t, "interrupt", "")
	if s.Passed {
		t.Error("Ginkgo saw everything pass")
	}
	check(t, s, []end{
		{"stop.first", verdict.Inconclusive, "extra interrupted", "interrupted"},
		{"stop.second", verdict.Skip, "", "the run ended before the spec began"},
	})
}

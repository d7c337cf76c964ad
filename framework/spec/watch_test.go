package spec_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// watch logs what is told, without times.
func (s *seen) watch(e progress.Event) {
	switch {
	case e.Time.IsZero():
		s.log("an event has no time")
	case e.Spec != nil:
		s.log("spec %s, %d of %d", e.Spec.ID, e.Spec.Number, e.Spec.Of)
	case e.Wait.Over:
		s.log("  over: %s", e.Wait.What)
	default:
		s.log("  %s, %g s: %s", e.Wait.What, e.Wait.LimitSeconds, e.Wait.Seen)
	}
}

// watched are specs that somebody watches.
func watched(record *seen) []spec.Spec {
	pods := func(steady int) spec.Look[int] {
		l := numbers(steady, func(n int) []verdict.Finding {
			if n < 3 {
				return []verdict.Finding{{Kind: "note", Verdict: verdict.Pass, Summary: "a note"}, broken([]string{"", "Deployment onap/a", "Deployment\nonap/b"}[n])}
			}
			return nil
		})
		observe := l.Observe
		l.Observe = func(ctx context.Context) (int, error) {
			n, err := observe(ctx)
			if n == 0 {
				err = evidence.Absent(evidence.Transient, errors.New("connection refused"))
			}
			return n, errors.Join(err, kube.Until(ctx, "a server", time.Second, func(context.Context) error { return nil }))
		}
		l.Name, l.Source, l.Limit = "pods", "the API server", 30*time.Second
		return l
	}
	return []spec.Spec{
		test("watch.slow", func(ctx context.Context, env *spec.Env) {
			spec.Step[int]{Name: "sent", What: "sending", Source: "Service onap/a", Do: func(context.Context) (int, error) { return 1, nil }}.Take(ctx, env)
			pods(2).Settle(ctx, env)
		}),
		test("watch.red", func(ctx context.Context, env *spec.Env) {
			// Ginkgo's own progress report: it goes to the console.
			l := numbers(1, func(int) []verdict.Finding { return []verdict.Finding{broken("Deployment onap/a")} })
			observe := l.Observe
			l.Observe = func(ctx context.Context) (int, error) {
				n, err := observe(ctx)
				if n == 1 {
					record.log("  signal: %v", syscall.Kill(os.Getpid(), syscall.SIGUSR1))
				}
				if n == 8 {
					err = evidence.Absent(evidence.Final, errors.New("the counter is gone"))
				}
				return n, err
			}
			l.Source, l.Limit = "a counter", time.Minute
			l.Settle(ctx, env)
		}),
	}
}

// TestWatched: who watches sees what is looked at, and what was seen last when
// it is something else than before.
func TestWatched(t *testing.T) {
	out := filepath.Join(t.TempDir(), "seen.json")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), suiteVariable+"=watched", outVariable+"="+out)
	console, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, console)
	}
	want := []string{
		"spec watch.slow, 1 of 2",
		"  sending from Service onap/a, 0 s: ",
		"  over: sending from Service onap/a",
		"  pods from the API server, 30 s: ",
		"  a server, 1 s: ", "  over: a server",
		"  pods from the API server, 30 s: connection refused",
		"  a server, 1 s: ", "  over: a server",
		"  pods from the API server, 30 s: Deployment onap/a is broken",
		"  a server, 1 s: ", "  over: a server",
		"  pods from the API server, 30 s: Deployment onap/b is broken",
		"  a server, 1 s: ", "  over: a server",
		"  pods from the API server, 30 s: what it should; looking until it stays so for 2 looks",
		"  a server, 1 s: ", "  over: a server",
		"  over: pods from the API server",
		"spec watch.red, 2 of 2",
		"  number from a counter, 60 s: ",
		"  number from a counter, 60 s: Deployment onap/a is broken",
		"  signal: <nil>",
		"  number from a counter, 60 s: the counter is gone",
		"  over: number from a counter",
		"  what a person wants to see of the failure, 0 s: ",
		"dump watch.red [a counter], cancelled false",
		"  over: what a person wants to see of the failure",
	}
	s := readSeen(t, out)
	if diff := gocmp.Diff(want, s.Log); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// The report that the signal asked for, and the timeline of the failure.
	for _, part := range []string{
		`Additional Progress Reports >>\s+number from a counter: \d+ s of 1 min, last saw: Deployment onap/a is broken`,
		`waited for number from a counter: \d+ s of 1 min, last saw: the counter is gone`,
	} {
		if !regexp.MustCompile(part).Match(console) {
			t.Errorf("%s is not on Ginkgo's console:\n%s", part, console)
		}
	}
}

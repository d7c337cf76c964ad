package spec_test

import (
	"context"
	"os"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// disruptive has a spec that disrupts, and one that does not.
func disruptive(record *seen) []spec.Spec {
	disrupts := test("policy.changed", func(_ context.Context, env *spec.Env) {
		if !env.Replay {
			record.log("disrupted")
		}
		env.Report()
	})
	disrupts.Disruptive = true
	return []spec.Spec{disrupts, test("policy.seen", func(_ context.Context, env *spec.Env) { env.Report() })}
}

// cut is interrupted and fails then; it has something to clean up.
func cut(record *seen) []spec.Spec {
	return []spec.Spec{test("cut.first", func(ctx context.Context, env *spec.Env) {
		env.Cleanup(func(ctx context.Context) error { record.log("cleanup, cancelled %t", ctx.Err() != nil); return nil })
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			record.log("signal: %v", err)
		}
		<-ctx.Done()
		env.Report(broken("Deployment onap/a"))
	})}
}

// TestCleanupComesFirst: an interrupted spec cleans up at once, and collects nothing.
func TestCleanupComesFirst(t *testing.T) {
	s, _ := child(t, "cut", "")
	check(t, s, []end{{"cut.first", verdict.Fail, "broken interrupted", "interrupted"}})
	if diff := gocmp.Diff([]string{"cleanup, cancelled false"}, s.Log); diff != "" {
		t.Errorf("what was done, -want +got:\n%s", diff)
	}
}

// TestDisruptive: what disrupts is skipped where it is not allowed, also when the
// run is judged again on a machine that would allow it.
func TestDisruptive(t *testing.T) {
	s, artifacts := child(t, "not ours", "")
	check(t, s, []end{
		{"policy.changed", verdict.Skip, "", "allow it with --allow-disruptive"},
		{"policy.seen", verdict.Pass, "", ""},
	})
	if len(s.Log) > 0 {
		t.Errorf("a skipped spec did %q", s.Log)
	}
	judgedAgain(t, "ours", s, artifacts)
	s, artifacts = child(t, "ours", "")
	check(t, s, []end{{"policy.changed", verdict.Pass, "", ""}, {"policy.seen", verdict.Pass, "", ""}})
	if diff := gocmp.Diff([]string{"disrupted"}, s.Log); diff != "" {
		t.Error(diff)
	}
	judgedAgain(t, "not ours", s, artifacts)
}

package spec_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/gomega"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

func test(id string, run func(context.Context, *spec.Env)) spec.Spec {
	s := whole(id, spec.Core)
	s.Run = run
	return s
}

// everyEnd has a spec for each way a spec can end.
func everyEnd(record *seen) []spec.Spec {
	all := []spec.Spec{
		test("end.pass", func(_ context.Context, env *spec.Env) {
			env.Counted(2, 3)
			none := 0.0
			env.Figures(evidence.Figure{Name: "p50", Object: "a", Value: 1.5, Unit: "ms"}, evidence.Figure{Name: "ratio", Object: "a", Value: 1 / none})
			env.Figures(evidence.Figure{Name: "share", Object: "b", Value: none / none}, evidence.Figure{Name: "requests", Object: "a", Value: 3})
			env.Note("%d things", 3)
			env.Keep("things", 3)
			env.Report(verdict.Finding{Kind: "extra", Verdict: verdict.Pass, Summary: "one more than known"})
		}),
		test("end.fail", func(_ context.Context, env *spec.Env) {
			env.Cleanup(func(context.Context) error { record.log("cleanup end.fail"); return nil })
			note := verdict.Finding{Kind: "extra", Verdict: verdict.Pass, Object: "Deployment onap/c"}
			env.Report(note, broken("Deployment onap/b"), broken("Deployment onap/a"), broken("Deployment onap/b"))
			record.log("end.fail went on")
		}),
		test("end.precondition", func(ctx context.Context, env *spec.Env) {
			n := spec.Step[int]{Name: "count", What: "counting", Source: "the test", Do: func(context.Context) (int, error) { return 4, nil }}.Take(ctx, env)
			spec.Step[int]{
				Name: "asked", What: "asking the server", Source: "Service onap/b",
				Do: func(context.Context) (int, error) { return 0, fmt.Errorf("refused %d times", n) },
			}.Take(ctx, env)
			record.log("end.precondition went on")
		}),
		test("end.nothing-judged", func(context.Context, *spec.Env) {}),
		test("end.assertion", func(context.Context, *spec.Env) { gomega.Expect(1).To(gomega.Equal(2)) }),
		test("end.assertion-after-pass", func(_ context.Context, env *spec.Env) {
			env.Report()
			gomega.Expect("a").To(gomega.BeEmpty())
		}),
		test("end.panic", func(_ context.Context, env *spec.Env) {
			env.Report()
			panic("no such thing")
		}),
		test("end.skip", func(_ context.Context, env *spec.Env) {
			env.Note("seen so far")
			env.Skip("the release has no such path")
			record.log("end.skip went on")
		}),
		test("end.timeout", func(ctx context.Context, env *spec.Env) {
			env.Report()
			<-ctx.Done()
		}),
		test("end.unkept", func(_ context.Context, env *spec.Env) {
			env.Keep("un/kept", 1)
			env.Report()
		}),
		test("end.cleanup-fails", func(_ context.Context, env *spec.Env) {
			env.Cleanup(func(context.Context) error { return errors.New("it is still there") })
			env.Report()
		}),
		test("end.last", func(_ context.Context, env *spec.Env) { env.Report() }),
	}
	for i := range all {
		if all[i].ID == "end.timeout" {
			all[i].Limit = 200 * time.Millisecond
		}
	}
	return all
}

// looks has a spec for each way a look can go.
func looks() []spec.Spec {
	settle := func(id string, look func() spec.Look[int]) spec.Spec {
		return test(id, func(ctx context.Context, env *spec.Env) {
			l := look()
			env.Note("settled on %d", l.Settle(ctx, env))
		})
	}
	untilTwo := func(n int) []verdict.Finding {
		if n < 2 {
			return []verdict.Finding{broken("Deployment onap/a")}
		}
		return nil
	}
	good := func(int) []verdict.Finding { return nil }
	bad := func(int) []verdict.Finding { return untilTwo(0) }
	slow := settle("look.out-of-time", func() spec.Look[int] {
		l := numbers(1, bad)
		l.Limit = time.Minute
		return l
	})
	slow.Limit = 700 * time.Millisecond
	return []spec.Spec{
		settle("look.at-once", func() spec.Look[int] { return numbers(1, good) }),
		settle("look.settles", func() spec.Look[int] {
			l := numbers(1, untilTwo)
			l.Limit = 30 * time.Second
			return l
		}),
		settle("look.grows", func() spec.Look[int] {
			l := numbers(2, untilTwo)
			l.Limit = 30 * time.Second
			return l
		}),
		settle("look.stays-wrong", func() spec.Look[int] { return numbers(1, bad) }),
		settle("look.unsteady", func() spec.Look[int] { return numbers(100, good) }),
		settle("look.late", func() spec.Look[int] { return numbers(2, bad) }),
		settle("look.blind", func() spec.Look[int] {
			l := numbers(1, untilTwo)
			l.Observe = func(context.Context) (int, error) { return 0, errors.New("connection refused") }
			return l
		}),
		settle("look.refused", func() spec.Look[int] {
			l := numbers(1, untilTwo)
			l.Limit = 30 * time.Second
			l.Observe = func(context.Context) (int, error) { return 0, evidence.Absent(evidence.Final, errors.New("forbidden")) }
			return l
		}),
		test("look.enough", func(ctx context.Context, env *spec.Env) {
			env.Enough = func(id string, findings []verdict.Finding) bool {
				return id == "look.enough" && len(findings) > 0 && findings[0].Kind == "broken"
			}
			defer func() { env.Enough = nil }()
			l := numbers(1, bad)
			l.Limit = time.Minute
			l.Settle(ctx, env)
		}),
		slow,
	}
}

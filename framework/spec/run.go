package spec

import (
	"cmp"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/onap/meshcert/framework/verdict"
)

// Result is what one spec said, as Ginkgo saw it end and as its judges found.
type Result struct {
	Spec     Spec
	Verdict  verdict.Verdict
	Findings []verdict.Finding
	Notes    []string
	// Ready is the READY count of the sidecar spec: "29/29".
	Ready    string
	Started  time.Time
	Duration time.Duration
}

// Run hands the specs to Ginkgo, in order and in this process, and calls done
// after each. It can be called once per process: Ginkgo owns signals from here
// on. Ginkgo's own console text goes to the process' standard output. The
// return value is Ginkgo's opinion; verdicts come from done.
func Run(name string, specs []Spec, env *Env, done func(Result)) bool {
	gomega.RegisterFailHandler(ginkgo.Fail)
	// Ordered keeps the order of the list, which begins with what everything
	// stands on; specs depend on each other in nothing else.
	ginkgo.Describe(name, ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		for _, s := range specs {
			ginkgo.It(s.ID, ginkgo.Label(s.LabelNames()...), ginkgo.SpecTimeout(s.limit()), func(ctx ginkgo.SpecContext) {
				env.begin(ctx, s)
				s.Run(ctx, env)
			})
		}
	})
	byID := map[string]Spec{}
	for _, s := range specs {
		byID[s.ID] = s
	}
	ginkgo.ReportAfterEach(func(report ginkgo.SpecReport) {
		done(env.result(byID[report.LeafNodeText], report))
	})
	suite, reporter := ginkgo.GinkgoConfiguration()
	reporter.Succinct, reporter.NoColor, reporter.SilenceSkips = true, true, true
	return ginkgo.RunSpecs(&tester{}, name, suite, reporter)
}

// tester is what RunSpecs tells about a failure; verdicts are taken from the
// results instead, and the return value is kept for the cross-check.
type tester struct{}

func (*tester) Fail() {}

// result joins what the judges reported with how Ginkgo saw the spec end.
func (env *Env) result(s Spec, report types.SpecReport) Result {
	r := Result{Spec: s, Findings: env.findings, Notes: env.notes, Ready: env.ready, Started: report.StartTime, Duration: report.RunTime}
	if env.spec.ID != s.ID {
		r.Findings, r.Notes, r.Ready = nil, nil, ""
	}
	r.Verdict = verdict.Of(r.Findings)
	switch report.State {
	case types.SpecStatePassed:
		r.Findings = append(r.Findings, verdict.Gone(s.ID, r.Findings, env.Release.Gaps)...)
		if env.judged == 0 {
			r.add("nothing-judged", verdict.Inconclusive, "the spec ended without judging anything", "")
		}
	case types.SpecStateSkipped, types.SpecStatePending:
		r.Verdict = verdict.Skip
		r.Notes = append(r.Notes, cmp.Or(report.FailureMessage(), "the run ended before the spec began"))
	case types.SpecStateTimedout, types.SpecStateInterrupted, types.SpecStateAborted:
		r.add("interrupted", verdict.Inconclusive, fmt.Sprintf("the spec was ended from outside (%s)", report.State), report.FailureMessage())
	default:
		if r.Verdict == verdict.Pass || len(r.Findings) == 0 {
			r.add("assertion", verdict.Fail, "an assertion without a diagnosis failed", report.FailureMessage()+report.Failure.ForwardedPanic)
		}
	}
	return r
}

func (r *Result) add(kind verdict.Kind, v verdict.Verdict, summary, got string) {
	r.Findings = append(r.Findings, verdict.Finding{Kind: kind, Verdict: v, Summary: summary, Got: got})
	r.Verdict = verdict.Of(r.Findings)
}

package spec

import (
	"cmp"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/verdict"
)

// Case is one spec on one environment.
type Case struct {
	Spec
	*Env
	// Fault is the id of the fault that was put into the environment's evidence;
	// a spec may be run once with each.
	Fault string
}

// Cases are the specs on one environment.
func Cases(specs []Spec, env *Env) []Case {
	var cases []Case
	for _, s := range specs {
		cases = append(cases, Case{Spec: s, Env: env})
	}
	return cases
}

// text is the case's name for Ginkgo, unique in a run.
func (c Case) text() string {
	if c.Fault == "" {
		return c.ID
	}
	return c.ID + " with " + c.Fault
}

// Result is what one spec said, as Ginkgo saw it end and as its judges found.
type Result struct {
	Spec     Spec
	Fault    string
	Verdict  verdict.Verdict
	Findings []verdict.Finding
	Notes    []string
	// Ready is the READY count of the sidecar spec: "29/29".
	Ready string
	// Headers is the table of the header survey.
	Headers *evidence.HeaderSurvey
	// Figures is what was measured, in the order of the spec.
	Figures  []evidence.Figure
	Started  time.Time
	Duration time.Duration
	// Interrupted tells that the spec was ended from outside, or never began.
	Interrupted bool
}

// Run hands the cases to Ginkgo, in order and in this process, and calls done
// after each. It can be called once per process: Ginkgo owns signals from here
// on. Ginkgo's own console text goes to the process' standard output. The
// return value is Ginkgo's opinion; verdicts come from done.
func Run(name string, cases []Case, done func(Result)) bool {
	gomega.RegisterFailHandler(ginkgo.Fail)
	// Ordered keeps the order of the list, which begins with what everything
	// stands on; specs depend on each other in nothing else.
	ginkgo.Describe(name, ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		for i, c := range cases {
			ginkgo.It(c.text(), ginkgo.Label(c.LabelNames()...), ginkgo.SpecTimeout(c.limit()), func(ctx ginkgo.SpecContext) {
				c.do(ctx, i+1, len(cases))
			})
		}
	})
	byText := map[string]Case{}
	for _, c := range cases {
		byText[c.text()] = c
	}
	ginkgo.ReportAfterEach(func(report ginkgo.SpecReport) {
		done(byText[report.LeafNodeText].result(report))
	})
	suite, reporter := ginkgo.GinkgoConfiguration()
	reporter.Succinct, reporter.NoColor, reporter.SilenceSkips = true, true, true
	return ginkgo.RunSpecs(&tester{}, name, suite, reporter)
}

// do runs the case, which is number of so many.
func (c Case) do(ctx ginkgo.SpecContext, number, of int) {
	watched, stop := c.watched(ctx)
	defer stop()
	began := &progress.Spec{ID: c.ID, Fault: c.Fault, Number: number, Of: of}
	if c.Release != nil {
		began.Release = c.Release.Name
	}
	progress.Tell(watched, progress.Event{Spec: began})
	c.begin(watched, c.Spec)
	if c.Disruptive {
		c.askedFirst(watched)
	}
	c.Run(watched, c.Env)
}

// tester is what RunSpecs tells about a failure; verdicts are taken from the
// results instead, and the return value is kept for the cross-check.
type tester struct{}

func (*tester) Fail() {}

// result joins what the judges reported with how Ginkgo saw the spec end.
func (c Case) result(report types.SpecReport) Result {
	env := c.Env
	r := Result{Spec: c.Spec, Fault: c.Fault, Started: report.StartTime, Duration: report.RunTime}
	if env.spec.ID == c.ID {
		r.Findings, r.Notes = env.findings, env.notes
		r.Ready, r.Headers, r.Figures = env.ready, env.headers, env.figures
	}
	r.Verdict = verdict.Of(r.Findings)
	switch report.State {
	case types.SpecStatePassed:
		r.Findings = append(r.Findings, verdict.Gone(c.ID, r.Findings, env.Release.Gaps)...)
		if env.NoteUnused {
			r.Findings = append(r.Findings, verdict.Unused(c.ID, r.Findings, env.Waivers)...)
		}
		if env.judged == 0 {
			r.add("nothing-judged", verdict.Inconclusive, "the spec ended without judging anything", "no judgement",
				"this is a mistake in the spec: please report it")
		}
	case types.SpecStateSkipped, types.SpecStatePending:
		r.Verdict, r.Interrupted = verdict.Skip, report.FailureMessage() == ""
		r.Notes = append(r.Notes, cmp.Or(report.FailureMessage(), "the run ended before the spec began"))
	case types.SpecStateTimedout, types.SpecStateInterrupted, types.SpecStateAborted:
		r.Interrupted = true
		r.add("interrupted", verdict.Inconclusive, fmt.Sprintf("the spec was ended from outside (%s)", report.State),
			cmp.Or(report.FailureMessage(), report.State.String()), "run it again, on a quieter machine if it ran out of time")
	default:
		if r.Verdict == verdict.Pass || len(r.Findings) == 0 {
			r.add("assertion", verdict.Fail, "an assertion without a diagnosis failed",
				report.FailureMessage()+report.Failure.ForwardedPanic, "this is a mistake in the spec or its judge: please report it with the run's folder")
		}
	}
	return r
}

// add adds what only Ginkgo knows.
func (r *Result) add(kind verdict.Kind, v verdict.Verdict, summary, got, next string) {
	r.Findings = append(r.Findings, verdict.Finding{
		Kind: kind, Verdict: v, Summary: summary,
		Object: "spec " + r.Spec.ID, Want: r.Spec.Proves, Got: got, Where: "the spec itself",
		Why: "what the spec is to prove was not judged to its end", Next: next,
	})
	r.Verdict = verdict.Of(r.Findings)
}

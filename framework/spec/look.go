package spec

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/gomega"

	"github.com/onap/meshcert/framework/verdict"
)

// Look is an observation that is repeated until a judge is content.
type Look[E any] struct {
	// Name names the evidence in the spec's artifacts: "pods", "trace".
	Name string
	// Limit bounds the repetition; zero means DefaultLook.
	Limit time.Duration
	// Steady is how many looks in a row must please the judge, half a second
	// apart; zero means one. More than one guards against evidence that is still growing.
	Steady int
	// Observe looks once. An error means that there is no evidence, not that something is wrong.
	Observe func(context.Context) (E, error)
	// Judge is a pure function.
	Judge func(E) []verdict.Finding
}

// DefaultLook is how long a look is repeated that says nothing.
const DefaultLook = 30 * time.Second

const interval = 500 * time.Millisecond

// Settle looks until the judge has nothing against what it sees (known gaps
// aside), or the limit passes. The last evidence is kept and the last findings
// are reported: a failing or inconclusive one ends the spec. Evidence that did
// not stay good for as long as Steady demands is inconclusive.
func (l Look[E]) Settle(ctx context.Context, env *Env) E {
	limit := l.Limit
	if limit == 0 {
		limit = DefaultLook
	}
	var seen E
	var findings []verdict.Finding
	waiting := gomega.NewGomega(func(string, ...int) {})
	settled := waiting.Eventually(ctx, func(ctx context.Context) verdict.Verdict {
		seen, findings = l.once(ctx)
		return verdict.Of(env.excuse(findings))
	}).WithTimeout(limit).WithPolling(interval).MustPassRepeatedly(max(1, l.Steady)).Should(gomega.Equal(verdict.Pass))
	if !settled && verdict.Of(env.excuse(findings)) == verdict.Pass {
		findings = append(findings, l.unsteady(limit))
	}
	env.Keep(l.Name, seen)
	env.Report(findings...)
	return seen
}

func (l Look[E]) unsteady(limit time.Duration) verdict.Finding {
	return verdict.Finding{
		Kind: "unsteady", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the %s did not stay as they should be", l.Name),
		Want:    fmt.Sprintf("%d good looks in a row within %s", max(1, l.Steady), limit),
		Got:     "fewer; the last one was good",
		Next:    "run it again on a quieter machine; if it stays, see what changes between two looks",
	}
}

func (l Look[E]) once(ctx context.Context) (E, []verdict.Finding) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	seen, err := l.Observe(ctx)
	if err != nil {
		return seen, []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: fmt.Sprintf("the %s could not be observed", l.Name),
			Want:    "an answer to judge",
			Got:     err.Error(),
			Next:    "see that the server that was asked is up; nothing was judged",
		}}
	}
	return seen, l.Judge(seen)
}

// Must ends the spec as inconclusive when a step that only prepares evidence
// has failed.
func Must[T any](env *Env, what string, value T, err error) T {
	if err != nil {
		env.Report(verdict.Finding{
			Kind: "precondition", Verdict: verdict.Inconclusive,
			Summary: what + " failed, so nothing was judged",
			Got:     err.Error(),
			Next:    "mend the environment (meshcert doctor) and run again",
		})
	}
	return value
}

package spec

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/gomega"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/verdict"
)

// Look is an observation that is repeated until a judge is content.
type Look[E any] struct {
	// Name names the evidence in the spec's artifacts: "pods", "trace".
	Name string
	// Source is who has to answer, as Kubernetes names it:
	// "Deployment istio-system/jaeger".
	Source string
	// Limit bounds the repetition; zero means DefaultLook.
	Limit time.Duration
	// Steady is how many looks in a row must please the judge, half a second
	// apart; zero means one. More than one guards against evidence that is still growing.
	Steady int
	// Observe looks once. An error means that there is no evidence, not that
	// something is wrong; one that is evidence.Final ends the looking.
	Observe func(context.Context) (E, error)
	// Judge is a pure function.
	Judge func(E) []verdict.Finding
}

// DefaultLook is how long a look is repeated that says nothing.
const DefaultLook = 30 * time.Second

const interval = 500 * time.Millisecond

// Settle looks until the judge has nothing against what it sees (known gaps
// aside), or the limit passes. The last evidence is kept and judged: a failing
// or inconclusive finding ends the spec. Evidence that did not stay good for as
// long as Steady demands is inconclusive.
func (l Look[E]) Settle(ctx context.Context, env *Env) E {
	seen := remember(env, l.Name, func() kept[E] { return l.watch(ctx, env) })
	findings := l.findings(seen)
	l.noteWait(env, seen.Took, verdict.Of(env.excuse(findings)) == verdict.Pass)
	if seen.Unsteady && verdict.Of(env.excuse(findings)) == verdict.Pass {
		findings = append(findings, l.unsteady(l.limit()))
	}
	env.Report(findings...)
	return seen.Evidence
}

// grows tells whether more of the evidence may come after the first of it did.
func (l Look[E]) grows() bool { return l.Steady > 1 }

// noteWait says in the report how long evidence that grows was waited for.
func (l Look[E]) noteWait(env *Env, took time.Duration, good bool) {
	switch took = took.Round(100 * time.Millisecond); {
	case !l.grows():
	case good:
		env.Note("%s: good after %s, waited for %s at most", l.Name, took, l.limit())
	default:
		env.Note("%s: not good after %s, waited for %s at most", l.Name, took, l.limit())
	}
}

// watch looks again and again, and returns the last look.
func (l Look[E]) watch(ctx context.Context, env *Env) kept[E] {
	var seen kept[E]
	last := verdict.Inconclusive
	var enough, good time.Time
	started := time.Now()
	shown := progress.Begin(ctx, from(l.Name, l.Source), l.limit())
	defer shown.End()
	waiting := gomega.NewGomega(func(string, ...int) {})
	settled := waiting.Eventually(ctx, func(ctx context.Context) (verdict.Verdict, error) {
		seen = l.once(ctx)
		findings := env.excuse(l.findings(seen))
		last = verdict.Of(findings)
		shown.Saw(l.inShort(findings))
		switch {
		case last != verdict.Pass:
			good = time.Time{}
		case good.IsZero():
			good = time.Now()
		}
		if seen.Absence == evidence.Final {
			return last, gomega.StopTrying(seen.Error)
		}
		switch {
		case env.Enough == nil || !env.Enough(env.spec.ID, findings):
			enough = time.Time{}
		case enough.IsZero():
			enough = time.Now()
		case time.Since(enough) >= EnoughFor:
			return last, gomega.StopTrying("what was waited for is seen")
		}
		return last, nil
	}).WithTimeout(l.limit()).WithPolling(interval).MustPassRepeatedly(max(1, l.Steady)).Should(gomega.Equal(verdict.Pass))
	seen.Unsteady = !settled && last == verdict.Pass
	if l.grows() {
		seen.Took = cmp.Or(good, time.Now()).Sub(started)
	}
	return seen
}

// inShort is the gravest finding in a line, for who watches.
func (l Look[E]) inShort(findings []verdict.Finding) string {
	sorted := slices.Clone(findings)
	verdict.Sort(sorted)
	switch {
	case verdict.Of(sorted) == verdict.Pass && l.grows():
		return fmt.Sprintf("what it should; looking until it stays so for %d looks", l.Steady)
	case verdict.Of(sorted) == verdict.Pass:
		return "what it should"
	case sorted[0].Kind == noEvidence:
		return sorted[0].Got
	}
	return sorted[0].Summary
}

// from names what is looked at, and who has to answer, for who watches.
func from(what, source string) string {
	if source == "" {
		return what
	}
	return what + " from " + source
}

// EnoughFor is how long Env.Enough must hold to end a look.
const EnoughFor = 4 * time.Second

func (l Look[E]) limit() time.Duration { return cmp.Or(l.Limit, DefaultLook) }

func (l Look[E]) once(ctx context.Context) kept[E] {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return keep(l.Observe(ctx))
}

// noEvidence is the kind of the finding that nothing could be seen.
const noEvidence = "no-evidence"

func (l Look[E]) findings(seen kept[E]) []verdict.Finding {
	if seen.damaged != nil {
		return []verdict.Finding{damage(seen.damaged)}
	}
	if seen.Error == "" {
		return l.Judge(seen.Evidence)
	}
	return []verdict.Finding{{
		Kind: noEvidence, Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the %s could not be observed", l.Name),
		Object:  l.Source, Where: l.Source,
		Want: "an answer to judge", Got: seen.Error,
		Why:  "nothing was seen, so nothing is known to be right or wrong",
		Next: next(seen.Absence, l.Source),
	}}
}

func (l Look[E]) unsteady(limit time.Duration) verdict.Finding {
	return verdict.Finding{
		Kind: "unsteady", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the %s did not stay as they should be", l.Name),
		Object:  l.Source, Where: l.Source,
		Want: fmt.Sprintf("%d good looks in a row within %s", max(1, l.Steady), limit),
		Got:  "fewer; the last one was good",
		Why:  "what changes while it is looked at proves nothing",
		Next: "run it again on a quieter machine; if it stays, see what changes between two looks",
	}
}

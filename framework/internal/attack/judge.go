// Package attack hands malformed answers to parsers, and evidence that is
// broken or has nothing in it to judges, for their tests. What every parser
// promises: no panic, no hang, and an error for what is not the server's answer.
// What every judge promises: no panic, no hang, the same findings for the same
// evidence, whole findings, and never a pass over nothing.
package attack

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/internal/malform"
	"github.com/onap/meshcert/framework/verdict"
)

// Judge is a judge with all but its evidence given.
type Judge[E any] func(evidence E) []verdict.Finding

// Mutations breaks healthy evidence, which the judge must pass, in 10,000 ways.
func Mutations[E any](t *testing.T, healthy E, judge Judge[E]) {
	t.Helper()
	if findings := judge(healthy); verdict.Of(findings) != verdict.Pass {
		t.Fatalf("the healthy evidence does not pass: %+v", findings)
	}
	breaker := malform.NewBreaker(1, &healthy)
	count := map[verdict.Verdict]int{}
	for i := range Inputs {
		breaker.Break()
		findings := Sound(t, healthy, judge)
		if i%10 == 0 {
			again(t, findings, healthy, judge)
		}
		count[verdict.Of(findings)]++
		breaker.Mend()
		if t.Failed() {
			return
		}
	}
	if count[verdict.Fail]+count[verdict.Inconclusive] == 0 {
		t.Errorf("evidence was broken %d times, and the verdicts are only %v", Inputs, count)
	}
	t.Logf("%d inputs: %v", Inputs, count)
}

// Sound judges, and returns findings that are whole.
func Sound[E any](t testing.TB, evidence E, judge Judge[E]) []verdict.Finding {
	t.Helper()
	var findings []verdict.Finding
	Survive(t, func() { findings = judge(evidence) }, func() string { return fmt.Sprintf("%+v", evidence) })
	for _, f := range findings {
		if f.Kind == "" || f.Verdict == "" || f.Summary == "" {
			t.Errorf("finding lacks kind, verdict or summary: %+v", f)
		}
	}
	return findings
}

// again judges a second time, which must not change the findings.
func again[E any](t testing.TB, first []verdict.Finding, evidence E, judge Judge[E]) {
	t.Helper()
	if second := judge(evidence); !slices.Equal(first, second) {
		t.Errorf("two judgements of one evidence differ (-first +second):\n%s", cmp.Diff(first, second))
	}
}

// NeverGreen judges evidence in which something is missing that a pass stands on.
func NeverGreen[E any](t *testing.T, broken map[string]E, judge Judge[E]) {
	t.Helper()
	for name, evidence := range broken {
		if findings := Sound(t, evidence, judge); verdict.Of(findings) == verdict.Pass {
			t.Errorf("%s: passes with %+v", name, findings)
		}
	}
}

// Without returns the evidence once for each element of one of its lists, with
// that element gone.
func Without[E, T any](evidence E, list func(*E) *[]T) map[string]E {
	less := map[string]E{}
	whole := *list(&evidence)
	for i := range whole {
		one := evidence
		*list(&one) = slices.Delete(slices.Clone(whole), i, i+1)
		less[fmt.Sprintf("without %T %d", whole[i], i)] = one
	}
	return less
}

// Shuffled puts a list in other orders, which must not change the findings.
func Shuffled[E, T any](t *testing.T, evidence E, list func(*E) *[]T, judge Judge[E]) {
	t.Helper()
	breaker := malform.NewBreaker(1, &evidence)
	for range 200 {
		breaker.Break()
		first := sorted(judge(evidence))
		whole := *list(&evidence)
		other := slices.Clone(whole)
		breaker.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		*list(&evidence) = other
		if diff := cmp.Diff(first, sorted(judge(evidence))); diff != "" {
			t.Errorf("another order of the same evidence gives other findings (-before +after):\n%s\n%+v", diff, evidence)
		}
		*list(&evidence) = whole
		breaker.Mend()
		if t.Failed() {
			return
		}
	}
}

// sorted are findings in an order of their own: where several are of one
// object and kind, evidence may decide which comes first.
func sorted(findings []verdict.Finding) []string {
	all := make([]string, len(findings))
	for i, f := range findings {
		all[i] = fmt.Sprintf("%+v", f)
	}
	slices.Sort(all)
	return all
}

// Fuzz lets the fuzzer write the evidence, as JSON, beginning with the given ones.
func Fuzz[E any](f *testing.F, judge Judge[E], seeds ...E) {
	for _, seed := range append(seeds, *new(E)) {
		text, err := json.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var evidence E
		if err := json.Unmarshal(text, &evidence); err != nil {
			return
		}
		again(t, Sound(t, evidence, judge), evidence, judge)
	})
}

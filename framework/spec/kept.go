package spec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/verdict"
)

// kept is an observation as it is stored, and as it is judged: a verdict is
// made from what can be read back.
type kept[E any] struct {
	Evidence E `json:"evidence"`
	// Error says why there is no evidence, Absence of what sort that is.
	Error   string           `json:"error,omitempty"`
	Absence evidence.Absence `json:"absence,omitempty"`
	// Unsteady tells that the last look was good, but not as many in a row as
	// were asked for.
	Unsteady bool `json:"unsteady,omitempty"`
	// Took is how long evidence that grows was waited for until it was good for the
	// first of the looks in a row at the end; without any, until the looking ended.
	Took time.Duration `json:"took,omitempty"`
	// damaged says why what the run kept cannot be read.
	damaged error
}

func keep[E any](seen E, err error) kept[E] {
	if err == nil {
		return kept[E]{Evidence: seen}
	}
	return kept[E]{Error: err.Error(), Absence: evidence.AbsenceOf(err)}
}

// remember observes and stores what was seen, or, when a run is judged again,
// reads what was stored then. What could not be stored is judged as it was
// seen, and a note.
func remember[E any](env *Env, name string, observe func() kept[E]) kept[E] {
	memory := env.Store(env.spec.ID)
	var seen kept[E]
	if !env.Replay {
		seen = observe()
		if err := memory.Put(name, seen); err != nil {
			env.Note("evidence %s was not kept: %v", name, err)
			return seen
		}
	}
	read, err := recall[E](memory, name)
	if err != nil {
		return kept[E]{Error: err.Error(), Absence: evidence.Final, damaged: err}
	}
	return read
}

// recall reads what was stored. Neither evidence nor the reason why there is
// none is damage.
func recall[E any](memory *store.Store, name string) (kept[E], error) {
	var read kept[E]
	var raw kept[json.RawMessage]
	err := memory.Get(name, &raw)
	if errors.Is(err, fs.ErrNotExist) {
		return read, fmt.Errorf("the run kept no evidence %s.json", name)
	}
	if err == nil && raw.Error == "" && (len(raw.Evidence) == 0 || string(raw.Evidence) == "null") {
		return read, fmt.Errorf("evidence %s.json holds neither evidence nor why there is none", name)
	}
	return read, errors.Join(err, memory.Get(name, &read))
}

// damage is the finding about evidence of a run that cannot be read.
func damage(problem error) verdict.Finding {
	return verdict.Finding{
		Kind: "evidence-damaged", Verdict: verdict.Inconclusive,
		Summary: "what the run kept cannot be judged again",
		Object:  "the run's evidence", Where: "the spec's artifacts",
		Want: "the evidence as the run kept it", Got: problem.Error(),
		Why:  "it was removed or changed since, or it was written by another meshcert: nothing is known of what was seen",
		Next: "take an untouched copy of the run's folder, or run the spec again",
	}
}

// Step does something that only prepares evidence: it sends a request, takes a
// baseline. When a run is judged again its result is read instead.
type Step[T any] struct {
	// Name names the result in the spec's artifacts; What is the step in words:
	// "sending the request".
	Name string
	What string
	// Source is who has to answer, as Kubernetes names it.
	Source string
	Do     func(context.Context) (T, error)
}

// Take returns what the step brought, or ends the spec as inconclusive.
func (s Step[T]) Take(ctx context.Context, env *Env) T {
	seen := remember(env, s.Name, func() kept[T] {
		defer progress.Begin(ctx, from(s.What, s.Source), 0).End()
		return keep(s.Do(ctx))
	})
	if seen.damaged != nil {
		env.Report(damage(seen.damaged))
	}
	if seen.Error != "" {
		env.Report(verdict.Finding{
			Kind: "precondition", Verdict: verdict.Inconclusive,
			Summary: s.What + " failed, so nothing was judged",
			Object:  s.Source, Where: s.Source,
			Want: "a result to judge with", Got: seen.Error,
			Why:  "without it there is no evidence for or against what the spec proves",
			Next: next(seen.Absence, s.Source),
		})
	}
	return seen.Evidence
}

// next is what a reader does about evidence that is absent.
func next(absence evidence.Absence, source string) string {
	switch absence {
	case evidence.Final:
		return "looking again will not help: see why " + source + " answers so, its log first"
	case evidence.Unmet:
		return fmt.Sprintf("something it stands on is missing: bring the environment up again (meshcert up), then see that %s is ready", source)
	default:
		return "see that " + source + " is ready and can be reached, then run it again"
	}
}

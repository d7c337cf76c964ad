package spec

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
)

// Env is what a spec is given: what should be, and the eyes and hands to find
// out what is.
type Env struct {
	Release *catalogue.Release
	Policy  catalogue.Policy
	// Ideal is the profile's demand that known gaps excuse nothing.
	Ideal bool
	// Bounds are the profile's limits of what is measured.
	Bounds verdict.Bounds
	// Waivers excuse findings until they expire; Today is the day that is judged
	// by. Without it no waiver holds.
	Waivers []verdict.Waiver
	Today   verdict.Day
	// NoteUnused tells that a waiver that no finding needs is worth a note: the
	// waivers are the user's. A release's own hold for its charts from any source.
	NoteUnused bool
	// StandIns tells that programs of ours stand in for ONAP's.
	StandIns bool
	// Tracing is who keeps the mesh's traces, and how they come there.
	Tracing tracer.Tracing
	// EgressClosed tells that we closed the cluster's way out.
	EgressClosed bool
	// MayDisrupt allows disruptive specs: the cluster is ours, or its owner agreed.
	MayDisrupt bool
	Kube       *kube.Client
	Eyes
	// Dump collects what a person wants to see of a failure, before anything is
	// cleaned up; the objects are those the findings name.
	Dump func(ctx context.Context, spec string, objects []string)
	// Store is where evidence of a spec is kept.
	Store func(spec string) *store.Store
	// Replay judges what is kept again: nothing is observed or sent, and Kube and
	// Eyes are not used.
	Replay bool
	// Enough, when it is set, ends a look early: when every look for a while has
	// found what somebody waits for. A selftest waits for a fault to be noticed.
	Enough func(spec string, findings []verdict.Finding) bool
	// Progress hears which spec begins and what it waits for; nil for nobody.
	Progress progress.Listener

	spec     Spec
	ctx      context.Context
	judged   int
	findings []verdict.Finding
	notes    []string
	ready    string
	headers  *evidence.HeaderSurvey
	figures  []evidence.Figure
}

// Note adds a line about the spec to the report.
func (env *Env) Note(format string, args ...any) {
	env.notes = append(env.notes, fmt.Sprintf(format, args...))
}

// Counted puts the READY count into the report: "29/29".
func (env *Env) Counted(ok, total int) {
	env.ready = fmt.Sprintf("%d/%d", ok, total)
}

// Surveyed puts the table of trace headers into the report.
func (env *Env) Surveyed(table evidence.HeaderSurvey) {
	table.Declared = env.StandIns
	env.headers = &table
}

// Figures adds to the figures of the report, in this order. One that is not a
// number is left out, with a note: a ratio to nothing is no figure.
func (env *Env) Figures(figures ...evidence.Figure) {
	for _, f := range figures {
		if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
			env.Note("%s of %s could not be worked out: it is %g", f.Name, f.Object, f.Value)
			continue
		}
		env.figures = append(env.figures, f)
	}
}

// Skip ends the spec unjudged, for a reason that is in the report.
func (env *Env) Skip(reason string) {
	ginkgo.Skip(reason, 1)
}

// askedFirst skips a disruptive spec where it is not allowed. The answer is kept,
// so that the spec is skipped when the run is judged again.
func (env *Env) askedFirst(ctx context.Context) {
	allowed := Step[bool]{
		Name: "may-disrupt", What: "asking whether the cluster may be disrupted", Source: "the run's configuration",
		Do: func(context.Context) (bool, error) { return env.MayDisrupt, nil },
	}.Take(ctx, env)
	if !allowed {
		env.Skip("it changes for moments what others on this cluster depend on, and the cluster is not ours: allow it with --allow-disruptive")
	}
}

// Cleanup does something after the spec, whatever became of it.
func (env *Env) Cleanup(do func(context.Context) error) {
	if !env.Replay {
		ginkgo.DeferCleanup(do)
	}
}

// Keep stores something a person may want to read beside the spec's other
// artifacts. That it could not be stored is a note, since the verdict does not
// depend on it.
func (env *Env) Keep(name string, value any) {
	if err := env.Store(env.spec.ID).Put(name, value); err != nil {
		env.Note("%s was not kept: %v", name, err)
	}
}

// Report takes the findings of a judge. Known gaps and what is waived become notes. A finding that
// is left over ends the spec: with artifacts collected first.
func (env *Env) Report(findings ...verdict.Finding) {
	env.judged++
	findings = env.excuse(findings)
	verdict.Sort(findings)
	env.findings = append(env.findings, findings...)
	if verdict.Of(findings) == verdict.Pass {
		return
	}
	// Who ends a spec from outside waits seconds, which are for cleaning up.
	if !env.Replay && env.ctx.Err() == nil {
		env.dump(named(findings))
	}
	ginkgo.Fail(headline(findings), 1)
}

func (env *Env) dump(objects []string) {
	defer progress.Begin(env.ctx, "what a person wants to see of the failure", 0).End()
	env.Dump(env.ctx, env.spec.ID, objects)
}

func (env *Env) excuse(findings []verdict.Finding) []verdict.Finding {
	findings = verdict.Excuse(env.spec.ID, findings, env.Release.Gaps, env.Ideal)
	return verdict.Waive(env.spec.ID, findings, env.Waivers, env.Today, env.Ideal)
}

func (env *Env) begin(ctx context.Context, s Spec) {
	env.spec, env.ctx, env.judged, env.findings, env.notes, env.ready, env.headers, env.figures = s, ctx, 0, nil, nil, "", nil, nil
}

func headline(findings []verdict.Finding) string {
	var lines []string
	for _, f := range findings {
		if f.Verdict != verdict.Pass {
			lines = append(lines, f.Summary)
		}
	}
	return strings.Join(lines, "\n")
}

// named lists the objects that failing findings name.
func named(findings []verdict.Finding) []string {
	var names []string
	for _, f := range findings {
		if f.Object != "" && f.Verdict != verdict.Pass {
			names = append(names, f.Object)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

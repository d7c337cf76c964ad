// Package review says what a run means for a change that waits to be merged, in
// the words of those who show it: Gerrit, GitHub, GitLab, TAP and people. It
// guarantees that what blocks is said first and in each of them, that limits of
// the server are kept and what was left out for them is counted, and that
// nothing of a finding is taken for a command or for markup.
package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Question is what a review answers.
type Question struct {
	// Project is its title: "VF-C".
	Project string
	// Change are the files of the change, as paths in its repository; nil when it
	// is not known what was changed.
	Change []string
	// Expected are the specs that the change can break, as RELEASE/SPEC-ID.
	Expected []string
	// Report is the run; nil when nothing was expected.
	Report *report.Report
	// Baseline is a run from before the change, nil for none.
	Baseline *report.Report
	// Waivers are for failures that are known.
	Waivers []verdict.Waiver
	Today   verdict.Day
	Charts  Charts
	// AllowEmpty makes a change that can break nothing end with status 0.
	AllowEmpty bool
}

// Review is what a gate says of a change.
type Review struct {
	Project string `json:"project"`
	// Run and Baseline are the ids of the runs.
	Run      string `json:"run,omitempty"`
	Baseline string `json:"baseline,omitempty"`
	// Verdict is skip when the change can break nothing.
	Verdict verdict.Verdict `json:"verdict"`
	// Exit is the exit status the review stands for: 0, 1 or 3.
	Exit int `json:"exit"`
	// Results are the expected specs, in their order.
	Results []Result `json:"results"`
	// Problems are what was found wrong, what blocks first.
	Problems []Problem `json:"problems"`
	// Doubts are the reasons why no failure does not mean success.
	Doubts []string `json:"doubts,omitempty"`
	// Notes are worth reading and block nothing.
	Notes []string `json:"notes,omitempty"`
	// change are the files of the change; home is the file that a problem is put
	// to which belongs to no line, where there must be one.
	change []string
	home   string
}

// Result is what became of one spec.
type Result struct {
	Release string `json:"release"`
	Spec    string `json:"spec"`
	// Verdict is empty for a spec that was never run.
	Verdict verdict.Verdict `json:"verdict,omitempty"`
	// Reason says why it was skipped.
	Reason string `json:"reason,omitempty"`
}

func (r Result) name() string { return r.Release + "/" + r.Spec }

// Standing says how a problem relates to what is known.
type Standing string

const (
	// New: neither the baseline nor, without one, a waiver has it.
	New Standing = "new"
	// Known: the baseline has it, and nobody answers for it.
	Known Standing = "known"
	// Expired: somebody answered for it, until a day that is over.
	Expired Standing = "expired"
	// Waived: it is known, and somebody answers for it. It alone does not block.
	Waived Standing = "waived"
	// Unjudged: no failure, but no evidence either.
	Unjudged Standing = "inconclusive"
)

// Problem is one finding of a spec that did not pass.
type Problem struct {
	Release  string          `json:"release"`
	Spec     string          `json:"spec"`
	Standing Standing        `json:"standing"`
	Finding  verdict.Finding `json:"finding"`
	// Because says why the standing is what it is.
	Because string `json:"because"`
	// Text is the failure in the one form that every failure has.
	Text string `json:"text"`
	// Place is the line in the charts that made the object; its file is empty
	// where no chart of ours or of the tree did.
	Place Place `json:"place"`
}

// Blocks tells whether the change must not be merged because of it.
func (p Problem) Blocks() bool { return p.Standing != Waived }

func (p Problem) title() string { return p.Spec + ": " + prose.OneLine(p.Finding.Summary) }

// Of answers the question.
func Of(q Question) Review {
	r := Review{Project: q.Project, Results: []Result{}, Problems: []Problem{}, change: q.Change, home: q.Charts.home(q.Project)}
	if len(q.Expected) == 0 {
		r.Verdict, r.Exit = verdict.Skip, report.ExitInconclusive
		if q.AllowEmpty {
			r.Exit = report.ExitPass
		}
		return r
	}
	r.Run = q.Report.Run.ID
	if q.Baseline != nil {
		r.Baseline = q.Baseline.Run.ID
	}
	specs := map[string]report.Spec{}
	for _, s := range q.Report.Specs {
		specs[s.Release+"/"+s.ID] = s
	}
	for _, name := range q.Expected {
		s, found := specs[name]
		if !found {
			s.Release, s.ID, _ = strings.Cut(name, "/")
		}
		r.Results = append(r.Results, Result{s.Release, s.ID, s.Verdict, s.Reason})
		if found {
			r.take(q, s)
		}
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return cmp.Compare(rank(a.Standing), rank(b.Standing)) })
	r.Doubts = append(doubts(q.Report), r.unjudged()...)
	r.Verdict, r.Exit = r.verdict()
	return r
}

// rank orders standings by how much there is to do.
func rank(s Standing) int { return slices.Index([]Standing{New, Expired, Known, Unjudged, Waived}, s) }

// take takes in what a spec found.
func (r *Review) take(q Question, s report.Spec) {
	var judged []verdict.Finding
	for _, f := range report.Blamed(s) {
		p := Problem{Release: s.Release, Spec: s.ID, Finding: f, Place: q.Charts.place(f, q.Change)}
		p.Standing, p.Because = q.standing(s, f)
		after := verdict.Waive(s.ID, []verdict.Finding{f}, q.Waivers, q.Today, p.Standing != Waived)[0]
		judged = append(judged, after)
		p.Finding.Why, p.Finding.Waiver = after.Why, after.Waiver
		p.Text = report.FailureText(s, p.Finding)
		r.Problems = append(r.Problems, p)
	}
	if s.Verdict == verdict.Skip {
		return
	}
	for _, note := range verdict.Unused(s.ID, judged, q.Waivers) {
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %s; %s", s.ID, note.Summary, note.Next))
	}
}

// standing says where a finding of the spec stands, and why.
func (q Question) standing(s report.Spec, f verdict.Finding) (Standing, string) {
	if f.Verdict != verdict.Fail {
		return Unjudged, "what is not seen is not good"
	}
	before := q.before(s, f)
	w, covered := verdict.Covering(s.ID, f, q.Waivers)
	switch {
	case before != "" && covered:
		return New, before + "; a waiver is for failures that are known"
	case before != "":
		return New, before
	case covered && w.Holds(q.Today):
		return Waived, w.String()
	case covered:
		return Expired, fmt.Sprintf("the waiver of %s ended on %s: it has to be looked at again", w.Owner, w.Expires)
	case q.Baseline != nil:
		return Known, "run " + q.Baseline.Run.ID + " has it too, and no waiver has an owner for it"
	}
	return New, "no waiver covers it"
}

// before says what of the baseline makes the finding a new one; "" when the
// baseline has it, or there is none.
func (q Question) before(s report.Spec, f verdict.Finding) string {
	if q.Baseline == nil {
		return ""
	}
	for _, old := range q.Baseline.Specs {
		if old.Release != s.Release || old.ID != s.ID {
			continue
		}
		for _, had := range report.Blamed(old) {
			if had.Verdict == verdict.Fail && had.Kind == f.Kind && had.Object == f.Object {
				return ""
			}
		}
		if old.Verdict == verdict.Pass || old.Verdict == verdict.Fail {
			return "run " + q.Baseline.Run.ID + " does not have it"
		}
	}
	return "run " + q.Baseline.Run.ID + " did not judge the spec"
}

// doubts are what is wrong with the run as a whole.
func doubts(r *report.Report) []string {
	var out []string
	switch {
	case r.Interrupted:
		out = append(out, "the run was interrupted")
	case !r.Finished:
		out = append(out, "the run was killed before its end")
	}
	if r.Error != "" {
		out = append(out, prose.OneLine(r.Error))
	}
	for _, p := range r.Phases {
		if text := prose.OneLine(p.Error); text != "" && !strings.Contains(prose.OneLine(r.Error), text) {
			out = append(out, p.Name+": "+text)
		}
	}
	return out
}

// few is how many names are listed before the rest is counted.
const few = 5

// unjudged says which of the expected specs say nothing.
func (r *Review) unjudged() []string {
	var never []string
	skipped := 0
	for _, s := range r.Results {
		switch s.Verdict {
		case "":
			never = append(never, s.name())
		case verdict.Skip:
			skipped++
		}
	}
	var out []string
	if n := len(never); n > 0 {
		names := strings.Join(never[:min(n, few)], ", ")
		if n > few {
			names += fmt.Sprintf(" and %d more", n-few)
		}
		out = append(out, fmt.Sprintf("%d of %s never run: %s", n, prose.Plural(len(r.Results), "spec"), names))
	}
	if skipped == len(r.Results) {
		out = append(out, "nothing was judged: every spec was skipped")
	}
	return out
}

func (r *Review) verdict() (verdict.Verdict, int) {
	n := r.counts()
	switch {
	case n[New]+n[Expired]+n[Known] > 0:
		return verdict.Fail, report.ExitFail
	case n[Unjudged] > 0 || len(r.Doubts) > 0:
		return verdict.Inconclusive, report.ExitInconclusive
	}
	return verdict.Pass, report.ExitPass
}

func (r *Review) counts() map[Standing]int {
	n := map[Standing]int{}
	for _, p := range r.Problems {
		n[p.Standing]++
	}
	return n
}

// standings are all there are, with what each means for the change.
func standings() []struct {
	Standing Standing
	says     string
} {
	return []struct {
		Standing Standing
		says     string
	}{
		{New, "new: blocks"}, {Expired, "waiver expired: blocks"}, {Known, "known, without a waiver: blocks"},
		{Unjudged, "inconclusive: blocks"}, {Waived, "known and waived"},
	}
}

// says is what the standing means for the change.
func (s Standing) says() string {
	i := rank(s)
	return standings()[i].says
}

// Sentence is the review in one line, without its exit status.
func (r *Review) Sentence() string {
	if r.Verdict == verdict.Skip {
		return "nothing to judge: the change can break nothing of " + r.Project
	}
	passed := 0
	for _, s := range r.Results {
		if s.Verdict == verdict.Pass {
			passed++
		}
	}
	parts := []string{fmt.Sprintf("%d of %s that the change can break passed", passed, prose.Plural(len(r.Results), "spec"))}
	n := r.counts()
	for _, s := range standings() {
		if n[s.Standing] > 0 {
			parts = append(parts, fmt.Sprintf("%s (%s)", prose.Plural(n[s.Standing], "finding"), s.says))
		}
	}
	for _, d := range r.Doubts {
		parts = append(parts, prose.OneLine(d))
	}
	return strings.Join(parts, "; ")
}

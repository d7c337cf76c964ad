// Package verdict holds the words every judgement is spoken in: the four
// verdicts, the finding, the known gap and the profile. It guarantees that a
// missing answer is never green: the verdict of no findings over no evidence
// does not exist, a judge has to say Inconclusive itself.
package verdict

import (
	"sort"
	"strings"
)

// Verdict is the outcome of one spec or of one finding.
type Verdict string

const (
	// Pass: what was to be proved was seen.
	Pass Verdict = "pass"
	// Fail: the opposite of what was to be proved was seen.
	Fail Verdict = "fail"
	// Inconclusive: no evidence, or a precondition was not met. Never green.
	Inconclusive Verdict = "inconclusive"
	// Skip: not judged, for a reason that is stated.
	Skip Verdict = "skip"
)

// rank orders verdicts from harmless to grave.
var rank = map[Verdict]int{Skip: 0, Pass: 1, Inconclusive: 2, Fail: 3}

// Worst returns the gravest of the given verdicts; with none it is Inconclusive,
// since nothing was judged.
func Worst(all ...Verdict) Verdict {
	if len(all) == 0 {
		return Inconclusive
	}
	worst := all[0]
	for _, v := range all[1:] {
		if rank[v] > rank[worst] {
			worst = v
		}
	}
	return worst
}

// Of returns the verdict of a spec from the findings of its judge: Pass when
// there are none, or only notes.
func Of(findings []Finding) Verdict {
	v := Pass
	for _, f := range findings {
		v = Worst(v, f.Verdict)
	}
	return v
}

// Kind names what sort of thing is wrong, in kebab-case ("missing-container").
// It is stable: reports, faults and waivers refer to it.
type Kind string

// Finding is one typed statement of what is wrong, or, with verdict Pass, a
// note that is worth reading (a known gap that is as known).
type Finding struct {
	Kind    Kind    `json:"kind"`
	Verdict Verdict `json:"verdict"`
	// Summary is one sentence without the spec's id: "the trace splits at hop 2 of 3".
	Summary string `json:"summary"`
	// Object is what is broken, as Kubernetes names it: "Deployment onap/msb-msb-iag".
	Object string `json:"object,omitempty"`
	Want   string `json:"want,omitempty"`
	Got    string `json:"got,omitempty"`
	// Where says at which place it was seen: pod and container, hop, query.
	Where string `json:"where,omitempty"`
	// Why says what follows from the evidence, with the evidence cited.
	Why string `json:"why,omitempty"`
	// Next is what the reader does about it.
	Next string `json:"next,omitempty"`
	// Gap is the id of the known gap of the catalogue that covers this finding.
	Gap string `json:"gap,omitempty"`
	// Waiver is who waives this finding, until when and why: "ONAP OOM, until
	// 2027-12-31: the charts set no limits".
	Waiver string `json:"waiver,omitempty"`
}

// Incomplete names the empty fields of a finding that has to explain itself: one
// that fails or is inconclusive. A note may say as much or as little as it likes.
func (f Finding) Incomplete() []string {
	if f.Verdict == Pass || f.Verdict == Skip {
		return nil
	}
	var empty []string
	for _, field := range []struct{ name, value string }{
		{"verdict", string(f.Verdict)}, {"kind", string(f.Kind)}, {"summary", f.Summary}, {"object", f.Object}, {"want", f.Want},
		{"got", f.Got}, {"where", f.Where}, {"why", f.Why}, {"next", f.Next},
	} {
		if strings.TrimSpace(field.value) == "" {
			empty = append(empty, field.name)
		}
	}
	return empty
}

// KnownGap is something the catalogue knows to be wrong in a release.
type KnownGap struct {
	// ID is stable, e.g. "check-vim-capacity-drops-headers".
	ID string `json:"id"`
	// Spec is the id of the spec that sees it.
	Spec string `json:"spec"`
	// Kind is the kind of finding the gap explains.
	Kind Kind `json:"kind"`
	// Object, when set, restricts the gap to findings about this object.
	Object string `json:"object,omitempty"`
	// Text says what is wrong; Source where that is known from.
	Text   string `json:"text"`
	Source string `json:"source"`
}

// Covers tells whether the gap explains the finding of the named spec.
func (g KnownGap) Covers(spec string, f Finding) bool {
	return g.Spec == spec && g.Kind == f.Kind && (g.Object == "" || g.Object == f.Object)
}

// Excuse answers the question "did anything change?": a failing finding that a
// known gap covers becomes a note (verdict Pass, Gap set). With demandIdeal
// (profile readiness) gaps excuse nothing, but are still named.
func Excuse(spec string, findings []Finding, gaps []KnownGap, demandIdeal bool) []Finding {
	out := make([]Finding, len(findings))
	copy(out, findings)
	for i := range out {
		for _, g := range gaps {
			if out[i].Verdict != Fail || !g.Covers(spec, out[i]) {
				continue
			}
			out[i].Gap = g.ID
			if !demandIdeal {
				out[i].Verdict = Pass
			}
		}
	}
	return out
}

// GapGone is the kind of the note that a known gap is gone, which excuses nothing.
const GapGone Kind = "gap-gone"

// Waived tells whether somebody answers for the finding, so that it is a note.
func (f Finding) Waived() bool { return f.Verdict == Pass && f.Waiver != "" }

// Excused tells whether the finding is a note because a known gap or a waiver
// excuses it.
func (f Finding) Excused() bool {
	return f.Verdict == Pass && f.Kind != GapGone && (f.Gap != "" || f.Waiver != "")
}

// Gone returns a note for each known gap of the spec that none of its findings
// shows any more. After a failure or without evidence nothing can be said of
// gaps, and there are no notes.
func Gone(spec string, findings []Finding, gaps []KnownGap) []Finding {
	shown := map[string]bool{}
	for _, f := range findings {
		if f.Verdict != Pass && f.Gap == "" {
			return nil
		}
		shown[f.Gap] = true
	}
	var notes []Finding
	for _, g := range gaps {
		if g.Spec != spec || shown[g.ID] {
			continue
		}
		notes = append(notes, Finding{
			Kind: GapGone, Verdict: Pass, Gap: g.ID, Object: g.Object,
			Summary: "a known gap is gone: " + g.Text,
			Next:    "bring the catalogue up to date: remove known gap " + g.ID,
		})
	}
	return notes
}

// Sort orders findings by verdict (gravest first), object and kind; those of one
// object and kind keep their order.
func Sort(findings []Finding) {
	sort.SliceStable(findings, func(i, j int) bool {
		a, b := findings[i], findings[j]
		if rank[a.Verdict] != rank[b.Verdict] {
			return rank[a.Verdict] > rank[b.Verdict]
		}
		if a.Object != b.Object {
			return a.Object < b.Object
		}
		return a.Kind < b.Kind
	})
}

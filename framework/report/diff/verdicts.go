package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// verdicts compares what was judged: which specs there are, and what was found
// with each. Of a release that only B has, it tells the specs that fail.
func (c comparison) verdicts() Section {
	s := Section{Topic: Verdicts}
	for _, at := range c.stages {
		s.Changes = append(s.Changes, only(at.name, c.a.specs[at.a], c.b.specs[at.b], Gone)...)
		s.Changes = append(s.Changes, only(at.name, c.b.specs[at.b], c.a.specs[at.a], New)...)
	}
	for name, way := range c.alone {
		if way == New {
			failed := maps.Clone(c.b.specs[name])
			maps.DeleteFunc(failed, func(_ string, s report.Spec) bool { return s.Verdict != verdict.Fail })
			s.Changes = append(s.Changes, only(name, failed, nil, New)...)
		}
	}
	c.both(func(at stage, a, b report.Spec) {
		effect := effectOf(a.Verdict, b.Verdict)
		if a.Verdict != b.Verdict {
			s.Changes = append(s.Changes, Change{Way: Changed, Effect: effect, Release: at.name, Subject: a.ID, Field: "verdict", From: spoken(a), To: spoken(b)})
		}
		if a.Ready != b.Ready {
			s.Changes = append(s.Changes, Change{Way: Changed, Release: at.name, Subject: a.ID, Field: "ready", From: a.Ready, To: b.Ready})
		}
		s.Changes = append(s.Changes, findings(at.name, a, b, effect)...)
	})
	return s
}

// only are the specs that one of the runs has alone. One that fails is worse: A
// did not fail there.
func only(release string, specs, other map[string]report.Spec, way Way) []Change {
	var out []Change
	for _, id := range slices.Sorted(maps.Keys(specs)) {
		if _, ok := other[id]; ok {
			continue
		}
		change := Change{Way: way, Release: release, Subject: id, Field: "spec"}
		if way == New {
			change.To = spoken(specs[id])
		} else {
			change.From = spoken(specs[id])
		}
		if way == New && specs[id].Verdict == verdict.Fail {
			change.Effect = Worse
		}
		out = append(out, change)
	}
	return out
}

// effectOf says what another verdict means. Worse is what fails now, and what is
// not shown any more; better is only what is shown now.
func effectOf(from, to verdict.Verdict) Effect {
	switch {
	case from == to:
		return ""
	case from == verdict.Pass || to == verdict.Fail:
		return Worse
	case to == verdict.Pass:
		return Better
	}
	return ""
}

// spoken is a spec's verdict, with the reason of one that has no finding.
func spoken(s report.Spec) string {
	if s.Reason == "" {
		return string(s.Verdict)
	}
	return fmt.Sprintf("%s (%s)", s.Verdict, prose.OneLine(s.Reason))
}

// findings compares the findings of a spec by kind and object. Gaps that excuse
// are told in a section of their own. Notes are not gone where the spec was not
// judged.
func findings(release string, a, b report.Spec, spec Effect) []Change {
	var out []Change
	key := func(f verdict.Finding) string { return string(f.Kind) + "\x00" + mask(f.Object) }
	match(counted(a.Findings), counted(b.Findings), key, signature, func(before, after *verdict.Finding) {
		change := Change{Release: release, Subject: a.ID, Field: "finding"}
		switch {
		case before == nil && unjudged(a) && green(*after), after == nil && unjudged(b) && green(*before):
			return
		case before == nil:
			change.Way, change.Kind, change.Object, change.To = New, after.Kind, after.Object, said(*after)
			if after.Verdict == verdict.Fail || (spec == Worse && after.Verdict == b.Verdict) {
				change.Effect = Worse
			}
		case after == nil:
			change.Way, change.Kind, change.Object, change.From = Gone, before.Kind, before.Object, said(*before)
			if spec == Better && before.Verdict == a.Verdict {
				change.Effect = Better
			}
		default:
			change.Way, change.Kind, change.Object = Changed, after.Kind, after.Object
			change.From, change.To = apart(*before, *after)
			change.Effect = effectOf(before.Verdict, after.Verdict)
		}
		out = append(out, change)
	})
	return out
}

// unjudged tells that nothing is known of notes the spec does not have.
func unjudged(s report.Spec) bool {
	return s.Verdict == verdict.Skip || s.Verdict == verdict.Inconclusive
}

func green(f verdict.Finding) bool { return f.Verdict == verdict.Pass || f.Verdict == verdict.Skip }

func counted(all []verdict.Finding) []verdict.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f verdict.Finding) bool { return f.Gap != "" && f.Verdict == verdict.Pass })
}

// field is one of a finding's, by which two are compared.
type field struct{ name, value string }

func fieldsOf(f verdict.Finding) []field {
	return []field{
		{"", string(f.Verdict)}, {"gap", f.Gap}, {"waiver", f.Waiver}, {"", f.Summary}, {"want", f.Want}, {"got", f.Got},
	}
}

// signature is what makes a finding another one; where, why and next follow from it.
func signature(f verdict.Finding) string {
	var all []string
	for _, one := range fieldsOf(f) {
		all = append(all, mask(one.value))
	}
	return strings.Join(all, "\x00")
}

// said is a finding in a line.
func said(f verdict.Finding) string {
	line := string(f.Verdict) + ": " + prose.OneLine(f.Summary)
	if f.Waiver != "" {
		line += " (waived by " + prose.OneLine(f.Waiver) + ")"
	}
	return line
}

// apart is what differs between two findings of one kind and object.
func apart(a, b verdict.Finding) (from, to string) {
	var before, after []string
	others := fieldsOf(b)
	for i, one := range fieldsOf(a) {
		if mask(one.value) != mask(others[i].value) {
			before, after = append(before, one.text()), append(after, others[i].text())
		}
	}
	return strings.Join(before, ", "), strings.Join(after, ", ")
}

func (f field) text() string {
	switch {
	case f.name == "":
		return prose.OneLine(f.value)
	case f.value == "":
		return "no " + f.name
	}
	return f.name + " " + prose.OneLine(f.value)
}

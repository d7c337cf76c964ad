package verdict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/verdict"
)

const (
	pass   = verdict.Pass
	fail   = verdict.Fail
	unsure = verdict.Inconclusive
	skip   = verdict.Skip
)

func TestWorst(t *testing.T) {
	for _, c := range []struct {
		all  []verdict.Verdict
		want verdict.Verdict
	}{
		{nil, unsure},
		{[]verdict.Verdict{skip}, skip},
		{[]verdict.Verdict{skip, pass}, pass},
		{[]verdict.Verdict{pass, skip}, pass},
		{[]verdict.Verdict{pass, unsure, pass}, unsure},
		{[]verdict.Verdict{unsure, fail}, fail},
		{[]verdict.Verdict{fail, unsure, skip}, fail},
	} {
		if got := verdict.Worst(c.all...); got != c.want {
			t.Errorf("Worst(%v) = %s, want %s", c.all, got, c.want)
		}
	}
}

// finding is one about an object, with its verdict and kind.
func finding(v verdict.Verdict, kind verdict.Kind, object string) verdict.Finding {
	return verdict.Finding{Kind: kind, Verdict: v, Object: object}
}

func TestOf(t *testing.T) {
	for name, c := range map[string]struct {
		findings []verdict.Finding
		want     verdict.Verdict
	}{
		"nothing against it":     {nil, pass},
		"a note":                 {[]verdict.Finding{finding(pass, "a", "")}, pass},
		"a note and no evidence": {[]verdict.Finding{finding(pass, "a", ""), finding(unsure, "b", "")}, unsure},
		"no evidence and wrong":  {[]verdict.Finding{finding(unsure, "a", ""), finding(fail, "b", "")}, fail},
	} {
		if got := verdict.Of(c.findings); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

var gap = verdict.KnownGap{
	ID: "drops", Spec: "tracing.a", Kind: "headers-dropped", Object: "Deployment onap/a",
	Text: "a drops headers", Source: "its source",
}

func TestCovers(t *testing.T) {
	anywhere := gap
	anywhere.Object = ""
	for name, c := range map[string]struct {
		gap     verdict.KnownGap
		spec    string
		finding verdict.Finding
		want    bool
	}{
		"the very finding":           {gap, "tracing.a", finding(fail, "headers-dropped", "Deployment onap/a"), true},
		"another spec":               {gap, "tracing.b", finding(fail, "headers-dropped", "Deployment onap/a"), false},
		"another kind":               {gap, "tracing.a", finding(fail, "missing-span", "Deployment onap/a"), false},
		"another object":             {gap, "tracing.a", finding(fail, "headers-dropped", "Deployment onap/b"), false},
		"no object":                  {gap, "tracing.a", finding(fail, "headers-dropped", ""), false},
		"a gap of any object":        {anywhere, "tracing.a", finding(fail, "headers-dropped", "Deployment onap/b"), true},
		"any object, another kind":   {anywhere, "tracing.a", finding(fail, "missing-span", ""), false},
		"any object, a longer topic": {anywhere, "tracing.ab", finding(fail, "headers-dropped", ""), false},
	} {
		if got := c.gap.Covers(c.spec, c.finding); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestExcuse(t *testing.T) {
	known := finding(fail, "headers-dropped", "Deployment onap/a")
	excused, named := known, known
	excused.Verdict, excused.Gap = pass, "drops"
	named.Gap = "drops"
	other := finding(fail, "headers-dropped", "Deployment onap/b")
	doubt := finding(unsure, "headers-dropped", "Deployment onap/a")
	for name, c := range map[string]struct {
		findings []verdict.Finding
		ideal    bool
		want     []verdict.Finding
	}{
		"nothing":                           {nil, false, []verdict.Finding{}},
		"as known":                          {[]verdict.Finding{known}, false, []verdict.Finding{excused}},
		"as known, the ideal":               {[]verdict.Finding{known}, true, []verdict.Finding{named}},
		"another object is no known gap":    {[]verdict.Finding{other}, false, []verdict.Finding{other}},
		"what is new stays beside the gap":  {[]verdict.Finding{known, other}, false, []verdict.Finding{excused, other}},
		"no evidence is not excused":        {[]verdict.Finding{doubt}, false, []verdict.Finding{doubt}},
		"no evidence is not the gap either": {[]verdict.Finding{doubt}, true, []verdict.Finding{doubt}},
	} {
		t.Run(name, func(t *testing.T) {
			before := append([]verdict.Finding{}, c.findings...)
			got := verdict.Excuse("tracing.a", c.findings, []verdict.KnownGap{{ID: "elsewhere", Spec: "tracing.b"}, gap}, c.ideal)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(before, append([]verdict.Finding{}, c.findings...)); diff != "" {
				t.Errorf("the judge's own findings were changed:\n%s", diff)
			}
		})
	}
}

// TestExcused: the note that a gap is gone excuses nothing, nor does a gap where the
// profile demands the ideal.
func TestExcused(t *testing.T) {
	for name, c := range map[string]struct {
		finding         verdict.Finding
		excused, waived bool
	}{
		"a note":              {verdict.Finding{Verdict: pass}, false, false},
		"a known gap":         {verdict.Finding{Verdict: pass, Gap: "a"}, true, false},
		"a gap, and no mercy": {verdict.Finding{Verdict: fail, Gap: "a"}, false, false},
		"a gap that is gone":  {verdict.Finding{Verdict: pass, Gap: "a", Kind: verdict.GapGone}, false, false},
		"a waiver":            {verdict.Finding{Verdict: pass, Waiver: "w"}, true, true},
		"a waiver of no use":  {verdict.Finding{Verdict: fail, Waiver: "w"}, false, false},
	} {
		if excused, waived := c.finding.Excused(), c.finding.Waived(); excused != c.excused || waived != c.waived {
			t.Errorf("%s: excused %t, waived %t; want %t, %t", name, excused, waived, c.excused, c.waived)
		}
	}
}

func TestGone(t *testing.T) {
	second := verdict.KnownGap{ID: "second", Spec: "tracing.a", Kind: "other", Text: "another thing"}
	elsewhere := verdict.KnownGap{ID: "elsewhere", Spec: "tracing.b", Kind: "other"}
	gaps := []verdict.KnownGap{gap, elsewhere, second}
	shows := func(id string, v verdict.Verdict) verdict.Finding {
		return verdict.Finding{Kind: "headers-dropped", Verdict: v, Gap: id}
	}
	for name, c := range map[string]struct {
		findings []verdict.Finding
		want     []string
	}{
		"all is well":                         {nil, []string{"drops", "second"}},
		"a note of something else":            {[]verdict.Finding{finding(pass, "extra-workload", "x")}, []string{"drops", "second"}},
		"one is shown":                        {[]verdict.Finding{shows("drops", pass)}, []string{"second"}},
		"one is shown and is not excused":     {[]verdict.Finding{shows("drops", fail)}, []string{"second"}},
		"both are shown":                      {[]verdict.Finding{shows("drops", pass), shows("second", pass)}, nil},
		"after a failure nothing can be said": {[]verdict.Finding{finding(fail, "broken", "x")}, nil},
		"without evidence nothing either":     {[]verdict.Finding{shows("drops", pass), finding(unsure, "no-evidence", "")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, note := range verdict.Gone("tracing.a", c.findings, gaps) {
				if note.Verdict != pass || note.Kind != verdict.GapGone || note.Summary == "" || note.Next == "" {
					t.Errorf("note is not complete: %+v", note)
				}
				got = append(got, note.Gap)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSort(t *testing.T) {
	mixed := []verdict.Finding{
		finding(pass, "b", "z"), finding(skip, "a", "a"), finding(unsure, "a", "b"), finding(fail, "b", "b"),
		finding(fail, "a", "b"), finding(fail, "z", "a"), finding(pass, "b", "a"),
	}
	want := []verdict.Finding{
		finding(fail, "z", "a"), finding(fail, "a", "b"), finding(fail, "b", "b"), finding(unsure, "a", "b"),
		finding(pass, "b", "a"), finding(pass, "b", "z"), finding(skip, "a", "a"),
	}
	verdict.Sort(mixed)
	if diff := cmp.Diff(want, mixed); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	hops := []verdict.Finding{
		{Kind: "a", Verdict: fail, Object: "o", Where: "hop 2"},
		{Kind: "a", Verdict: fail, Object: "o", Where: "hop 1"},
	}
	verdict.Sort(hops)
	if hops[0].Where != "hop 2" {
		t.Error("findings that are alike changed places")
	}
	verdict.Sort(nil)
}

func TestIncomplete(t *testing.T) {
	whole := verdict.Finding{Verdict: fail, Kind: "k", Summary: "s", Object: "o", Want: "w", Got: "g", Where: "p", Why: "y", Next: "n"}
	change := func(spoil func(*verdict.Finding)) verdict.Finding {
		f := whole
		spoil(&f)
		return f
	}
	for name, c := range map[string]struct {
		finding verdict.Finding
		want    []string
	}{
		"whole":              {whole, nil},
		"a failure in brief": {verdict.Finding{Verdict: fail, Kind: "k"}, []string{"summary", "object", "want", "got", "where", "why", "next"}},
		"a doubt":            {change(func(f *verdict.Finding) { f.Verdict, f.Object, f.Why = unsure, "", "" }), []string{"object", "why"}},
		"no kind":            {change(func(f *verdict.Finding) { f.Kind = "" }), []string{"kind"}},
		"no verdict":         {change(func(f *verdict.Finding) { f.Verdict = "" }), []string{"verdict"}},
		"blank":              {change(func(f *verdict.Finding) { f.Got = " \n" }), []string{"got"}},
		"a note":             {verdict.Finding{Verdict: pass}, nil},
		"a skip":             {verdict.Finding{Verdict: skip}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.finding.Incomplete()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

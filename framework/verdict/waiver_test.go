package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/verdict"
)

const today = verdict.Day("2026-11-23")

var can = verdict.Waivable{"hygiene.limits": {"no-limits", "proxy-no-limits"}, "hygiene.root-pods": {"runs-as-root"}}

// entry is a waiver file with one entry that is right but for the change.
func entry(change ...string) string {
	text := `waivers:
- spec: hygiene.limits
  kind: no-limits
  object: Deployment onap/vfc-*
  owner: VF-C
  reason: the charts set none
  expires: 2027-12-31
`
	return strings.NewReplacer(change...).Replace(text)
}

func TestParseWaivers(t *testing.T) {
	want := verdict.Waiver{Spec: "hygiene.limits", Kind: "no-limits", Object: "Deployment onap/vfc-*", Owner: "VF-C", Reason: "the charts set none", Expires: "2027-12-31"}
	for name, c := range map[string]struct {
		text string
		want []verdict.Waiver
	}{
		"nothing waived":                  {"waivers: []", nil},
		"one":                             {entry(), []verdict.Waiver{want}},
		"a quoted date":                   {entry("2027-12-31", `"2027-12-31"`), []verdict.Waiver{want}},
		"a glob is each spec of the kind": {entry("hygiene.limits", "hygiene.*"), []verdict.Waiver{want}},
	} {
		got, err := verdict.ParseWaivers([]byte(c.text), can)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// TestParseWaiversOfAnyKind: where every kind can be waived, one that nobody has
// found yet can be, too; a glob reaches all such specs.
func TestParseWaiversOfAnyKind(t *testing.T) {
	waivable := verdict.Waivable{"hygiene.limits": {verdict.AnyKind}, "hygiene.jdwp": {verdict.AnyKind}, "hygiene.versions": {"image-snapshot"}}
	got, err := verdict.ParseWaivers([]byte(entry("hygiene.limits", "hygiene.*", "no-limits", "some-new-kind")), waivable)
	if err != nil || len(got) != 2 || got[0].Spec != "hygiene.jdwp" || got[1].Spec != "hygiene.limits" || got[0].Kind != "some-new-kind" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseWaiversRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an empty file":        {"", "waivers: missing"},
		"another file":         {"gaps: []", `unknown field "gaps"`},
		"no list":              {"waivers: all", "cannot unmarshal"},
		"an unknown field":     {entry("reason:", "because:"), `waivers[0]: error unmarshaling JSON: while decoding JSON: json: unknown field "because"; every waiver has spec,`},
		"a field twice":        {entry("  owner: VF-C\n", "  owner: VF-C\n  owner: MSB\n"), `"owner" already set`},
		"no owner":             {entry("  owner: VF-C\n", ""), "waivers[0].owner: missing"},
		"a blank reason":       {entry("the charts set none", `" "`), "waivers[0].reason: missing"},
		"no end":               {entry("  expires: 2027-12-31\n", ""), "waivers[0].expires: missing"},
		"an unknown spec":      {entry("hygiene.limits", "hygiene.limit"), `waivers[0].spec: "hygiene.limit" is no spec that has something to waive; those are hygiene.limits, hygiene.root-pods`},
		"a glob of no spec":    {entry("hygiene.limits", "tracing.*"), `waivers[0].spec: "tracing.*"`},
		"an unknown kind":      {entry("no-limits", "nolimits"), `waivers[0].kind: "nolimits" is nothing that can be waived of hygiene.limits; that is [no-limits proxy-no-limits]`},
		"another spec's kind":  {entry("no-limits", "runs-as-root"), `waivers[0].kind: "runs-as-root"`},
		"a broken object":      {entry("vfc-*", "vfc-["), "waivers[0].object:"},
		"a broken spec":        {entry("hygiene.limits", `"hygiene.["`), "waivers[0].spec:"},
		"a date of no month":   {entry("2027-12-31", "2027-13-31"), `waivers[0].expires: "2027-13-31" is no date; write it like 2027-12-31`},
		"a date as people say": {entry("2027-12-31", "31.12.2027"), `waivers[0].expires: "31.12.2027"`},
		"a moment":             {entry("2027-12-31", "2027-12-31T00:00:00Z"), `waivers[0].expires:`},
	} {
		got, err := verdict.ParseWaivers([]byte(c.text), can)
		if err == nil || !strings.Contains(err.Error(), c.want) || got != nil {
			t.Errorf("%s: got %v and error %v, want %s", name, got, err, c.want)
		}
	}
}

// TestParseWaiversNamesAll: one error says everything that is wrong.
func TestParseWaiversNamesAll(t *testing.T) {
	text := entry("VF-C", `""`) + strings.TrimPrefix(entry("2027-12-31", "soon", "no-limits", "none"), "waivers:\n")
	_, err := verdict.ParseWaivers([]byte(text), can)
	for _, want := range []string{"waivers[0].owner", "waivers[1].kind", "waivers[1].expires"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

var waiver = verdict.Waiver{Spec: "hygiene.limits", Kind: "no-limits", Object: "Deployment onap/vfc-*", Owner: "VF-C", Reason: "none set", Expires: "2027-12-31"}

func TestWaive(t *testing.T) {
	const vfc, msb = "Deployment onap/vfc-vfc-nslcm", "Deployment onap/msb-msb-iag"
	bad := finding(fail, "no-limits", vfc)
	waived := bad
	waived.Verdict, waived.Waiver = pass, "VF-C, until 2027-12-31: none set"
	named := waived
	named.Verdict = fail
	late := bad
	late.Why = "; the waiver of VF-C was for until 2027-12-31, and it is judged on 2028-01-01"
	undated := bad
	undated.Why = "; the waiver of VF-C was for until 2027-12-31, and it is judged on no known day"
	shorter := waiver
	shorter.Owner, shorter.Expires = "MSB", "2026-01-01"
	for name, c := range map[string]struct {
		spec    string
		finding verdict.Finding
		today   verdict.Day
		ideal   bool
		want    verdict.Finding
	}{
		"covered":               {"hygiene.limits", bad, today, false, waived},
		"on its last day":       {"hygiene.limits", bad, "2027-12-31", false, waived},
		"a day later":           {"hygiene.limits", bad, "2028-01-01", false, late},
		"judged on no day":      {"hygiene.limits", bad, "", false, undated},
		"the ideal is demanded": {"hygiene.limits", bad, today, true, named},
		"another spec":          {"hygiene.root-pods", bad, today, false, bad},
		"another kind":          {"hygiene.limits", finding(fail, "proxy-no-limits", vfc), today, false, finding(fail, "proxy-no-limits", vfc)},
		"another object":        {"hygiene.limits", finding(fail, "no-limits", msb), today, false, finding(fail, "no-limits", msb)},
		"no evidence":           {"hygiene.limits", finding(unsure, "no-limits", vfc), today, false, finding(unsure, "no-limits", vfc)},
		"a note":                {"hygiene.limits", finding(pass, "no-limits", vfc), today, false, finding(pass, "no-limits", vfc)},
	} {
		given := []verdict.Finding{c.finding}
		got := verdict.Waive(c.spec, given, []verdict.Waiver{shorter, waiver}, c.today, c.ideal)
		if diff := cmp.Diff([]verdict.Finding{c.want}, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if given[0] != c.finding {
			t.Errorf("%s: the findings given were changed: %+v", name, given[0])
		}
	}
}

func TestUnused(t *testing.T) {
	needed := finding(pass, "no-limits", "Deployment onap/vfc-vfc-db")
	needed.Waiver = "VF-C"
	ideal := needed
	ideal.Verdict = fail
	elsewhere := waiver
	elsewhere.Spec = "hygiene.root-pods"
	for name, c := range map[string]struct {
		findings []verdict.Finding
		want     int
	}{
		"nothing found":                     {nil, 1},
		"a note of the same kind":           {[]verdict.Finding{finding(pass, "no-limits", "Deployment onap/vfc-vfc-db")}, 1},
		"needed":                            {[]verdict.Finding{needed}, 0},
		"needed, but the ideal is demanded": {[]verdict.Finding{ideal}, 0},
		"after a failure":                   {[]verdict.Finding{finding(fail, "other", "")}, 0},
		"without evidence":                  {[]verdict.Finding{finding(unsure, "no-evidence", "")}, 0},
	} {
		got := verdict.Unused("hygiene.limits", c.findings, []verdict.Waiver{waiver, elsewhere})
		if len(got) != c.want {
			t.Errorf("%s: got %+v, want %d notes", name, got, c.want)
		}
		for _, f := range got {
			if f.Verdict != pass || f.Kind != "waiver-unused" || f.Object != waiver.Object || f.Next == "" {
				t.Errorf("%s: not a note that helps: %+v", name, f)
			}
		}
	}
}

func TestDayOf(t *testing.T) {
	east := time.Date(2027, 1, 1, 1, 0, 0, 0, time.FixedZone("east", 2*60*60))
	if got := verdict.DayOf(east); got != "2026-12-31" {
		t.Errorf("got %s, want the day in UTC, 2026-12-31", got)
	}
}

// TestWaiversOfNoRelease: a release without a file waives nothing.
func TestWaiversOfNoRelease(t *testing.T) {
	got, err := verdict.WaiversOf("no-such-release", can)
	if got != nil || err != nil {
		t.Errorf("got %v and %v", got, err)
	}
}

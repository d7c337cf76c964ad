package verdict

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/waivers"
)

// Day is a date as waivers write it: "2027-12-31".
type Day string

// DayOf is the day of a moment, in UTC.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// Waiver is somebody's promise to live with a finding until a day, which is the
// last one that it holds on.
type Waiver struct {
	// Spec is the id of a spec. In a file it may be a glob ("hygiene.*"), which
	// stands for all its specs that can find the kind.
	Spec string `json:"spec"`
	Kind Kind   `json:"kind"`
	// Object is a glob over the finding's object, "Deployment onap/vfc-*"; a star
	// matches no slash.
	Object string `json:"object"`
	// Owner answers for it, for the Reason given.
	Owner   string `json:"owner"`
	Reason  string `json:"reason"`
	Expires Day    `json:"expires"`
}

// Waivable says which kinds of findings of which spec can be waived.
type Waivable map[string][]Kind

// AnyKind among a spec's waivable kinds stands for every kind.
const AnyKind Kind = "*"

// ParseWaivers reads a waiver file, "waivers: [...]", strictly. A spec that is a
// glob becomes one waiver for each spec it stands for. The error names the entry
// and the field of all that is wrong.
func ParseWaivers(text []byte, can Waivable) ([]Waiver, error) {
	var file struct {
		Waivers []json.RawMessage `json:"waivers"`
	}
	if err := yaml.UnmarshalStrict(text, &file); err != nil {
		return nil, fmt.Errorf("read waivers: %w", err)
	}
	if file.Waivers == nil {
		return nil, errors.New("read waivers: waivers: missing; write \"waivers: []\" to waive nothing")
	}
	var all []Waiver
	var wrong []error
	for i, entry := range file.Waivers {
		w := Waiver{}
		if err := yaml.UnmarshalStrict(entry, &w); err != nil {
			wrong = append(wrong, fmt.Errorf("waivers[%d]: %w; %s", i, err, fields))
			continue
		}
		specs, problems := w.check(can)
		for _, p := range problems {
			wrong = append(wrong, fmt.Errorf("waivers[%d].%w", i, p))
		}
		for _, spec := range specs {
			w.Spec = spec
			all = append(all, w)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return all, nil
}

// fields is what an entry must have.
const fields = "every waiver has spec, kind, object, owner, reason and expires"

// check returns the specs the waiver stands for, and what is wrong with it.
func (w Waiver) check(can Waivable) (specs []string, wrong []error) {
	for _, field := range []struct{ name, value string }{
		{"spec", w.Spec}, {"kind", string(w.Kind)}, {"object", w.Object}, {"owner", w.Owner}, {"reason", w.Reason}, {"expires", string(w.Expires)},
	} {
		if strings.TrimSpace(field.value) == "" {
			wrong = append(wrong, fmt.Errorf("%s: missing; %s", field.name, fields))
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	if _, err := path.Match(w.Object, ""); err != nil {
		wrong = append(wrong, fmt.Errorf("object: %q is no pattern (%w); write it like \"Deployment onap/vfc-*\"", w.Object, err))
	}
	if _, err := time.Parse(time.DateOnly, string(w.Expires)); err != nil {
		wrong = append(wrong, fmt.Errorf("expires: %q is no date; write it like 2027-12-31", w.Expires))
	}
	specs, err := w.specs(can)
	if err != nil {
		wrong = append(wrong, err)
	}
	return specs, wrong
}

// specs are the ids that the waiver's spec matches and that can find its kind.
func (w Waiver) specs(can Waivable) ([]string, error) {
	if _, err := path.Match(w.Spec, ""); err != nil {
		return nil, fmt.Errorf("spec: %q is no pattern (%w); write an id or \"hygiene.*\"", w.Spec, err)
	}
	var matched, found []string
	var kinds []Kind
	for _, id := range slices.Sorted(maps.Keys(can)) {
		if !matches(w.Spec, id) {
			continue
		}
		matched = append(matched, id)
		kinds = append(kinds, can[id]...)
		if slices.Contains(can[id], w.Kind) || slices.Contains(can[id], AnyKind) {
			found = append(found, id)
		}
	}
	slices.Sort(kinds)
	switch {
	case len(matched) == 0:
		return nil, fmt.Errorf("spec: %q is no spec that has something to waive; those are %s", w.Spec, strings.Join(slices.Sorted(maps.Keys(can)), ", "))
	case len(found) == 0:
		return nil, fmt.Errorf("kind: %q is nothing that can be waived of %s; that is %v", w.Kind, w.Spec, slices.Compact(kinds))
	}
	return found, nil
}

// matches is path.Match for a pattern that was checked.
func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// WaiversOf returns what is waived of a release's charts as ONAP made them;
// nothing for a release that has no such file.
func WaiversOf(release string, can Waivable) ([]Waiver, error) {
	text, err := data.Releases.ReadFile(release + ".yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the waivers of release %s: %w", release, err)
	}
	waivers, err := ParseWaivers(text, can)
	if err != nil {
		return nil, fmt.Errorf("waivers of release %s: %w", release, err)
	}
	return waivers, nil
}

// covers tells whether the waiver is about the finding of the named spec, be it
// expired or not.
func (w Waiver) covers(spec string, f Finding) bool {
	return w.Spec == spec && w.Kind == f.Kind && matches(w.Object, f.Object)
}

// Holds tells whether the waiver counts on that day; without a day none does.
func (w Waiver) Holds(today Day) bool { return today != "" && today <= w.Expires }

func (w Waiver) String() string { return fmt.Sprintf("%s, until %s: %s", w.Owner, w.Expires, w.Reason) }

// Waive turns failing findings that a waiver covers into notes (verdict Pass,
// Waiver set). A waiver that is expired waives nothing, and the finding says so.
// With demandIdeal waivers excuse nothing, but are still named.
func Waive(spec string, findings []Finding, waivers []Waiver, today Day, demandIdeal bool) []Finding {
	out := slices.Clone(findings)
	for i := range out {
		if out[i].Verdict != Fail {
			continue
		}
		w, covered := Covering(spec, out[i], waivers)
		switch {
		case !covered:
		case !w.Holds(today):
			out[i].Why += fmt.Sprintf("; the waiver of %s was for until %s, and it is judged on %s", w.Owner, w.Expires, cmp.Or(today, "no known day"))
		default:
			out[i].Waiver = w.String()
			if !demandIdeal {
				out[i].Verdict = Pass
			}
		}
	}
	return out
}

// Covering is the waiver that covers the finding of the named spec and holds
// longest, be it expired or not.
func Covering(spec string, f Finding, waivers []Waiver) (Waiver, bool) {
	var best Waiver
	found := false
	for _, w := range waivers {
		if w.covers(spec, f) && (!found || w.Expires > best.Expires) {
			best, found = w, true
		}
	}
	return best, found
}

// Unused returns a note for each waiver of the spec that none of its findings
// needed. After a failure that is not waived, or without evidence, nothing can
// be said of waivers, and there are no notes.
func Unused(spec string, findings []Finding, waivers []Waiver) []Finding {
	for _, f := range findings {
		if f.Verdict != Pass && f.Waiver == "" {
			return nil
		}
	}
	var notes []Finding
	for _, w := range waivers {
		if w.Spec != spec || slices.ContainsFunc(findings, func(f Finding) bool { return f.Waiver != "" && w.covers(spec, f) }) {
			continue
		}
		notes = append(notes, Finding{
			Kind: waiverUnused, Verdict: Pass, Object: w.Object,
			Summary: fmt.Sprintf("the waiver of %s for %s matches nothing any more", w.Owner, w.Kind),
			Next:    fmt.Sprintf("remove the waiver of kind %s for %q from the waiver file", w.Kind, w.Object),
		})
	}
	return notes
}

// waiverUnused is the kind of the note about a waiver that nothing needs.
const waiverUnused Kind = "waiver-unused"

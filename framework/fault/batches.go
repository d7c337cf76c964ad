package fault

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Batches packs the live faults into groups that can be applied at the same
// time: no two of a group are rivals. The result is the same for every order of
// the list. Those with the most rivals are placed first, each where it needs the
// fewest specs that would not be run anyway, then where the fewest faults are;
// what disturbs most comes last, so that what it leaves behind meets fewest.
func Batches(faults []Fault) [][]Fault {
	live := slices.DeleteFunc(slices.Clone(faults), func(f Fault) bool { return !f.Live() })
	many := map[string]int{}
	for _, f := range live {
		many[f.ID] = count(live, f.rivals)
	}
	slices.SortFunc(live, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(many[b.ID], many[a.ID]), strings.Compare(a.ID, b.ID))
	})
	var batches [][]Fault
	for _, f := range live {
		i := place(batches, f)
		if i < 0 {
			batches = append(batches, []Fault{f})
			continue
		}
		batches[i] = append(batches[i], f)
	}
	for _, batch := range batches {
		slices.SortFunc(batch, func(a, b Fault) int { return strings.Compare(a.ID, b.ID) })
	}
	slices.Reverse(batches)
	return batches
}

// place is the index of the group that a fault goes into, -1 when none has room.
func place(batches [][]Fault, f Fault) int {
	best, fewest := -1, []int(nil)
	for i, batch := range batches {
		if slices.ContainsFunc(batch, f.rivals) {
			continue
		}
		if costs := []int{more(batch, f), len(batch)}; best < 0 || slices.Compare(costs, fewest) < 0 {
			best, fewest = i, costs
		}
	}
	return best
}

// more is how many specs must be run for the fault that the group does not need.
func more(batch []Fault, f Fault) int {
	specs := map[string]bool{}
	for _, r := range f.Red {
		if !slices.ContainsFunc(batch, func(other Fault) bool { return len(other.Of(r.Spec)) > 0 }) {
			specs[r.Spec] = true
		}
	}
	return len(specs)
}

func count(faults []Fault, is func(Fault) bool) int {
	n := 0
	for _, f := range faults {
		if is(f) {
			n++
		}
	}
	return n
}

// rivals tells whether two faults must not be applied at the same time: one is
// Alone, they change the same object or are noticed by the same finding, or one
// Disturbs what the other needs.
func (f Fault) rivals(other Fault) bool {
	touched := other.touches()
	return f.Alone || other.Alone || f.disturbs(other) || other.disturbs(f) ||
		slices.ContainsFunc(f.touches(), func(object string) bool { return slices.Contains(touched, object) }) ||
		slices.ContainsFunc(f.Red, func(r Red) bool { return slices.Contains(other.Red, r) })
}

// disturbs tells whether the fault disturbs a spec that must notice the other,
// or pods that the other makes.
func (f Fault) disturbs(other Fault) bool {
	return slices.ContainsFunc(f.Disturbs, func(glob string) bool {
		return glob == Pods && other.makesPods() ||
			slices.ContainsFunc(other.Red, func(r Red) bool { return matches(glob, r.Spec) })
	})
}

// matches tells whether a glob of Disturbs names the spec; Check refuses bad globs.
func matches(glob, spec string) bool {
	matched, err := path.Match(glob, spec)
	return matched && err == nil
}

// makesPods tells whether pods that are to get a sidecar are made anew while the
// fault is applied or cleared: also one that scales to nothing makes them again.
func (f Fault) makesPods() bool {
	return slices.ContainsFunc(slices.Concat(f.Apply, f.Clear), Action.makesPods)
}

// values is the object that all chart values are.
const values = "values"

// touches names the objects that the fault changes, "values" for chart values;
// requests touch none.
func (f Fault) touches() []string {
	var objects []string
	for _, a := range slices.Concat(f.Apply, f.Clear) {
		if object := a.touches(); object != "" {
			objects = append(objects, object)
		}
	}
	return objects
}

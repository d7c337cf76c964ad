package fault

import "slices"

// Batches packs the live faults into groups that can be applied at the same
// time: none is Alone, no two change the same object, and no two are noticed by
// the same finding. A fault goes into the first group that has room for it, so
// the order of the list is kept as far as that allows.
func Batches(faults []Fault) [][]Fault {
	var batches [][]Fault
	for _, f := range faults {
		if !f.Live() {
			continue
		}
		fits := func(batch []Fault) bool {
			return !slices.ContainsFunc(batch, func(other Fault) bool { return disturb(f, other) })
		}
		if i := slices.IndexFunc(batches, fits); i >= 0 {
			batches[i] = append(batches[i], f)
			continue
		}
		batches = append(batches, []Fault{f})
	}
	return batches
}

// disturb tells whether two faults must not be applied at the same time.
func disturb(a, b Fault) bool {
	if a.Alone || b.Alone {
		return true
	}
	touched := b.touches()
	return slices.ContainsFunc(a.touches(), func(object string) bool { return slices.Contains(touched, object) }) ||
		slices.ContainsFunc(a.Red, func(r Red) bool { return slices.Contains(b.Red, r) })
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

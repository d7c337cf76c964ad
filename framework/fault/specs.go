package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/onap/meshcert/framework/config"
)

// CheckSpecs says whether the faults fit the specs: each spec is turned red by
// at least one fault, each fault names specs that exist and disturbs some that
// exist, and each changes only evidence of a spec that it turns red. The error
// lists all that does not fit.
func CheckSpecs(faults []Fault, specIDs []string) error {
	var wrong []error
	for _, f := range faults {
		red := map[string]bool{}
		for i, r := range f.Red {
			red[r.Spec] = true
			if !slices.Contains(specIDs, r.Spec) {
				wrong = append(wrong, fmt.Errorf("%s.yaml: red[%d].spec: %s", f.ID, i, config.Unknown(r.Spec, specIDs)))
			}
		}
		for i, glob := range f.Disturbs {
			if glob != Pods && !slices.ContainsFunc(specIDs, func(id string) bool { return matches(glob, id) }) {
				wrong = append(wrong, fmt.Errorf("%s.yaml: disturbs[%d]: matches no spec: %s", f.ID, i, config.Unknown(glob, specIDs)))
			}
		}
		for i, e := range f.Evidence {
			if !red[e.Spec] {
				wrong = append(wrong, fmt.Errorf("%s.yaml: evidence[%d].spec: %q is not among its red specs %v; its verdict would not be looked at",
					f.ID, i, e.Spec, slices.Sorted(maps.Keys(red))))
			}
		}
	}
	by := BySpec(faults)
	for _, id := range specIDs {
		if len(by[id]) == 0 {
			wrong = append(wrong, fmt.Errorf("spec %s: no fault turns it red; add one to fixtures/faults", id))
		}
	}
	return errors.Join(wrong...)
}

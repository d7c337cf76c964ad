package fault

import (
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/tracer"
)

// Select returns the faults that a focus names (ids, globs over ids, layers; all
// when it is empty), of the quick subset alone when that is asked for. A
// selection that leaves none is a *config.UsageError.
func Select(faults []Fault, focus string, quick bool) ([]Fault, error) {
	layers := map[string]string{}
	var ids []string
	for _, f := range faults {
		layers[f.ID] = string(f.Layer)
		ids = append(ids, f.ID)
	}
	picked, err := config.Focus("--focus", focus, ids, func(id string) string { return layers[id] })
	if err != nil {
		return nil, err
	}
	selected := slices.DeleteFunc(slices.Clone(faults), func(f Fault) bool { return !picked[f.ID] || quick && !f.Quick })
	if len(selected) == 0 {
		return nil, &config.UsageError{Field: "--focus", Text: "together with --quick it selects no fault; see meshcert fault list"}
	}
	return selected, nil
}

// Lacks says what of the fault's needs the tracing is not: "--tracer jaeger"; "" when
// the fault is of this tracing.
func (f Fault) Lacks(tracing tracer.Tracing) string {
	var flags []string
	if need := f.Needs.Backend; need != "" && need != tracing.Backend {
		flags = append(flags, "--tracer "+string(need))
	}
	if need := f.Needs.Protocol; need != "" && need != tracing.Protocol {
		flags = append(flags, "--trace-protocol "+string(need))
	}
	return strings.Join(flags, " ")
}

// Named returns the catalogue's faults with these ids, in their order; see Find.
func Named(ids []string) ([]Fault, error) {
	all, err := Load()
	if err != nil {
		return nil, err
	}
	var named []Fault
	for _, id := range ids {
		f, err := Find(all, id)
		if err != nil {
			return nil, err
		}
		named = append(named, f)
	}
	return named, nil
}

// MustBeLive refuses a fault that only recorded evidence can have.
func (f Fault) MustBeLive() error {
	if f.Live() {
		return nil
	}
	return &config.UsageError{Field: "ID", Text: f.ID + " is a fault of recorded evidence, which no cluster can have: try it with meshcert selftest --focus " + f.ID}
}

package fault

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/faults"
	"github.com/onap/meshcert/framework/config"
)

// Load reads and checks every fault of the catalogue, sorted by id.
func Load() ([]Fault, error) { return load(data.FS) }

func load(files fs.FS) ([]Fault, error) {
	paths, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list faults: %w", err)
	}
	var all []Fault
	for _, path := range slices.Sorted(slices.Values(paths)) {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, fmt.Errorf("read fault %s: %w", path, err)
		}
		f, err := Parse(strings.TrimSuffix(path, ".yaml"), text)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Fault) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// Parse reads the text of ID.yaml strictly (an unknown or repeated field is an
// error) and checks it. The error names the file and lists all that is wrong.
func Parse(id string, text []byte) (Fault, error) {
	var f Fault
	if err := yaml.UnmarshalStrict(text, &f); err != nil {
		return Fault{}, fmt.Errorf("%s.yaml: %w", id, err)
	}
	f.ID = id
	return f, f.Check()
}

// Find returns the fault of the id. An unknown id is a *config.UsageError that
// names the nearest ones.
func Find(faults []Fault, id string) (Fault, error) {
	known := make([]string, len(faults))
	for i, f := range faults {
		if f.ID == id {
			return f, nil
		}
		known[i] = f.ID
	}
	return Fault{}, &config.UsageError{Field: "ID", Text: config.Unknown(id, known)}
}

// BySpec maps each spec's id to the ids of the faults that must turn it red, sorted.
func BySpec(faults []Fault) map[string][]string {
	ids := map[string]map[string]bool{}
	for _, f := range faults {
		for _, r := range f.Red {
			if ids[r.Spec] == nil {
				ids[r.Spec] = map[string]bool{}
			}
			ids[r.Spec][f.ID] = true
		}
	}
	sorted := map[string][]string{}
	for spec, set := range ids {
		sorted[spec] = slices.Sorted(maps.Keys(set))
	}
	return sorted
}

package catalogue

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/catalogue"
)

// UnknownReleaseError is returned by Load for a release that is not in the catalogue.
type UnknownReleaseError struct {
	Name string
	// Nearest are the catalogue's releases, the most similar name first.
	Nearest []string
}

func (e *UnknownReleaseError) Error() string {
	return fmt.Sprintf("unknown release %q; known: %s", e.Name, strings.Join(e.Nearest, ", "))
}

// Names returns the releases of the catalogue, sorted.
func Names() []string {
	entries, err := fs.ReadDir(data.Releases, ".")
	if err != nil {
		panic("the embedded catalogue is unreadable: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Load reads and checks the catalogue of a release. A name that is not in the
// catalogue gives an *UnknownReleaseError.
func Load(name string) (*Release, error) {
	if !slices.Contains(Names(), name) {
		return nil, &UnknownReleaseError{Name: name, Nearest: nearest(name, Names())}
	}
	text, err := data.Releases.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read catalogue of release %s: %w", name, err)
	}
	release, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("catalogue of release %s: %w", name, err)
	}
	return release, nil
}

// Parse reads a release's YAML strictly (an unknown or repeated field is an
// error) and checks that everything it refers to exists. The error lists all
// that is wrong.
func Parse(text []byte) (*Release, error) {
	release := &Release{}
	if err := yaml.UnmarshalStrict(text, release); err != nil {
		return nil, err
	}
	if err := errors.Join(release.problems()...); err != nil {
		return nil, err
	}
	return release, nil
}

// nearest sorts names by edit distance to the name asked for.
func nearest(name string, names []string) []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(name, a) - distance(name, b) })
	return sorted
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/catalogue"
)

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

// Has tells whether the catalogue has the release.
func Has(name string) bool { return slices.Contains(Names(), name) }

// Load reads and checks the catalogue of a release. A name that is not in the
// catalogue is an error that says which are.
func Load(name string) (*Release, error) {
	if !Has(name) {
		return nil, fmt.Errorf("unknown release %q; known: %s", name, strings.Join(Names(), ", "))
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
// error) and checks that everything it refers to exists. A workload that names
// no kind is a Deployment. The error lists all that is wrong.
func Parse(text []byte) (*Release, error) {
	release := &Release{}
	if err := yaml.UnmarshalStrict(text, release); err != nil {
		return nil, err
	}
	for i := range release.Workloads {
		release.Workloads[i].Kind = cmp.Or(release.Workloads[i].Kind, Deployment)
	}
	if err := errors.Join(release.problems()...); err != nil {
		return nil, err
	}
	return release, nil
}

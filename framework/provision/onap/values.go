package onap

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	charts "github.com/onap/meshcert/fixtures/charts"
	"github.com/onap/meshcert/framework/provision/chart"
)

// releaseValues is the form of releases/NAME.yaml.
type releaseValues struct {
	// Like names a release whose values these are laid over.
	Like   string         `json:"like"`
	Charts map[string]any `json:"charts"`
}

// valuesOf are the embedded values of a release.
func valuesOf(release string) (releaseValues, error) {
	var own releaseValues
	file := "releases/" + release + ".yaml"
	text, err := fs.ReadFile(charts.FS, file)
	if err != nil {
		return own, fmt.Errorf("there are no charts for release %s: %w", release, err)
	}
	if err := yaml.UnmarshalStrict(text, &own); err != nil {
		return own, fmt.Errorf("read %s: %w", file, err)
	}
	if own.Like == "" {
		return own, nil
	}
	base, err := valuesOf(own.Like)
	if err != nil {
		return own, fmt.Errorf("%s: like: %w", file, err)
	}
	return releaseValues{Charts: chart.Merge(base.Charts, own.Charts)}, nil
}

// known refuses a value that none of the names has.
func known(prefix string, values map[string]any, names []string) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, key) {
			slices.Sort(names)
			return fmt.Errorf("value %s%s: there is no such value; known here: %s", prefix, key, strings.Join(slices.Compact(names), ", "))
		}
	}
	return nil
}

// Settings returns what can be set in the charts, in the form of Options.Set and
// sorted: "msb.msb-iag.istioSidecar".
func Settings() ([]string, error) {
	var all []string
	for _, name := range order()[1:] {
		loaded, err := chart.Load(charts.FS, name)
		if err != nil {
			return nil, err
		}
		for key, value := range loaded.Values {
			if key == "global" {
				all = append(all, leaves(key, value)...)
				continue
			}
			all = append(all, leaves(name+"."+key, value)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// leaves are the paths of all values below the path that are no mappings.
func leaves(path string, value any) []string {
	mapping, ok := value.(map[string]any)
	if !ok {
		return []string{path}
	}
	var all []string
	for key, value := range mapping {
		all = append(all, leaves(path+"."+key, value)...)
	}
	return all
}

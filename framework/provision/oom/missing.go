package oom

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

const (
	// missingAnnotation marks a chart that stands for one the tree does not have.
	missingAnnotation = "meshcert.onap.org/missing"
	// missingVersion is that chart's version.
	missingVersion = "0.0.0"
)

// Missing is a dependency that the tree does not have.
type Missing struct {
	// Chart is the place of the chart that wants it, from the loaded chart down: "onap/aai".
	Chart string
	// File of the tree lists it.
	File string
	// Name, Version and Repository are those of the dependency.
	Name, Version, Repository string
	// Condition is the path of its condition in the values of the loaded chart,
	// "aai.graph.enabled", or several with commas.
	Condition string
	// Why says what the tree has instead.
	Why string
}

func (m Missing) String() string {
	fix := "put the chart into the tree"
	if m.Condition != "" {
		fix += ", or disable it with " + m.Condition
	}
	return fmt.Sprintf("chart %s: %s: dependency %s (version %q, repository %q) is enabled, but %s; %s", m.Chart, m.File, m.Name, m.Version, m.Repository, m.Why, fix)
}

// condition returns a dependency's condition as a path in the values of the loaded
// chart, where the chart that has the dependency is at that place, "onap/aai".
func condition(at, own string) string {
	_, below, nested := strings.Cut(at, "/")
	if own == "" || !nested {
		return own
	}
	paths := strings.Split(own, ",")
	for i, p := range paths {
		paths[i] = strings.ReplaceAll(below, "/", ".") + "." + strings.TrimSpace(p)
	}
	return strings.Join(paths, ",")
}

// Disabled is Disabled of the chart.
func (l *Loaded) Disabled() map[string]any { return Disabled(l.Chart) }

// Disabled returns the values that disable every chart this one depends on, as far
// as it has a condition.
func Disabled(c *chart.Chart) map[string]any {
	out := map[string]any{}
	for _, d := range c.Metadata.Dependencies {
		for path := range strings.SplitSeq(d.Condition, ",") {
			keys := strings.Split(strings.TrimSpace(path), ".")
			if keys[0] == "" {
				continue
			}
			at := out
			for _, key := range keys[:len(keys)-1] {
				below, isMap := at[key].(map[string]any)
				if !isMap {
					below = map[string]any{}
					at[key] = below
				}
				at = below
			}
			at[keys[len(keys)-1]] = false
		}
	}
	return out
}

// absent makes the chart that stands for a missing one: Helm finds out whether it is
// enabled as for any other, and if so it stops the rendering.
func absent(m Missing) (*chart.Chart, error) {
	record, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("note missing chart %s: %w", m.Name, err)
	}
	return &chart.Chart{
		Metadata: &chart.Metadata{
			APIVersion: chart.APIVersionV2, Name: m.Name, Version: missingVersion,
			Annotations: map[string]string{missingAnnotation: string(record)},
		},
		Templates: []*chart.File{{Name: "templates/missing.yaml", Data: []byte("{{ fail " + strconv.Quote(m.String()) + " }}\n")}},
	}, nil
}

// Missing returns the dependencies that the tree does not have although the
// values, laid over the chart's own, enable them. Values has the shape of a value file.
func (l *Loaded) Missing(values map[string]any) ([]Missing, error) {
	// Helm changes the chart here, so it gets one of its own.
	c, err := newAssembly(l.tree).assemble(l.source, l.source.name(), nil)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		return nil, fmt.Errorf("find the enabled dependencies of chart %s: %w", c.Name(), err)
	}
	return collect(c, c.Name())
}

func collect(c *chart.Chart, at string) ([]Missing, error) {
	var found []Missing
	if record, marked := c.Metadata.Annotations[missingAnnotation]; marked {
		m := Missing{}
		if err := json.Unmarshal([]byte(record), &m); err != nil {
			return nil, fmt.Errorf("read what is missing at %s: %w", at, err)
		}
		return append(found, m), nil
	}
	for _, child := range c.Dependencies() {
		below, err := collect(child, path.Join(at, child.Name()))
		if err != nil {
			return nil, err
		}
		found = append(found, below...)
	}
	return found, nil
}

package oom

import (
	"maps"

	"helm.sh/helm/v3/pkg/chartutil"
)

// UmbrellaValues returns what the umbrella chart onap hands the chart of that name:
// the umbrella's section for it, and its section global. From Frankfurt on a chart
// of its own does not render without them. They are empty for the umbrella itself
// and in a tree without one.
func (t *Tree) UmbrellaValues(name string) (map[string]any, error) {
	out := map[string]any{}
	if t.byDir[umbrella] == nil || name == umbrella {
		return out, nil
	}
	s, err := t.find(umbrella)
	if err != nil {
		return nil, err
	}
	data, err := t.text(s, "values.yaml")
	if err != nil {
		return nil, err
	}
	values, err := chartutil.ReadValues(data)
	if err != nil {
		return nil, s.fault("values.yaml", "correct its YAML", "%v", err)
	}
	if section, found := values[name].(map[string]any); found {
		maps.Copy(out, section)
	}
	if global, found := values[chartutil.GlobalKey].(map[string]any); found {
		out[chartutil.GlobalKey] = global
	}
	return out, nil
}

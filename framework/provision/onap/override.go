package onap

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"

	charts "github.com/onap/meshcert/fixtures/charts"
	"github.com/onap/meshcert/framework/provision/chart"
)

// Override is one thing that is installed otherwise than the charts say. Values
// go before transforms, which change rendered objects where no value does it.
type Override struct {
	// Name is its switch in Options.Without; Why the reason.
	Name string
	Why  string
}

// Overrides are all overrides, values first. Each is used only where a chart has
// what it is about.
func Overrides() ([]Override, error) {
	settings, err := settings()
	if err != nil {
		return nil, err
	}
	var all []Override
	for _, s := range settings {
		all = append(all, s.Override)
	}
	for _, t := range transforms() {
		all = append(all, t.Override)
	}
	return all, nil
}

// setting is an override by values, an entry of fixtures/charts/overrides.yaml.
type setting struct {
	Override
	When    string         `json:"when"`
	Needed  bool           `json:"needed"`
	Values  map[string]any `json:"values"`
	Changes []string       `json:"changes"`
}

func settings() ([]setting, error) {
	var all []setting
	if err := yaml.UnmarshalStrict(charts.Overrides, &all); err != nil {
		return nil, fmt.Errorf("read the charts' overrides: %w", err)
	}
	for _, s := range all {
		if !slices.Contains([]string{"", "standins", "quick"}, s.When) {
			return nil, fmt.Errorf("read the charts' overrides: %s: when is %q, want standins, quick or nothing", s.Name, s.When)
		}
	}
	return all, nil
}

// wanted tells whether the override is on.
func (o Options) wanted(name, when string) bool {
	on := map[string]bool{"": true, "standins": o.StandIns, "quick": o.Quick}
	return on[when] && !slices.Contains(o.Without, name)
}

// checkWithout refuses switches that do not exist.
func (o Options) checkWithout() error {
	all, err := Overrides()
	if err != nil {
		return err
	}
	var names []string
	for _, override := range all {
		names = append(names, override.Name)
	}
	for _, name := range o.Without {
		if !slices.Contains(names, name) {
			return fmt.Errorf("override %q: there is none of that name; there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

// overridden are the values of a chart with our overrides.
type overridden struct {
	// plain are the values with nothing but what the chart cannot do without, full
	// those with all overrides.
	plain, full map[string]any
	// used are the overrides that make the difference.
	used []setting
}

// override lays the overrides over the values that the chart of that name is
// handed, below those the user gives it.
func (o Options) override(name string, p page, given map[string]any) (overridden, error) {
	all, err := settings()
	if err != nil {
		return overridden{}, err
	}
	out := overridden{plain: p.values, full: p.values}
	for _, s := range all {
		if !o.wanted(s.Name, s.When) {
			continue
		}
		over := s.over(name, p)
		if len(over) == 0 {
			continue
		}
		out.full = chart.Merge(out.full, over)
		if s.Needed {
			out.plain = chart.Merge(out.plain, over)
		} else {
			out.used = append(out.used, s)
		}
	}
	out.plain, out.full = chart.Merge(out.plain, given), chart.Merge(out.full, given)
	if reflect.DeepEqual(out.plain, out.full) {
		out.used = nil
	}
	return out, nil
}

// over are the values of the override that the chart knows and that are another
// one there.
func (s setting) over(name string, p page) map[string]any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(s.Values)) {
		keys := strings.Split(key, ".")
		if keys[0] != globalKey {
			if keys[0] != name {
				continue
			}
			keys = keys[1:]
		}
		if now, found := lookup(p.values, keys); found && reflect.DeepEqual(now, s.Values[key]) || !knows(p.chart, p.values, keys) {
			continue
		}
		value := s.Values[key]
		for _, key := range slices.Backward(keys) {
			value = map[string]any{key: value}
		}
		out = chart.Merge(out, value.(map[string]any))
	}
	return out
}

// globalKey is the section of values that all charts see.
const globalKey = "global"

// knows tells whether the values or the chart have a value of that path, or one
// of its templates asks for it.
func knows(c *helmchart.Chart, values map[string]any, keys []string) bool {
	if _, found := lookup(values, keys); found {
		return true
	}
	if _, found := lookup(c.Values, keys); found {
		return true
	}
	for _, child := range c.Dependencies() {
		switch {
		case keys[0] == globalKey && knows(child, nil, keys):
			return true
		case keys[0] == child.Name() && len(keys) > 1 && knows(child, nil, keys[1:]):
			return true
		}
	}
	asked := ".Values." + strings.Join(keys, ".")
	return keys[0] == globalKey && slices.ContainsFunc(c.Templates, func(t *helmchart.File) bool {
		return strings.Contains(string(t.Data), asked)
	})
}

func lookup(values map[string]any, keys []string) (any, bool) {
	for _, key := range keys[:len(keys)-1] {
		values, _ = values[key].(map[string]any)
	}
	value, found := values[keys[len(keys)-1]]
	return value, found
}

// declares tells whether the override may change the field of objects of the kind.
func (s setting) declares(d delta) bool {
	return slices.ContainsFunc(s.Changes, func(pattern string) bool {
		matched, err := path.Match(pattern, d.kind+" "+d.field)
		return err == nil && matched
	})
}

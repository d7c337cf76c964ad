package onap

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/provision/chart"
)

// renderPage renders a chart with its overrides and the user's values, and
// migrates what comes out.
func (o Options) renderPage(plan *Plan, name string, p page, given map[string]any) (*draft, error) {
	if own, _ := given[name].(map[string]any); o.Source.Embedded() {
		if err := known(name+".", own, append(chart.Keys(p.chart), globalKey)); err != nil {
			return nil, err
		}
	}
	values, err := o.override(name, p, section(given, name))
	if err != nil {
		return nil, err
	}
	manifests, err := chart.RenderAll(p.chart, name, Namespace, values.full)
	if err != nil {
		return nil, o.explain(err)
	}
	if err := plan.compare(name, p, values, manifests); err != nil {
		return nil, err
	}
	origin, err := chart.OriginOf(p.chart, values.full)
	if err != nil {
		return nil, err
	}
	made := &draft{name: name, version: p.chart.Metadata.Version, origin: origin, manifests: manifests}
	return made, plan.migrate(manifests)
}

// compare renders the chart without the overrides too, puts down what they
// changed, and refuses what none of them declares. What is random is no
// override's doing.
func (p *Plan) compare(name string, page page, values overridden, manifests *chart.Manifests) error {
	if len(values.used) == 0 {
		return nil
	}
	plain, err := chart.RenderAll(page.chart, name, Namespace, values.plain)
	if err != nil {
		return fmt.Errorf("without overrides: %w", err)
	}
	var undeclared []delta
	for _, d := range deltas(plain.All(), manifests.All()) {
		i := slices.IndexFunc(values.used, func(s setting) bool { return s.declares(d) })
		if i < 0 {
			undeclared = append(undeclared, d)
			continue
		}
		p.changed(Value, d.change(values.used[i].Name))
	}
	if len(undeclared) == 0 {
		return nil
	}
	random := map[string]bool{}
	for _, render := range []struct {
		values map[string]any
		first  *chart.Manifests
	}{{values.plain, plain}, {values.full, manifests}} {
		again, err := chart.RenderAll(page.chart, name, Namespace, render.values)
		if err != nil {
			return err
		}
		for _, d := range deltas(render.first.All(), again.All()) {
			random[d.place()] = true
		}
	}
	var problems []error
	for _, d := range undeclared {
		if !random[d.place()] {
			problems = append(problems, fmt.Errorf("overrides of chart %s change %s, field %q, which none of them declares; leave one out: %s",
				name, d.object, d.field, names(values.used)))
		}
	}
	return errors.Join(problems...)
}

func names(used []setting) string {
	var all []string
	for _, s := range used {
		all = append(all, s.Name)
	}
	return strings.Join(all, ", ")
}

// explain names the values that a chart cannot do without, when one of them is
// what an error is about and nobody set it.
func (o Options) explain(err error) error {
	all, wrong := settings()
	if wrong != nil {
		return errors.Join(err, wrong)
	}
	for _, s := range all {
		for key := range s.Values {
			last := key[strings.LastIndex(key, ".")+1:]
			if s.Needed && !o.wanted(s.Name, s.When) && strings.Contains(err.Error(), last) {
				return fmt.Errorf("%w; set it with --set %s=…", err, key)
			}
		}
	}
	return err
}

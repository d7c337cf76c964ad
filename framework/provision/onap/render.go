package onap

import (
	"github.com/onap/meshcert/framework/provision/chart"
)

// renderPage renders a chart with its overrides and the user's values, and
// migrates what comes out.
func (o Options) renderPage(plan *Plan, name string, p page, given map[string]any) (*chart.Manifests, error) {
	if own, _ := given[name].(map[string]any); o.Source.Embedded() {
		if err := known(name+".", own, append(chart.Keys(p.chart), "global")); err != nil {
			return nil, err
		}
	}
	values := chart.Merge(p.values, section(given, name))
	manifests, err := chart.RenderAll(p.chart, name, Namespace, values)
	if err != nil {
		return nil, err
	}
	return manifests, plan.migrate(manifests)
}

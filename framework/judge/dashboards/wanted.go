package dashboards

import (
	"github.com/onap/meshcert/framework/catalogue/dashboards"
)

// Load reads what the dashboard of that name is judged by (fixtures/dashboards).
func Load(name string, subjects map[dashboards.Traffic]dashboards.Subject) (Wanted, error) {
	rules, err := dashboards.LoadRules(name)
	if err != nil {
		return Wanted{}, err
	}
	exporters, err := dashboards.LoadExporters()
	if err != nil {
		return Wanted{}, err
	}
	return Wanted{Rules: rules, Exporters: exporters, Subjects: subjects}, nil
}

// Queries counts the queries that must have data, and those that need not.
func (w Wanted) Queries() (must, can int) {
	for _, p := range w.Rules.Panels {
		for _, n := range p.Needs {
			if _, there := w.Subjects[n.Traffic]; there {
				must += len(n.Queries)
			} else {
				can += len(n.Queries)
			}
		}
	}
	return must, can
}

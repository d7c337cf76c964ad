package dashboards

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	data "github.com/onap/meshcert/fixtures/dashboards"
)

// ErrNotBuiltIn tells that this meshcert was built without Istio's dashboards.
var ErrNotBuiltIn = errors.New("this meshcert was built without Istio's dashboards: build it with make build, or run go generate ./fixtures/dashboards before go build")

// Dashboard is what one of Istio's dashboards asks.
type Dashboard struct {
	Title string
	// Variables are in the order they are resolved in: later ones use earlier ones.
	Variables []Variable
	Queries   []Query
}

// Variable is a variable of a dashboard, but for the data source.
type Variable struct {
	Name string
	// Query is the query whose answer holds the values a person can pick, "" for a
	// variable whose value is fixed; Regex finds a value in a line of the answer.
	Query string
	Regex string
	// All tells that every value is picked unless a person narrows it down.
	All bool
	// Value is the value that is picked first, where it is fixed.
	Value string
}

// Query is one query of a panel. Ref is as Grafana names it: a query without one
// is named A, B, C by its place.
type Query struct {
	Panel int
	Title string
	Ref   string
	Expr  string
}

// BuiltIn are Istio's dashboards that were built into this meshcert.
func BuiltIn() (fs.FS, error) {
	found, err := fs.Glob(data.Istio, "istio/*.json")
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNotBuiltIn
	}
	return fs.Sub(data.Istio, "istio")
}

// Read reads the dashboard of the rules from Istio's dashboards. Rules about a
// query that is not there are an error.
func Read(rules Rules, istio fs.FS) (Dashboard, error) {
	text, err := fs.ReadFile(istio, rules.File)
	if err != nil {
		return Dashboard{}, fmt.Errorf("read dashboard %s: %w", rules.Title, err)
	}
	dashboard, err := Parse(text)
	if err == nil {
		err = errors.Join(dashboard.problems(rules)...)
	}
	if err != nil {
		return Dashboard{}, fmt.Errorf("dashboard %s (%s): %w", rules.Title, rules.File, err)
	}
	return dashboard, nil
}

// problems lists what the rules say of a dashboard that is otherwise.
func (d Dashboard) problems(rules Rules) []error {
	var all []error
	if d.Title != rules.Title {
		all = append(all, fmt.Errorf("the dashboard's title is %q, the rules' is %q", d.Title, rules.Title))
	}
	titles := map[int]string{}
	queries := map[Query]bool{}
	for _, q := range d.Queries {
		titles[q.Panel] = q.Title
		queries[Query{Panel: q.Panel, Ref: q.Ref}] = true
	}
	for _, p := range rules.Panels {
		if title, ok := titles[p.ID]; !ok || title != p.Title {
			all = append(all, fmt.Errorf("rules of panel %d %q: the dashboard's panel of that id is %q", p.ID, p.Title, title))
			continue
		}
		for _, n := range p.Needs {
			for _, ref := range n.Queries {
				if !queries[Query{Panel: p.ID, Ref: ref}] {
					all = append(all, fmt.Errorf("rules of panel %d %q: it has no query %s", p.ID, p.Title, ref))
				}
			}
		}
	}
	return all
}

// Unruled lists the queries that the rules say nothing of.
func (d Dashboard) Unruled(rules Rules) []Query {
	var all []Query
	for _, q := range d.Queries {
		if _, ok := rules.Need(q.Panel, q.Ref); !ok && rules.Skip == "" {
			all = append(all, q)
		}
	}
	return all
}

// grafanaModel is the part of Grafana's dashboard model that is read here:
// https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
type grafanaModel struct {
	Title      string       `json:"title"`
	Panels     []modelPanel `json:"panels"`
	Templating struct {
		List []modelVariable `json:"list"`
	} `json:"templating"`
}

type modelPanel struct {
	ID      int    `json:"id"`
	Title   string `json:"title"`
	Targets []struct {
		Ref  string `json:"refId"`
		Expr string `json:"expr"`
	} `json:"targets"`
	Panels []modelPanel `json:"panels"`
}

type modelVariable struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Query any    `json:"query"`
	Regex string `json:"regex"`
	All   bool   `json:"includeAll"`
	Now   struct {
		Value any `json:"value"`
	} `json:"current"`
}

// Parse reads a dashboard as Grafana has it, panels inside rows included. A
// dashboard without queries, two panels of one id and a variable of a kind that
// is not known are errors.
func Parse(text []byte) (Dashboard, error) {
	var m grafanaModel
	if err := json.Unmarshal(text, &m); err != nil {
		return Dashboard{}, err
	}
	d := Dashboard{Title: m.Title}
	for _, v := range m.Templating.List {
		variable, err := v.variable()
		if err != nil {
			return Dashboard{}, err
		}
		if v.Type != "datasource" {
			d.Variables = append(d.Variables, variable)
		}
	}
	if err := d.add(m.Panels); err != nil {
		return Dashboard{}, err
	}
	if len(d.Queries) == 0 {
		return Dashboard{}, errors.New("no panel has a query")
	}
	return d, nil
}

func (v modelVariable) variable() (Variable, error) {
	result := Variable{Name: v.Name, Regex: v.Regex, All: v.All}
	switch v.Type {
	case "datasource":
		return result, nil
	case "custom", "constant":
		result.Value, _ = v.Now.Value.(string)
		if result.Value == "" {
			return result, fmt.Errorf("variable %s: no one value is picked in it", v.Name)
		}
		return result, nil
	case "query":
		query := v.Query
		if object, ok := query.(map[string]any); ok {
			query = object["query"]
		}
		result.Query, _ = query.(string)
		if result.Query == "" {
			return result, fmt.Errorf("variable %s: its query is no text", v.Name)
		}
		return result, nil
	}
	return result, fmt.Errorf("variable %s: nobody here can resolve its type %q", v.Name, v.Type)
}

// add appends the queries of the panels.
func (d *Dashboard) add(panels []modelPanel) error {
	for _, p := range panels {
		for _, q := range d.Queries {
			if q.Panel == p.ID {
				return fmt.Errorf("two panels have the id %d: %q and %q", p.ID, q.Title, p.Title)
			}
		}
		for i, t := range p.Targets {
			if t.Expr == "" {
				continue
			}
			if t.Ref == "" {
				t.Ref = string(rune('A' + i))
			}
			d.Queries = append(d.Queries, Query{Panel: p.ID, Title: p.Title, Ref: t.Ref, Expr: t.Expr})
		}
		if err := d.add(p.Panels); err != nil {
			return err
		}
	}
	return nil
}

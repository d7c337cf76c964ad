// Package dashboards says what Istio's dashboards ask of Prometheus and which of
// their panels must have data after which traffic. The dashboards are those of
// Istio's module; which panels must have data is ours (fixtures/dashboards). It
// guarantees that rules name only panels and queries that are there, each once;
// which queries no rule names is for the reader to see (Dashboard.Unruled).
package dashboards

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/dashboards"
)

// Traffic is what must have happened for a panel to have data; it also says
// whom the dashboard is looked at for (Subjects).
type Traffic string

// What panels need. A workload of HTTP was called over HTTP by a workload with a
// sidecar, and called another; one of Plain was called over HTTP from outside the
// mesh; one of TCP was called over TCP, and one of TCPClient called over TCP.
const (
	Always    Traffic = "always"
	HTTP      Traffic = "http"
	Plain     Traffic = "plain"
	TCP       Traffic = "tcp"
	TCPClient Traffic = "tcp-client"
)

var traffics = []Traffic{Always, HTTP, Plain, TCP, TCPClient}

// Rules say what of one dashboard must have data.
type Rules struct {
	// Name is the name of the rules' file: "mesh".
	Name string `json:"-"`
	// Title is the dashboard's, File its name in Istio's module.
	Title string `json:"title"`
	File  string `json:"file"`
	// Skip is why nothing of the dashboard is asked.
	Skip string `json:"skip,omitempty"`
	// Reasons say, by name, why panels need have no data.
	Reasons map[string]string `json:"reasons,omitempty"`
	Panels  []Panel           `json:"panels,omitempty"`
}

// Panel is a panel of a dashboard; ID is unique in it, a title need not be.
type Panel struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Needs []Need `json:"needs"`
}

// Need says of some queries of a panel what they must have data for. Either
// Traffic or Optional is set.
type Need struct {
	// Queries are the queries' refs: "A".
	Queries []string `json:"queries"`
	Traffic Traffic  `json:"traffic,omitempty"`
	// Either tells that one of the queries with data will do.
	Either bool `json:"either,omitempty"`
	// Optional is the name of the reason why they need have no data.
	Optional string `json:"optional,omitempty"`
}

// Names returns the dashboards that have rules, sorted.
func Names() []string {
	files, err := fs.Glob(data.FS, "*.yaml")
	if err != nil {
		panic("the embedded rules are unreadable: " + err.Error())
	}
	var names []string
	for _, file := range files {
		if file != exportersFile {
			names = append(names, strings.TrimSuffix(file, ".yaml"))
		}
	}
	return names
}

// LoadRules reads the rules of a dashboard. A name without rules is an error
// that says which have some.
func LoadRules(name string) (Rules, error) {
	if !slices.Contains(Names(), name) {
		return Rules{}, fmt.Errorf("unknown dashboard %q; known: %s", name, strings.Join(Names(), ", "))
	}
	text, err := data.FS.ReadFile(name + ".yaml")
	if err != nil {
		return Rules{}, fmt.Errorf("read the rules of dashboard %s: %w", name, err)
	}
	rules, err := ParseRules(text)
	if err != nil {
		return Rules{}, fmt.Errorf("rules of dashboard %s: %w", name, err)
	}
	rules.Name = name
	return rules, nil
}

// ParseRules reads rules strictly: an unknown or repeated field is an error. The
// error lists all that is wrong.
func ParseRules(text []byte) (Rules, error) {
	var rules Rules
	if err := yaml.UnmarshalStrict(text, &rules); err != nil {
		return Rules{}, err
	}
	return rules, errors.Join(rules.problems()...)
}

func (r Rules) problems() []error {
	var all []error
	complain := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if r.Title == "" || r.File == "" {
		complain("title and file must be set")
	}
	if (r.Skip == "") == (len(r.Panels) == 0) {
		complain("one of skip and panels must be set")
	}
	used := map[string]bool{}
	ids := map[int]bool{}
	for i, p := range r.Panels {
		if ids[p.ID] {
			complain("panels[%d].id: %d is there twice", i, p.ID)
		}
		ids[p.ID] = true
		if p.Title == "" || len(p.Needs) == 0 {
			complain("panels[%d]: title and needs must be set", i)
		}
		refs := map[string]bool{}
		for k, n := range p.Needs {
			used[n.Optional] = true
			for _, problem := range n.problems(r.Reasons, refs) {
				complain("panels[%d].needs[%d]%s", i, k, problem)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Reasons)) {
		if !used[name] {
			complain("reasons.%s: no panel names it: remove it", name)
		}
	}
	return all
}

// problems of a need begin with the field; refs are those of the panel's needs before.
func (n Need) problems(reasons map[string]string, refs map[string]bool) []string {
	var all []string
	if len(n.Queries) == 0 {
		all = append(all, ".queries: none is named")
	}
	for _, ref := range n.Queries {
		if refs[ref] {
			all = append(all, fmt.Sprintf(".queries: %s is there twice", ref))
		}
		refs[ref] = true
	}
	switch {
	case (n.Traffic == "") == (n.Optional == ""):
		all = append(all, ": one of traffic and optional must be set")
	case n.Traffic != "" && !slices.Contains(traffics, n.Traffic):
		all = append(all, fmt.Sprintf(".traffic: %q is not known: use one of %v", n.Traffic, traffics))
	case n.Optional != "" && reasons[n.Optional] == "":
		all = append(all, fmt.Sprintf(".optional: reasons has no %q", n.Optional))
	}
	if n.Either && (len(n.Queries) < 2 || n.Traffic == "") {
		all = append(all, ".either: it is about two queries or more that need traffic")
	}
	return all
}

// Need returns what a query must have data for.
func (r Rules) Need(panel int, ref string) (Need, bool) {
	for _, p := range r.Panels {
		for _, n := range p.Needs {
			if p.ID == panel && slices.Contains(n.Queries, ref) {
				return n, true
			}
		}
	}
	return Need{}, false
}

// Traffics are those that the rules name, sorted.
func (r Rules) Traffics() []Traffic {
	var all []Traffic
	for _, p := range r.Panels {
		for _, n := range p.Needs {
			if n.Traffic != "" {
				all = append(all, n.Traffic)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

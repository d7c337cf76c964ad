package oom

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"
)

// maxCopies bounds the chart objects of one Load. The umbrella of the largest
// release has 1 800, since each chart gets copies of the libraries it uses.
const maxCopies = 5_000

// Loaded is a chart with all charts it depends on.
type Loaded struct {
	Chart *chart.Chart
	// Traits is what the loader dealt with in the charts that were loaded, in the
	// order it met them.
	Traits []Trait
	// Copies counts the chart objects: a chart that several use is there once for each.
	Copies int
	tree   *Tree
	source *source
}

// Load assembles the chart of that name at the top of the tree, or the chart in that
// folder, with all its dependencies. A dependency that the tree does not have is
// no error as long as the values disable it: Missing says which are, and a chart
// with one that is enabled does not render.
func (t *Tree) Load(name string) (*Loaded, error) {
	s, err := t.find(name)
	if err != nil {
		return nil, err
	}
	a := newAssembly(t)
	c, err := a.assemble(s, s.name(), nil)
	if err != nil {
		return nil, err
	}
	return &Loaded{Chart: c, Traits: a.traits, Copies: a.copies, tree: t, source: s}, nil
}

// assembly is one Load.
type assembly struct {
	tree   *Tree
	copies int
	// held is how many bytes were read.
	held   int
	read   map[*source][]*loader.BufferedFile
	bodies map[string]definition
	traits []Trait
	seen   map[Trait]bool
}

func newAssembly(t *Tree) *assembly {
	return &assembly{tree: t, read: map[*source][]*loader.BufferedFile{}, bodies: map[string]definition{}, seen: map[Trait]bool{}}
}

func (a *assembly) note(traits ...Trait) {
	for _, trait := range traits {
		if !a.seen[trait] {
			a.seen[trait] = true
			a.traits = append(a.traits, trait)
		}
	}
}

// assemble makes the chart and those below it. It is at that place, "onap/msb",
// and above it are the charts that wanted it.
func (a *assembly) assemble(s *source, at string, above []*source) (*chart.Chart, error) {
	if s.err != nil {
		return nil, s.err
	}
	if i := slices.Index(above, s); i >= 0 {
		var circle []string
		for _, c := range append(slices.Clone(above[i:]), s) {
			circle = append(circle, c.dir)
		}
		return nil, s.fault(s.metaFile(), "remove one of these dependencies", "charts depend on each other in a circle: %s", strings.Join(circle, " → "))
	}
	if a.copies++; a.copies > maxCopies {
		return nil, s.fault("", "remove dependencies", "with it more than %d charts are needed", maxCopies)
	}
	files, err := a.files(s)
	if err != nil {
		return nil, err
	}
	a.note(s.traits...)
	dependencies, children, err := a.children(s, at, append(slices.Clone(above), s))
	if err != nil {
		return nil, err
	}
	meta := s.meta
	meta.Dependencies = dependencies
	text, err := yaml.Marshal(&meta)
	if err != nil {
		return nil, s.fault("Chart.yaml", "correct it", "%v", err)
	}
	c, err := loader.LoadFiles(append([]*loader.BufferedFile{{Name: "Chart.yaml", Data: text}}, files...))
	if err != nil {
		return nil, s.fault("values.yaml", "correct its YAML", "%v", err)
	}
	c.AddDependency(children...)
	return c, nil
}

// children assembles the charts below charts/ and those the chart depends on. The
// dependencies it returns name exact versions: Helm takes a chart whose version is
// not in range for one that was never declared, and always enables it.
func (a *assembly) children(s *source, at string, above []*source) ([]*chart.Dependency, []*chart.Chart, error) {
	var children []*chart.Chart
	vendored, fetched := map[string]*chart.Chart{}, map[string]*chart.Chart{}
	for _, part := range s.parts {
		c, err := a.assemble(part, path.Join(at, part.name()), above)
		if err != nil {
			return nil, nil, err
		}
		if vendored[c.Name()] != nil {
			return nil, nil, s.fault("charts", "remove or rename one of them", "two charts in it have the name %s", c.Name())
		}
		vendored[c.Name()] = c
		children = append(children, c)
	}
	var dependencies []*chart.Dependency
	for _, d := range s.meta.Dependencies {
		exact := *d
		dependencies = append(dependencies, &exact)
		if c := vendored[d.Name]; c != nil {
			exact.Version = c.Metadata.Version
			a.note(Trait{VendoredDependency, s.dir, fmt.Sprintf("%s %s is charts/%s %s", d.Name, d.Version, d.Name, exact.Version)})
			continue
		}
		target, trait, err := a.tree.resolve(s, d)
		if err != nil {
			return nil, nil, err
		}
		a.note(trait)
		key := d.Name
		if target != nil {
			key = target.dir
		}
		c := fetched[key] // a second alias of the chart shares it
		if c == nil {
			if c, err = a.dependency(s, d, target, at, above); err != nil {
				return nil, nil, err
			}
			fetched[key] = c
			children = append(children, c)
		}
		exact.Version = c.Metadata.Version
	}
	return dependencies, children, nil
}

// dependency assembles the chart that answers the dependency, or what stands for
// it if there is none.
func (a *assembly) dependency(s *source, d *chart.Dependency, target *source, at string, above []*source) (*chart.Chart, error) {
	if target == nil {
		return absent(Missing{
			Chart: at, File: path.Join(s.dir, s.metaFile()), Name: d.Name, Version: d.Version,
			Repository: d.Repository, Condition: condition(at, d.Condition), Why: a.tree.others(d.Name),
		})
	}
	if s.vendored {
		a.note(Trait{VendoredRequirements, s.dir, d.Name})
	}
	if named := a.tree.byName[d.Name]; len(named) > 1 {
		a.note(Trait{SameChartName, target.dir, fmt.Sprintf("one of %d charts named %s", len(named), d.Name)})
	}
	return a.assemble(target, path.Join(at, cmp.Or(d.Alias, d.Name)), above)
}

// files reads the files of a chart once for all its copies.
func (a *assembly) files(s *source) ([]*loader.BufferedFile, error) {
	files, known := a.read[s]
	if !known {
		var err error
		if files, err = a.tree.content(s); err != nil {
			return nil, err
		}
		for i, f := range files {
			files[i] = a.template(s, f)
			a.held += len(f.Data)
		}
		a.read[s] = files
	}
	for _, f := range files {
		if f.Name == "values.yaml" { // each copy has values of its own
			a.held += len(f.Data)
		}
	}
	if a.held > maxTotal {
		return nil, s.fault("", "remove what no chart needs", "with it the files of the chart are more than %d MiB", maxTotal>>20)
	}
	return files, nil
}

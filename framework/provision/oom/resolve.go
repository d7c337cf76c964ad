package oom

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// fileScheme begins a repository that is a folder, relative to the chart.
const fileScheme = "file://"

// resolve finds the chart that "helm dependency update" would have fetched for
// the dependency, nil if the tree has none, and says how.
func (t *Tree) resolve(s *source, d *chart.Dependency) (*source, Trait, error) {
	repository := strings.TrimSpace(d.Repository)
	kind, find := LocalRepository, t.fromName
	if strings.HasPrefix(repository, fileScheme) {
		kind, find = FileRepository, t.fromFolder
	} else if strings.Contains(repository, "://") {
		kind = OtherRepository
	}
	target, err := find(s, d)
	if err != nil {
		return nil, Trait{}, err
	}
	if target == nil {
		return nil, Trait{AbsentChart, s.dir, fmt.Sprintf("%s (version %q, repository %q): %s", d.Name, d.Version, repository, t.others(d.Name))}, nil
	}
	return target, Trait{kind, s.dir, fmt.Sprintf("%s (version %q, repository %q) is %s %s", d.Name, d.Version, repository, target.dir, target.meta.Version)}, nil
}

// others says which charts of that name the tree has.
func (t *Tree) others(name string) string {
	if len(t.byName[name]) == 0 {
		return "the tree has no chart of that name"
	}
	var found []string
	for _, c := range t.byName[name] {
		found = append(found, c.meta.Version+" in "+c.dir)
	}
	return "the tree has only " + strings.Join(found, ", ")
}

// fromFolder finds the chart of a "file://" repository.
func (t *Tree) fromFolder(s *source, d *chart.Dependency) (*source, error) {
	folder := strings.TrimPrefix(strings.TrimSpace(d.Repository), fileScheme)
	dir := path.Join(s.dir, folder)
	if path.IsAbs(folder) || dir == ".." || strings.HasPrefix(dir, "../") {
		return nil, s.fault(s.metaFile(), "name a folder of the tree, relative to the chart", "dependency %s leads out of the tree: %s", d.Name, d.Repository)
	}
	target := t.byDir[dir]
	switch {
	case target == nil || target.broken():
		return target, nil
	case target.name() != d.Name:
		return nil, s.fault(s.metaFile(), "correct name or repository", "dependency %s names %s, which is chart %s", d.Name, dir, target.name())
	case !inRange(d, target):
		return nil, s.fault(s.metaFile(), "correct version or repository", "dependency %s wants version %s, but %s is %s", d.Name, d.Version, dir, target.meta.Version)
	}
	return target, nil
}

// fromName finds the chart of that name whose version is in range; of several,
// the one that has most of its folder in common with the chart that wants it, then
// the one nearest to the top.
func (t *Tree) fromName(s *source, d *chart.Dependency) (*source, error) {
	var fit []*source
	for _, c := range t.byName[d.Name] {
		if inRange(d, c) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil, nil //nolint:nilnil // no chart is no fault as long as nothing enables it
	}
	rank := func(a, b *source) int {
		return cmp.Or(cmp.Compare(common(s.dir, b.dir), common(s.dir, a.dir)), cmp.Compare(strings.Count(a.dir, "/"), strings.Count(b.dir, "/")))
	}
	slices.SortStableFunc(fit, rank)
	if len(fit) > 1 && rank(fit[0], fit[1]) == 0 {
		return nil, s.fault(s.metaFile(), "rename one, or name the folder with a file:// repository", "dependency %s is answered by both %s and %s", d.Name, fit[0].dir, fit[1].dir)
	}
	return fit[0], nil
}

// inRange tells whether the chart has a version that the dependency accepts. A chart
// that cannot be read is accepted, so that its own fault is reported.
func inRange(d *chart.Dependency, c *source) bool {
	return d.Version == "" || c.broken() || chartutil.IsCompatibleRange(d.Version, c.meta.Version)
}

// common counts the leading folders that two paths have in common.
func common(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

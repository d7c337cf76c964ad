// Package chart loads Helm charts from a file system, renders them in process
// and installs, upgrades, lists and uninstalls them on one cluster, through
// Helm's own library. It guarantees that nothing here, Pull aside, reads the
// user's kubeconfig, Helm's environment or a chart repository, and that Ensure
// does nothing when the release already is as wanted. Waiting is not done here:
// whoever installs a chart waits for its objects by watch.
package chart

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
)

// Load reads the chart in a directory of the file system. Dependencies with a
// "file://" repository are loaded from the same file system, relative to the
// chart; those below charts/ are loaded as Helm does.
func Load(fsys fs.FS, dir string) (*helmchart.Chart, error) {
	return load(fsys, path.Clean(dir), nil)
}

func load(fsys fs.FS, dir string, parents []string) (*helmchart.Chart, error) {
	if slices.Contains(parents, dir) {
		return nil, fmt.Errorf("load chart %s: it depends on itself through %s", dir, strings.Join(parents, ", "))
	}
	files, err := read(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("load chart %s: %w", dir, err)
	}
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return nil, fmt.Errorf("load chart %s: %w", dir, err)
	}
	for _, dependency := range loaded.Metadata.Dependencies {
		target, local := strings.CutPrefix(dependency.Repository, "file://")
		if !local {
			continue
		}
		child, err := load(fsys, path.Join(dir, target), append(parents, dir))
		if err != nil {
			return nil, fmt.Errorf("dependency %s of chart %s: %w", dependency.Name, dir, err)
		}
		loaded.AddDependency(child)
	}
	if err := loaded.Validate(); err != nil {
		return nil, fmt.Errorf("load chart %s: %w", dir, err)
	}
	return loaded, nil
}

func read(fsys fs.FS, dir string) ([]*loader.BufferedFile, error) {
	var files []*loader.BufferedFile
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		inside := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
		files = append(files, &loader.BufferedFile{Name: inside, Data: data})
		return nil
	})
	return files, err
}

// clone copies what Helm's actions change in a chart: its metadata, its values
// and its list of dependencies.
func clone(c *helmchart.Chart) *helmchart.Chart {
	out := *c
	metadata := *c.Metadata
	metadata.Dependencies = make([]*helmchart.Dependency, len(c.Metadata.Dependencies))
	for i, d := range c.Metadata.Dependencies {
		dependency := *d
		metadata.Dependencies[i] = &dependency
	}
	out.Metadata = &metadata
	out.Values = deepCopy(c.Values)
	children := make([]*helmchart.Chart, len(c.Dependencies()))
	for i, child := range c.Dependencies() {
		children[i] = clone(child)
	}
	out.SetDependencies(children...)
	return &out
}

// describe names a chart in messages: "msb 3.0.0".
func describe(c *helmchart.Chart) string {
	return c.Name() + " " + c.Metadata.Version
}

// Keys returns the names of the values a chart knows at the top level, sorted.
func Keys(c *helmchart.Chart) []string {
	return slices.Sorted(maps.Keys(c.Values))
}

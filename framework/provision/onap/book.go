package onap

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"

	charts "github.com/onap/meshcert/fixtures/charts"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
)

// page is one chart of a source.
type page struct {
	chart *helmchart.Chart
	// values are what the release or the umbrella hands the chart; the user's go
	// over them.
	values map[string]any
	traits []oom.Trait
}

// book hands out the charts of one source.
type book interface {
	// page returns the chart of that name.
	page(ctx context.Context, name string) (page, error)
	// sections are the names that values may have at the top, besides global.
	sections(ctx context.Context) ([]string, error)
}

// Charts are the names of the charts that the source has beside the umbrella, as
// far as it can say: a tree knows all of its charts, a repository and a registry
// know what the umbrella names.
func (s Source) Charts(ctx context.Context) ([]string, error) {
	if s.kind == embedded {
		return order()[1:], nil
	}
	b, closeBook, err := s.open("")
	if err != nil {
		return nil, fmt.Errorf("list the charts of %s: %w", s, err)
	}
	names, err := b.sections(ctx)
	return slices.DeleteFunc(names, func(name string) bool { return name == umbrella || name == "global" }), errors.Join(err, closeBook())
}

// open opens the source for a release. The function it returns closes it.
func (s Source) open(release string) (book, func() error, error) {
	nothing := func() error { return nil }
	switch s.kind {
	case tree:
		return openTree(s.at)
	case repository, registry:
		return &pulled{source: s, known: map[string]*helmchart.Chart{}}, nothing, nil
	}
	own, err := valuesOf(release)
	return builtIn{own}, nothing, err
}

// builtIn are the embedded charts with the values of a release.
type builtIn struct{ release releaseValues }

func (b builtIn) page(_ context.Context, name string) (page, error) {
	if !slices.Contains(order(), name) {
		return page{}, fmt.Errorf("there is no built-in chart %s; there are %s", name, strings.Join(order(), ", "))
	}
	loaded, err := chart.Load(charts.FS, name)
	if err != nil {
		return page{}, err
	}
	if name != umbrella {
		loaded.Schema = charts.Schema
	}
	return page{chart: loaded, values: section(b.release.Charts, name)}, nil
}

func (b builtIn) sections(context.Context) ([]string, error) { return order()[1:], nil }

// planted are the charts of an OOM tree.
type planted struct{ tree *oom.Tree }

// openTree opens a checkout of OOM, or its folder kubernetes.
func openTree(folder string) (book, func() error, error) {
	if below := filepath.Join(folder, "kubernetes"); isFolder(below) {
		folder = below
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; name the folder of an OOM checkout", err)
	}
	b, err := plant(root.FS())
	if err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return b, root.Close, nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func plant(files fs.FS) (book, error) {
	opened, err := oom.Open(files)
	if err != nil {
		return nil, err
	}
	return planted{opened}, nil
}

func (p planted) page(_ context.Context, name string) (page, error) {
	loaded, err := p.tree.Load(name)
	if err != nil {
		return page{}, err
	}
	values, err := p.tree.UmbrellaValues(name)
	if err != nil {
		return page{}, err
	}
	if name == umbrella {
		values = loaded.Disabled()
	}
	return page{chart: loaded.Chart, values: values, traits: loaded.Traits}, nil
}

func (p planted) sections(context.Context) ([]string, error) { return p.tree.Names(), nil }

// pulled are the charts of a repository or a registry.
type pulled struct {
	source Source
	known  map[string]*helmchart.Chart
}

func (p *pulled) pull(ctx context.Context, name string) (*helmchart.Chart, error) {
	if p.known[name] == nil {
		loaded, err := chart.Pull(ctx, p.source.at, name, p.source.version)
		if err != nil {
			return nil, err
		}
		p.known[name] = loaded
	}
	return p.known[name], nil
}

func (p *pulled) page(ctx context.Context, name string) (page, error) {
	loaded, err := p.pull(ctx, name)
	if err != nil {
		return page{}, err
	}
	if name == umbrella {
		return page{chart: loaded, values: oom.Disabled(loaded)}, nil
	}
	above, err := p.pull(ctx, umbrella)
	if err != nil {
		return page{}, err
	}
	return page{chart: loaded, values: section(above.Values, name)}, nil
}

func (p *pulled) sections(ctx context.Context) ([]string, error) {
	above, err := p.pull(ctx, umbrella)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(above.Values)), nil
}

// section is what an umbrella's values hand the chart of that name: its own
// section and what is global.
func section(values map[string]any, name string) map[string]any {
	own, _ := values[name].(map[string]any)
	if global, found := values["global"].(map[string]any); found {
		return chart.Merge(map[string]any{"global": global}, own)
	}
	return chart.Merge(nil, own)
}

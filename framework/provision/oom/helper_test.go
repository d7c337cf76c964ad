package oom_test

import (
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
)

// files are the files of a tree by path.
type files map[string]string

func (f files) fs() fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range f {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// object is a template of one ConfigMap.
func object(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '" + name + "'}\n"
}

func open(t *testing.T, content files) *oom.Tree {
	t.Helper()
	tree, err := oom.Open(content.fs())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func load(t *testing.T, content files, name string) *oom.Loaded {
	t.Helper()
	loaded, err := open(t, content).Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// rendered returns the names of the objects, sorted, hooks included.
func rendered(t *testing.T, loaded *oom.Loaded, values string) []string {
	t.Helper()
	given, err := chart.ParseValues([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := chart.RenderAll(loaded.Chart, "dev", "onap", given)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range manifests.All() {
		names = append(names, o.GetName())
	}
	slices.Sort(names)
	return names
}

// kinds returns the kinds of the traits, sorted, each once.
func kinds(loaded *oom.Loaded) []oom.Kind {
	found := map[oom.Kind]bool{}
	for _, trait := range loaded.Traits {
		found[trait.Kind] = true
	}
	return slices.Sorted(maps.Keys(found))
}

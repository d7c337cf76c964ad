package oom_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
)

// TestRealTrees loads and renders every chart at the top of real trees: of
// NAME/kubernetes in the folder that MESHCERT_OOM names. All of one release take up
// to two minutes; go test -timeout has to allow for it.
func TestRealTrees(t *testing.T) {
	for name, dir := range oomtest.Trees(t) {
		t.Run(name, func(t *testing.T) {
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			tree, err := oom.Open(root.FS())
			if err != nil {
				t.Fatal(err)
			}
			if len(tree.Names()) < 20 {
				t.Errorf("only %v at the top", tree.Names())
			}
			kinds := map[oom.Kind]int{}
			seen := map[oom.Trait]bool{}
			for _, name := range tree.Names() {
				t.Run(name, func(t *testing.T) {
					for _, trait := range loadReal(t, tree, name).Traits {
						if !seen[trait] {
							seen[trait] = true
							kinds[trait.Kind]++
						}
					}
				})
			}
			t.Logf("traits: %v", kinds)
		})
	}
}

// loadReal loads a chart and renders it with the umbrella's values, the umbrella
// with all charts disabled.
func loadReal(t *testing.T, tree *oom.Tree, name string) *oom.Loaded {
	t.Helper()
	start := time.Now()
	loaded, err := tree.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	values, err := tree.UmbrellaValues(name)
	if err != nil {
		t.Fatal(err)
	}
	values = chart.Merge(values, map[string]any{"global": map[string]any{"masterPassword": "secret"}})
	if name == "onap" {
		values = chart.Merge(values, loaded.Disabled())
	}
	missing, err := loaded.Missing(values)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := chart.RenderAll(loaded.Chart, name, "onap", values)
	if len(missing) > 0 {
		if err == nil || !strings.Contains(err.Error(), "is enabled, but the tree has") {
			t.Errorf("rendered without %v: %v", missing, err)
		}
		t.Logf("%d copies, not rendered: %v", loaded.Copies, missing)
		return loaded
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d copies, %d documents, %d keys set twice; loaded in %v", loaded.Copies, len(rendered.All()), len(rendered.Twice), took)
	return loaded
}

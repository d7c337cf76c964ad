package oom_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/onap/meshcert/framework/internal/malform"
	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
)

// TestMalformedFiles breaks each file of a tree in many ways: a fault is told
// with chart, file and fix, and nothing panics.
func TestMalformedFiles(t *testing.T) {
	good := checkout()
	good["app/charts/packed.tgz"] = oomtest.Archive(t, files{"packed/Chart.yaml": v1 + "name: packed\nversion: 1.0.0\n", "packed/values.yaml": "a: b\n"})
	refused, loaded := 0, 0
	for seed, name := range slices.Sorted(maps.Keys(good)) {
		for text := range malform.Texts(uint64(seed), 40, good[name]) {
			broken := maps.Clone(good)
			broken[name] = text
			tree, err := oom.Open(broken.fs())
			if err != nil {
				t.Fatalf("%s %q: one bad file closes the whole tree: %v", name, text, err)
			}
			found, err := tree.Load("onap")
			var fault *oom.Error
			switch {
			case err == nil:
				loaded++
				_, _ = chart.RenderAll(found.Chart, "dev", "onap", map[string]any{"app": map[string]any{"enabled": true}})
				if _, err := found.Missing(nil); err != nil {
					t.Logf("%s %q: %v", name, text, err)
				}
			case !errors.As(err, &fault) || fault.Chart == "" || fault.File == "" || fault.What == "" || fault.Fix == "":
				t.Errorf("%s %q: got %v, want chart, file, fault and fix", name, text, err)
			default:
				refused++
			}
		}
	}
	if refused < 100 || loaded < 100 {
		t.Errorf("%d trees were refused and %d loaded, want many of both", refused, loaded)
	}
}

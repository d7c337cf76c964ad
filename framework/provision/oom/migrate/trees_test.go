package migrate_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// broken are the charts of OOM that could never be installed as they are, and why.
func broken() map[string]string {
	return map[string]string{}
}

// TestTrees: the API server accepts everything that the charts of real OOM trees
// render, once it is migrated. MESHCERT_OOM names a folder of checkouts.
func TestTrees(t *testing.T) {
	folder := os.Getenv("MESHCERT_OOM")
	if folder == "" {
		t.Skip("needs OOM checkouts: MESHCERT_OOM=FOLDER, with FOLDER/NAME/kubernetes")
	}
	trees, err := filepath.Glob(filepath.Join(folder, "*", "kubernetes"))
	if err != nil || len(trees) == 0 {
		t.Fatalf("no checkouts in %s (%v)", folder, err)
	}
	client := kubetest.Start(t).Client
	for _, dir := range trees {
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) { tree(t, client, dir) })
	}
}

func tree(t *testing.T, client *kube.Client, dir string) {
	opened, err := oom.Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range opened.Names() {
		t.Run(name, func(t *testing.T) {
			manifests, err := rendered(opened, name)
			if err == nil {
				err = migrated(t, client, manifests)
			}
			want := broken()[strings.TrimPrefix(t.Name(), "TestTrees/")]
			if want == "" && err != nil {
				t.Error(err)
			}
			if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %v, want an error with %q", err, want)
			}
		})
	}
}

// rendered is the chart with the umbrella's values, and the umbrella with
// everything switched off.
func rendered(opened *oom.Tree, name string) (*chart.Manifests, error) {
	loaded, err := opened.Load(name)
	if err != nil {
		return nil, err
	}
	values, err := opened.UmbrellaValues(name)
	if err != nil {
		return nil, err
	}
	values = chart.Merge(values, map[string]any{"global": map[string]any{"masterPassword": "secret"}})
	if name == "onap" {
		for _, d := range loaded.Chart.Metadata.Dependencies {
			for _, condition := range strings.Split(d.Condition, ",") {
				if err := unstructured.SetNestedField(values, false, strings.Split(condition, ".")...); err != nil {
					return nil, err
				}
			}
		}
	}
	return chart.RenderAll(loaded.Chart, name, "onap", values)
}

// migrated migrates everything and has it accepted; the log says how often each
// rule was needed.
func migrated(t *testing.T, client *kube.Client, manifests *chart.Manifests) error {
	var problems []string
	rules := map[migrate.Rule]int{}
	for _, o := range manifests.All() {
		got, changes, err := migrate.Object(o)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		for _, c := range changes {
			rules[c.Rule]++
		}
		if err := accept(t.Context(), client, got, changes); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", kube.Name(got), err))
		}
	}
	t.Logf("%d objects, %d hooks, %d documents with a key set twice, %v", len(manifests.All()), len(manifests.Hooks), len(manifests.Twice), rules)
	if problems != nil {
		return fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	return nil
}

// accept asks the server about an object of a kind it has.
func accept(ctx context.Context, client *kube.Client, o *unstructured.Unstructured, changes []migrate.Change) error {
	if slices.ContainsFunc(changes, unchecked) && o.GetKind() != "CustomResourceDefinition" {
		return nil
	}
	if err := client.EnsureNamespace(ctx, cmp.Or(o.GetNamespace(), "onap"), nil); err != nil {
		return err
	}
	return dryRun(ctx, client, o)
}

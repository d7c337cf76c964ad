package migrate_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
	"github.com/onap/meshcert/framework/provision/oom/repair"
)

// broken are the charts of OOM that could never be installed as they are, and why.
func broken() map[string]string {
	return map[string]string{
		"casablanca/vvp":          `Secret em-secret: data[aws_access_key_id]: "<INSERT_ACCESS_KEY_ID>" cannot be read as base64`,
		"newdelhi/authentication": "components/oauth2-proxy/Chart.yaml: dependency redis ",
	}
}

// TestTrees: the API server accepts everything that the charts of real OOM trees
// render, once it is migrated. MESHCERT_OOM names a folder of checkouts.
func TestTrees(t *testing.T) {
	trees := oomtest.Trees(t)
	client := kubetest.Start(t).Client
	for name, dir := range trees {
		t.Run(name, func(t *testing.T) { tree(t, client, dir) })
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

// migrated migrates everything and has it accepted, as it is and repaired; the
// log says how often each rule was needed.
func migrated(t *testing.T, client *kube.Client, manifests *chart.Manifests) error {
	var problems []error
	rules := map[migrate.Rule]int{}
	for _, list := range [][]*unstructured.Unstructured{manifests.CRDs, manifests.Objects, manifests.Hooks} {
		for i, o := range list {
			got, changes, err := migrate.Object(o)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			for _, c := range changes {
				rules[c.Rule]++
			}
			list[i] = got
			problems = append(problems, accept(t.Context(), client, got))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	repaired, changes, err := repair.Objects(manifests.Objects)
	if err != nil {
		return err
	}
	for _, c := range changes {
		rules[c.Rule]++
	}
	for _, o := range repaired {
		problems = append(problems, accept(t.Context(), client, o))
	}
	t.Logf("%d objects, %d hooks, %d documents with a key set twice, %v", len(manifests.All()), len(manifests.Hooks), len(manifests.Twice), rules)
	problems = append(problems, kept(manifests), kept(&chart.Manifests{CRDs: manifests.CRDs, Objects: repaired, Hooks: manifests.Hooks}))
	return errors.Join(problems...)
}

// kept wants that a static chart of the manifests renders as many objects.
func kept(manifests *chart.Manifests) error {
	static, err := chart.Static("static", "1.0.0", manifests)
	if err != nil {
		return err
	}
	again, err := chart.RenderAll(static, "static", "onap", nil)
	if err != nil {
		return err
	}
	count := func(m *chart.Manifests) [3]int { return [3]int{len(m.CRDs), len(m.Objects), len(m.Hooks)} }
	if got, want := count(again), count(manifests); got != want {
		return fmt.Errorf("the static chart renders %v CRDs, objects and hooks, want %v", got, want)
	}
	return nil
}

// accept asks the server about an object of a kind it has.
func accept(ctx context.Context, client *kube.Client, o *unstructured.Unstructured) error {
	if _, err := client.Mapper.RESTMapping(o.GroupVersionKind().GroupKind(), o.GroupVersionKind().Version); meta.IsNoMatchError(err) {
		if _, changes, err := migrate.Object(o); err == nil && slices.ContainsFunc(changes, unchecked) {
			return nil
		}
	}
	if err := client.EnsureNamespace(ctx, cmp.Or(o.GetNamespace(), "onap"), nil); err != nil {
		return err
	}
	if err := dryRun(ctx, client, o); err != nil {
		return fmt.Errorf("%s: %w", kube.Name(o), err)
	}
	return nil
}

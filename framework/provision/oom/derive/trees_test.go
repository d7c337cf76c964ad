package derive_test

import (
	"os"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
	"github.com/onap/meshcert/framework/provision/oom/derive"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// TestTrees: OOM's own charts derive to the catalogue of their release, where
// there is one, field by field; of others everything can be read.
func TestTrees(t *testing.T) {
	for name, dir := range oomtest.Trees(t) {
		t.Run(name, func(t *testing.T) {
			objects := ofTree(t, dir)
			if !slices.Contains(catalogue.Names(), name) {
				readable(t, name, objects)
				return
			}
			release, err := catalogue.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			same(t, release, objects)
		})
	}
}

// ofTree renders and migrates the charts of the three projects.
func ofTree(t *testing.T, dir string) []*unstructured.Unstructured {
	t.Helper()
	tree, err := oom.Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	var all []*unstructured.Unstructured
	for _, name := range []string{"msb", "multicloud", "vfc"} {
		loaded, err := tree.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		values, err := tree.UmbrellaValues(name)
		if err != nil {
			t.Fatal(err)
		}
		values = chart.Merge(values, map[string]any{"global": map[string]any{"masterPassword": "secret"}})
		manifests, err := chart.RenderAll(loaded.Chart, name, "onap", values)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range manifests.All() {
			migrated, _, err := migrate.Object(o)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, migrated)
		}
	}
	return all
}

// readable demands that a release nobody wrote down derives to something whole.
func readable(t *testing.T, name string, objects []*unstructured.Unstructured) {
	t.Helper()
	release, err := derive.From(name, objects)
	if err != nil {
		t.Fatal(err)
	}
	projects := map[string]int{}
	for _, w := range release.Workloads {
		projects[w.Project]++
		_, disabled := release.Expected(w, catalogue.Disabled)
		_, enabled := release.Expected(w, catalogue.Enabled)
		t.Logf("%s %s %s", w.Name, disabled, enabled)
		if w.Name == "" || w.App == "" || w.ServiceAccount == "" {
			t.Errorf("name, app or account is missing: %+v", w)
		}
		for _, r := range w.Registrations {
			if !slices.ContainsFunc(w.Services, func(s catalogue.Service) bool {
				return slices.ContainsFunc(s.Ports, func(p catalogue.Port) bool { return p.Port == r.Port })
			}) {
				t.Errorf("%s: no Service has the port of %+v", w.Name, r)
			}
		}
	}
	if len(projects) != 3 || projects["MSB"] != 5 {
		t.Errorf("workloads by project: %v", projects)
	}
}

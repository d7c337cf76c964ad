package oom_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/provision/oom"
)

// checkout is a tree with an umbrella.
func checkout() files {
	return files{
		"Makefile":        "all:\n\texit 1\n",
		"onap/Chart.yaml": v1 + "name: onap\nversion: 4.0.0\n",
		"onap/requirements.yaml": `dependencies:
- {name: app, version: ~4.x-0, repository: '@local', condition: app.enabled}
- {name: other, version: ~4.x-0, repository: '@local', condition: other.enabled}`,
		"onap/values.yaml":            "global: {pullPolicy: Always}\napp: {enabled: false, size: 3}\nother: {enabled: false}\nplain: text\n",
		"app/Chart.yaml":              appChart,
		"app/requirements.yaml":       "dependencies: [{name: lib, version: ~4.x-0, repository: '@local'}]",
		"app/templates/a.yaml":        object("app-{{ .Values.size }}-{{ .Values.global.pullPolicy }}"),
		"app/charts/inner/Chart.yaml": v1 + "name: inner\nversion: 4.0.0\n",
		"other/Chart.yaml":            v1 + "name: other\nversion: 4.0.0\n",
		"other/requirements.yaml":     "dependencies: [{name: lib, version: ~4.x-0, repository: '@local'}]",
		"other/templates/a.yaml":      object("other"),
		"broken/Chart.yaml":           "name: [",
		"common/lib/Chart.yaml":       libChart,
	}
}

func TestNames(t *testing.T) {
	tree := open(t, checkout())
	if diff := cmp.Diff([]string{"app", "broken", "onap", "other"}, tree.Names()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, copies := range map[string]int{"app": 3, "onap": 6, "app/charts/inner": 1, "common/lib": 1} {
		loaded, err := tree.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Copies != copies {
			t.Errorf("%s: %d copies, want %d", name, loaded.Copies, copies)
		}
	}
}

func TestUmbrellaValues(t *testing.T) {
	tree := open(t, checkout())
	for name, want := range map[string]map[string]any{
		"app":   {"enabled": false, "size": 3.0, "global": map[string]any{"pullPolicy": "Always"}},
		"plain": {"global": map[string]any{"pullPolicy": "Always"}},
		"gone":  {"global": map[string]any{"pullPolicy": "Always"}},
		"onap":  {},
	} {
		got, err := tree.UmbrellaValues(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if got, err := open(t, files{"app/Chart.yaml": appChart}).UmbrellaValues("app"); err != nil || len(got) != 0 {
		t.Errorf("without an umbrella: %v, %v", got, err)
	}
	bad := checkout()
	bad["onap/values.yaml"] = "a: [b"
	if _, err := open(t, bad).UmbrellaValues("app"); err == nil || !strings.Contains(err.Error(), "chart onap: onap/values.yaml: ") {
		t.Errorf("bad values: %v", err)
	}
}

// TestUmbrellaEqualsChart renders a chart through the umbrella and by itself.
func TestUmbrellaEqualsChart(t *testing.T) {
	tree := open(t, checkout())
	for name, values := range map[string]string{"onap": "app: {enabled: true}", "app": "{size: 3, global: {pullPolicy: Always}}"} {
		loaded, err := tree.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"app-3-Always"}, rendered(t, loaded, values)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	loaded, err := tree.Load("onap")
	if err != nil {
		t.Fatal(err)
	}
	if got := rendered(t, loaded, ""); got != nil {
		t.Errorf("with all charts disabled there are %v", got)
	}
}

func TestConcurrentLoads(t *testing.T) {
	tree := open(t, checkout())
	var loads errgroup.Group
	for range 8 {
		loads.Go(func() error {
			_, err := tree.Load("onap")
			return err
		})
	}
	if err := loads.Wait(); err != nil {
		t.Error(err)
	}
}

// unreadable is a file system with a folder that cannot be read.
type unreadable struct{ fstest.MapFS }

func (u unreadable) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "app" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.ReadDir(name)
}

func TestOpenUnreadable(t *testing.T) {
	if _, err := oom.Open(unreadable{checkout().fs()}); err == nil || err.Error() != "read the chart tree: open app: permission denied" {
		t.Errorf("got %v", err)
	}
}

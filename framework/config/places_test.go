package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
)

// tree makes a folder with a go.mod of the module and a folder below it.
func tree(t *testing.T, module string) (root, below string) {
	t.Helper()
	root = t.TempDir()
	below = filepath.Join(root, "a", "b")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module "+module+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return root, below
}

func TestDefaultPlaces(t *testing.T) {
	checkout, inCheckout := tree(t, config.Module)
	_, elsewhere := tree(t, "example.org/other")
	home, here := t.TempDir(), t.TempDir()
	t.Chdir(here)
	for name, c := range map[string]struct {
		env      map[string]string
		dir, out string
		want     config.Places
	}{
		"in the checkout": {
			dir:  inCheckout,
			want: config.Places{Cache: home + "/.cache/meshcert", State: home + "/.local/state/meshcert", Runs: checkout + "/reports/runs", Source: checkout},
		},
		"another module": {
			dir:  elsewhere,
			want: config.Places{Cache: home + "/.cache/meshcert", State: home + "/.local/state/meshcert", Runs: here + "/meshcert-runs"},
		},
		"out": {
			dir: checkout, out: "runs",
			want: config.Places{Cache: home + "/.cache/meshcert", State: home + "/.local/state/meshcert", Runs: here + "/runs", Source: checkout},
		},
		"XDG folders": {
			env: map[string]string{"XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"}, dir: elsewhere, out: "/r",
			want: config.Places{Cache: "/c/meshcert", State: "/s/meshcert", Runs: "/r"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", home)
			t.Setenv("XDG_CACHE_HOME", c.env["XDG_CACHE_HOME"])
			t.Setenv("XDG_STATE_HOME", c.env["XDG_STATE_HOME"])
			got, err := config.DefaultPlaces(c.dir, c.out)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, folder := range []string{home, here} {
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("places were made, not only named: %v, %v", left, err)
		}
	}
}

func TestDefaultPlacesRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no home":           {map[string]string{}, "HOME"},
		"no home for state": {map[string]string{"XDG_CACHE_HOME": "/c"}, "XDG_STATE_HOME"},
		"relative state":    {map[string]string{"HOME": "/h", "XDG_STATE_HOME": "s"}, "XDG_STATE_HOME"},
		"relative cache":    {map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "c"}, "XDG_CACHE_HOME"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, name := range []string{"HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"} {
				t.Setenv(name, c.env[name])
			}
			if got, err := config.DefaultPlaces(".", ""); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v; want an error with %s", got, err, c.want)
			}
		})
	}
}

package config

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// Places are the folders meshcert writes to, all absolute.
type Places struct {
	// Cache keeps what is built: images, the private engine's data root. It may
	// be deleted whenever no run is under way; `down --cache` does.
	Cache string `json:"cache"`
	// State keeps what exists now: journal, lock, kubeconfigs, the private
	// engine's socket, configuration and log. `down` removes all but the lock.
	State string `json:"state"`
	// Runs is the parent of the run folders (reports/runs of the checkout, or --out).
	Runs string `json:"runs"`
	// Source is the checkout that holds the image recipes; empty when there is none.
	Source string `json:"source,omitempty"`
}

// Module is the path of the module whose checkout Source is.
const Module = "github.com/onap/meshcert"

// DefaultPlaces finds the user's cache and state folders and the checkout that
// holds dir. out, when set, takes the place of the checkout's reports/runs.
func DefaultPlaces(dir, out string) (Places, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Places{}, fmt.Errorf("find the user's cache folder (set HOME or XDG_CACHE_HOME): %w", err)
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return Places{}, fmt.Errorf("find the user's state folder (set HOME or XDG_STATE_HOME): %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	if !filepath.IsAbs(state) {
		return Places{}, fmt.Errorf("find the user's state folder: %q is not absolute (set HOME or XDG_STATE_HOME to an absolute path)", state)
	}
	p := Places{Cache: filepath.Join(cache, "meshcert"), State: filepath.Join(state, "meshcert"), Source: checkout(dir)}
	switch {
	case out != "":
		p.Runs, err = filepath.Abs(out)
	case p.Source != "":
		p.Runs = filepath.Join(p.Source, "reports", "runs")
	default:
		p.Runs, err = filepath.Abs("meshcert-runs")
	}
	if err != nil {
		return Places{}, fmt.Errorf("make the run folder's path absolute: %w", err)
	}
	return p, nil
}

// checkout walks up from dir to the folder whose go.mod is meshcert's.
func checkout(dir string) string {
	dir, err := filepath.Abs(dir)
	for err == nil {
		text, readErr := os.ReadFile(filepath.Join(dir, "go.mod"))
		if readErr == nil && modfile.ModulePath(text) == Module {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

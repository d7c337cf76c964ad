package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
)

// FindRun returns the folder of a run by its name below runs or by its path;
// without a name that of the newest run that was to judge something. A run that
// is not there is a *config.UsageError.
func FindRun(runs, name string) (string, error) {
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for runs: %w", err)
	}
	if name == "" {
		return newest(runs, entries)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	folder := name
	if slices.Contains(names, name) {
		folder = filepath.Join(runs, name)
	}
	switch _, err := os.Stat(filepath.Join(folder, report.RecordsFile)); {
	case err == nil:
		return folder, nil
	case slices.Contains(names, name):
		return "", &config.UsageError{Field: "RUN", Text: fmt.Sprintf("%s has no %s: it was stopped before it began", folder, report.RecordsFile)}
	case len(names) == 0:
		return "", &config.UsageError{Field: "RUN", Text: fmt.Sprintf("%q is no folder with %s, and %s has no runs", name, report.RecordsFile, runs)}
	}
	text := fmt.Sprintf("%q is neither a run in %s nor a folder with %s", name, runs, report.RecordsFile)
	return "", &config.UsageError{Field: "RUN", Text: text + "; the newest run is " + slices.Max(names)}
}

// newest goes by the names, which begin with the time.
func newest(runs string, entries []fs.DirEntry) (string, error) {
	for _, e := range slices.Backward(entries) {
		folder := filepath.Join(runs, e.Name())
		records, err := report.Read(filepath.Join(folder, report.RecordsFile))
		if err == nil && len(records) > 0 && records[0].RunStarted != nil && records[0].RunStarted.Selected > 0 {
			return folder, nil
		}
	}
	return "", &config.UsageError{Field: "RUN", Text: fmt.Sprintf("%s has no run that judged something; make one with meshcert e2e, or name the run's folder", runs)}
}

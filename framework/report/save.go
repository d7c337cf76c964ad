package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Save writes ReportFile and JUnitFile into the run's folder, each in one
// step: a reader sees the whole file or none.
func Save(folder string, r *Report) error {
	document, err := r.JSON()
	if err != nil {
		return err
	}
	junit, err := JUnit(r)
	if err != nil {
		return err
	}
	return errors.Join(
		writeFile(filepath.Join(folder, ReportFile), document),
		writeFile(filepath.Join(folder, JUnitFile), junit),
	)
}

// writeFile puts the text on disk under another name and then renames it.
func writeFile(path string, text []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(temp.Name())))
		}
	}()
	_, err = temp.Write(text)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

package report

import (
	"errors"
	"path/filepath"

	"github.com/onap/meshcert/framework/report/internal/file"
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
		file.Write(filepath.Join(folder, ReportFile), document),
		file.Write(filepath.Join(folder, JUnitFile), junit),
	)
}

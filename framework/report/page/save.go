package page

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/onap/meshcert/framework/report"

	disk "github.com/onap/meshcert/framework/report/internal/file"
)

// Save writes the page into the run's folder, report.PageFile, in one step: a
// reader sees the whole page or none.
func Save(folder string, r *report.Report) error {
	var text bytes.Buffer
	if err := Write(&text, r, os.DirFS(folder)); err != nil {
		return err
	}
	return disk.Write(filepath.Join(folder, report.PageFile), text.Bytes())
}

package page

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/onap/meshcert/framework/report"
)

// TestARun writes the page of a run's folder of somebody's choice: MESHCERT_RUN.
func TestARun(t *testing.T) {
	folder := os.Getenv("MESHCERT_RUN")
	if folder == "" {
		t.Skip("MESHCERT_RUN names no run's folder")
	}
	records, err := report.Read(filepath.Join(folder, report.RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Assemble(records)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Write(&out, r, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv("MESHCERT_PAGE"), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

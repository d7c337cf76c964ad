package selftest

import (
	"errors"
	"path/filepath"

	"github.com/onap/meshcert/framework/report/internal/file"
)

// Save writes DocumentFile and TextFile into the selftest's folder, each in
// one step: a reader sees the whole file or none.
func Save(folder string, d *Document) error {
	document, err := d.JSON()
	if err != nil {
		return err
	}
	return errors.Join(
		file.Write(filepath.Join(folder, DocumentFile), document),
		file.Write(filepath.Join(folder, TextFile), text(d)),
	)
}

// text is what TextFile holds: the summary and the matrix.
func text(d *Document) []byte {
	p := &page{}
	p.body(d)
	p.matrix(d)
	p.end(d, "")
	return p.Text.Bytes()
}

package certificate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/file"
)

// Save writes the papers into a folder, each in one step, and the public halves of
// the keys beside them. What was there under their names is replaced.
func Save(folder string, p Papers, keys []PublicKey) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the certificate's folder: %w", err)
	}
	var public []byte
	for _, k := range keys {
		public = append(public, k.PEM()...)
	}
	var wrong error
	for _, f := range []struct {
		name string
		text []byte
	}{{report.ReportFile, p.Report}, {File, p.Envelope}, {KeyFile, public}, {TrustedFile, p.Trusted}} {
		if len(f.text) > 0 {
			wrong = errors.Join(wrong, file.Write(filepath.Join(folder, f.name), f.text))
		}
	}
	return wrong
}

// maxFile is more bytes than a certificate or a report has.
const maxFile = 256 << 20

// Read reads the papers of a certificate: a folder that holds it under its own
// name, or the file, with the report beside it in both cases. trusted is the file of
// trusted keys. evidence looks at the folder's artifacts too; close ends that.
func Read(path, trusted string) (p Papers, done func() error, err error) {
	done = func() error { return nil }
	info, err := os.Stat(path)
	if err != nil {
		return p, done, fmt.Errorf("read a certificate: %w", err)
	}
	folder, name := path, File
	if !info.IsDir() {
		folder, name = filepath.Split(path)
	}
	for _, f := range []struct {
		path string
		text *[]byte
	}{{filepath.Join(folder, name), &p.Envelope}, {filepath.Join(folder, report.ReportFile), &p.Report}, {trusted, &p.Trusted}} {
		if *f.text, err = readSmall(f.path); err != nil {
			return p, done, fmt.Errorf("read a certificate: %w", err)
		}
	}
	root, err := os.OpenRoot(filepath.Clean(folder))
	if err != nil {
		return p, done, fmt.Errorf("read a certificate's evidence: %w", err)
	}
	p.Folder = root.FS()
	return p, root.Close, nil
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes; more than %d are not read", path, info.Size(), maxFile)
	}
	return os.ReadFile(path)
}

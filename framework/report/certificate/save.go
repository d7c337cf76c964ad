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

// Read reads the papers of a certificate but the trusted keys: a folder that holds
// it under its own name, or the file, with the report beside it in both cases. done
// ends the looking at the folder's evidence.
func Read(path string) (p Papers, done func() error, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return p, nil, fmt.Errorf("read a certificate: %w", err)
	}
	folder, name := path, File
	if !info.IsDir() {
		folder, name = filepath.Split(path)
	}
	folder = filepath.Clean(folder)
	if p.Envelope, err = readSmall(filepath.Join(folder, name)); err == nil {
		p.Report, err = readSmall(filepath.Join(folder, report.ReportFile))
	}
	if err != nil {
		return p, nil, fmt.Errorf("read a certificate: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return p, nil, fmt.Errorf("read a certificate's evidence: %w", err)
	}
	p.Folder = root.FS()
	return p, root.Close, nil
}

// ReadTrusted reads a file of trusted keys.
func ReadTrusted(path string) (TrustedKeys, error) {
	text, err := readSmall(path)
	if err != nil {
		return TrustedKeys{}, fmt.Errorf("read trusted keys: %w", err)
	}
	keys, err := ParseTrusted(text)
	if err != nil {
		return keys, fmt.Errorf("read %s: %w", path, err)
	}
	return keys, nil
}

// Write puts the file of trusted keys on disk in one step, in the place of one that
// was there.
func (t TrustedKeys) Write(path string) error {
	text, err := t.Encode()
	if err != nil {
		return err
	}
	return file.Write(path, text)
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

package selftest

import (
	"time"

	"github.com/onap/meshcert/framework/report/internal/file"
)

// Writer appends records to one file. It is safe for concurrent use, also with
// the writers of other processes on the same file.
type Writer struct{ lines *file.Lines }

// NewWriter returns a writer to the file; the file appears with the first record.
func NewWriter(path string) *Writer { return &Writer{lines: file.NewLines(path)} }

// Append puts one record at the end of the file and on disk, without the secrets
// in its texts. A record without a time gets the current one. A line that a killed writer left unfinished is
// removed first.
func (w *Writer) Append(r Record) error {
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	r.Time = r.Time.UTC()
	clean, err := file.Clean(r)
	if err != nil {
		return err
	}
	return w.lines.Append(clean, r.check)
}

// Read returns the records of the file. A last line that was not written to
// its end, as a killed selftest leaves it, is left out: without its last
// record a selftest is unfinished. Anything else that is no record is an error
// that names the line.
func Read(path string) ([]Record, error) {
	records, _, err := file.Read(path, Record.check)
	return records, err
}

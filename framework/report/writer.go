package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lockLimit is how long Append waits for the other processes of the run.
const lockLimit = 10 * time.Second

// Writer appends records to one file. It is safe for concurrent use, also with
// the writers of other processes on the same file.
type Writer struct {
	path string
	mu   sync.Mutex
}

// NewWriter returns a writer to the file; the file appears with the first record.
func NewWriter(path string) *Writer { return &Writer{path: path} }

// Append puts one record at the end of the file and on disk. A record without
// a time gets the current one. A line that a killed writer left unfinished is
// removed first.
func (w *Writer) Append(r Record) error {
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	r.Time = r.Time.UTC()
	if err := r.check(); err != nil {
		return fmt.Errorf("append to %s: %w", w.path, err)
	}
	line, err := encode(r, "")
	if err != nil {
		return fmt.Errorf("append to %s: %w", w.path, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	lock := flock.New(w.path)
	ctx, cancel := context.WithTimeout(context.Background(), lockLimit)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return fmt.Errorf("append to %s: wait %s for the other writers: %w", w.path, lockLimit, err)
	}
	if err := errors.Join(appendLine(w.path, line), lock.Unlock()); err != nil {
		return fmt.Errorf("append to %s: %w", w.path, err)
	}
	return nil
}

func appendLine(path string, line []byte) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := cutUnfinished(file); err != nil {
		return fmt.Errorf("remove an unfinished last line: %w", err)
	}
	if _, err := file.Write(line); err != nil {
		return err
	}
	return file.Sync()
}

// cutUnfinished shortens the file to its last whole line.
func cutUnfinished(file *os.File) error {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, end-1); err != nil || last[0] == '\n' {
		return err
	}
	text := make([]byte, end)
	if _, err := file.ReadAt(text, 0); err != nil {
		return err
	}
	return file.Truncate(int64(bytes.LastIndexByte(text, '\n') + 1))
}

// CutOff is the text of the note that Read puts in the place of a last line
// that was not written to its end.
const CutOff = "the last record was cut off while it was written: the run was killed"

// Read returns the records of the file. A last line that was not written to
// its end, as a killed run leaves it, becomes a note with the text CutOff;
// anything else that is no record is an error that names the line.
func Read(path string) ([]Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	var records []Record
	for number := 1; len(text) > 0; number++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		text = rest
		record, err := decode(line)
		if err == nil {
			records = append(records, record)
			continue
		}
		if whole {
			return nil, fmt.Errorf("read records: %s line %d: %w", path, number, err)
		}
		note := Record{Note: &Note{Text: CutOff}}
		if len(records) > 0 {
			note.Time = records[len(records)-1].Time
		}
		records = append(records, note)
	}
	return records, nil
}

func decode(line []byte) (Record, error) {
	var r Record
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return r, fmt.Errorf("not a record: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("not a record: more than one JSON value")
	}
	return r, r.check()
}

// encode writes JSON with a line end and without HTML's escapes.
func encode(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Package file keeps what reports are made of on disk. It guarantees that
// records of several processes in one file do not mix, that a record cut off
// by a kill costs no other record, and that a document is there whole or not at all.
package file

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

// Lines is a file of records, one JSON value a line. It is safe for concurrent
// use, also with other processes on the same file.
type Lines struct {
	path string
	mu   sync.Mutex
}

// NewLines returns the file of records; it appears with the first one.
func NewLines(path string) *Lines { return &Lines{path: path} }

// Append puts one record at the end of the file and on disk, if check allows
// it. A line that a killed writer left unfinished is removed first.
func (l *Lines) Append(record any, check func() error) error {
	if err := check(); err != nil {
		return fmt.Errorf("append to %s: %w", l.path, err)
	}
	line, err := Encode(record, "")
	if err != nil {
		return fmt.Errorf("append to %s: %w", l.path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	lock := flock.New(l.path)
	ctx, cancel := context.WithTimeout(context.Background(), lockLimit)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return fmt.Errorf("append to %s: wait %s for the other writers: %w", l.path, lockLimit, err)
	}
	if err := errors.Join(appendLine(l.path, line), lock.Unlock()); err != nil {
		return fmt.Errorf("append to %s: %w", l.path, err)
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

// Read returns the records of the file that check allows, and whether its last
// line was not written to its end, as a killed run leaves it. Anything else
// that is no record is an error that names the line.
func Read[R any](path string, check func(R) error) (records []R, cut bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false, fmt.Errorf("read records: %w", err)
	}
	records, cut, err = Parse(text, check)
	if err != nil {
		return nil, false, fmt.Errorf("read records: %s %w", path, err)
	}
	return records, cut, nil
}

// Parse is Read of a text.
func Parse[R any](text []byte, check func(R) error) (records []R, cut bool, err error) {
	for number := 1; len(text) > 0; number++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		text = rest
		record, err := decode(line, check)
		switch {
		case err == nil:
			records = append(records, record)
		case whole:
			return nil, false, fmt.Errorf("line %d: %w", number, err)
		default:
			cut = true
		}
	}
	return records, cut, nil
}

func decode[R any](line []byte, check func(R) error) (R, error) {
	var r R
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return r, fmt.Errorf("not a record: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("not a record: more than one JSON value")
	}
	return r, check(r)
}

// Encode writes JSON with a line end and without HTML's escapes.
func Encode(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

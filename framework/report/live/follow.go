package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// follower reads what several processes append to a file of records, line by
// line and each once. A line that is not whole is not there yet: who was killed
// while writing it left it, and the next writer removes it.
type follower struct {
	path string
	tell func(line []byte, out io.Writer) error
	file *os.File
	// offset is where the first line begins that was not told.
	offset int64
}

// read hands on the lines that were written until then, the zero time for all.
// A line that cannot be read is left out, and is the error.
func (f *follower) read(until time.Time, tell func(line []byte) error) error {
	text, err := f.rest()
	if err != nil {
		return err
	}
	var problems []error
	for {
		line, after, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return errors.Join(problems...)
		}
		var stamp struct {
			Time time.Time `json:"time"`
		}
		if err := json.Unmarshal(line, &stamp); err != nil {
			problems = append(problems, fmt.Errorf("show %s: %w", f.path, err))
		} else if !until.IsZero() && stamp.Time.After(until) {
			return errors.Join(problems...)
		} else {
			problems = append(problems, tell(line))
		}
		f.offset += int64(len(line)) + 1
		text = after
	}
}

// rest is what comes after the offset; nothing while the file is not there.
func (f *follower) rest() ([]byte, error) {
	if f.file == nil {
		file, err := os.Open(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("show records: %w", err)
		}
		f.file = file
	}
	text, err := io.ReadAll(io.NewSectionReader(f.file, f.offset, 1<<62))
	if err != nil {
		return nil, fmt.Errorf("show records: %w", err)
	}
	return text, nil
}

func (f *follower) close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// Package store keeps the evidence a verdict was made from, as JSON in the
// spec's folder, and reads it back, so that it can be judged again without a
// cluster. It guarantees that what is on disk was redacted before it got there.
package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const suffix = ".json"

// nameForm keeps names to what is safe in a path on any system.
var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// Store is the folder of one spec, RUN/artifacts/RELEASE/SPEC-ID.
type Store struct{ folder string }

// Open returns the store in the folder, which is made with the first Put.
func Open(folder string) *Store { return &Store{folder: folder} }

// Put keeps a value, redacted, as NAME.json; the name is lower case letters,
// digits, dots and dashes. A value of that name is replaced in one step.
func (s *Store) Put(name string, value any) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("keep evidence %s: %w", path, err)
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return fmt.Errorf("keep evidence %s: %w", path, err)
	}
	temp := filepath.Join(s.folder, "."+name+".part")
	if err := os.WriteFile(temp, Redact(text), 0o644); err != nil {
		return fmt.Errorf("keep evidence %s: %w", path, errors.Join(err, os.Remove(temp)))
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("keep evidence %s: %w", path, errors.Join(err, os.Remove(temp)))
	}
	return nil
}

// Get reads the value kept under the name into the pointer. It is strict: a
// field the type does not know is an error, since a judge would not see it.
// The error of a name that was never kept is an fs.ErrNotExist.
func (s *Store) Get(name string, into any) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read evidence: %w", err)
	}
	if err := read(text, into); err != nil {
		return fmt.Errorf("read evidence %s as %T: %w", path, into, err)
	}
	return nil
}

// read decodes one JSON value, and nothing but one.
func read(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	if string(bytes.TrimSpace(text)) == "null" {
		return errors.New("null, and no evidence")
	}
	return nil
}

// Names lists what is kept, sorted; a folder that does not exist keeps nothing.
func (s *Store) Names() ([]string, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list evidence: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok && e.Type().IsRegular() && nameForm.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (s *Store) path(name string) (string, error) {
	if !nameForm.MatchString(name) {
		return "", fmt.Errorf("evidence name %q: use lower case letters, digits, dots and dashes, a letter or digit first", name)
	}
	return filepath.Join(s.folder, name+suffix), nil
}

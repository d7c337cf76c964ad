package dump

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/onap/meshcert/framework/evidence/store"
)

const (
	// sizeLimit is for all files of a dump, fileLimit for one of them.
	sizeLimit = 64 << 20
	fileLimit = 16 << 20
)

// box is the folder of a dump: what goes in is redacted and counted. It is
// safe for concurrent use.
type box struct {
	folder   string
	mu       sync.Mutex
	left     int
	problems []error
}

// put writes a file; the path is relative to the folder.
func (b *box) put(path string, text []byte) error {
	if len(text) > fileLimit {
		return fmt.Errorf("%s has %d bytes, more than the limit of %d for a file", path, len(text), fileLimit)
	}
	text = store.Redact(text)
	if !b.take(len(text)) {
		return fmt.Errorf("%s with its %d bytes exceeds the limit of %d for a dump", path, len(text), sizeLimit)
	}
	return b.write(path, text)
}

func (b *box) write(path string, text []byte) error {
	full := filepath.Join(b.folder, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, text, 0o644)
}

// putJSON writes a value as JSON.
func (b *box) putJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return b.put(path, text)
}

func (b *box) take(size int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if size > b.left {
		return false
	}
	b.left -= size
	return true
}

// problem keeps an error, redacted: what a server says may hold what it was asked.
func (b *box) problem(what string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, errors.New(string(store.Redact([]byte(what+": "+err.Error())))))
}

// finish writes the problems down, in stable order, and returns them.
func (b *box) finish() error {
	if len(b.problems) == 0 {
		return nil
	}
	slices.SortFunc(b.problems, func(x, y error) int { return strings.Compare(x.Error(), y.Error()) })
	all := errors.Join(b.problems...)
	if err := b.write(ErrorsFile, []byte(all.Error()+"\n")); err != nil {
		all = errors.Join(all, err)
	}
	return fmt.Errorf("dump the cluster: %w", all)
}

package image

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Program builds one of our own programs (fixtures/apps/cmd/NAME) for this
// machine. Its path in the cache stays the same when it is built anew, so that
// who started with an older one goes on.
func (p *Packages) Program(ctx context.Context, name string, to Progress) (string, error) {
	st, err := p.golang.app(p.apps, name)
	if err != nil {
		return "", err
	}
	t := &tracker{to: to}
	t.expect(st.name)
	if _, have := p.steps.have(st); have {
		t.cached(st.name)
	} else {
		if err := p.lock.take(ctx); err != nil {
			return "", err
		}
		defer p.lock.release()
	}
	folder, err := p.steps.need(ctx, st, t)
	if err != nil {
		return "", err
	}
	path := filepath.Join(p.programs, name)
	if err := place(filepath.Join(folder, name), path); err != nil {
		return "", fmt.Errorf("put our program %s into the cache: %w", name, err)
	}
	return path, nil
}

// place makes path the same file as made, in one step.
func place(made, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.RemoveAll(temp); err != nil {
		return err
	}
	if err := os.Link(made, temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return os.RemoveAll(temp) // renaming to another name of the same file does nothing
}

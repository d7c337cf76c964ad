package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/singleflight"
)

// step makes one input of images, once: a folder in the cache that is there
// whole or not at all.
type step struct {
	// name is what people read: "go build of istio".
	name string
	// slug is the name of its folder. Only the newest key of a slug is kept.
	slug string
	// key is the digest of everything the result depends on.
	key string
	// fill puts the result into the empty folder. say hears of downloads that
	// are tried again.
	fill func(ctx context.Context, dir string, say func(error)) error
}

// steps is the folder of made inputs: SLUG/KEY. temp is on the same file system.
type steps struct {
	folder, temp string
	flight       singleflight.Group
}

// have is the folder of a step that was made before.
func (s *steps) have(st step) (string, bool) {
	dir := filepath.Join(s.folder, st.slug, st.key)
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// need returns the folder of the step's result, and makes it if it is missing.
// Callers that need the same step at the same time share one making.
func (s *steps) need(ctx context.Context, st step, t *tracker) (string, error) {
	if dir, ok := s.have(st); ok {
		return dir, nil
	}
	made, err, _ := s.flight.Do(st.slug+"/"+st.key, func() (any, error) {
		if dir, ok := s.have(st); ok {
			return dir, nil
		}
		var dir string
		err := t.work(st.name, func(say func(error)) (err error) {
			dir, err = s.make(ctx, st, say)
			return err
		})
		return dir, err
	})
	if err != nil {
		return "", err
	}
	return made.(string), nil
}

// make fills a temporary folder and renames it; older results of the slug go.
func (s *steps) make(ctx context.Context, st step, say func(error)) (string, error) {
	temp, err := tempFolder(s.temp, st.slug)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	result := filepath.Join(temp, "result")
	if err := os.Mkdir(result, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for %s: %w", st.name, err)
	}
	if err := st.fill(ctx, result, say); err != nil {
		return "", fmt.Errorf("%s: %w", st.name, err)
	}
	final := filepath.Join(s.folder, st.slug, st.key)
	old, err := os.ReadDir(filepath.Dir(final))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for older results of %s: %w", st.name, err)
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return "", fmt.Errorf("keep the result of %s: %w", st.name, err)
	}
	if err := os.Rename(result, final); err != nil {
		return "", fmt.Errorf("keep the result of %s: %w", st.name, err)
	}
	for _, o := range old {
		if err := os.RemoveAll(filepath.Join(filepath.Dir(final), o.Name())); err != nil {
			return "", fmt.Errorf("remove an older result of %s: %w", st.name, err)
		}
	}
	return final, nil
}

// tempFolder makes an empty folder below parent.
func tempFolder(parent, name string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("make the folder for temporary files: %w", err)
	}
	dir, err := os.MkdirTemp(parent, name+"-*")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	return dir, nil
}

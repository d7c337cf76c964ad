package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

// Annotations of an image's descriptor in the store's index.
const (
	// annotationRef is read by `ctr images import` and `docker load` as the image's name.
	annotationRef    = "io.containerd.image.name"
	annotationKey    = "org.onap.meshcert.key"
	annotationSource = "org.onap.meshcert.source"
)

// Store is one OCI layout that holds all images. It is safe for concurrent
// use inside one process; Packages holds a lock between processes.
type Store struct {
	path layout.Path
	// mu guards the index.
	mu sync.Mutex
	// writing is held for reading from the first blob of an image until the
	// index names it, so that sweep does not take the blob away.
	writing sync.RWMutex
}

// OpenStore opens the store in the folder; the folder appears with the first image.
func OpenStore(folder string) *Store { return &Store{path: layout.Path(folder)} }

// ensure makes the layout where there is none yet.
func (s *Store) ensure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exists() {
		return nil
	}
	if _, err := layout.Write(string(s.path), empty.Index); err != nil {
		return fmt.Errorf("make the image store %s: %w", s.path, err)
	}
	return nil
}

func (s *Store) exists() bool {
	_, err := os.Stat(filepath.Join(string(s.path), "index.json"))
	return !errors.Is(err, fs.ErrNotExist)
}

// List returns all images, sorted by reference.
func (s *Store) List(ctx context.Context) ([]Image, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	index, err := s.index()
	if err != nil {
		return nil, err
	}
	all := make([]Image, 0, len(index.Manifests))
	for _, d := range index.Manifests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img, err := s.read(d)
		if err != nil {
			return nil, err
		}
		all = append(all, img)
	}
	slices.SortFunc(all, func(a, b Image) int { return strings.Compare(a.Ref, b.Ref) })
	return all, nil
}

// Get returns the image with the reference and whether the store has it.
func (s *Store) Get(ref string) (Image, bool, error) {
	full, err := FullName(ref)
	if err != nil {
		return Image{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	index, err := s.index()
	if err != nil {
		return Image{}, false, err
	}
	for _, d := range index.Manifests {
		if d.Annotations[annotationRef] == full {
			img, err := s.read(d)
			return img, err == nil, err
		}
	}
	return Image{}, false, nil
}

// put writes the image's blobs, then names it in the index, in this order, so
// that a named image is always whole. The caller holds s.writing.
func (s *Store) put(img v1.Image, ref, key, source string) (Image, error) {
	if err := s.ensure(); err != nil {
		return Image{}, err
	}
	if err := s.path.WriteImage(img); err != nil {
		return Image{}, fmt.Errorf("store image %s: %w", ref, err)
	}
	d, err := partial.Descriptor(img)
	if err != nil {
		return Image{}, fmt.Errorf("describe image %s: %w", ref, err)
	}
	d.Annotations = map[string]string{annotationRef: ref, annotationKey: key, annotationSource: source}
	d.Platform, d.ArtifactType = &v1.Platform{OS: "linux", Architecture: "amd64"}, ""

	s.mu.Lock()
	defer s.mu.Unlock()
	index, err := s.index()
	if err != nil {
		return Image{}, err
	}
	same := func(have v1.Descriptor) bool { return have.Annotations[annotationRef] == ref }
	index.Manifests = append(slices.DeleteFunc(index.Manifests, same), *d)
	if err := s.writeIndex(index); err != nil {
		return Image{}, err
	}
	return s.read(*d)
}

// sweep removes blobs that no image of the index needs.
func (s *Store) sweep() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	unused, err := s.path.GarbageCollect()
	if err != nil {
		return fmt.Errorf("find unused blobs of the image store: %w", err)
	}
	for _, h := range unused {
		if err := s.path.RemoveBlob(h); err != nil {
			return fmt.Errorf("remove the unused blob %s: %w", h, err)
		}
	}
	return nil
}

func (s *Store) index() (*v1.IndexManifest, error) {
	if !s.exists() {
		return &v1.IndexManifest{}, nil
	}
	ii, err := s.path.ImageIndex()
	if err == nil {
		var index *v1.IndexManifest
		if index, err = ii.IndexManifest(); err == nil {
			return index, nil
		}
	}
	return nil, fmt.Errorf("read the index of the image store %s: %w", s.path, err)
}

// writeIndex replaces the index in one step: a kill leaves the old or the new one.
func (s *Store) writeIndex(index *v1.IndexManifest) error {
	text, err := json.MarshalIndent(index, "", "  ")
	if err != nil {
		return fmt.Errorf("write the index of the image store: %w", err)
	}
	if err := writeFile(filepath.Join(string(s.path), "index.json"), text, 0o644); err != nil {
		return fmt.Errorf("write the index of the image store: %w", err)
	}
	return nil
}

func (s *Store) read(d v1.Descriptor) (Image, error) {
	img := Image{
		Ref:    d.Annotations[annotationRef],
		Digest: d.Digest.String(),
		Source: d.Annotations[annotationSource],
		Key:    d.Annotations[annotationKey],
	}
	manifest, err := s.manifest(d.Digest)
	if err != nil {
		return Image{}, fmt.Errorf("read the manifest of image %s: %w", img.Ref, err)
	}
	img.ID = manifest.Config.Digest.String()
	for _, l := range manifest.Layers {
		img.Size += l.Size
	}
	return img, nil
}

func (s *Store) manifest(digest v1.Hash) (*v1.Manifest, error) {
	text, err := s.path.Bytes(digest)
	if err != nil {
		return nil, err
	}
	var m v1.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	return &m, nil
}

// open returns the configuration and the layers of an image of the store.
func (s *Store) open(img Image) (*v1.ConfigFile, []layer, error) {
	digest, err := v1.NewHash(img.Digest)
	if err != nil {
		return nil, nil, fmt.Errorf("read image %s: %w", img.Ref, err)
	}
	m, err := s.manifest(digest)
	if err != nil {
		return nil, nil, fmt.Errorf("read the manifest of image %s: %w", img.Ref, err)
	}
	text, err := s.path.Bytes(m.Config.Digest)
	if err != nil {
		return nil, nil, fmt.Errorf("read the configuration of image %s: %w", img.Ref, err)
	}
	var file v1.ConfigFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, nil, fmt.Errorf("read the configuration of image %s: %w", img.Ref, err)
	}
	layers := make([]layer, 0, len(m.Layers))
	for _, l := range m.Layers {
		layers = append(layers, layer{digest: l.Digest, size: l.Size, file: filepath.Join(string(s.path), "blobs", l.Digest.Algorithm, l.Digest.Hex)})
	}
	return &file, layers, nil
}

// writeFile replaces a file in one step.
func writeFile(path string, text []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

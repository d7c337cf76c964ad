package image

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// dockerImage is one entry of an archive's manifest.json.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// Archive writes one tar with the images, every blob once. It can be read by
// `ctr images import` (as an OCI layout, so digests stay), by `docker load`
// (by manifest.json), and by kind's node-image builder, which looks for the
// names in whichever of `repositories` and manifest.json comes first and would
// see only the first image of the latter. Layers are streamed from the disk.
func (s *Store) Archive(ctx context.Context, refs []string, w io.Writer) error {
	index, err := s.subset(refs)
	if err != nil {
		return err
	}
	docker := make([]dockerImage, 0, len(index.Manifests))
	repositories := map[string]map[string]string{}
	var blobs []v1.Hash
	for _, d := range index.Manifests {
		m, err := s.manifest(d.Digest)
		if err != nil {
			return fmt.Errorf("read the manifest of image %s: %w", d.Annotations[annotationRef], err)
		}
		ref := d.Annotations[annotationRef]
		one := dockerImage{Config: blobName(m.Config.Digest), RepoTags: []string{ref}}
		blobs = append(blobs, d.Digest, m.Config.Digest)
		for _, l := range m.Layers {
			one.Layers = append(one.Layers, blobName(l.Digest))
			blobs = append(blobs, l.Digest)
		}
		docker = append(docker, one)
		cut := strings.LastIndex(ref, ":")
		if repositories[ref[:cut]] == nil {
			repositories[ref[:cut]] = map[string]string{}
		}
		repositories[ref[:cut]][ref[cut+1:]] = m.Layers[len(m.Layers)-1].Digest.Hex
	}
	t := tar.NewWriter(w)
	for _, head := range []struct {
		name    string
		content any
	}{
		{"repositories", repositories},
		{"oci-layout", map[string]string{"imageLayoutVersion": "1.0.0"}},
		{"index.json", index},
		{"manifest.json", docker},
	} {
		text, err := json.Marshal(head.content)
		if err != nil {
			return fmt.Errorf("write %s of the image archive: %w", head.name, err)
		}
		if err := archiveFile(t, head.name, int64(len(text)), bytes.NewReader(text)); err != nil {
			return err
		}
	}
	if err := s.archiveBlobs(ctx, t, blobs); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("end the image archive: %w", err)
	}
	return nil
}

// subset is the store's index with only the images asked for, in that order.
func (s *Store) subset(refs []string) (*v1.IndexManifest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.index()
	if err != nil {
		return nil, err
	}
	out := &v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, ref := range refs {
		full, err := FullName(ref)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all.Manifests, func(d v1.Descriptor) bool { return d.Annotations[annotationRef] == full })
		if i < 0 {
			return nil, fmt.Errorf("image %s is not in the store %s: build it first (meshcert images build)", full, s.path)
		}
		out.Manifests = append(out.Manifests, all.Manifests[i])
	}
	if len(out.Manifests) == 0 {
		return nil, fmt.Errorf("write an image archive: no image was asked for")
	}
	return out, nil
}

func (s *Store) archiveBlobs(ctx context.Context, t *tar.Writer, blobs []v1.Hash) error {
	written := map[v1.Hash]bool{}
	for _, h := range blobs {
		if written[h] {
			continue
		}
		written[h] = true
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.archiveBlob(t, h); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) archiveBlob(t *tar.Writer, h v1.Hash) error {
	f, err := os.Open(filepath.Join(string(s.path), filepath.FromSlash(blobName(h))))
	if err != nil {
		return fmt.Errorf("read a blob of the image store: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read a blob of the image store: %w", err)
	}
	return archiveFile(t, blobName(h), info.Size(), f)
}

func archiveFile(t *tar.Writer, name string, size int64, r io.Reader) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644}
	if err := t.WriteHeader(h); err != nil {
		return fmt.Errorf("write %s of the image archive: %w", name, err)
	}
	if _, err := io.Copy(t, r); err != nil {
		return fmt.Errorf("write %s of the image archive: %w", name, err)
	}
	return nil
}

func blobName(h v1.Hash) string { return path.Join("blobs", h.Algorithm, h.Hex) }

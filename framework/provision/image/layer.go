package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// entry is one name of a layer. Exactly one of text, file and link says what a
// regular file or symbolic link holds; a folder has none of them.
type entry struct {
	mode     fs.FileMode // type bits and permissions
	uid, gid int
	text     string
	file     string // path on this machine
	link     string
}

// entries are the names of a layer: absolute, clean path to entry.
type entries map[string]entry

// add puts one entry in; two inputs that claim one path are an error.
func (es entries) add(name string, e entry) error {
	if _, taken := es[name]; taken {
		return fmt.Errorf("two inputs of one layer make %s: put them into two layers, in the order they are to be laid", name)
	}
	es[name] = e
	return nil
}

// fileEntry holds the content of a file on this machine.
func fileEntry(file string, perm fs.FileMode) entry { return entry{mode: perm, file: file} }

func textEntry(text string, perm fs.FileMode) entry { return entry{mode: perm, text: text} }

func linkEntry(target string) entry { return entry{mode: fs.ModeSymlink | 0o777, link: target} }

func folderEntry(perm fs.FileMode) entry { return entry{mode: fs.ModeDir | perm} }

// writeLayer writes the entries as a tar: sorted by name, with all parent
// folders, times 0, owners as the entries say (0 unless they were cut whole out
// of a root file system). The same entries give the same bytes.
func writeLayer(w io.Writer, es entries) error {
	all := maps.Clone(es)
	for name := range es {
		for dir := path.Dir(name); dir != "/" && dir != "."; dir = path.Dir(dir) {
			if _, there := all[dir]; !there {
				all[dir] = folderEntry(0o755)
			}
		}
	}
	t := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "/" {
			continue
		}
		if err := writeEntry(t, strings.TrimPrefix(name, "/"), all[name]); err != nil {
			return fmt.Errorf("write %s into a layer: %w", name, err)
		}
	}
	return t.Close()
}

func writeEntry(t *tar.Writer, name string, e entry) error {
	h := &tar.Header{Name: name, Mode: int64(tarMode(e.mode)), Uid: e.uid, Gid: e.gid, ModTime: time.Unix(0, 0), Format: tar.FormatGNU}
	var content io.Reader = strings.NewReader(e.text)
	switch {
	case e.mode.IsDir():
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
	case e.mode&fs.ModeSymlink != 0:
		h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
	case e.file != "":
		f, err := os.Open(e.file)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		h.Typeflag, h.Size, content = tar.TypeReg, info.Size(), f
	default:
		h.Typeflag, h.Size = tar.TypeReg, int64(len(e.text))
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	_, err := io.Copy(t, content)
	return err
}

// tarMode is the permission with the set-user-id, set-group-id and sticky bits
// where tar has them.
func tarMode(m fs.FileMode) uint32 {
	out := uint32(m.Perm())
	for bit, value := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			out |= value
		}
	}
	return out
}

// layer is an uncompressed layer that is a blob of a store.
type layer struct {
	digest v1.Hash
	size   int64
	file   string
}

var _ v1.Layer = layer{}

func (l layer) Digest() (v1.Hash, error)             { return l.digest, nil }
func (l layer) DiffID() (v1.Hash, error)             { return l.digest, nil }
func (l layer) Size() (int64, error)                 { return l.size, nil }
func (l layer) MediaType() (types.MediaType, error)  { return types.OCIUncompressedLayer, nil }
func (l layer) Compressed() (io.ReadCloser, error)   { return os.Open(l.file) }
func (l layer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.file) }

// layer writes the entries as a blob of the store. Nothing refers to it yet:
// the caller holds s.writing until the image is put.
func (s *Store) layer(es entries) (layer, error) {
	dir := filepath.Join(string(s.path), "blobs", "sha256")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return layer{}, fmt.Errorf("make the image store's blob folder: %w", err)
	}
	f, err := os.CreateTemp(dir, ".layer-*")
	if err != nil {
		return layer{}, fmt.Errorf("write a layer: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum, count := sha256.New(), &counter{}
	if err := writeLayer(io.MultiWriter(f, sum, count), es); err != nil {
		return layer{}, err
	}
	if err := f.Chmod(0o644); err != nil {
		return layer{}, fmt.Errorf("write a layer: %w", err)
	}
	if err := f.Close(); err != nil {
		return layer{}, fmt.Errorf("write a layer: %w", err)
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	file := filepath.Join(dir, digest)
	if err := os.Rename(f.Name(), file); err != nil {
		return layer{}, fmt.Errorf("write a layer: %w", err)
	}
	return layer{digest: v1.Hash{Algorithm: "sha256", Hex: digest}, size: count.n, file: file}, nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

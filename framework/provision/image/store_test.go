package image

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func octal(mode int64) string { return fmt.Sprintf("%o", mode) }

func owners(h *tar.Header) string { return fmt.Sprintf("%d:%d", h.Uid, h.Gid) }

// newStore has one image, example.com/base:1, of one layer.
func newStore(t *testing.T) *Store {
	t.Helper()
	s := OpenStore(t.TempDir())
	l, err := s.layer(entries{"/bin/standin": textEntry("program", 0o755)})
	if err != nil {
		t.Fatal(err)
	}
	img, err := assemble([]layer{l}, v1.Config{Entrypoint: []string{"/bin/standin"}, Env: []string{"PATH=/bin", "MESHCERT_ROLE=echo"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.put(img, "example.com/base:1", "key", "packages"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDerive(t *testing.T) {
	ctx, s := context.Background(), newStore(t)
	config := Config{
		Env:        map[string]string{"MESHCERT_ROLE": "consul", "MESHCERT_PORTS": "8500"},
		Entrypoint: []string{"/consul"},
		Links:      map[string]string{"/consul": "/bin/standin"},
	}
	made, err := s.Derive(ctx, "example.com/base:1", "oomk8s/consul:0.9.3", config)
	if err != nil {
		t.Fatal(err)
	}
	if made.Ref != "docker.io/oomk8s/consul:0.9.3" || made.Source != "packages" {
		t.Errorf("derived %+v", made)
	}
	base, _, err := s.Get("example.com/base:1")
	if err != nil {
		t.Fatal(err)
	}
	_, baseLayers, err := s.open(base)
	if err != nil {
		t.Fatal(err)
	}
	file, layers, err := s.open(made)
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 2 || layers[0].digest != baseLayers[0].digest {
		t.Errorf("layers %v do not begin with the base's %v", layers, baseLayers)
	}
	if diff := cmp.Diff([]string{"PATH=/bin", "MESHCERT_PORTS=8500", "MESHCERT_ROLE=consul"}, file.Config.Env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/consul"}, file.Config.Entrypoint); diff != "" {
		t.Errorf("entrypoint (-want +got):\n%s", diff)
	}

	again, err := s.Derive(ctx, "example.com/base:1", "oomk8s/consul:0.9.3", config)
	if err != nil || again != made {
		t.Errorf("derived again %+v, %v, want %+v", again, err, made)
	}
	config.Env["MESHCERT_PORTS"] = "8600"
	other, err := s.Derive(ctx, "example.com/base:1", "oomk8s/consul:0.9.3", config)
	if err != nil || other.ID == made.ID {
		t.Errorf("another configuration gave the image %s, %v", other.ID, err)
	}
	all, err := s.List(ctx)
	if err != nil || len(all) != 2 {
		t.Errorf("the store lists %v, %v, want two images", all, err)
	}
}

func TestDeriveRefuses(t *testing.T) {
	tests := map[string]struct {
		base, ref string
		config    Config
		want      string
	}{
		"no base":       {"example.com/gone:1", "example.com/a:1", Config{}, "its base example.com/gone:1 is not in the store"},
		"bad reference": {"example.com/base:1", "EXAMPLE/a b", Config{}, `image reference "EXAMPLE/a b"`},
		"relative link": {"example.com/base:1", "example.com/a:1", Config{Links: map[string]string{"ready.py": "/x"}}, `link "ready.py"`},
		"variable":      {"example.com/base:1", "example.com/a:1", Config{Env: map[string]string{"A=B": "c"}}, `environment variable "A=B"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newStore(t).Derive(context.Background(), test.base, test.ref, test.config)
			wantError(t, err, test.want)
		})
	}
}

func TestArchive(t *testing.T) {
	ctx, s := context.Background(), newStore(t)
	refs := []string{"example.com/base:1"}
	for i := range 3 {
		ref := fmt.Sprintf("example.com/derived:%d", i)
		if _, err := s.Derive(ctx, refs[0], ref, Config{Env: map[string]string{"N": fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	var b bytes.Buffer
	if err := s.Archive(ctx, refs, &b); err != nil {
		t.Fatal(err)
	}
	names, files := readTar(t, b.Bytes())
	if diff := cmp.Diff([]string{"repositories", "oci-layout", "index.json", "manifest.json"}, names[:4]); diff != "" {
		t.Errorf("first files (-want +got):\n%s", diff)
	}
	// Four manifests, four configurations, one layer.
	if got := len(names) - 4; got != 9 {
		t.Errorf("%d blobs, want 9: %v", got, names)
	}
	var index v1.IndexManifest
	if err := json.Unmarshal(files["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	for i, d := range index.Manifests {
		if got := d.Annotations["io.containerd.image.name"]; got != refs[i] {
			t.Errorf("image %d has the name %s, want %s", i, got, refs[i])
		}
		have, _, err := s.Get(refs[i])
		if err != nil || have.Digest != d.Digest.String() {
			t.Errorf("image %s has the digest %s, the store says %s, %v", refs[i], d.Digest, have.Digest, err)
		}
	}
	if got := string(files["repositories"]); !strings.Contains(got, `"example.com/derived":{"0":`) || !strings.Contains(got, `"2":`) {
		t.Errorf("repositories does not name all images: %s", got)
	}
	for _, ref := range refs {
		checkDockerImage(t, b.Bytes(), s, ref)
	}
}

// checkDockerImage reads the image as `docker load` does, by manifest.json.
func checkDockerImage(t *testing.T, archive []byte, s *Store, ref string) {
	t.Helper()
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	img, err := tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive)), nil }, &tag)
	if err != nil {
		t.Fatalf("read %s out of the archive: %v", ref, err)
	}
	id, err := img.ConfigName()
	have, _, storeErr := s.Get(ref)
	if err := errors.Join(err, storeErr); err != nil || id.String() != have.ID {
		t.Errorf("image %s has the id %s, the store says %s, %v", ref, id, have.ID, err)
	}
}

func TestArchiveOfUnknownImage(t *testing.T) {
	s := newStore(t)
	wantError(t, s.Archive(context.Background(), []string{"example.com/gone:1"}, io.Discard), "image example.com/gone:1 is not in the store")
	wantError(t, s.Archive(context.Background(), nil, io.Discard), "no image was asked for")
}

func TestSweepKeepsWhatIsNamed(t *testing.T) {
	s := newStore(t)
	unused, err := s.layer(entries{"/x": textEntry("nobody needs this", 0o644)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sweep(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(unused.file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the unused blob is still there: %v", err)
	}
	wantError(t, s.Archive(context.Background(), []string{"example.com/base:1"}, io.Discard), "")
}

func TestFullName(t *testing.T) {
	tests := map[string]string{
		"consul":                           "docker.io/library/consul:latest",
		"oomk8s/readiness-check:2.0.0":     "docker.io/oomk8s/readiness-check:2.0.0",
		"docker.io/istio/pilot:1.31.0":     "docker.io/istio/pilot:1.31.0",
		"nexus3.onap.org:10001/onap/a:1":   "nexus3.onap.org:10001/onap/a:1",
		"meshcert.local/kind-node:v1-base": "meshcert.local/kind-node:v1-base",
	}
	for ref, want := range tests {
		if got, err := FullName(ref); err != nil || got != want {
			t.Errorf("FullName(%s) = %s, %v, want %s", ref, got, err, want)
		}
	}
	_, err := FullName("")
	wantError(t, err, "image reference")
}

func readTar(t *testing.T, content []byte) ([]string, map[string][]byte) {
	t.Helper()
	var names []string
	files := map[string][]byte{}
	r := tar.NewReader(bytes.NewReader(content))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names, files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		files[h.Name] = text
	}
}

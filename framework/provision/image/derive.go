package image

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Derive makes the image ref out of the image base by changing its
// configuration and adding links. It shares all layers of the base, and costs
// some kilobytes and milliseconds; when it is in the store already, nothing is
// done. base must be in the store.
func (s *Store) Derive(ctx context.Context, base, ref string, c Config) (Image, error) {
	full, err := FullName(ref)
	if err != nil {
		return Image{}, err
	}
	if err := c.check(); err != nil {
		return Image{}, fmt.Errorf("derive image %s: %w", full, err)
	}
	from, ok, err := s.Get(base)
	if err != nil {
		return Image{}, err
	}
	if !ok {
		return Image{}, fmt.Errorf("derive image %s: its base %s is not in the store: build it first (meshcert images build)", full, base)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return Image{}, fmt.Errorf("derive image %s: %w", full, err)
	}
	key := newKey("derived").text("base", from.Digest).text("config", string(text)).sum()
	if have, ok, err := s.Get(full); err != nil || ok && have.Key == key {
		return have, err
	}
	if err := ctx.Err(); err != nil {
		return Image{}, err
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	img, err := s.derived(from, c)
	if err != nil {
		return Image{}, fmt.Errorf("derive image %s from %s: %w", full, from.Ref, err)
	}
	return s.put(img, full, key, from.Source)
}

func (c Config) check() error {
	for name, target := range c.Links {
		if !path.IsAbs(name) || path.Clean(name) != name || target == "" {
			return fmt.Errorf("link %q to %q: the path must be absolute and clean, the target not empty", name, target)
		}
	}
	for name := range c.Env {
		if name == "" || strings.Contains(name, "=") {
			return fmt.Errorf("environment variable %q: not a name", name)
		}
	}
	return nil
}

// derived builds on the blobs of the store, never reading a layer's content.
func (s *Store) derived(from Image, c Config) (v1.Image, error) {
	file, layers, err := s.open(from)
	if err != nil {
		return nil, err
	}
	if len(c.Links) > 0 {
		es := entries{}
		for name, target := range c.Links {
			es[name] = linkEntry(target)
		}
		added, err := s.layer(es)
		if err != nil {
			return nil, err
		}
		layers = append(layers, added)
	}
	conf := file.Config
	conf.Env = mergeEnv(conf.Env, c.Env)
	if len(c.Entrypoint) > 0 {
		conf.Entrypoint, conf.Cmd = c.Entrypoint, nil
	}
	return assemble(layers, conf)
}

// mergeEnv sets the variables in the list, in a fixed order.
func mergeEnv(list []string, set map[string]string) []string {
	out := slices.DeleteFunc(slices.Clone(list), func(have string) bool {
		name, _, _ := strings.Cut(have, "=")
		_, replaced := set[name]
		return replaced
	})
	for _, name := range slices.Sorted(maps.Keys(set)) {
		out = append(out, name+"="+set[name])
	}
	return out
}

// assemble makes an image for linux/amd64 with fixed times.
func assemble(layers []layer, conf v1.Config) (v1.Image, error) {
	img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		OS: "linux", Architecture: "amd64",
		RootFS: v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		if img, err = mutate.AppendLayers(img, l); err != nil {
			return nil, err
		}
	}
	img = mutate.ConfigMediaType(mutate.MediaType(img, types.OCIManifestSchema1), types.OCIConfigJSON)
	return mutate.Config(img, conf)
}

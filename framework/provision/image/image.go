// Package image provides the container images of an environment.
//
// It guarantees that an image is made from what its recipe and the recipe's
// inputs say and from nothing else: the key of an image is the digest of both,
// an image whose key has not changed is not made again, the same inputs give
// the same layers, and what was half made when the program stopped never
// counts. All images are in one store, an OCI layout for linux/amd64; the
// node image is in the container engine too.
package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Source is where images come from.
type Source interface {
	// Name is the word of the IMAGES setting: "packages".
	Name() string
	// Provide puts the images into the store, or finds them there, and returns
	// them in the order asked for. An unknown reference is an error that lists
	// the known ones.
	Provide(ctx context.Context, refs []string, p Progress) ([]Image, error)
}

// Image is one image of the store.
type Image struct {
	// Ref is the full name as a node knows it: docker.io/istio/pilot:1.31.0.
	Ref string `json:"ref"`
	// Digest is the digest of the manifest, sha256:….
	Digest string `json:"digest"`
	// ID is the digest of the configuration, sha256:…, which Docker calls the image's id.
	ID string `json:"id"`
	// Source is the name of the source that made it.
	Source string `json:"source"`
	// Key is the digest of recipe and inputs, 64 hexadecimal digits.
	Key string `json:"key"`
	// Size is the sum of the layers in bytes; layers are not compressed.
	Size int64 `json:"size"`
}

// Config is what a derived image changes in its base.
type Config struct {
	// Env sets or replaces environment variables.
	Env map[string]string
	// Entrypoint takes the base's place when it is not empty; Cmd is then empty.
	Entrypoint []string
	// Links are symbolic links to add: absolute path to target.
	Links map[string]string
}

// FullName is the reference as containerd and the kubelet write it: with
// registry, with "library/" for Docker's own images, and with a tag.
func FullName(ref string) (string, error) {
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return "", fmt.Errorf("image reference %q: %w", ref, err)
	}
	full := parsed.Name()
	if rest, ok := strings.CutPrefix(full, name.DefaultRegistry+"/"); ok {
		full = "docker.io/" + rest
	}
	return full, nil
}

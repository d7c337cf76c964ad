package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/provision/engine"
)

// Images are the images on the nodes of a cluster of ours, by their own lists:
// the digests of the manifests behind each full name, more than one where nodes
// differ.
func (c *Cluster) Images(ctx context.Context) (map[string][]string, error) {
	all, err := c.nodes()
	if err != nil {
		return nil, err
	}
	var lists []map[string]string
	for _, n := range all {
		has, err := digests(ctx, n)
		if err != nil {
			return nil, err
		}
		lists = append(lists, has)
	}
	return named(lists), nil
}

// named joins the lists of nodes. It leaves out what containerd calls an image
// by its digest, beside its name.
func named(lists []map[string]string) map[string][]string {
	images := map[string][]string{}
	for _, has := range lists {
		for _, ref := range slices.Sorted(maps.Keys(has)) {
			if !strings.Contains(ref, "@") && !strings.HasPrefix(ref, "sha256:") && !slices.Contains(images[ref], has[ref]) {
				images[ref] = append(images[ref], has[ref])
			}
		}
	}
	return images
}

// NodeImages are the images that the nodes of a cluster of ours are containers
// of, "sha256:…" as the engine tells it, by the nodes' names.
func (c *Cluster) NodeImages(ctx context.Context, e *engine.Engine) (map[string]string, error) {
	nodes, err := containers(ctx, e, "label="+nodeLabel+"="+c.Name)
	if err != nil {
		return nil, err
	}
	images := map[string]string{}
	for _, n := range nodes {
		image, err := e.Docker(ctx, "container", "inspect", "--format", "{{.Image}}", n.id)
		if err != nil {
			return nil, fmt.Errorf("ask what image node %s is of: %w", n.name, err)
		}
		images[n.name] = image
	}
	return images, nil
}

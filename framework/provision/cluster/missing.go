package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/exec"
)

// Missing returns the references, sorted, that some node has not got in the
// wanted content. images maps a reference to its manifest's digest.
func (c *Cluster) Missing(ctx context.Context, images map[string]string) ([]string, error) {
	all, err := c.nodes()
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, n := range all {
		has, err := digests(ctx, n)
		if err != nil {
			return nil, err
		}
		for ref, digest := range images {
			full, err := fullName(ref)
			if err != nil {
				return nil, err
			}
			if has[full] != digest {
				missing = append(missing, ref)
			}
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing), nil
}

// digests are the images of a node by full name. The columns are those of
// containerd's ctr: REF TYPE DIGEST SIZE PLATFORMS LABELS.
func digests(ctx context.Context, n nodes.Node) (map[string]string, error) {
	lines, err := exec.OutputLines(n.CommandContext(ctx, "ctr", "--namespace=k8s.io", "images", "ls"))
	if err != nil {
		return nil, fmt.Errorf("list the images of node %s: %w", n, withOutput(err))
	}
	has := map[string]string{}
	for _, line := range lines[min(1, len(lines)):] {
		if columns := strings.Fields(line); len(columns) >= 3 {
			has[columns[0]] = columns[2]
		}
	}
	return has, nil
}

package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
	"sigs.k8s.io/kind/pkg/exec"

	kindcluster "sigs.k8s.io/kind/pkg/cluster"
)

// Load streams one image archive (docker or OCI) into all nodes at once and
// then asks each node for its list. archive writes the archive once; refs are
// the images that have to be on every node afterwards, in the form of a
// manifest's image field. The error names the node and what is missing on it.
func (c *Cluster) Load(ctx context.Context, archive func(context.Context, io.Writer) error, refs []string) error {
	if !c.Owned {
		return errors.New("images are loaded into nodes of our own clusters only; a real cluster gets them from its registry")
	}
	all, err := c.nodes()
	if err != nil {
		return err
	}
	c.log(fmt.Sprintf("load %d images into %d nodes", len(refs), len(all)))
	if err := stream(ctx, all, archive, func(n nodes.Node, in io.Reader) error { return nodeutils.LoadImageArchive(n, in) }); err != nil {
		return fmt.Errorf("load images into cluster %s: %w", c.Name, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, n := range all {
		group.Go(func() error { return check(ctx, n, refs) })
	}
	return group.Wait()
}

func (c *Cluster) nodes() ([]nodes.Node, error) {
	if err := checkProcess(c.host, c.Name); err != nil {
		return nil, err
	}
	provider := kindcluster.NewProvider(kindcluster.ProviderWithDocker())
	all, err := provider.ListInternalNodes(c.Name)
	if err != nil {
		return nil, fmt.Errorf("list the nodes of cluster %s: %w", c.Name, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("cluster %s has no nodes", c.Name)
	}
	return all, nil
}

// stream writes the archive once and lets every node import what comes through
// its pipe. The first that fails ends the others; its error is the one returned,
// and the archive's rather than what that makes of the importers.
func stream(ctx context.Context, all []nodes.Node, archive func(context.Context, io.Writer) error, load func(nodes.Node, io.Reader) error) error {
	outer := ctx
	group, ctx := errgroup.WithContext(outer)
	pipes := make([]*io.PipeWriter, len(all))
	outs := make([]io.Writer, len(all))
	for i, n := range all {
		in, out := io.Pipe()
		pipes[i], outs[i] = out, out
		group.Go(func() error {
			err := load(n, in)
			if err != nil {
				err = fmt.Errorf("node %s: %w", n, withOutput(err))
			} else {
				// An importer may stop at the archive's end mark; what pads it is read away.
				_, err = io.Copy(io.Discard, in)
			}
			_ = in.CloseWithError(errors.Join(errImporter, err))
			return err
		})
	}
	stop := context.AfterFunc(ctx, func() { closeAll(pipes, context.Cause(ctx)) })
	defer stop()
	var broken error
	group.Go(func() error {
		err := archive(ctx, io.MultiWriter(outs...))
		if err != nil && ctx.Err() == nil && !errors.Is(err, errImporter) {
			broken = fmt.Errorf("write the image archive: %w", err)
		}
		closeAll(pipes, err)
		return broken
	})
	err := group.Wait()
	if outer.Err() != nil {
		return context.Cause(outer)
	}
	return cmp.Or(broken, err)
}

// errImporter tells a broken archive from one whose reader went away.
var errImporter = errors.New("the node's importer ended")

func closeAll(pipes []*io.PipeWriter, err error) {
	for _, p := range pipes {
		_ = p.CloseWithError(err)
	}
}

// withOutput adds what a command on a node printed to its error.
func withOutput(err error) error {
	if run := exec.RunErrorForError(err); run != nil && len(run.Output) > 0 {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(run.Output)))
	}
	return err
}

// check asks the node for its own list of images.
func check(ctx context.Context, n nodes.Node, refs []string) error {
	lines, err := exec.OutputLines(n.CommandContext(ctx, "ctr", "--namespace=k8s.io", "images", "ls", "--quiet"))
	if err != nil {
		return fmt.Errorf("list the images of node %s: %w", n, withOutput(err))
	}
	missing, err := absent(refs, lines)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("node %s has not got, after the load, %s", n, strings.Join(missing, ", "))
	}
	return nil
}

// absent returns the references that a node's list of full names lacks.
func absent(refs, has []string) ([]string, error) {
	var missing []string
	for _, ref := range refs {
		full, err := fullName(ref)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(has, full) {
			missing = append(missing, ref)
		}
	}
	return missing, nil
}

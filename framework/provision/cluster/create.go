package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"golang.org/x/sync/errgroup"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"

	"github.com/onap/meshcert/framework/journal"
)

const (
	// readyLimit bounds the time from kind's end to a cluster whose nodes, CNI and DNS work.
	readyLimit = 5 * time.Minute
	undoLimit  = 2 * time.Minute
)

// Create makes the cluster and waits until its nodes are Ready and its CNI, DNS
// and storage run. There must be none of the name (see Find). When it fails it
// removes what it made; when ctx ends first it returns at once, kind still goes
// on in this process, and Delete has to follow after the process has ended.
func Create(ctx context.Context, o Options) (*Cluster, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if err := checkProcess(o.Engine.Host, o.Name); err != nil {
		return nil, err
	}
	id, err := imageID(ctx, o.Engine, o.NodeImage)
	if err != nil {
		return nil, err
	}
	nodes, err := o.nodes(ctx)
	if err != nil {
		return nil, err
	}
	if len(nodes) > 0 {
		return nil, fmt.Errorf("cluster %s is there already (%s)", o.Name, names(nodes))
	}
	c, err := create(ctx, &o, id)
	if err == nil {
		return c, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("make cluster %s: %w", o.Name, context.Cause(ctx))
	}
	return nil, errors.Join(fmt.Errorf("make cluster %s: %w", o.Name, err), Remove(ctx, o))
}

func create(ctx context.Context, o *Options, imageID string) (*Cluster, error) {
	if err := makeNetwork(ctx, o); err != nil {
		return nil, err
	}
	if !o.EgressOpen {
		if err := closeWayOut(ctx, o); err != nil {
			return nil, err
		}
	}
	if err := o.Journal.Intend(o.entry(imageID, false)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(o.Kubeconfig), 0o700); err != nil {
		return nil, fmt.Errorf("make the kubeconfig's folder: %w", err)
	}
	if err := runKind(ctx, o); err != nil {
		return nil, err
	}
	c, err := connect(o)
	if err != nil {
		return nil, err
	}
	if !o.EgressOpen {
		// Before the nodes are Ready, so that CoreDNS starts once and closed.
		if err := c.closeNames(ctx); err != nil {
			return nil, err
		}
	}
	nodes, err := o.nodes(ctx)
	if err != nil {
		return nil, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.untilReady(groupCtx, len(nodes), readyLimit) })
	if o.Meanwhile != nil {
		group.Go(func() error { return o.Meanwhile(groupCtx, c) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return c, o.Journal.Intend(o.entry(imageID, true))
}

// runKind lets kind make the nodes and Kubernetes on them. Waiting is ours.
func runKind(ctx context.Context, o *Options) error {
	text, err := configuration(o.Config)
	if err != nil {
		return err
	}
	log := &kindLog{out: o.Log}
	provider := kindcluster.NewProvider(kindcluster.ProviderWithDocker(), kindcluster.ProviderWithLogger(log))
	done := make(chan error, 1)
	go func() {
		done <- provider.Create(o.Name,
			kindcluster.CreateWithRawConfig(text),
			kindcluster.CreateWithNodeImage(o.NodeImage),
			kindcluster.CreateWithKubeconfigPath(o.Kubeconfig),
			kindcluster.CreateWithRetain(true),
			kindcluster.CreateWithDisplayUsage(false),
			kindcluster.CreateWithDisplaySalutation(false))
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err = <-done:
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("kind: %w\nkind said last:\n%s%s", withOutput(err), log.tail(), nodeLogs(ctx, o))
	return errors.Join(err, o.Engine.Privileged(ctx, o.NodeImage))
}

// nodeLogs returns what the nodes themselves printed last.
func nodeLogs(ctx context.Context, o *Options) string {
	nodes, err := o.nodes(ctx)
	if err != nil {
		return fmt.Sprintf("\n(the nodes could not be listed: %v)", err)
	}
	var text strings.Builder
	for _, n := range nodes {
		out, err := o.Engine.Docker(ctx, "logs", "--tail", "15", n.id)
		if err != nil {
			out = err.Error()
		}
		fmt.Fprintf(&text, "\nnode %s (%s):\n%s", n.name, n.state, out)
	}
	return text.String()
}

// Remove removes what the journal has of the cluster of these options, newest
// first, also when ctx has ended; it goes on after an error and returns all of them.
func Remove(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoLimit)
	defer cancel()
	entries, err := o.Journal.Entries()
	if err != nil {
		return err
	}
	var failed error
	for _, e := range slices.Backward(entries) {
		if !o.made(e) {
			continue
		}
		if err := Delete(ctx, e); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		failed = errors.Join(failed, o.Journal.Forget(e.Kind, e.Name))
	}
	return failed
}

// made says whether the entry is a part of this cluster.
func (o *Options) made(e journal.Entry) bool {
	switch e.Kind {
	case journal.Cluster, journal.Network:
		return e.Name == o.Name
	case journal.Firewall:
		return slices.ContainsFunc(rules(o.Engine.Host, o.Name), func(r rule) bool { return r.comment == e.Name })
	}
	return false
}

// fullName is a reference as a node lists it: with registry and tag.
func fullName(ref string) (string, error) {
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return "", fmt.Errorf("image reference %q: %w", ref, err)
	}
	if full, hub := strings.CutPrefix(parsed.Name(), name.DefaultRegistry); hub {
		return "docker.io" + full, nil
	}
	return parsed.Name(), nil
}

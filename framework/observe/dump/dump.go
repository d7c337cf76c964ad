// Package dump writes down the state of a cluster while a failure is still
// there: pods, events, container logs, Envoy configuration, Istio's objects
// and Helm releases. It guarantees that it ends within its limits of time and
// size, that a part that cannot be had stops no other part, and that nothing
// reaches the disk unredacted.
package dump

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/kube"
)

const (
	// timeLimit is for all of a dump.
	timeLimit = 30 * time.Second
	// atOnce is how many requests are under way at a time.
	atOnce = 8
	// ErrorsFile is the name of the file that says what could not be had.
	ErrorsFile = "dump-errors.txt"
)

// Options say what to write down, and where.
type Options struct {
	// Folder is the spec's folder of artifacts; everything goes into its folder "cluster".
	Folder string
	// Namespaces are those whose pods, events, logs, Istio objects and Helm releases are taken.
	Namespaces []string
	// Pods are those whose Envoy configuration is taken: "namespace/name" of a
	// pod, or of the workload that owns it; a kind in front, as in the object
	// of a finding ("Deployment onap/msb-msb-iag"), is allowed. The first
	// maxProxies pods are taken.
	Pods []string
}

// part is one thing to write down.
type part struct {
	what string
	run  func(context.Context) error
}

// Dump collects everything within 30 s, or until ctx ends. What could not be
// had is in the error, one problem a line, and in ErrorsFile.
func Dump(ctx context.Context, client *kube.Client, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	folder := filepath.Join(o.Folder, "cluster")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("dump the cluster: %w", err)
	}
	d := &dumper{client: client, out: &box{folder: folder, left: sizeLimit}, wanted: names(o.Pods)}
	var small []part
	for _, namespace := range o.Namespaces {
		small = append(small,
			part{"pods of " + namespace, func(ctx context.Context) error { return d.pods(ctx, namespace) }},
			part{"events of " + namespace, func(ctx context.Context) error { return d.events(ctx, namespace) }},
			part{"Helm releases of " + namespace, func(ctx context.Context) error { return d.helm(ctx, namespace) }},
			part{"Istio objects of " + namespace, func(ctx context.Context) error { return d.istio(ctx, namespace) }})
	}
	d.run(ctx, small)
	d.run(ctx, append(d.proxies(), d.logs()...))
	return d.out.finish()
}

// run runs parts, a few at a time, and keeps their errors.
func (d *dumper) run(ctx context.Context, parts []part) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, p := range parts {
		group.Go(func() error {
			if err := p.run(ctx); err != nil {
				d.out.problem(p.what, err)
			}
			return nil
		})
	}
	_ = group.Wait() // no part returns an error
}

// names takes the kind off "Deployment onap/msb-msb-iag".
func names(objects []string) []string {
	var out []string
	for _, o := range objects {
		out = append(out, o[strings.LastIndexByte(o, ' ')+1:])
	}
	return out
}

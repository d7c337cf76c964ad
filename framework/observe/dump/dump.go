// Package dump writes down the state of a cluster while a failure is still
// there: pods, events, container logs, Envoy configuration, Istio's objects
// and Helm releases. It guarantees that it ends within its limits of time and
// size, that a part that cannot be had stops no other part, that failures which
// follow closely share what does not differ between them, and that nothing
// reaches the disk unredacted.
package dump

import (
	"context"
	"errors"
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
	// fresh is how long a dump of everything also serves the failures after it.
	fresh = time.Minute
	// atOnce is how many requests are under way at a time.
	atOnce = 8
	// ErrorsFile is the name of the file that says what could not be had.
	ErrorsFile = "dump-errors.txt"
	// PointerFile is the name of the file that stands for a dump of everything
	// and says where that is.
	PointerFile = "cluster.txt"
)

// Dumper writes the dumps of one cluster, one after the other.
type Dumper struct {
	client     *kube.Client
	namespaces []string
	now        func() time.Time

	// last is the folder of the newest dump of everything, taken when it began.
	last  string
	taken time.Time
}

// New returns a dumper of the namespaces' pods, events, logs, Istio objects and
// Helm releases.
func New(client *kube.Client, namespaces ...string) *Dumper {
	return &Dumper{client: client, namespaces: namespaces, now: time.Now}
}

// Dump writes into the folder "cluster" of a spec's artifacts: everything, or,
// when that was done within the last minute, the Envoy configurations only,
// and PointerFile beside the folder. It ends within 30 s, or when ctx ends.
// What could not be had is in the error, one problem a line, and in ErrorsFile.
//
// Envoy configurations are those of the first maxProxies pods the objects name:
// "namespace/name" of a pod, or of the workload that owns it; a kind in front,
// as in the object of a finding ("Deployment onap/msb-msb-iag"), is allowed.
func (d *Dumper) Dump(ctx context.Context, artifacts string, objects []string) error {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	folder, began := filepath.Join(artifacts, "cluster"), d.now()
	if err := os.MkdirAll(artifacts, 0o755); err != nil {
		return fmt.Errorf("dump the cluster: %w", err)
	}
	one := &dump{client: d.client, out: &box{folder: folder, left: sizeLimit}, wanted: names(objects)}
	if d.last != "" && began.Sub(d.taken) < fresh {
		return errors.Join(d.point(artifacts, began), one.proxiesOnly(ctx, d.namespaces))
	}
	d.last, d.taken = folder, began
	return one.everything(ctx, d.namespaces)
}

// point says in the artifacts where the newest dump of everything is.
func (d *Dumper) point(artifacts string, now time.Time) error {
	where, err := filepath.Rel(artifacts, d.last)
	if err != nil {
		return fmt.Errorf("dump the cluster: %w", err)
	}
	text := fmt.Sprintf("%s\nholds the state of the cluster, written down %s before.\n", filepath.ToSlash(where), now.Sub(d.taken).Round(time.Second))
	if err := os.WriteFile(filepath.Join(artifacts, PointerFile), []byte(text), 0o644); err != nil {
		return fmt.Errorf("dump the cluster: %w", err)
	}
	return nil
}

// part is one thing to write down.
type part struct {
	what string
	run  func(context.Context) error
}

// everything is what is taken of the namespaces, and the proxies that are wanted.
func (d *dump) everything(ctx context.Context, namespaces []string) error {
	var small []part
	for _, namespace := range namespaces {
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

// proxiesOnly looks for the pods that are named and takes their proxies' configuration.
func (d *dump) proxiesOnly(ctx context.Context, namespaces []string) error {
	if len(d.wanted) == 0 {
		return nil
	}
	var lists []part
	for _, namespace := range namespaces {
		lists = append(lists, part{"pods of " + namespace, func(ctx context.Context) error {
			_, err := d.find(ctx, namespace)
			return err
		}})
	}
	d.run(ctx, lists)
	d.run(ctx, d.proxies())
	return d.out.finish()
}

// run runs parts, a few at a time, and keeps their errors.
func (d *dump) run(ctx context.Context, parts []part) {
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

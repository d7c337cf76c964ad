package image

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kind/pkg/build/nodeimage"
	"sigs.k8s.io/kind/pkg/exec"
	"sigs.k8s.io/kind/pkg/log"
)

// BuildNode runs kind's node-image builder: args are the base image, the
// archive with the Kubernetes server package, and the reference of the node
// image. It belongs into a process of its own, see Engine.
func BuildNode(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("build the node image: needs base image, server package and node image, got %d arguments", len(args))
	}
	err := nodeimage.Build(nodeimage.WithBaseImage(args[0]), nodeimage.WithKubeParam(args[1]), nodeimage.WithImage(args[2]),
		nodeimage.WithBuildType("file"), nodeimage.WithArch("amd64"), nodeimage.WithLogger(log.NoopLogger{}))
	if failed := exec.RunErrorForError(err); failed != nil {
		return fmt.Errorf("kind's node-image builder: %w, it said:\n%s", err, failed.Output)
	}
	if err != nil {
		return fmt.Errorf("kind's node-image builder: %w", err)
	}
	return nil
}

// NodeRef is the reference of the node image.
func (p *Packages) NodeRef() string {
	r, err := p.recipes.node()
	if err != nil {
		return "" // NewPackages refuses recipes without a node
	}
	return r.Image
}

// EnsureNodeImage makes sure that the engine has the node image as its recipe
// and inputs say now. Where it has, that costs one question to the engine.
func (p *Packages) EnsureNodeImage(ctx context.Context, e Engine, to Progress) (Image, error) {
	if err := need("docker", "install the docker command (Debian: docker.io)"); err != nil {
		return Image{}, err
	}
	n, err := p.planNode()
	if err != nil {
		return Image{}, err
	}
	t, what := &tracker{to: to}, "node image "+n.ref
	t.expect(what)
	have, err := e.inspect(ctx, n.ref)
	if err != nil {
		return Image{}, err
	}
	if have.Key == n.base.key {
		t.cached(what)
		return have, nil
	}
	if err := p.lock.take(ctx); err != nil {
		return Image{}, err
	}
	defer p.lock.release()
	members, err := p.provide(ctx, append([]plan{n.base}, n.members...), t)
	if err != nil {
		return Image{}, err
	}
	tools, err := p.steps.need(ctx, n.tools, t)
	if err != nil {
		return Image{}, err
	}
	var made Image
	err = t.work(what, func(func(error)) (err error) {
		made, err = p.buildNode(ctx, e, n, members[0], tools)
		return err
	})
	if err != nil {
		return Image{}, fmt.Errorf("build the node image %s: %w", n.ref, err)
	}
	e.removeReplaced(ctx, have, made)
	return made, nil
}

// nodePlan is how the node image is made.
type nodePlan struct {
	Node
	ref string
	// base is kind's base image; its key is that of the whole node image, and is
	// in its labels, which the node image inherits.
	base    plan
	members []plan
	tools   step
}

func (p *Packages) planNode() (nodePlan, error) {
	r, err := p.recipes.node()
	if err != nil {
		return nodePlan{}, err
	}
	n := nodePlan{Node: *r.Node, ref: r.Image}
	if n.base, err = p.plan(r); err != nil {
		return nodePlan{}, err
	}
	m, err := readModule(p.images, n.Module)
	if err != nil {
		return nodePlan{}, err
	}
	if n.tools, err = p.golang.tools(m); err != nil {
		return nodePlan{}, err
	}
	k := newKey("node image").text("base", n.base.key).text("tools", n.tools.key)
	for _, archive := range keys(n.Archives) {
		for _, name := range n.Archives[archive] {
			member, err := p.plan(p.recipes[name])
			if err != nil {
				return nodePlan{}, err
			}
			n.members = append(n.members, member)
			k.text(archive+"/"+name, member.key)
		}
	}
	n.base.key, n.base.ref = k.sum(), r.Image+"-base"
	n.base.labels = map[string]string{labelKey: n.base.key}
	return n, nil
}

// buildNode loads the base image, runs kind's builder on it, and leaves only
// the node image in the engine.
func (p *Packages) buildNode(ctx context.Context, e Engine, n nodePlan, base Image, tools string) (made Image, err error) {
	temp, err := tempFolder(p.steps.temp, "node")
	if err != nil {
		return Image{}, err
	}
	defer os.RemoveAll(temp)
	server := filepath.Join(temp, "kubernetes-server-linux-amd64.tar.gz")
	if err := p.writeServer(ctx, server, n, tools); err != nil {
		return Image{}, fmt.Errorf("write the Kubernetes server package: %w", err)
	}
	defer func() { err = errors.Join(err, e.clean(ctx, base.Ref)) }()
	if err := e.load(ctx, p.store, base.Ref); err != nil {
		return Image{}, err
	}
	_, err = command{args: append(slices.Clone(e.Builder), base.Ref, server, n.ref), env: append(e.env(), "TMPDIR="+temp)}.run(ctx)
	if err != nil {
		return Image{}, err
	}
	made, err = e.inspect(ctx, n.ref)
	if err == nil && made.Key != n.base.key {
		err = fmt.Errorf("the engine's image %s has the key %q, not %q", n.ref, made.Key, n.base.key)
	}
	return made, err
}

// writeServer writes what kind's builder reads: a compressed tar with the
// version, three programs and four image archives.
func (p *Packages) writeServer(ctx context.Context, file string, n nodePlan, tools string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.NoCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	if err := archiveFile(t, "kubernetes/version", int64(len(n.Version)), strings.NewReader(n.Version)); err != nil {
		return err
	}
	for _, program := range []string{"kubeadm", "kubelet", "kubectl"} {
		if err := archiveDisk(t, "kubernetes/server/bin/"+program, filepath.Join(tools, program)); err != nil {
			return err
		}
	}
	for _, archive := range keys(n.Archives) {
		var refs []string
		for _, name := range n.Archives[archive] {
			refs = append(refs, p.recipes[name].Image)
		}
		part := file + "." + archive
		if err := p.archiveTo(ctx, part, refs); err != nil {
			return err
		}
		if err := archiveDisk(t, "kubernetes/server/bin/"+archive+".tar", part); err != nil {
			return err
		}
		if err := os.Remove(part); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func (p *Packages) archiveTo(ctx context.Context, file string, refs []string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(p.store.Archive(ctx, refs, f), f.Close())
}

func archiveDisk(t *tar.Writer, name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return archiveFile(t, name, info.Size(), f)
}

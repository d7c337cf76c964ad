package image

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// assemble makes the image of a plan whose steps are made, and stores it.
func (p *Packages) assemble(ctx context.Context, pl plan) (Image, error) {
	p.store.writing.RLock()
	defer p.store.writing.RUnlock()
	var layers []layer
	for _, lp := range pl.layers {
		if err := ctx.Err(); err != nil {
			return Image{}, err
		}
		es, err := p.entries(ctx, lp)
		if err != nil {
			return Image{}, err
		}
		made, err := p.store.layer(es)
		if err != nil {
			return Image{}, err
		}
		layers = append(layers, made)
	}
	img, err := assemble(layers, pl.config())
	if err != nil {
		return Image{}, err
	}
	return p.store.put(img, pl.ref, pl.key, SourcePackages)
}

func (p plan) config() v1.Config {
	c := p.recipe.Config
	env := mergeEnv(nil, c.Env)
	if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "PATH=") }) {
		env = append(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	}
	return v1.Config{Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: env, User: c.User, WorkingDir: c.Workdir, StopSignal: c.StopSignal, Labels: p.labels}
}

// entries gathers the files of one layer out of the results of its steps.
func (p *Packages) entries(ctx context.Context, lp layerPlan) (entries, error) {
	es := entries{}
	result := func(st *step) string { dir, _ := p.steps.have(*st); return dir }
	if lp.tools != nil {
		for to, pkg := range lp.GoTools.Programs {
			name, err := lp.module.program(pkg)
			if err != nil {
				return nil, err
			}
			if err := es.add(to, fileEntry(filepath.Join(result(lp.tools), name), 0o755)); err != nil {
				return nil, err
			}
		}
	}
	for to, st := range lp.apps {
		if err := es.add(to, fileEntry(filepath.Join(result(&st), lp.Apps[to]), 0o755)); err != nil {
			return nil, err
		}
	}
	if lp.files != nil {
		if err := addGoFiles(es, result(lp.files), *lp.GoFiles); err != nil {
			return nil, err
		}
	}
	if lp.wheel != nil {
		for to, from := range lp.Wheel.Programs {
			if err := es.add(to, fileEntry(filepath.Join(result(lp.wheel), filepath.FromSlash(from)), 0o755)); err != nil {
				return nil, err
			}
		}
	}
	if lp.maven != nil {
		name, err := lp.Maven.name()
		if err != nil {
			return nil, err
		}
		if err := es.add(lp.Maven.File, fileEntry(filepath.Join(result(lp.maven), name), 0o644)); err != nil {
			return nil, err
		}
	}
	if err := addWritten(es, lp.Layer); err != nil {
		return nil, err
	}
	if lp.debian == nil {
		return es, nil
	}
	return es, p.addDebian(ctx, es, filepath.Join(result(lp.debian), "root"), *lp.Debian)
}

// addWritten puts what the recipe itself writes out into the layer.
func addWritten(es entries, l Layer) error {
	written := entries{}
	for to, text := range l.Texts {
		written[to] = textEntry(text, 0o644)
	}
	for to, text := range l.Scripts {
		if err := written.add(to, textEntry(text, 0o755)); err != nil {
			return err
		}
	}
	for to, target := range l.Links {
		if err := written.add(to, linkEntry(target)); err != nil {
			return err
		}
	}
	for to, text := range l.Folders {
		e, err := emptyFolder(text)
		if err != nil {
			return err
		}
		if err := written.add(to, e); err != nil {
			return err
		}
	}
	for to, e := range written {
		if err := es.add(to, e); err != nil {
			return err
		}
	}
	return nil
}

// addDebian adds the root file system's part of a layer, libraries that the
// layer's other files need included.
func (p *Packages) addDebian(ctx context.Context, es entries, root string, d Debian) error {
	if err := addDebian(ctx, es, root, d); err != nil {
		return err
	}
	for _, name := range d.LibrariesOf {
		e, ok := es[name]
		if !ok || e.file == "" {
			return fmt.Errorf("librariesOf: this layer has no file %s", name)
		}
		if err := addLibraries(es, root, e.file); err != nil {
			return err
		}
	}
	return nil
}

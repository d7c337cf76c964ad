package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// recipes are all recipes by the name of their folder.
type recipes map[string]Recipe

// readRecipes reads and checks every recipe below the folder.
func readRecipes(images string) (recipes, error) {
	dirs, err := os.ReadDir(images)
	if err != nil {
		return nil, fmt.Errorf("read the image recipes (they are in meshcert's source tree; run inside a checkout): %w", err)
	}
	all, names := recipes{}, map[string]string{}
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		r, err := readRecipe(filepath.Join(images, d.Name()))
		if errors.Is(err, os.ErrNotExist) {
			continue // a Go module or a root file system, no image
		}
		if err != nil {
			return nil, err
		}
		if other, taken := names[r.Image]; taken {
			return nil, r.wrong("image", "%s is made by the recipe %s already", r.Image, other)
		}
		all[r.Name], names[r.Image] = r, r.Name
	}
	return all, all.check()
}

// check makes sure that what recipes say of each other is there.
func (rs recipes) check() error {
	for _, name := range keys(rs) {
		r := rs[name]
		if r.From != "" {
			base, ok := rs[r.From]
			if !ok {
				return r.wrong("from", "there is no recipe %s", r.From)
			}
			if base.From != "" {
				return r.wrong("from", "%s itself has from: put the layers into one recipe", r.From)
			}
		}
		if r.Node == nil {
			continue
		}
		for _, archive := range keys(r.Node.Archives) {
			for _, member := range r.Node.Archives[archive] {
				if _, ok := rs[member]; !ok {
					return r.wrong("node.archives."+archive, "there is no recipe %s", member)
				}
			}
		}
	}
	return nil
}

// node is the recipe of the node image.
func (rs recipes) node() (Recipe, error) {
	var found []string
	for _, name := range keys(rs) {
		if rs[name].Node != nil {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		return Recipe{}, fmt.Errorf("fixtures/images: %d recipes have the field node (%s), one is needed", len(found), strings.Join(found, ", "))
	}
	return rs[found[0]], nil
}

// loaded are the recipes whose images go into a cluster's nodes one by one:
// neither bases, nor the node image, nor what it holds.
func (rs recipes) loaded() []Recipe {
	other := map[string]bool{}
	for name, r := range rs {
		if r.From != "" {
			other[r.From] = true
		}
		if r.Node == nil {
			continue
		}
		other[name] = true
		for _, members := range r.Node.Archives {
			for _, m := range members {
				other[m] = true
			}
		}
	}
	var out []Recipe
	for _, name := range keys(rs) {
		if !other[name] {
			out = append(out, rs[name])
		}
	}
	return out
}

// plan is how one image is made: its layers with the steps they are cut from.
type plan struct {
	recipe Recipe
	ref    string
	key    string
	labels map[string]string
	layers []layerPlan
}

type layerPlan struct {
	Layer
	debian, tools, files, wheel, maven *step
	module                             module
	apps                               map[string]step
}

// steps are all steps the plan needs.
func (p plan) steps() []step {
	var out []step
	for _, l := range p.layers {
		for _, st := range []*step{l.debian, l.tools, l.files, l.wheel, l.maven} {
			if st != nil {
				out = append(out, *st)
			}
		}
		for _, to := range keys(l.apps) {
			out = append(out, l.apps[to])
		}
	}
	slices.SortFunc(out, func(a, b step) int { return strings.Compare(a.slug, b.slug) })
	return slices.CompactFunc(out, func(a, b step) bool { return a.slug == b.slug && a.key == b.key })
}

// plan computes the steps and the key of a recipe's image; nothing is made.
func (p *Packages) plan(r Recipe) (plan, error) {
	out := plan{recipe: r, ref: r.Image}
	chain := []Recipe{r}
	if r.From != "" {
		chain = []Recipe{p.recipes[r.From], r}
	}
	k := newKey("image")
	for _, c := range chain {
		for i, l := range c.Layers {
			lp, err := p.planLayer(c, l)
			if err != nil {
				return plan{}, fmt.Errorf("fixtures/images/%s/%s: layers[%d]: %w", c.Name, recipeFile, i, err)
			}
			out.layers = append(out.layers, lp)
		}
		c.About = "" // changes no image
		text, err := json.Marshal(c)
		if err != nil {
			return plan{}, fmt.Errorf("compute the key of image %s: %w", r.Image, err)
		}
		k.text("recipe", string(text))
	}
	for _, st := range out.steps() {
		k.text(st.slug, st.key)
	}
	out.key = k.sum()
	return out, nil
}

func (p *Packages) planLayer(r Recipe, l Layer) (layerPlan, error) {
	lp := layerPlan{Layer: l, apps: map[string]step{}}
	if l.Debian != nil {
		st, err := p.debian.root(p.images, l.Debian.Root)
		if err != nil {
			return layerPlan{}, err
		}
		lp.debian = &st
	}
	if l.GoTools != nil {
		if err := p.planTools(&lp); err != nil {
			return layerPlan{}, err
		}
	}
	if l.GoFiles != nil {
		st, err := p.golang.files(p.images, r.Name, *l.GoFiles)
		if err != nil {
			return layerPlan{}, err
		}
		lp.files = &st
	}
	if l.Wheel != nil {
		st := p.debian.wheel(r.Name, *l.Wheel)
		lp.wheel = &st
	}
	if l.Maven != nil {
		st, err := p.debian.maven(r.Name, *l.Maven)
		if err != nil {
			return layerPlan{}, err
		}
		lp.maven = &st
	}
	for _, to := range keys(l.Apps) {
		st, err := p.golang.app(p.apps, l.Apps[to])
		if err != nil {
			return layerPlan{}, err
		}
		lp.apps[to] = st
	}
	return lp, nil
}

func (p *Packages) planTools(lp *layerPlan) error {
	m, err := readModule(p.images, lp.GoTools.Module)
	if err != nil {
		return err
	}
	for _, to := range keys(lp.GoTools.Programs) {
		if _, err := m.program(lp.GoTools.Programs[to]); err != nil {
			return err
		}
	}
	st, err := p.golang.tools(m)
	if err != nil {
		return err
	}
	lp.module, lp.tools = m, &st
	return nil
}

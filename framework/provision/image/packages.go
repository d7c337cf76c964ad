package image

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// SourcePackages is the name of the source that builds images from packages.
const SourcePackages = "packages"

// Options say where Packages reads and writes.
type Options struct {
	// Checkout is meshcert's source tree: recipes in fixtures/images, our own
	// programs in fixtures/apps.
	Checkout string
	// Cache is the folder for the store, made inputs and temporary files.
	Cache string
	// Go is the go command; empty means "go".
	Go string
}

// Packages builds images from what language registries and the distribution
// serve. It is safe for concurrent use; several processes on one cache take turns.
type Packages struct {
	// images and apps are folders of the checkout, programs one of the cache.
	images, apps, programs string
	store                  *Store
	recipes                recipes
	golang                 *golang
	debian                 *debian
	steps                  *steps
	lock                   *lock
	cores                  *semaphore.Weighted
}

var _ Source = (*Packages)(nil)

// NewPackages reads the recipes of the checkout. It fails without a checkout,
// without Go, or with a recipe that is wrong.
func NewPackages(ctx context.Context, o Options) (*Packages, error) {
	if o.Checkout == "" {
		return nil, fmt.Errorf("images from packages are built from meshcert's source tree: run inside a checkout")
	}
	if o.Go == "" {
		o.Go = "go"
	}
	images := filepath.Join(o.Checkout, "fixtures", "images")
	all, err := readRecipes(images)
	if err != nil {
		return nil, err
	}
	if _, err := all.node(); err != nil {
		return nil, err
	}
	g, err := newGolang(ctx, o.Go)
	if err != nil {
		return nil, err
	}
	temp := TempFolder(o.Cache)
	return &Packages{
		images: images, apps: filepath.Join(o.Checkout, "fixtures", "apps"), programs: filepath.Join(o.Cache, "bin"),
		store: OpenStore(StoreFolder(o.Cache)), recipes: all, golang: g,
		debian: &debian{cache: filepath.Join(o.Cache, "debian")},
		steps:  &steps{folder: filepath.Join(o.Cache, "steps"), temp: temp},
		lock:   newLock(filepath.Join(o.Cache, "build.lock"), temp),
		cores:  semaphore.NewWeighted(int64(runtime.NumCPU())),
	}, nil
}

// StoreFolder is the folder of the store inside the cache.
func StoreFolder(cache string) string { return filepath.Join(cache, "images") }

// TempFolder is the folder inside the cache that holds half-made things while
// images are built. It is gone afterwards; after a kill the next build, or
// whoever knows that none runs, removes it.
func TempFolder(cache string) string { return filepath.Join(cache, "tmp") }

// Name is "packages".
func (p *Packages) Name() string { return SourcePackages }

// Store is where the built images are.
func (p *Packages) Store() *Store { return p.store }

// Known is an image that a recipe makes.
type Known struct {
	Ref   string `json:"ref"`
	About string `json:"about"`
	// Cached says that the store has it, made from today's inputs.
	Cached bool `json:"cached"`
}

// List returns the images that a cluster's nodes load, with their state.
func (p *Packages) List() ([]Known, error) {
	var out []Known
	for _, r := range p.recipes.loaded() {
		pl, err := p.plan(r)
		if err != nil {
			return nil, err
		}
		_, cached, err := p.cached(pl)
		if err != nil {
			return nil, err
		}
		out = append(out, Known{Ref: r.Image, About: r.About, Cached: cached})
	}
	return out, nil
}

// Provide builds the images that are not in the store as their recipes say now.
func (p *Packages) Provide(ctx context.Context, refs []string, to Progress) ([]Image, error) {
	plans := make([]plan, 0, len(refs))
	for _, ref := range refs {
		r, err := p.find(ref)
		if err != nil {
			return nil, err
		}
		pl, err := p.plan(r)
		if err != nil {
			return nil, err
		}
		plans = append(plans, pl)
	}
	return p.provide(ctx, plans, &tracker{to: to})
}

func (p *Packages) find(ref string) (Recipe, error) {
	full, err := FullName(ref)
	if err != nil {
		return Recipe{}, err
	}
	var known []string
	for _, name := range keys(p.recipes) {
		if p.recipes[name].Image == full {
			return p.recipes[name], nil
		}
		known = append(known, p.recipes[name].Image)
	}
	return Recipe{}, fmt.Errorf("no recipe makes the image %s; there are recipes for %s", full, strings.Join(known, ", "))
}

// cached is the image of the plan when the store has it.
func (p *Packages) cached(pl plan) (Image, bool, error) {
	img, ok, err := p.store.Get(pl.ref)
	return img, ok && img.Key == pl.key, err
}

// provide returns the images of the plans in order. Without anything to build
// it takes no lock.
func (p *Packages) provide(ctx context.Context, plans []plan, t *tracker) ([]Image, error) {
	out := make([]Image, len(plans))
	var missing []int
	for i, pl := range plans {
		img, ok, err := p.cached(pl)
		if err != nil {
			return nil, err
		}
		t.expect("image " + pl.ref)
		if out[i] = img; ok {
			t.cached("image " + pl.ref)
			continue
		}
		missing = append(missing, i)
	}
	if len(missing) == 0 {
		return out, nil
	}
	if err := p.lock.take(ctx); err != nil {
		return nil, err
	}
	defer p.lock.release()
	p.expectSteps(plans, missing, t)
	group, ctx := errgroup.WithContext(ctx)
	for _, i := range missing {
		group.Go(func() (err error) {
			out[i], err = p.build(ctx, plans[i], t)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, p.store.sweep()
}

// expectSteps announces the steps that have to be made, each once.
func (p *Packages) expectSteps(plans []plan, missing []int, t *tracker) {
	told := map[string]bool{}
	for _, i := range missing {
		for _, st := range plans[i].steps() {
			if _, have := p.steps.have(st); !have && !told[st.slug+st.key] {
				told[st.slug+st.key] = true
				t.expect(st.name)
			}
		}
	}
}

// build makes the steps of the plan at the same time, then the image.
func (p *Packages) build(ctx context.Context, pl plan, t *tracker) (Image, error) {
	group, stepCtx := errgroup.WithContext(ctx)
	for _, st := range pl.steps() {
		group.Go(func() error {
			_, err := p.steps.need(stepCtx, st, t)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Image{}, fmt.Errorf("build image %s: %w", pl.ref, err)
	}
	if err := p.cores.Acquire(ctx, 1); err != nil {
		return Image{}, ctx.Err()
	}
	defer p.cores.Release(1)
	var made Image
	err := t.work("image "+pl.ref, func(func(error)) (err error) {
		made, err = p.assemble(ctx, pl)
		return err
	})
	if err != nil {
		return Image{}, fmt.Errorf("build image %s: %w", pl.ref, err)
	}
	return made, nil
}

package onap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
	"github.com/onap/meshcert/framework/provision/oom/derive"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
	"github.com/onap/meshcert/framework/provision/oom/repair"
)

// Plan is everything an install makes, known without a cluster.
type Plan struct {
	// Release is the release's name, Label what it is called on the cluster.
	Release string
	Label   string
	Source  Source
	// Releases are the Helm releases in the order of install. Their charts hold
	// finished objects and no logic.
	Releases []chart.Release
	// Objects are all objects of all of them, as they are installed.
	Objects []*unstructured.Unstructured
	// Changes are all differences between what the charts render and Objects.
	Changes []Change
	// Traits is what the loader of a tree met, and what else is out of the ordinary.
	Traits []oom.Trait
	// Catalogue is derived from the objects; its policy is left empty.
	Catalogue *catalogue.Release
	// StandIns are the stand-in images the objects need, none where the
	// options do not want them.
	StandIns []StandIn
}

// Step is where on the way from the charts to the cluster something was changed.
type Step string

const (
	// Migration: Kubernetes does not serve the old form any more.
	Migration Step = "migration"
	// Value: another value was given to the chart.
	Value Step = "value"
	// Transform: the rendered object was changed, since no value does it.
	Transform Step = "transform"
	// Repair: the object was mended for the mesh.
	Repair Step = "repair"
)

// Change is one difference between what the charts say and what is installed. A
// change whose From equals its To is a note.
type Change struct {
	Step Step
	migrate.Change
}

// draft is one Helm release on its way to the plan.
type draft struct {
	// name is the chart's and the release's.
	name, version string
	origin        chart.Origin
	manifests     *chart.Manifests
}

// NewPlan reads the charts of the source and says what installing them makes. It
// needs no cluster, and a network only for a repository or registry. What is wrong
// with a chart, a value or an option is one error that names it.
func NewPlan(ctx context.Context, o Options) (*Plan, error) {
	if o.Release == nil || o.Release.Name == "" {
		return nil, errors.New("the release has no name; say which release of ONAP the charts are")
	}
	if err := o.checkWithout(); err != nil {
		return nil, err
	}
	drafts, plan, err := o.render(ctx)
	if err != nil {
		return nil, fmt.Errorf("charts of release %s (%s): %w", o.Release.Name, o.Source, err)
	}
	if err := plan.finish(o, drafts); err != nil {
		return nil, fmt.Errorf("charts of release %s (%s): %w", o.Release.Name, o.Source, err)
	}
	return plan, nil
}

// render reads, renders and migrates all charts.
func (o Options) render(ctx context.Context) ([]*draft, *Plan, error) {
	plan := &Plan{Release: o.Release.Name, Label: cmp.Or(o.Label, o.Release.Name), Source: o.Source}
	book, closeBook, err := o.Source.open(o.Release.Name)
	if err != nil {
		return nil, nil, err
	}
	defer closeBook() //nolint:errcheck // it was only read
	given, err := o.given(ctx, book)
	if err != nil {
		return nil, nil, err
	}
	var drafts []*draft
	for _, name := range o.charts() {
		page, err := book.page(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		made, err := o.renderPage(plan, name, page, given)
		if err != nil {
			return nil, nil, err
		}
		plan.note(page.traits...)
		for _, twice := range made.manifests.Twice {
			plan.note(oom.Trait{Kind: KeyTwice, Where: name, Detail: twice})
		}
		for _, warning := range made.manifests.Warnings {
			plan.note(oom.Trait{Kind: HelmWarning, Where: name, Detail: warning})
		}
		drafts = append(drafts, made)
	}
	return drafts, plan, nil
}

// note adds traits that are not known yet: charts of one source share libraries.
func (p *Plan) note(traits ...oom.Trait) {
	for _, trait := range traits {
		if !slices.Contains(p.Traits, trait) {
			p.Traits = append(p.Traits, trait)
		}
	}
}

func (p *Plan) changed(step Step, changes ...migrate.Change) {
	for _, c := range changes {
		p.Changes = append(p.Changes, Change{step, masked(c)})
	}
}

// migrate brings the objects of a chart to today's APIs.
func (p *Plan) migrate(m *chart.Manifests) error {
	var wrong []error
	for _, objects := range [][]*unstructured.Unstructured{m.CRDs, m.Objects, m.Hooks} {
		for i, object := range objects {
			migrated, changes, err := migrate.Object(object)
			if err != nil {
				wrong = append(wrong, err)
				continue
			}
			place(migrated)
			objects[i] = migrated
			p.changed(Migration, changes...)
		}
	}
	return errors.Join(wrong...)
}

// place writes out the namespace that Helm would install the object in.
func place(o *unstructured.Unstructured) {
	if o.GetNamespace() == "" && migrate.Namespaced(o.GroupVersionKind()) {
		o.SetNamespace(Namespace)
	}
}

// finish makes the Helm releases of the drafts, and what follows from them.
func (p *Plan) finish(o Options, drafts []*draft) error {
	if err := p.transform(o, drafts); err != nil {
		return err
	}
	if o.Repair {
		for _, d := range drafts {
			repaired, changes, err := repair.Objects(d.manifests.Objects)
			if err != nil {
				return err
			}
			d.manifests.Objects = repaired
			p.changed(Repair, changes...)
		}
	}
	(&alteration{p, drafts, Owned}).mark(p.Release)
	for _, d := range drafts {
		static, err := chart.Static(d.name, d.version, d.manifests)
		if err != nil {
			return err
		}
		p.Releases = append(p.Releases, chart.Release{
			Name: d.name, Namespace: Namespace, Chart: static, Origin: d.origin,
			Labels: map[string]string{kube.ManagedBy: kube.Manager},
		})
		p.Objects = append(p.Objects, d.manifests.All()...)
	}
	derived, err := derive.From(o.Release.Name, p.Objects)
	if err != nil {
		return err
	}
	derived.Title, derived.Source = o.Release.Title, o.Source.String()
	p.Catalogue = derived
	if !o.StandIns {
		return nil
	}
	p.StandIns, err = StandIns(p.Objects)
	for _, s := range p.StandIns {
		if s.Generic {
			p.note(oom.Trait{Kind: GenericStandIn, Where: s.Ref, Detail: "it has no role of its own; its stand-in plays " + s.Env["MESHCERT_ROLE"]})
		}
	}
	return err
}

// hidden stands for what a Secret holds.
const hidden = "(hidden)"

// masked hides what Secrets hold: changes are shown and stored. What differs
// still does.
func masked(c migrate.Change) migrate.Change {
	field, _, _ := strings.Cut(c.Field, ".")
	if !strings.HasPrefix(c.Object, "Secret ") || field == "metadata" || c.Note() {
		return c
	}
	if c.From != "" {
		c.From = hidden
	}
	if c.To != "" {
		c.To = hidden
	}
	if c.From == c.To {
		c.To = hidden + ", another"
	}
	return c
}

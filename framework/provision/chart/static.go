package chart

import (
	"fmt"
	"path"
	"slices"

	helmchart "helm.sh/helm/v3/pkg/chart"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// Manifests are all objects of a release, apart as Helm treats them.
type Manifests struct {
	// CRDs are those of the charts' crds folders: Helm makes them before
	// everything else, and never changes or removes them.
	CRDs []*unstructured.Unstructured
	// Objects belong to the release.
	Objects []*unstructured.Unstructured
	// Hooks are made when their annotation helm.sh/hook says so.
	Hooks []*unstructured.Unstructured
	// Twice says of each document that sets a key twice where that is. The last
	// value holds, as it did when the charts were written.
	Twice []string
	// Warnings are what Helm warned of.
	Warnings []string
}

// All returns CRDs, objects and hooks in one list, in this order.
func (m *Manifests) All() []*unstructured.Unstructured {
	return slices.Concat(m.CRDs, m.Objects, m.Hooks)
}

// RenderAll renders the chart like Render, with everything that a release of it
// brings along, in the order Helm installs it. Lists are returned as their items.
func RenderAll(c *helmchart.Chart, name, namespace string, values map[string]any) (*Manifests, error) {
	used := clone(c) // Helm drops from it what is switched off
	var release *helmrelease.Release
	warnings, err := warned(func() (err error) {
		release, err = render(used, name, namespace, values, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	m := &Manifests{Warnings: warnings}
	fail := func(err error) (*Manifests, error) {
		return nil, fmt.Errorf("render chart %s as release %s in namespace %s: %w", describe(c), name, namespace, err)
	}
	for _, crd := range used.CRDObjects() {
		if m.CRDs, err = m.read(m.CRDs, crd.Filename, string(crd.File.Data)); err != nil {
			return fail(err)
		}
	}
	if m.Objects, err = m.read(nil, "", release.Manifest); err != nil {
		return fail(err)
	}
	for _, hook := range release.Hooks {
		if m.Hooks, err = m.read(m.Hooks, hook.Path, hook.Manifest); err != nil {
			return fail(err)
		}
	}
	return m, nil
}

// read appends the objects of a manifest; each of its documents names its
// template, or all are of the one given.
func (m *Manifests) read(objects []*unstructured.Unstructured, template, manifest string) ([]*unstructured.Unstructured, error) {
	err := documents(manifest, template, func(template string, document []byte) error {
		found, err := object(document, lenient)
		if err != nil || found == nil {
			return err
		}
		if _, err := yaml.YAMLToJSONStrict(document); err != nil {
			m.Twice = append(m.Twice, fmt.Sprintf("template %s: %v", template, err))
		}
		if !found.IsList() {
			objects = append(objects, found)
			return nil
		}
		return found.EachListItem(func(item runtime.Object) error {
			objects = append(objects, item.(*unstructured.Unstructured))
			return nil
		})
	})
	return objects, err
}

func lenient(document []byte) ([]byte, error) {
	return yaml.YAMLToJSON(document)
}

// Static returns a chart without logic whose release is the manifests as they
// are, so that Helm keeps history and hooks of finished objects, rolls them
// back and removes them. Two objects of one kind, namespace and name are an error.
func Static(name, version string, m *Manifests) (*helmchart.Chart, error) {
	c := &helmchart.Chart{Metadata: &helmchart.Metadata{APIVersion: helmchart.APIVersionV2, Name: name, Version: version}}
	if err := m.distinct(); err != nil {
		return nil, fmt.Errorf("make static chart %s %s: %w", name, version, err)
	}
	add := func(folder string, number int, object *unstructured.Unstructured) (string, error) {
		text, err := yaml.Marshal(object.Object)
		if err != nil {
			return "", fmt.Errorf("make static chart %s %s: write %s %s: %w", name, version, object.GetKind(), object.GetName(), err)
		}
		file := path.Join(folder, fmt.Sprintf("%04d.yaml", number))
		c.Files = append(c.Files, &helmchart.File{Name: file, Data: text})
		return file, nil
	}
	for i, crd := range m.CRDs {
		if _, err := add("crds", i, crd); err != nil {
			return nil, err
		}
	}
	for i, object := range slices.Concat(m.Objects, m.Hooks) {
		file, err := add("manifests", i, object)
		if err != nil {
			return nil, err
		}
		c.Templates = append(c.Templates, &helmchart.File{
			Name: path.Join("templates", path.Base(file)), Data: []byte(fmt.Sprintf("{{ .Files.Get %q }}", file)),
		})
	}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("make static chart %s %s: %w", name, version, err)
	}
	return c, nil
}

// distinct finds what Helm would come upon in the middle of an install.
func (m *Manifests) distinct() error {
	seen := map[string]bool{}
	for _, o := range slices.Concat(m.CRDs, m.Objects) {
		key := fmt.Sprintf("%s %s/%s", o.GroupVersionKind().GroupKind(), o.GetNamespace(), o.GetName())
		if seen[key] {
			return fmt.Errorf("there are two of %s", key)
		}
		seen[key] = true
	}
	return nil
}

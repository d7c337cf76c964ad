// Package migrate brings Kubernetes objects of ONAP's charts, written since 2018,
// to the APIs that Kubernetes 1.34 serves. It guarantees that an object it
// returns has an API version that is served, that it decodes strictly into the
// Go type of a built-in kind, that its input stays as it is, that every
// difference is in the list of changes, and that a current object comes back
// equal. What the object asks for stays: what an old API server ignored is
// dropped, what it added is written out, a value of the wrong type is written
// in the right one; nothing is mended.
//
// Defaults that differ between an old API and today's are not written out:
// a Deployment of extensions/v1beta1 waited for ever and kept all its history,
// a StatefulSet of apps/v1beta1 was updated by deleting its pods.
package migrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/onap/meshcert/framework/kube"
)

// Rule says why something was changed.
type Rule string

const (
	// APIVersion: the version of the API is no longer served.
	APIVersion Rule = "api-version"
	// SelectorAdded: the old API took the labels of the pod template for a
	// selector that is missing; today's wants it written.
	SelectorAdded Rule = "selector-added"
	// SelectorNarrower is a note: the selector has fewer labels than the pod
	// template has.
	SelectorNarrower Rule = "selector-narrower"
	// ClusterScopedNamespace: an object that is in no namespace had one.
	ClusterScopedNamespace Rule = "cluster-scoped-namespace"
	// Null: a field was null, which is the same as not being there.
	Null Rule = "null"
	// UnknownField: the kind has no such field, and it was always ignored.
	UnknownField Rule = "unknown-field"
	// FieldCase: the name of the field was written in the wrong case.
	FieldCase Rule = "field-case"
	// ScalarType: a number, text or truth value stood where another of them is wanted.
	ScalarType Rule = "scalar-type"
	// BetaAnnotation: an annotation is no longer read; a field took its place.
	BetaAnnotation Rule = "beta-annotation"
	// IngressBackend: the backend of an Ingress has another form.
	IngressBackend Rule = "ingress-backend"
	// IngressPathType: a path of an Ingress must say how it is compared.
	IngressPathType Rule = "ingress-pathType"
	// DuplicateEnv: a variable was set twice; the last one always held.
	DuplicateEnv Rule = "duplicate-env"
	// MisplacedRestartPolicy: a restart policy in an init container was ignored;
	// today it makes a sidecar of it.
	MisplacedRestartPolicy Rule = "misplaced-restartPolicy"
	// CustomType is a note: the Go type of the kind is not known here, so its
	// fields were not checked.
	CustomType Rule = "custom-type"
)

// Change is one thing that differs between an object and what became of it, or a note.
type Change struct {
	// Object is kind, namespace and name, like "Deployment onap/msb-msb-iag".
	Object string
	Rule   Rule
	// Field is the path to what changed, like "spec.template.spec.containers[0].env[2]";
	// "" is the whole object.
	Field string
	// From and To are the values, text as it is and everything else as JSON; ""
	// where there is none. Of a field in the wrong case they are its names.
	From, To string
}

// Note tells that nothing was altered.
func (c Change) Note() bool {
	return c.From == c.To
}

// migration is one object on its way.
type migration struct {
	object  *unstructured.Unstructured
	name    string
	changes []Change
	wrong   []error
}

// Object returns the object as Kubernetes 1.34 wants it, and what was changed.
// The object given stays as it is. An object that cannot be migrated is an error
// that names it and each field that stands in the way.
func Object(o *unstructured.Unstructured) (*unstructured.Unstructured, []Change, error) {
	m := &migration{object: o.DeepCopy(), name: kube.Name(o)}
	kind, old := m.version()
	if kind == nil || m.wrong != nil {
		return m.result()
	}
	if kind.Kind == "Ingress" && old {
		m.ingress()
	}
	m.coerce(*kind)
	if m.wrong != nil {
		return m.result()
	}
	m.scope(*kind)
	m.service(*kind)
	m.workload(*kind, old)
	return m.result()
}

func (m *migration) result() (*unstructured.Unstructured, []Change, error) {
	if m.wrong != nil {
		return nil, nil, errors.Join(m.wrong...)
	}
	return m.object, m.changes, nil
}

// version brings the object to an API version that is served. It returns the
// kind, nil for one that is not built in, and whether the version was old.
func (m *migration) version() (*schema.GroupVersionKind, bool) {
	kind := m.object.GroupVersionKind()
	if kind.Kind == "" || kind.Version == "" {
		m.cannot("apiVersion", "%q with kind %q names no kind of object", m.object.GetAPIVersion(), m.object.GetKind())
		return nil, false
	}
	versions, builtIn := served()[kind.Group]
	if !builtIn {
		m.note(CustomType, "apiVersion", m.object.GetAPIVersion())
		return nil, false
	}
	old := !versions[kind.Version]
	if old {
		to, known := successor(kind)
		if !known {
			m.cannot("apiVersion", "Kubernetes 1.34 does not serve %s of %s, and there is no rule what to make of it", kind.Kind, kind.GroupVersion())
			return nil, false
		}
		m.change(APIVersion, "apiVersion", kind.GroupVersion().String(), to.String())
		m.object.SetAPIVersion(to.String())
		kind = to.WithKind(kind.Kind)
	}
	if kind.Group == "apiextensions.k8s.io" || kind.Group == "apiregistration.k8s.io" {
		m.note(CustomType, "apiVersion", kind.GroupVersion().String())
		m.scope(kind)
		return nil, false
	}
	if !scheme.Scheme.Recognizes(kind) {
		m.cannot("kind", "%s has no kind %s", kind.GroupVersion(), kind.Kind)
	}
	return &kind, old
}

// scope drops the namespace of an object that cannot have one.
func (m *migration) scope(kind schema.GroupVersionKind) {
	namespace := m.object.GetNamespace()
	if namespace == "" || !clusterScoped()[kind.GroupKind()] {
		return
	}
	unstructured.RemoveNestedField(m.object.Object, "metadata", "namespace")
	m.change(ClusterScopedNamespace, "metadata.namespace", namespace, nil)
}

func (m *migration) change(rule Rule, field string, from, to any) {
	m.changes = append(m.changes, Change{Object: m.name, Rule: rule, Field: field, From: Text(from), To: Text(to)})
}

func (m *migration) note(rule Rule, field string, value any) {
	m.change(rule, field, value, value)
}

func (m *migration) cannot(field, format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Errorf("migrate %s: %s: %s", m.name, field, fmt.Sprintf(format, args...)))
}

// Text is how a change writes a value: text as it is, nothing as "", and
// everything else as JSON.
func Text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return asJSON(value)
}

func asJSON(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

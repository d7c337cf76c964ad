package onap

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// delta is one difference between two renders of a chart.
type delta struct {
	// object names it, kind is its kind.
	object, kind string
	// field is the path to what differs, "" for the whole object.
	field    string
	from, to any
}

// deltas compares the objects of two renders, those of the same name with each
// other, in the order of the second.
func deltas(before, after []*unstructured.Unstructured) []delta {
	old := map[string]*unstructured.Unstructured{}
	for _, o := range before {
		old[identity(o)] = o
	}
	var found []delta
	for _, o := range after {
		d := delta{object: kube.Name(o), kind: o.GetKind()}
		was := old[identity(o)]
		delete(old, identity(o))
		if was == nil {
			d.to = o.Object
			found = append(found, d)
			continue
		}
		d.compare(was.Object, o.Object, &found)
	}
	for _, o := range before {
		if old[identity(o)] != nil {
			found = append(found, delta{object: kube.Name(o), kind: o.GetKind(), from: o.Object})
		}
	}
	return found
}

func identity(o *unstructured.Unstructured) string {
	return o.GroupVersionKind().GroupKind().String() + " " + o.GetNamespace() + "/" + o.GetName()
}

// compare appends what differs between two values of the field d is about. Lists
// of different length differ as a whole.
func (d delta) compare(from, to any, found *[]delta) {
	if reflect.DeepEqual(from, to) {
		return
	}
	switch from := from.(type) {
	case map[string]any:
		if to, ok := to.(map[string]any); ok {
			for _, key := range keys(from, to) {
				below := d
				below.field = d.field + "." + key
				if d.field == "" {
					below.field = key
				}
				below.compare(from[key], to[key], found)
			}
			return
		}
	case []any:
		if to, ok := to.([]any); ok && len(from) == len(to) {
			for i := range from {
				below := d
				below.field = fmt.Sprintf("%s[%d]", d.field, i)
				below.compare(from[i], to[i], found)
			}
			return
		}
	}
	d.from, d.to = from, to
	*found = append(*found, d)
}

// place is where the difference is.
func (d delta) place() string { return d.object + " " + d.field }

// change is the difference as a change by the override of that name.
func (d delta) change(rule string) migrate.Change {
	return migrate.Change{Object: d.object, Rule: migrate.Rule(rule), Field: d.field, From: migrate.Text(d.from), To: migrate.Text(d.to)}
}

// keys are those of both, sorted.
func keys[V any](a, b map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// Package repair mends migrated objects of ONAP's charts for the mesh, which was
// young when they were written: an identity for each workload, the right to read
// in place of all rights, ports that say their protocol, and two slips of
// MultiCloud's charts. It guarantees that its input stays as it is, that every
// difference is in the list of changes, and that repaired objects come back
// equal. A release is judged as its charts are (faithful) or with this
// (repaired), never with some of it.
package repair

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

const (
	// Identity: a workload that shared its ServiceAccount has one of its own.
	Identity migrate.Rule = "identity"
	// LeastPrivilege: reading is allowed where everything was.
	LeastPrivilege migrate.Rule = "least-privilege"
	// PortName: the name of a Service's port begins with its protocol.
	PortName migrate.Rule = "port-name"
	// MSBPort: the namespace stood behind MSB's port and not behind its address.
	MSBPort migrate.Rule = "msb-port"
	// FrameworkAnnotation: MultiCloud's framework asks for a sidecar as its
	// plug-ins do.
	FrameworkAnnotation migrate.Rule = "framework-annotation"
)

// repair is the objects of one release on their way.
type repair struct {
	objects []*unstructured.Unstructured
	changes []migrate.Change
	wrong   []error
}

// Objects returns the objects of one Helm release mended, in their order, those
// that had to be made behind them. The objects given must have been migrated,
// and stay as they are. Hooks are not meant to be among them: their accounts would
// not exist yet when they run.
func Objects(objects []*unstructured.Unstructured) ([]*unstructured.Unstructured, []migrate.Change, error) {
	r := &repair{}
	for _, o := range objects {
		r.objects = append(r.objects, o.DeepCopy())
	}
	workloads := r.workloads()
	for _, w := range workloads {
		r.msbPort(w)
	}
	r.frameworkAnnotation(workloads)
	r.portNames(workloads)
	r.identities(workloads)
	r.leastPrivilege()
	if r.wrong != nil {
		return nil, nil, errors.Join(r.wrong...)
	}
	return r.objects, r.changes, nil
}

// workload is an object that makes pods.
type workload struct {
	object *unstructured.Unstructured
	// field is the path to the pod template, template the template itself.
	field    string
	template map[string]any
}

func (r *repair) workloads() []workload {
	var found []workload
	for _, o := range r.objects {
		path := migrate.PodSpec(o.GetKind())
		if len(path) < 2 { // a bare Pod is no workload
			continue
		}
		template, field := o.Object, ""
		for _, key := range path[:len(path)-1] {
			template, field = mapping(template, key), join(field, key)
		}
		if mapping(template, "spec") != nil {
			found = append(found, workload{object: o, field: field, template: template})
		}
	}
	return found
}

func (w workload) spec() map[string]any { return mapping(w.template, "spec") }

func (w workload) labels() map[string]any {
	return mapping(mapping(w.template, "metadata"), "labels")
}

// inject is the value of the annotation that asks for a sidecar, "" for none.
func (w workload) inject() string {
	value, _ := mapping(mapping(w.template, "metadata"), "annotations")[injectKey].(string)
	return value
}

func (r *repair) change(o *unstructured.Unstructured, rule migrate.Rule, field string, from, to any) {
	r.changes = append(r.changes, migrate.Change{Object: kube.Name(o), Rule: rule, Field: field, From: migrate.Text(from), To: migrate.Text(to)})
}

func (r *repair) cannot(o *unstructured.Unstructured, field, format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("repair %s: %s: %s", kube.Name(o), field, fmt.Sprintf(format, args...)))
}

// add puts a new object behind the others.
func (r *repair) add(rule migrate.Rule, object map[string]any) {
	o := &unstructured.Unstructured{Object: object}
	r.objects = append(r.objects, o)
	r.change(o, rule, "", nil, object)
}

// find returns the object of that kind, nil for none.
func (r *repair) find(kind, namespace, name string) *unstructured.Unstructured {
	for _, o := range r.objects {
		if o.GetKind() == kind && near(o.GetNamespace(), namespace) && o.GetName() == name {
			return o
		}
	}
	return nil
}

// near tells whether the namespaces are the same; "" is the release's own, which
// is where all objects of ONAP are.
func near(a, b string) bool {
	return a == b || a == "" || b == ""
}

func mapping(of map[string]any, key string) map[string]any {
	below, _ := of[key].(map[string]any)
	return below
}

// mappings are the mappings of a list.
func mappings(of map[string]any, key string) []map[string]any {
	var out []map[string]any
	items, _ := of[key].([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func text(of map[string]any, key string) string {
	value, _ := of[key].(string)
	return value
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

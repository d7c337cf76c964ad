package preflight

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// check is one comparison.
type check struct {
	cluster  Cluster
	rendered map[string]*unstructured.Unstructured
	pods     derive.Manifests
	found    []Problem
}

// Check says what is wrong with the objects in such a cluster: fatal problems
// first, then warnings, each in the order of the objects. What is wrong with
// several objects for one cause is one problem. Objects without a namespace are
// taken to be in ours. The error names objects that cannot be read.
func Check(objects []*unstructured.Unstructured, cluster Cluster) ([]Problem, error) {
	pods, err := derive.Read(objects)
	if err != nil {
		return nil, err
	}
	c := &check{cluster: cluster, rendered: map[string]*unstructured.Unstructured{}, pods: pods}
	for _, o := range objects {
		c.rendered[o.GetKind()+" "+o.GetName()] = o
	}
	if len(cluster.Unknown) > 0 {
		unknown := strings.Join(slices.Sorted(maps.Keys(cluster.Unknown)), ", ")
		c.problem(false, namespace, "", "allow it, or see for yourself", "we may not ask the cluster for its %s, so nothing was compared with them", unknown)
	}
	c.room()
	for _, o := range objects {
		c.kind(o)
		c.binding(o)
		c.claims(o)
	}
	for _, p := range pods.Pods {
		if p.Replicas > 0 {
			c.pod(p)
		}
	}
	slices.SortStableFunc(c.found, func(a, b Problem) int {
		switch {
		case a.Fatal == b.Fatal:
			return 0
		case a.Fatal:
			return -1
		}
		return 1
	})
	return joined(c.found), nil
}

// namespace is the object of what concerns all.
const namespace = "Namespace " + catalogue.Namespace

func (c *check) problem(fatal bool, object, field, fix, format string, args ...any) {
	c.found = append(c.found, Problem{Objects: []string{object}, Field: field, What: fmt.Sprintf(format, args...), Fix: fix, Fatal: fatal})
}

// has tells whether the object is rendered or there.
func (c *check) has(kind, name string) bool {
	key := kind + " " + name
	return c.rendered[key] != nil || c.cluster.Objects[key] || c.cluster.Unknown[kind+"s"]
}

// kind finds objects that the API server does not know.
func (c *check) kind(o *unstructured.Unstructured) {
	kind := o.GroupVersionKind().GroupKind()
	if c.cluster.Kinds[kind] || c.cluster.Unknown["kinds"] || Defined(slices.Collect(maps.Values(c.rendered)))[kind] {
		return
	}
	c.problem(true, kube.Name(o), "apiVersion", "install its operator first, or let the override custom-resources drop it",
		"the cluster has no kind %s in %s", kind.Kind, cmp.Or(o.GetAPIVersion(), "no API"))
}

// Defined are the kinds whose definitions are among the objects.
func Defined(objects []*unstructured.Unstructured) map[schema.GroupKind]bool {
	kinds := map[schema.GroupKind]bool{}
	for _, o := range objects {
		if o.GetKind() == "CustomResourceDefinition" {
			group, _, _ := unstructured.NestedString(o.Object, "spec", "group")
			kind, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
			kinds[schema.GroupKind{Group: group, Kind: kind}] = true
		}
	}
	return kinds
}

// binding finds bindings to a Role that nobody makes. Of other namespaces nothing
// is known.
func (c *check) binding(o *unstructured.Unstructured) {
	if o.GetKind() != "RoleBinding" || cmp.Or(o.GetNamespace(), catalogue.Namespace) != catalogue.Namespace {
		return
	}
	role, _, _ := unstructured.NestedStringMap(o.Object, "roleRef")
	if role["kind"] == "Role" && !c.has("Role", role["name"]) {
		c.problem(true, kube.Name(o), "roleRef.name", "have the Role made, as the override roles does, or install the chart that makes it",
			"there is no Role %s, so the pods may not do what they are to", role["name"])
	}
}

// claims finds claims that get no volume. One that is there already has its own.
func (c *check) claims(o *unstructured.Unstructured) {
	switch o.GetKind() {
	case "PersistentVolumeClaim":
		if !c.cluster.Objects["PersistentVolumeClaim "+o.GetName()] {
			c.claim(o, "spec", o.Object)
		}
	case "StatefulSet":
		templates, _, _ := unstructured.NestedSlice(o.Object, "spec", "volumeClaimTemplates")
		for i, t := range templates {
			template, _ := t.(map[string]any)
			c.claim(o, fmt.Sprintf("spec.volumeClaimTemplates[%d].spec", i), template)
		}
	}
}

// classOf is the class that a claim or a volume names.
func classOf(claim map[string]any) (class string, named bool) {
	// The annotation is older, and goes first.
	if class, named, _ = unstructured.NestedString(claim, "metadata", "annotations", corev1.BetaStorageClassAnnotation); named {
		return class, true
	}
	class, named, _ = unstructured.NestedString(claim, "spec", "storageClassName")
	return class, named
}

func (c *check) claim(o *unstructured.Unstructured, field string, claim map[string]any) {
	class, named := classOf(claim)
	switch {
	case c.cluster.Unknown["storage"], c.offered(class), named && class != "" && c.has("StorageClass", class), !named && c.cluster.DefaultStorage:
	case named && class != "":
		c.problem(true, kube.Name(o), field+".storageClassName", "make the class, or a volume of it, or name another with --set",
			"there is neither a StorageClass nor a volume of class %s", class)
	default:
		c.problem(true, kube.Name(o), field, "make a StorageClass the default one, or name one with --set",
			"it names no StorageClass, no volume fits, and the cluster has no default class")
	}
}

// offered tells whether a volume of the class is rendered or there.
func (c *check) offered(class string) bool {
	for _, o := range c.rendered {
		if of, _ := classOf(o.Object); o.GetKind() == "PersistentVolume" && of == class {
			return true
		}
	}
	return c.cluster.Volumes[class]
}

// join is the path of a field below another.
func join(parts ...string) string { return strings.Join(parts, ".") }

package preflight

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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
// first, then warnings, each in the order of the objects. All objects are taken
// to be in one namespace. The error names objects that cannot be read.
func Check(objects []*unstructured.Unstructured, cluster Cluster) ([]Problem, error) {
	pods, err := derive.Read(objects)
	if err != nil {
		return nil, err
	}
	c := &check{cluster: cluster, rendered: map[string]*unstructured.Unstructured{}, pods: pods}
	for _, o := range objects {
		c.rendered[o.GetKind()+" "+o.GetName()] = o
	}
	for _, what := range slices.Sorted(maps.Keys(cluster.Unknown)) {
		c.problem(false, "Namespace "+catalogue.Namespace, "", "allow it, or see for yourself", "we may not ask the cluster for its %s, so nothing was compared with them", what)
	}
	c.room()
	for _, o := range objects {
		c.kind(o)
		c.binding(o)
		c.claims(o)
	}
	for _, p := range pods.Pods {
		c.pod(p)
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
	return c.found, nil
}

func (c *check) problem(fatal bool, object, field, fix, format string, args ...any) {
	c.found = append(c.found, Problem{Object: object, Field: field, What: fmt.Sprintf(format, args...), Fix: fix, Fatal: fatal})
}

// has tells whether the object is rendered or there.
func (c *check) has(kind, name string) bool {
	key := kind + " " + name
	return c.rendered[key] != nil || c.cluster.Objects[key] || c.cluster.Unknown["objects"]
}

// room compares what the pods ask for with what the nodes have left.
func (c *check) room() {
	if c.cluster.Unknown["nodes"] || c.cluster.Unknown["pods"] {
		return
	}
	if len(c.cluster.Nodes) == 0 {
		c.problem(true, "Namespace "+catalogue.Namespace, "", "add a node, or take a taint or a cordon from one", "no node of the cluster takes pods")
		return
	}
	var want, have Amount
	for _, n := range c.cluster.Nodes {
		have.CPU.Add(n.CPU)
		have.Memory.Add(n.Memory)
	}
	have.CPU.Sub(c.cluster.Used.CPU)
	have.Memory.Sub(c.cluster.Used.Memory)
	sidecars := 0
	for _, p := range c.pods.Pods {
		one := requests(p.Template.Spec)
		if c.injected(p) {
			sidecars += p.Replicas
			one.CPU.Add(c.cluster.Sidecar.CPU)
			one.Memory.Add(c.cluster.Sidecar.Memory)
		}
		c.largest(p, one)
		for range p.Replicas {
			want.CPU.Add(one.CPU)
			want.Memory.Add(one.Memory)
		}
	}
	for _, r := range []struct {
		name       string
		want, have resource.Quantity
	}{{"CPU", want.CPU, have.CPU}, {"memory", want.Memory, have.Memory}} {
		if r.want.Cmp(r.have) > 0 {
			c.problem(true, "Namespace "+catalogue.Namespace, "", "take a larger cluster, or ask for less with --set, as global.flavor=unlimited does",
				"the pods ask for %s of %s with %d sidecars, and the nodes have %s left", r.want.String(), r.name, sidecars, r.have.String())
		}
	}
}

// largest finds a pod that fits on no node.
func (c *check) largest(p derive.Pod, want Amount) {
	fits := func(n Amount) bool { return want.CPU.Cmp(n.CPU) <= 0 && want.Memory.Cmp(n.Memory) <= 0 }
	if !slices.ContainsFunc(c.cluster.Nodes, fits) {
		c.problem(true, p.Object, "spec.template.spec.containers.resources", "ask for less with --set, or take larger nodes",
			"a pod asks for %s CPU and %s memory, which no node has", want.CPU.String(), want.Memory.String())
	}
}

// requests is what the scheduler wants for a pod: its containers together, or an
// init container that wants more than they.
func requests(pod corev1.PodSpec) Amount {
	var all Amount
	for _, c := range pod.Containers {
		all.add(c.Resources.Requests)
	}
	for _, c := range pod.InitContainers {
		if c.RestartPolicy != nil { // it runs beside the others
			all.add(c.Resources.Requests)
			continue
		}
		if first := c.Resources.Requests; first.Cpu().Cmp(all.CPU) > 0 {
			all.CPU = first.Cpu().DeepCopy()
		}
		if first := c.Resources.Requests; first.Memory().Cmp(all.Memory) > 0 {
			all.Memory = first.Memory().DeepCopy()
		}
	}
	return all
}

func (c *check) injected(p derive.Pod) bool {
	if c.cluster.Policy == "" {
		return false
	}
	return catalogue.Workload{Annotation: derive.Asked(p.Template)}.Injected(c.cluster.Policy)
}

// kind finds objects that the API server does not know.
func (c *check) kind(o *unstructured.Unstructured) {
	kind := o.GroupVersionKind().GroupKind()
	if c.cluster.Kinds[kind] {
		return
	}
	for _, crd := range c.rendered {
		group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
		name, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
		if crd.GetKind() == "CustomResourceDefinition" && group == kind.Group && name == kind.Kind {
			return
		}
	}
	c.problem(true, kube.Name(o), "apiVersion", "install its operator first, or let the override custom-resources drop it",
		"the cluster has no kind %s in %s", kind.Kind, cmp.Or(o.GetAPIVersion(), "no API"))
}

// binding finds bindings to a Role that nobody makes.
func (c *check) binding(o *unstructured.Unstructured) {
	if o.GetKind() != "RoleBinding" {
		return
	}
	role, _, _ := unstructured.NestedStringMap(o.Object, "roleRef")
	if role["kind"] == "Role" && !c.has("Role", role["name"]) {
		c.problem(true, kube.Name(o), "roleRef.name", "have the Role made, as the override roles does, or install the chart that makes it",
			"there is no Role %s, so the pods may not do what they are to", role["name"])
	}
}

// claims finds claims that get no volume.
func (c *check) claims(o *unstructured.Unstructured) {
	switch o.GetKind() {
	case "PersistentVolumeClaim":
		spec, _, _ := unstructured.NestedMap(o.Object, "spec")
		c.claim(o, "spec", spec)
	case "StatefulSet":
		templates, _, _ := unstructured.NestedSlice(o.Object, "spec", "volumeClaimTemplates")
		for i, t := range templates {
			template, _ := t.(map[string]any)
			spec, _ := template["spec"].(map[string]any)
			c.claim(o, fmt.Sprintf("spec.volumeClaimTemplates[%d].spec", i), spec)
		}
	}
}

func (c *check) claim(o *unstructured.Unstructured, field string, spec map[string]any) {
	class, named := spec["storageClassName"].(string)
	switch {
	case c.cluster.Unknown["storage"], c.offered(class), named && class != "" && c.has("StorageClass", class), !named && c.cluster.DefaultStorage:
	case named && class != "":
		c.problem(true, kube.Name(o), field+".storageClassName", "make the class, or a volume of it, or name another with --set",
			"there is neither a StorageClass nor a rendered volume of class %s", class)
	default:
		c.problem(true, kube.Name(o), field, "make a StorageClass the default one, or name one with --set",
			"it names no StorageClass, no rendered volume fits, and the cluster has no default class")
	}
}

// offered tells whether a volume of the class is rendered.
func (c *check) offered(class string) bool {
	for _, o := range c.rendered {
		of, _, _ := unstructured.NestedString(o.Object, "spec", "storageClassName")
		if o.GetKind() == "PersistentVolume" && of == class {
			return true
		}
	}
	return false
}

// join is the path of a field below another.
func join(parts ...string) string { return strings.Join(parts, ".") }

package onap

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
	"github.com/onap/meshcert/framework/provision/oom/repair"
)

// transform is an override that changes rendered objects.
type transform struct {
	Override
	// when is as in a setting.
	when string
	do   func(*alteration) error
}

func transforms() []transform {
	return []transform{
		{Override{"cluster-admin", "all that ONAP's programs need is to read pods and Services; the charts give some of them all rights in the cluster"}, "standins", readOnly},
		{Override{"custom-resources", "nothing in the cluster knows these kinds; what their operator would make for pods is made"}, "standins", withoutOperators},
		{Override{"static-claims", "a claim that picks its volume by label is for a cluster without a default StorageClass, whose provisioner makes no such volume"}, "", staticClaims},
		{Override{"roles", "pods wait for each other by reading pods; the Role is made by a chart that is switched off"}, "", missingRoles},
		{Override{"database", "VF-C waits for a database that another chart makes"}, "standins", database},
		{Override{"plain-probes", "stand-ins speak no TLS: its certificates come from AAF, which is not installed"}, "standins", plainProbes},
		{Override{"image-pull", "the images are on the nodes already, and there is no registry to ask"}, "standins", keepImages},
	}
}

// alteration is one transform at work.
type alteration struct {
	plan   *Plan
	drafts []*draft
	// rule is the transform's name.
	rule migrate.Rule
}

// transform runs the transforms that are wanted. With a repair, rights are its doing.
func (p *Plan) transform(o Options, drafts []*draft) error {
	for _, t := range transforms() {
		if !o.wanted(t.Name, t.when) || o.Repair && t.Name == "cluster-admin" {
			continue
		}
		if err := t.do(&alteration{p, drafts, migrate.Rule(t.Name)}); err != nil {
			return fmt.Errorf("override %s: %w", t.Name, err)
		}
	}
	return nil
}

func (a *alteration) change(o *unstructured.Unstructured, field string, from, to any) {
	a.plan.changed(Transform, migrate.Change{Object: kube.Name(o), Rule: a.rule, Field: field, From: migrate.Text(from), To: migrate.Text(to)})
}

// add puts a new object behind the others of the draft.
func (a *alteration) add(d *draft, object map[string]any) {
	o := &unstructured.Unstructured{Object: object}
	place(o)
	d.manifests.Objects = append(d.manifests.Objects, o)
	a.change(o, "", nil, o.Object)
}

// has tells whether a chart renders the object.
func (a *alteration) has(kind, name string) bool {
	return slices.ContainsFunc(a.objects(), func(o *unstructured.Unstructured) bool { return o.GetKind() == kind && o.GetName() == name })
}

// objects are those of all charts.
func (a *alteration) objects() []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, d := range a.drafts {
		all = append(all, d.manifests.All()...)
	}
	return all
}

func readOnly(a *alteration) error {
	for _, d := range a.drafts {
		objects, changes, err := repair.Rights(d.manifests.Objects)
		if err != nil {
			return err
		}
		d.manifests.Objects = objects
		for _, c := range changes {
			c.Rule = a.rule
			a.plan.changed(Transform, c)
		}
	}
	return nil
}

// withoutOperators drops custom resources whose definition no chart brings along.
func withoutOperators(a *alteration) error {
	defined := preflight.Defined(a.objects())
	for _, d := range a.drafts {
		m := d.manifests
		for _, list := range []*[]*unstructured.Unstructured{&m.Objects, &m.Hooks} {
			all := *list
			*list = nil
			for _, o := range all {
				if kind := o.GroupVersionKind().GroupKind(); migrate.BuiltIn(kind.Group) || defined[kind] {
					*list = append(*list, o)
					continue
				}
				a.change(o, "", o.Object, nil)
				if o.GetKind() == "KafkaUser" {
					a.add(d, secret(o.GetName(), "password", "sasl.jaas.config"))
				}
			}
		}
	}
	return nil
}

// secret is a Secret with these keys, whose values are of no use.
func secret(name string, keys ...string) map[string]any {
	data := map[string]any{}
	for _, key := range keys {
		data[key] = "standin"
	}
	return map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name}, "stringData": data}
}

// missingRoles makes the Roles RELEASE-read that bindings name and nobody renders.
func missingRoles(a *alteration) error {
	for _, d := range a.drafts {
		for _, o := range slices.Clone(d.manifests.Objects) {
			role, _, _ := unstructured.NestedStringMap(o.Object, "roleRef")
			if o.GetKind() != "RoleBinding" || role["kind"] != "Role" || !strings.HasSuffix(role["name"], "-read") || a.has("Role", role["name"]) {
				continue
			}
			a.add(d, map[string]any{
				"apiVersion": o.GetAPIVersion(), "kind": "Role",
				"metadata": map[string]any{"name": role["name"], "namespace": o.GetNamespace()}, "rules": repair.Readers(),
			})
		}
	}
	return nil
}

// keepImages lets no container ask a registry for an image.
func keepImages(a *alteration) error {
	return a.containers(func(o *unstructured.Unstructured, field string, container map[string]any) {
		if policy := container["imagePullPolicy"]; asks(container) {
			a.change(o, field+".imagePullPolicy", policy, string(corev1.PullIfNotPresent))
			container["imagePullPolicy"] = string(corev1.PullIfNotPresent)
		}
	})
}

// plainProbes has probes ask by HTTP.
func plainProbes(a *alteration) error {
	return a.containers(func(o *unstructured.Unstructured, field string, container map[string]any) {
		for _, kind := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
			probe, _ := container[kind].(map[string]any)
			get, _ := probe["httpGet"].(map[string]any)
			if get["scheme"] == string(corev1.URISchemeHTTPS) {
				a.change(o, field+"."+kind+".httpGet.scheme", get["scheme"], string(corev1.URISchemeHTTP))
				get["scheme"] = string(corev1.URISchemeHTTP)
			}
		}
	})
}

// containers calls do for each container that the charts make, with its field; do
// may change it.
func (a *alteration) containers(do func(o *unstructured.Unstructured, field string, container map[string]any)) error {
	for _, o := range a.objects() {
		for _, list := range []string{"initContainers", "containers"} {
			field := append(slices.Clone(migrate.PodSpec(o.GetKind())), list)
			containers, found, _ := unstructured.NestedSlice(o.Object, field...)
			if len(field) == 1 || !found {
				continue
			}
			for i, c := range containers {
				if container, ok := c.(map[string]any); ok {
					do(o, fmt.Sprintf("%s[%d]", strings.Join(field, "."), i), container)
				}
			}
			if err := unstructured.SetNestedSlice(o.Object, containers, field...); err != nil {
				return fmt.Errorf("%s: %w", kube.Name(o), err)
			}
		}
	}
	return nil
}

// asks tells whether the kubelet asks a registry for the container's image
// though it has it: when it is told to, or told nothing of the newest image.
func asks(container map[string]any) bool {
	image, _ := container["image"].(string)
	name := image[strings.LastIndex(image, "/")+1:]
	newest := !strings.Contains(name, ":") && !strings.Contains(name, "@") || strings.HasSuffix(name, ":latest")
	policy, _ := container["imagePullPolicy"].(string)
	return policy == string(corev1.PullAlways) || policy == "" && newest
}

package repair

import (
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// leastPrivilege takes the rights of a cluster's administrator from every
// ServiceAccount and lets it read in its namespace what ONAP's programs read.
func (r *repair) leastPrivilege() {
	all := r.objects
	r.objects = slices.DeleteFunc(slices.Clone(all), bindsAdmin)
	for _, o := range all {
		if !bindsAdmin(o) {
			continue
		}
		subjects := map[string][]any{}
		var namespaces []string
		for _, s := range mappings(o.Object, "subjects") {
			if s["kind"] != "ServiceAccount" {
				r.cannot(o, "subjects", "%v %v has the rights of %s, and it is not known what it needs", s["kind"], s["name"], clusterAdmin)
				continue
			}
			namespace := text(s, "namespace")
			if subjects[namespace] == nil {
				namespaces = append(namespaces, namespace)
			}
			subjects[namespace] = append(subjects[namespace], subject(account{namespace, text(s, "name")}))
		}
		r.change(o, LeastPrivilege, "", o.Object, nil)
		for _, namespace := range namespaces {
			r.makeRole(LeastPrivilege, account{namespace, o.GetName()}, Readers(), subjects[namespace])
		}
	}
}

// bindsAdmin tells whether the object gives somebody all rights.
func bindsAdmin(o *unstructured.Unstructured) bool {
	return o.GetKind() == "ClusterRoleBinding" && mapping(o.Object, "roleRef")["name"] == clusterAdmin
}

// makeRole makes a Role and its binding, of one name.
func (r *repair) makeRole(rule migrate.Rule, name account, rules, subjects []any) {
	r.add(rule, map[string]any{"apiVersion": rbacVersion, "kind": "Role", "metadata": metadata(name), "rules": rules})
	r.add(rule, map[string]any{
		"apiVersion": rbacVersion, "kind": "RoleBinding", "metadata": metadata(name),
		"roleRef":  map[string]any{"apiGroup": rbacGroup, "kind": "Role", "name": name.name},
		"subjects": subjects,
	})
}

func metadata(name account) map[string]any {
	out := map[string]any{"name": name.name}
	if name.namespace != "" {
		out["namespace"] = name.namespace
	}
	return out
}

func subject(a account) map[string]any {
	out := metadata(a)
	out["kind"] = "ServiceAccount"
	return out
}

// Rights returns the objects with the right to read in the place of all rights,
// and nothing else mended.
func Rights(objects []*unstructured.Unstructured) ([]*unstructured.Unstructured, []migrate.Change, error) {
	r := &repair{}
	for _, o := range objects {
		r.objects = append(r.objects, o.DeepCopy())
	}
	r.leastPrivilege()
	if r.wrong != nil {
		return nil, nil, errors.Join(r.wrong...)
	}
	return r.objects, r.changes, nil
}

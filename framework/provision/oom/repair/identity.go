package repair

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	rbacGroup    = "rbac.authorization.k8s.io"
	rbacVersion  = "rbac.authorization.k8s.io/v1"
	clusterAdmin = "cluster-admin"
)

// account names a ServiceAccount.
type account struct{ namespace, name string }

func (w workload) account() account {
	name := cmp.Or(text(w.spec(), "serviceAccountName"), text(w.spec(), "serviceAccount"), "default")
	return account{w.object.GetNamespace(), name}
}

// identities gives each workload that shares its account one of its own, named
// after it, with the rights it needs.
func (r *repair) identities(workloads []workload) {
	users := map[account]int{}
	for _, w := range workloads {
		users[w.account()]++
	}
	for _, w := range workloads {
		old := w.account()
		own := account{old.namespace, w.object.GetName()}
		if old == own || old.name != "default" && users[old] == 1 {
			continue
		}
		if own.name == "" {
			r.cannot(w.object, "metadata.name", "there is none, and its ServiceAccount would have it too")
			continue
		}
		if users[own] > 0 {
			own.name += "-" + strings.ToLower(w.object.GetKind())
		}
		if users[own] > 0 {
			r.cannot(w.object, w.field+".spec.serviceAccountName", "ServiceAccount %s is another workload's", own.name)
			continue
		}
		users[own]++
		r.change(w.object, Identity, w.field+".spec.serviceAccountName", w.spec()["serviceAccountName"], own.name)
		delete(w.spec(), "serviceAccount")
		w.spec()["serviceAccountName"] = own.name
		r.makeAccount(old, own)
		if !r.extendBindings(old, own) {
			r.makeReader(own, needs(w))
		}
	}
}

// makeAccount makes an account like the old one.
func (r *repair) makeAccount(old, own account) {
	if r.find("ServiceAccount", own.namespace, own.name) != nil {
		return
	}
	object := map[string]any{}
	if like := r.find("ServiceAccount", old.namespace, old.name); like != nil {
		object = like.DeepCopy().Object
	}
	delete(object, "secrets")
	object["apiVersion"], object["kind"] = "v1", "ServiceAccount"
	object["metadata"] = metadata(own)
	r.add(Identity, object)
}

// extendBindings binds the new account wherever the old one was bound to less
// than everything, and tells whether it was.
func (r *repair) extendBindings(old, own account) bool {
	bound := false
	for _, o := range r.objects {
		if kind := o.GetKind(); kind != "RoleBinding" && kind != "ClusterRoleBinding" || bindsAdmin(o) {
			continue
		}
		subjects, _ := o.Object["subjects"].([]any)
		if !slices.ContainsFunc(mappings(o.Object, "subjects"), func(s map[string]any) bool { return names(s, old, o) }) {
			continue
		}
		bound = true
		added := append(slices.Clone(subjects), subject(own))
		r.change(o, Identity, "subjects", subjects, added)
		o.Object["subjects"] = added
	}
	return bound
}

// names tells whether a subject of the binding is the account.
func names(s map[string]any, a account, binding *unstructured.Unstructured) bool {
	namespace := cmp.Or(text(s, "namespace"), binding.GetNamespace())
	return s["kind"] == "ServiceAccount" && s["name"] == a.name && near(namespace, a.namespace)
}

// needs are the rules that a workload's own programs need, as far as they are
// known: kube2msb reads Services and pods, the readiness check pods, and from
// 2.0.2 on what made them too.
func needs(w workload) []any {
	for _, container := range mappings(w.spec(), "initContainers") {
		name, tag, _ := strings.Cut(path.Base(text(container, "image")), ":")
		switch {
		case name == "readiness-check" && (strings.HasPrefix(tag, "1.") || tag == "2.0.0" || tag == "2.0.1"):
			if !usesAPI(w) {
				return []any{reads("", "pods")}
			}
		case name == "readiness-check" || name == "readiness":
			return Readers()
		}
	}
	if usesAPI(w) {
		return []any{reads("", "pods", "services")}
	}
	return nil
}

// usesAPI tells whether the workload is kube2msb, which is told the API server's address.
func usesAPI(w workload) bool {
	for _, container := range mappings(w.spec(), "containers") {
		if slices.ContainsFunc(mappings(container, "env"), func(v map[string]any) bool { return v["name"] == "KUBE_MASTER_URL" }) {
			return true
		}
	}
	return false
}

// Readers are the rules for all that ONAP's own programs read, as a Role has them.
func Readers() []any {
	return []any{
		reads("", "pods", "services"),
		reads("apps", "daemonsets", "deployments", "replicasets", "statefulsets"),
		reads("batch", "jobs"),
	}
}

func reads(group string, resources ...any) map[string]any {
	return map[string]any{"apiGroups": []any{group}, "resources": resources, "verbs": []any{"get", "list", "watch"}}
}

// makeReader makes a Role of the rules, and binds the account.
func (r *repair) makeReader(own account, rules []any) {
	if rules == nil {
		return
	}
	r.makeRole(Identity, own, rules, []any{subject(own)})
}

package onap_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/onap"
)

// TestForeignNamespace: a namespace somebody else made is neither used nor deleted.
func TestForeignNamespace(t *testing.T) {
	set := fake.NewClientset(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "onap"}})
	cluster := &kube.Client{Set: set}
	const want = "namespace onap was not made by meshcert"
	if err := onap.Install(t.Context(), cluster, onap.Options{Release: load(t, "blog")}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("install: got %v, want an error with %q", err, want)
	}
	if err := onap.Uninstall(t.Context(), cluster, time.Second); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("uninstall: got %v, want an error with %q", err, want)
	}
	for _, action := range set.Actions() {
		if action.GetVerb() != "get" {
			t.Errorf("the cluster was asked to %s %s", action.GetVerb(), action.GetResource().Resource)
		}
	}
}

// TestLeftovers: with the namespace gone, only what our releases made at
// cluster scope is deleted.
func TestLeftovers(t *testing.T) {
	object := func(name, namespace, release string) metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Name: name, Labels: map[string]string{"app.kubernetes.io/managed-by": "Helm"},
			Annotations: map[string]string{"meta.helm.sh/release-namespace": namespace, "meta.helm.sh/release-name": release},
		}
	}
	unlabelled := object("by-hand", "onap", "msb")
	unlabelled.Labels = nil
	set := fake.NewClientset(
		&rbacv1.ClusterRole{ObjectMeta: object("ours", "onap", "msb")},
		&rbacv1.ClusterRole{ObjectMeta: object("another-release", "onap", "aai")},
		&rbacv1.ClusterRoleBinding{ObjectMeta: object("ours", "onap", "onap")},
		&rbacv1.ClusterRoleBinding{ObjectMeta: object("another-namespace", "default", "msb")},
		&rbacv1.ClusterRoleBinding{ObjectMeta: unlabelled},
	)
	if err := onap.Uninstall(t.Context(), &kube.Client{Set: set}, time.Second); err != nil {
		t.Fatal(err)
	}
	var left []string
	roles, err := set.RbacV1().ClusterRoles().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles.Items {
		left = append(left, r.Name)
	}
	bindings, err := set.RbacV1().ClusterRoleBindings().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bindings.Items {
		left = append(left, b.Name)
	}
	slices.Sort(left)
	if want := []string{"another-namespace", "another-release", "by-hand"}; !slices.Equal(left, want) {
		t.Errorf("left: %v, want %v", left, want)
	}
}

// TestNothingThere: uninstalling nothing is no error.
func TestNothingThere(t *testing.T) {
	if err := onap.Uninstall(t.Context(), &kube.Client{Set: fake.NewClientset()}, time.Second); err != nil {
		t.Error(err)
	}
}

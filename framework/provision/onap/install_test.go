package onap_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
)

// TestForeignNamespace: a namespace somebody else made is neither used nor deleted.
func TestForeignNamespace(t *testing.T) {
	set := fake.NewClientset(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "onap"}})
	cluster := &kube.Client{Set: set}
	const want = "namespace onap was not made by meshcert"
	plan, err := onap.NewPlan(t.Context(), onap.Options{Release: load(t, "blog")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Install(t.Context(), cluster); err == nil || !strings.Contains(err.Error(), want) {
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

// server is a real API server with a node of that size.
func server(t *testing.T, cpu string) *kube.Client {
	t.Helper()
	cluster := kubetest.Start(t).Client
	nodes := cluster.Set.CoreV1().Nodes()
	node, err := nodes.Create(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "one"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	node.Spec.Taints = nil
	if node, err = nodes.Update(t.Context(), node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	node.Status.Allocatable = corev1.ResourceList{"cpu": resource.MustParse(cpu), "memory": resource.MustParse("32Gi")}
	if _, err := nodes.UpdateStatus(t.Context(), node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	return cluster
}

// revisions are the Helm releases of the namespace with their revisions.
func revisions(t *testing.T, cluster *kube.Client) map[string]int {
	t.Helper()
	helm, err := chart.New(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	list, err := helm.List(t.Context(), onap.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range list {
		if r.Status != "deployed" || r.Chart != r.Name {
			t.Errorf("%+v", r)
		}
		out[r.Name] = r.Revision
	}
	return out
}

// outside are the objects outside our namespace that belong to releases.
func outside(t *testing.T, cluster *kube.Client) []string {
	t.Helper()
	var out []string
	byHelm := metav1.ListOptions{LabelSelector: kube.ManagedBy + "=Helm"}
	roles, err := cluster.Set.RbacV1().ClusterRoles().List(t.Context(), byHelm)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range roles.Items {
		out = append(out, "ClusterRole "+r.Name)
	}
	volumes, err := cluster.Set.CoreV1().PersistentVolumes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes.Items {
		if v.DeletionTimestamp == nil { // nobody here takes its finalizer off
			out = append(out, "PersistentVolume "+v.Name)
		}
	}
	maps, err := cluster.Set.CoreV1().ConfigMaps("").List(t.Context(), byHelm)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range maps.Items {
		if m.Namespace != onap.Namespace {
			out = append(out, "ConfigMap "+m.Namespace+"/"+m.Name)
		}
	}
	slices.Sort(out)
	return out
}

// TestInstall: a tree's charts on a real API server. Installed again nothing
// happens, a changed value upgrades one release, and at the end nothing of ours
// is left, whatever Helm was told to keep.
func TestInstall(t *testing.T) {
	cluster := server(t, "4")
	folder := write(t, smallTree())
	foreign := []string{"ClusterRole earlier", "ClusterRole reader", "ClusterRole somebody-else"}
	for name, release := range map[string][2]string{"earlier": {"onap", "msb"}, "reader": {"default", "aai"}, "somebody-else": {"onap", "aai"}} {
		role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{
			Name: name, Labels: map[string]string{kube.ManagedBy: "Helm"},
			Annotations: map[string]string{"meta.helm.sh/release-namespace": release[0], "meta.helm.sh/release-name": release[1]},
		}}
		if _, err := cluster.Set.RbacV1().ClusterRoles().Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	install := func(set ...string) {
		t.Helper()
		plan, err := onap.NewPlan(t.Context(), onap.Options{Release: named("small"), Source: parsed(t, "oom:"+folder), Extra: []string{"extra"}, StandIns: true, Set: set})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Install(t.Context(), cluster); err != nil {
			t.Fatal(err)
		}
	}
	install()
	if diff := cmp.Diff(map[string]int{"onap": 1, "msb": 1, "multicloud": 1, "vfc": 1, "extra": 1}, revisions(t, cluster)); diff != "" {
		t.Errorf("first: -want +got:\n%s", diff)
	}
	if name, err := onap.Installed(t.Context(), cluster); err != nil || name != "small" {
		t.Errorf("installed: %q, %v", name, err)
	}
	install()
	install("msb.greeting=good day")
	if diff := cmp.Diff(map[string]int{"onap": 1, "msb": 2, "multicloud": 1, "vfc": 1, "extra": 1}, revisions(t, cluster)); diff != "" {
		t.Errorf("with another value: -want +got:\n%s", diff)
	}
	made := append([]string{"ClusterRole extra-kept", "ConfigMap default/extra-kept", "PersistentVolume extra-volume"}, foreign...)
	slices.Sort(made)
	if diff := cmp.Diff(made, outside(t, cluster)); diff != "" {
		t.Errorf("outside the namespace, -want +got:\n%s", diff)
	}
	uninstall(t, cluster)
	if diff := cmp.Diff(foreign, outside(t, cluster)); diff != "" {
		t.Errorf("left: -want +got:\n%s", diff)
	}
}

// uninstall uninstalls the release. Nobody empties a namespace here, so that it
// stays until the finalizer is taken off, as the namespace's controller does.
func uninstall(t *testing.T, cluster *kube.Client) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- onap.Uninstall(ctx, cluster, time.Minute) }()
	namespaces := cluster.Set.CoreV1().Namespaces()
	err := kube.Until(ctx, "the namespace to go", time.Minute, func(ctx context.Context) error {
		ns, err := namespaces.Get(ctx, onap.Namespace, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case err != nil:
			return err
		case ns.DeletionTimestamp == nil:
			return errors.New("it is not being deleted")
		}
		ns.Spec.Finalizers = nil
		_, err = namespaces.Finalize(ctx, ns, metav1.UpdateOptions{})
		return err
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
}

// TestRefused: what does not fit is said before anything is made.
func TestRefused(t *testing.T) {
	cluster := server(t, "100m")
	tree := smallTree()
	tree["msb/templates/needy.yaml"] = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: needy}, spec: {selector: {matchLabels: {app: needy}}, template: {metadata: {labels: {app: needy}}, spec: {
		containers: [{name: needy, image: 'onap/needy:1', resources: {requests: {cpu: 250m}}, envFrom: [{secretRef: {name: nowhere}}]}]}}}}`
	tree["msb/templates/custom.yaml"] = "{apiVersion: example.org/v1, kind: Widget, metadata: {name: w}}"
	plan, err := onap.NewPlan(t.Context(), onap.Options{Release: named("small"), Source: parsed(t, "oom:"+write(t, tree))})
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.Install(t.Context(), cluster)
	var refused *preflight.Error
	if !errors.As(err, &refused) || len(refused.Problems) != 4 {
		t.Fatalf("got %v, want four problems", err)
	}
	for _, want := range []string{
		"nothing was installed (4)", "the pods ask for 250m of CPU with 0 sidecars, and the nodes have 100m left", "a pod asks for 250m CPU and 0 memory, which no node has",
		"Widget w: apiVersion: the cluster has no kind Widget", "Deployment onap/needy: spec.template.spec.containers[0].envFrom[0].secretRef.name: there is no Secret nowhere",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if name, err := onap.Installed(t.Context(), cluster); err != nil || name != "" {
		t.Errorf("installed: %q, %v", name, err)
	}
}

// TestNothingThere: uninstalling nothing is no error.
func TestNothingThere(t *testing.T) {
	if err := onap.Uninstall(t.Context(), server(t, "1"), time.Second); err != nil {
		t.Error(err)
	}
}

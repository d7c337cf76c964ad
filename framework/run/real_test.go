package run

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/observe/injection"
	"github.com/onap/meshcert/framework/provision/istio"
	"github.com/onap/meshcert/framework/spec"
)

// TestStageDown: a real cluster without anything of ours stays as it is.
func TestStageDown(t *testing.T) {
	server := kubetest.Start(t)
	c := &Conductor{Config: config.Config{Kubeconfig: server.Kubeconfig}}
	if err := c.stageDown(t.Context(), Order{}); err != nil {
		t.Errorf("nothing of ours is there: %v", err)
	}
	namespaces := server.Client.Set.CoreV1().Namespaces()
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: istio.Namespace}}
	if _, err := namespaces.Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	err := c.stageDown(t.Context(), Order{})
	if err == nil || !strings.Contains(err.Error(), "namespace istio-system was not made by meshcert") {
		t.Errorf("got %v", err)
	}
	got, err := namespaces.Get(t.Context(), istio.Namespace, metav1.GetOptions{})
	if err != nil || got.DeletionTimestamp != nil {
		t.Errorf("another's Istio was removed: %v, %v", got, err)
	}
}

// TestStageDownAfterAKilledRun: what specs made goes; what is not ours stays,
// also beside it.
func TestStageDownAfterAKilledRun(t *testing.T) {
	server := kubetest.Start(t)
	set := server.Client.Set.CoreV1()
	for _, name := range []string{injection.LabelledNamespace, injection.PlainNamespace} {
		if err := server.Client.EnsureNamespace(t.Context(), name, nil); err != nil {
			t.Fatal(err)
		}
		made, err := set.Namespaces().Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// Nobody empties namespaces here, so these are as when the run was killed
		// cleaning up: empty, and one more deletion removes them.
		made.Spec.Finalizers = nil
		if _, err := set.Namespaces().Finalize(t.Context(), made, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := set.Namespaces().Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := set.Namespaces().Get(t.Context(), name, metav1.GetOptions{}); err != nil {
			t.Fatalf("namespace %s is not there to be removed: %v", name, err)
		}
	}
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: spec.Namespace}}
	if _, err := set.Namespaces().Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ours := map[string]string{kube.ManagedBy: kube.Manager}
	for name, labels := range map[string]map[string]string{"meshcert-follow": ours, "meshcert-theirs": nil, "msb-iag": nil, "msb-eag": ours} {
		service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}}
		if _, err := set.Services(spec.Namespace).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	c := &Conductor{Config: config.Config{Kubeconfig: server.Kubeconfig}}
	err := c.stageDown(t.Context(), Order{})
	if err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), "namespace onap was not made by meshcert") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{injection.LabelledNamespace, injection.PlainNamespace} {
		if _, err := set.Namespaces().Get(t.Context(), name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("namespace %s was left: %v", name, err)
		}
	}
	left, err := set.Services(spec.Namespace).List(t.Context(), metav1.ListOptions{})
	var names []string
	for _, s := range left.Items {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"meshcert-theirs", "msb-eag", "msb-iag"}, names); err != nil || diff != "" {
		t.Errorf("%v, Services -want +got:\n%s", err, diff)
	}
}

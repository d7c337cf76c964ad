package run

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/istio"
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

package grafana_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/grafana"
)

// TestFind: no Service is no Grafana; a Service without anybody behind it is one
// that does not answer.
func TestFind(t *testing.T) {
	client := kubetest.Start(t).Client
	observer := grafana.New(client)
	if server, err := observer.Find(t.Context()); server != nil || err != nil {
		t.Fatalf("without a Service: %v, %v", server, err)
	}
	if err := client.EnsureNamespace(t.Context(), observe.IstioNamespace, nil); err != nil {
		t.Fatal(err)
	}
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: grafana.Service},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": "grafana"}, Ports: []corev1.ServicePort{{Name: "service", Port: 3000}}},
	}
	if _, err := client.Set.CoreV1().Services(observe.IstioNamespace).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	server, err := observer.Find(t.Context())
	if server == nil || err != nil {
		t.Fatalf("with a Service: %v, %v", server, err)
	}
	if seen, err := server.Look(t.Context()); err == nil || evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("nobody behind it: %+v, %v (%s)", seen, err, evidence.AbsenceOf(err))
	}
}

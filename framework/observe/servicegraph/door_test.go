package servicegraph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/observe"
)

// throughDoor is an observer whose NodePort leads to the server.
func throughDoor(t *testing.T, server *httptest.Server) *Observer {
	t.Helper()
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(good(t, "graph.json"))) }))
	t.Cleanup(inside.Close)
	base, err := url.Parse(inside.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := At(base, inside.Client())
	o.door = func(context.Context) (door, error) {
		outside, err := url.Parse(server.URL)
		return door{nodePort: 30088, base: outside}, err
	}
	return o
}

func TestOutside(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"nodes":{"a (b)":{}},"edges":[{"source":"a (b)","target":"a (b)","labels":{"reqs/sec":"1.000000"}}]}`)
		if r.URL.RequestURI() != "/graph?time_horizon=5m" {
			t.Errorf("asked %s", r.URL.RequestURI())
		}
	}))
	defer server.Close()
	o := throughDoor(t, server)
	seen, err := o.Outside(t.Context(), 5*time.Minute)
	if err != nil || seen.NodePort != 30088 || seen.Address != server.URL || seen.Graph.Source != DoorSource || len(seen.Graph.Edges) != 1 || len(seen.Inside.Edges) != 6 {
		t.Errorf("%+v, %v", seen, err)
	}
	server.Config.Handler = http.NotFoundHandler()
	var status *observe.StatusError
	if seen, err := o.Outside(t.Context(), 0); !errors.As(err, &status) {
		t.Errorf("%+v, %v", seen, err)
	}
	server.Close()
	if seen, err := o.Outside(t.Context(), 0); evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("nobody there: %+v, %s: %v", seen, evidence.AbsenceOf(err), err)
	}
}

// TestDoorOfARealCluster: the Service's NodePort, at a node that is ready.
func TestDoorOfARealCluster(t *testing.T) {
	client := kubetest.Start(t).Client
	ctx := t.Context()
	if got, err := findDoor(ctx, client); evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("no Service: %+v, %v", got, err)
	}
	if err := client.EnsureNamespace(ctx, observe.IstioNamespace, nil); err != nil {
		t.Fatal(err)
	}
	services := client.Set.CoreV1().Services(observe.IstioNamespace)
	made, err := services.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: service}, Spec: corev1.ServiceSpec{
		Ports: []corev1.ServicePort{{Name: "other", Port: 9000, TargetPort: intstr.FromInt(9000)}, {Name: "http", Port: port, TargetPort: intstr.FromInt(port)}},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := findDoor(ctx, client); err != nil || got.nodePort != 0 {
		t.Errorf("no NodePort: %+v, %v", got, err)
	}
	made.Spec.Type, made.Spec.Ports[1].NodePort = corev1.ServiceTypeNodePort, 30088
	if _, err := services.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, err := findDoor(ctx, client); evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("no node: %+v, %v", got, err)
	}
	for name, ready := range map[string]corev1.ConditionStatus{"a": corev1.ConditionFalse, "b": corev1.ConditionTrue} {
		node, err := client.Set.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}, {Type: corev1.NodeInternalIP, Address: map[string]string{"a": "10.9.9.1", "b": "10.9.9.2"}[name]}}
		node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}
		if _, err := client.Set.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := findDoor(ctx, client); err != nil || got.nodePort != 30088 || got.base.String() != "http://10.9.9.2:30088" {
		t.Errorf("%+v, %v", got, err)
	}
}

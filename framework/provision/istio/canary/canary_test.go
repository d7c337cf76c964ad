package canary

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/onap/meshcert/framework/kube"
)

// typed converts every object of a kind, strictly, by namespace and name.
func typed[T any](t *testing.T, kind string) map[string]T {
	t.Helper()
	objects, err := manifests()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]T{}
	for _, o := range objects {
		if o.GetKind() != kind {
			continue
		}
		var one T
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, &one, true); err != nil {
			t.Errorf("%s: %v", kube.Name(o), err)
		}
		out[o.GetNamespace()+"/"+o.GetName()] = one
	}
	return out
}

func TestPods(t *testing.T) {
	type pod struct{ Image, Inject, Account, Container string }
	got := map[string]pod{}
	for name, d := range typed[appsv1.Deployment](t, "Deployment") {
		template := d.Spec.Template
		c := template.Spec.Containers[0]
		got[name] = pod{c.Image, template.Annotations["sidecar.istio.io/inject"], template.Spec.ServiceAccountName, c.Name}
		if c.ImagePullPolicy != corev1.PullIfNotPresent {
			t.Errorf("%s may pull an image that is there", name)
		}
	}
	want := map[string]pod{
		"meshcert-canary/canary-client": {Image, "true", "canary-client", "canary"},
		"meshcert-canary/canary-server": {Image, "true", "canary-server", "canary"},
		"meshcert-client/client":        {Image, "false", "", "client"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	accounts := typed[corev1.ServiceAccount](t, "ServiceAccount")
	if len(accounts) != 2 {
		t.Errorf("%d ServiceAccounts, want one each for client and server", len(accounts))
	}
}

// TestPortIsUnprefixed: the canary proves nothing when its port says it is HTTP.
func TestPortIsUnprefixed(t *testing.T) {
	service, found := typed[corev1.Service](t, "Service")["meshcert-canary/canary"]
	if !found || len(service.Spec.Ports) != 1 {
		t.Fatalf("Service canary with one port not found: %v", service.Spec.Ports)
	}
	port := service.Spec.Ports[0]
	prefix, _, _ := strings.Cut(port.Name, "-")
	// The protocols Istio reads from a port's name (pkg/config/protocol).
	if slices.Contains([]string{"http", "http2", "https", "grpc", "tcp", "tls", "udp", "mongo", "redis", "mysql"}, prefix) || port.AppProtocol != nil {
		t.Errorf("port %q, appProtocol %v: names a protocol", port.Name, port.AppProtocol)
	}
	if port.Port != 8080 {
		t.Errorf("port %d, want 8080, where observers ask", port.Port)
	}
}

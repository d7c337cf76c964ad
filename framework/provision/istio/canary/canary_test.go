package canary

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

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
		"meshcert-canary/canary-client": {Image, "true", "canary-client", inside.Container},
		"meshcert-canary/canary-server": {Image, "true", "canary-server", "canary"},
		"meshcert-client/client":        {Image, "false", "", outside.Container},
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
	if port.Port != 8080 || !strings.HasPrefix(URL, "http://"+service.Name+"."+Namespace+":8080") {
		t.Errorf("port %d does not fit %s", port.Port, URL)
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, printed string
		want          Answer
	}{
		{
			"mutual TLS",
			`{"status":200,"headers":{"Content-Type":["application/json"]},"body":"{\"headers\":{\"X-Forwarded-Client-Cert\":[\"By=spiffe://a;URI=spiffe://b\"],\"X-B3-Traceid\":[\"0a\"],\"Accept\":[\"a\",\"b\"]}}"}`,
			Answer{Status: 200, Seen: map[string]string{"x-forwarded-client-cert": "By=spiffe://a;URI=spiffe://b", "x-b3-traceid": "0a", "accept": "a,b"}},
		},
		{"plain text", `{"status":200,"body":"{\"headers\":{\"Accept\":[\"*/*\"]}}"}`, Answer{Status: 200, Seen: map[string]string{"accept": "*/*"}}},
		{"the sidecar answered", `{"status":503,"body":"upstream connect error or disconnect/reset before headers"}`, Answer{Status: 503}},
		{"no answer", `{"status":0,"error":"connection reset by peer"}`, Answer{Error: "connection reset by peer"}},
		{"somebody else's JSON", `{"status":200,"body":"{\"nodes\":[]}"}`, Answer{Status: 200}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := decode([]byte(test.printed))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
	for _, printed := range []string{"", "usage: standin", `{"status":"200"}`} {
		if got, err := decode([]byte(printed)); err == nil {
			t.Errorf("output %q is read as %+v", printed, got)
		}
	}
}

func TestClientCertificate(t *testing.T) {
	if got := (Answer{}).ClientCertificate(); got != "" {
		t.Errorf("an answer nobody gave has certificate %q", got)
	}
	seen := Answer{Seen: map[string]string{"x-forwarded-client-cert": "URI=spiffe://b"}}
	if got := seen.ClientCertificate(); got != "URI=spiffe://b" {
		t.Errorf("got %q", got)
	}
}

func TestCommand(t *testing.T) {
	got := strings.Join(command("000102030405060708090a0b0c0d0e0f"), " ")
	want := "/usr/local/bin/standin get -H x-b3-traceid: 000102030405060708090a0b0c0d0e0f -H x-b3-spanid: 08090a0b0c0d0e0f -H x-b3-sampled: 1 http://canary.meshcert-canary:8080/"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReadyPod(t *testing.T) {
	pod := func(name string, age time.Duration, ready corev1.ConditionStatus, ending bool) runtime.Object {
		p := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: name, Namespace: Namespace, Labels: map[string]string{"app": "canary-client"},
				CreationTimestamp: metav1.NewTime(time.Unix(1_800_000_000, 0).Add(-age)),
			},
			Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}},
		}
		if ending {
			p.DeletionTimestamp = &p.CreationTimestamp
			p.Finalizers = []string{"test/hold"}
		}
		return p
	}
	other := pod("server", 0, corev1.ConditionTrue, false).(*corev1.Pod)
	other.Labels["app"] = "canary-server"
	for _, test := range []struct {
		name    string
		pods    []runtime.Object
		want    string
		problem string
	}{
		{"newest", []runtime.Object{pod("old", time.Hour, corev1.ConditionTrue, false), pod("new", time.Minute, corev1.ConditionTrue, false), other}, "new", ""},
		{"not the ending one", []runtime.Object{pod("old", time.Hour, corev1.ConditionTrue, false), pod("new", time.Minute, corev1.ConditionTrue, true)}, "old", ""},
		{"not ready", []runtime.Object{pod("new", time.Minute, corev1.ConditionFalse, false), other}, "", "none of the 1 pods of meshcert-canary/canary-client is ready"},
		{"none", nil, "", "none of the 0 pods"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readyPod(context.Background(), &kube.Client{Set: fake.NewClientset(test.pods...)}, Inside())
			if got != test.want || (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("got %q, %v; want %q, %q", got, err, test.want, test.problem)
			}
		})
	}
}

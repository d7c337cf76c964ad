package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/discovery/fake"
	clientset "k8s.io/client-go/kubernetes/fake"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

const root = "421d134a9403be380652f6a3ab689b786265cd0a074f422ae994c586486fd697"

func pod(namespace, name, workload string) *corev1.Pod {
	yes := true
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, OwnerReferences: []metav1.OwnerReference{{Kind: "DaemonSet", Name: workload, Controller: &yes}}},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
	}
}

func pem(t *testing.T) string {
	t.Helper()
	text, err := answers.FS.ReadFile("envoy/root-cert.pem")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// observer answers commands by "POD COMMAND…"; nothing else can be executed.
func observer(t *testing.T, answers map[string]string, objects ...runtime.Object) *Observer {
	t.Helper()
	set := clientset.NewClientset(objects...)
	set.Discovery().(*fake.FakeDiscovery).FakedServerVersion = &version.Info{GitVersion: "v1.34.4"}
	o := New(&kube.Client{Set: set})
	o.exec = func(_ context.Context, _, pod, _ string, command ...string) (string, error) {
		for key, answer := range answers {
			if strings.Contains(pod+" "+strings.Join(command, " "), key) {
				return answer, nil
			}
		}
		return "", errors.New("exec in " + pod + ": refused")
	}
	return o
}

func nodes() []runtime.Object {
	ready := corev1.NodeStatus{
		NodeInfo:   corev1.NodeSystemInfo{KubeletVersion: "v1.34.4", OSImage: "Debian", ContainerRuntimeVersion: "containerd://1.6"},
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse}, {Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
	}
	return []runtime.Object{
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.NodeSpec{PodCIDR: "10.244.0.0/24"}, Status: ready},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "b", Annotations: map[string]string{"kubeadm.alpha.kubernetes.io/cri-socket": "x"}}},
		pod("kube-system", "coredns-1", "coredns"),
		pod("meshcert-client", "client-1", "client"),
	}
}

func TestCluster(t *testing.T) {
	o := observer(t, map[string]string{
		"lookup kubernetes.default": `{"addresses":["10.96.0.1","fd00::1"]}`,
		"lookup example.com":        `{"error":"no such host"}`,
		"dial 10.0.0.1:80":          `{"connected":false,"error":"no route to host"}`,
		"dial 10.0.0.2:80":          `{"connected":true,"error":"read: i/o timeout"}`,
	}, nodes()...)
	got, err := o.Cluster(t.Context(), Probe{Names: []string{"kubernetes.default", "example.com"}, Addresses: []string{"10.0.0.1:80", "10.0.0.2:80"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.Node{
		{Name: "a", Ready: true, Kubelet: "v1.34.4", OS: "Debian", Runtime: "containerd://1.6", PodCIDR: "10.244.0.0/24"},
		{Name: "b", Kubeadm: true},
	}
	if diff := cmp.Diff(want, got.Nodes); diff != "" {
		t.Error(diff)
	}
	if got.Version != "v1.34.4" || len(got.System.Items) != 1 || got.System.Items[0].Workload != "coredns" {
		t.Errorf("version %q, system pods %+v", got.Version, got.System)
	}
	if diff := cmp.Diff(map[string]string{"kubernetes.default": "10.96.0.1,fd00::1", "example.com": "error: no such host"}, got.Resolved); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"10.0.0.1:80": "error: no route to host", "10.0.0.2:80": "connected"}, got.Dialed); diff != "" {
		t.Error(diff)
	}
}

func TestKubeadmConfigurationMarksAllNodes(t *testing.T) {
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kubeadm-config", Namespace: "kube-system"}}
	got, err := observer(t, nil, append(nodes(), config)...).Cluster(t.Context(), Probe{})
	if err != nil || !got.Nodes[0].Kubeadm || !got.Nodes[1].Kubeadm {
		t.Errorf("got %+v, %v", got.Nodes, err)
	}
}

// TestAPodThatCannotAnswer is an error, and not a closed network.
func TestAPodThatCannotAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]string
		objects []runtime.Object
		want    string
	}{
		"no client pod":   {objects: nodes()[:3], want: "find a ready pod of client"},
		"exec refused":    {objects: nodes(), want: "refused"},
		"an empty answer": {answers: map[string]string{"dial": ""}, objects: nodes(), want: "read the answer"},
		"no answer in it": {answers: map[string]string{"dial": "{}"}, objects: nodes(), want: "neither what was found nor why"},
		"not JSON":        {answers: map[string]string{"dial": "standin: not found"}, objects: nodes(), want: "standin: not found"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := observer(t, c.answers, c.objects...).Cluster(t.Context(), Probe{Addresses: []string{"10.0.0.1:80"}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v, want an error with %q", got.Dialed, err, c.want)
			}
		})
	}
}

func mesh(t *testing.T, bundle string) []runtime.Object {
	t.Helper()
	return []runtime.Object{
		pod("istio-system", "istiod-1", "istiod"),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "istio-ca-root-cert", Namespace: "istio-system"}, Data: map[string]string{"root-cert.pem": pem(t)}},
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "servicegraph", Namespace: "istio-system"},
			Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8088, NodePort: 30088, Protocol: "TCP"}, {Port: 9, Protocol: "UDP"}}}},
		&admissionv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "istio-sidecar-injector", Labels: map[string]string{"app": "sidecar-injector"}},
			Webhooks: []admissionv1.MutatingWebhook{
				{Name: "a", ClientConfig: admissionv1.WebhookClientConfig{CABundle: []byte(bundle)}}, {Name: "b"},
			},
		},
		&admissionv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "somebody-else"}, Webhooks: []admissionv1.MutatingWebhook{{Name: "x"}}},
	}
}

func TestControlPlane(t *testing.T) {
	got, err := observer(t, map[string]string{"istiod-1 pilot-discovery request GET /version": "1.31.0-alpha.1-eed52ebb66ad-Clean\n"}, mesh(t, pem(t))...).ControlPlane(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != "1.31.0-alpha.1" || got.Root != root || len(got.Pods.Items) != 1 {
		t.Errorf("version %q, root %q, pods %+v", got.Version, got.Root, got.Pods)
	}
	if diff := cmp.Diff(map[string][]string{"servicegraph": {"8088:30088/TCP", "9/UDP"}}, got.Services); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"istio-sidecar-injector/a": root, "istio-sidecar-injector/b": ""}, got.WebhookRoots); diff != "" {
		t.Error(diff)
	}
}

func TestControlPlaneFails(t *testing.T) {
	good := map[string]string{"/version": "1.31.0-e-Clean"}
	for name, c := range map[string]struct {
		answers map[string]string
		bundle  string
		want    string
	}{
		"istiod does not answer": {nil, pem(t), "ask istiod for its version"},
		"another answer":         {map[string]string{"/version": "404 page not found"}, pem(t), "VERSION-REVISION-STATUS"},
		"a bundle of nothing":    {good, "abc", "CA bundle of webhook istio-sidecar-injector/a"},
	} {
		if got, err := observer(t, c.answers, mesh(t, c.bundle)...).ControlPlane(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if _, err := observer(t, good, mesh(t, pem(t))[:1]...).ControlPlane(t.Context()); err == nil {
		t.Error("no error without the CA's ConfigMap")
	}
}

func TestServices(t *testing.T) {
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "msb-iag", Namespace: "onap"},
		Spec: corev1.ServiceSpec{Type: "NodePort", Ports: []corev1.ServicePort{{Name: "http-msb-iag", Port: 80, NodePort: 30280}}}}
	got, err := observer(t, nil, service).Services(t.Context(), "onap")
	want := []evidence.Service{{Name: "msb-iag", Type: "NodePort", Ports: []evidence.ServicePort{{Name: "http-msb-iag", Port: 80, NodePort: 30280}}}}
	if diff := cmp.Diff(want, got.Items); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestCanary(t *testing.T) {
	client := pod("meshcert-canary", "canary-client-1", "canary-client")
	const echo = `{\"method\":\"GET\",\"headers\":{\"x-forwarded-client-cert\":[\"By=spiffe://a;URI=spiffe://b\"]}}`
	for name, c := range map[string]struct {
		answer  string
		objects []runtime.Object
		cert    string
		status  int
		err     string
	}{
		"mutual TLS":      {`{"status":200,"body":"` + echo + `"}`, []runtime.Object{client}, "By=spiffe://a;URI=spiffe://b", 200, ""},
		"no certificate":  {`{"status":200,"body":"{\"headers\":{\"host\":[\"x\"]}}"}`, []runtime.Object{client}, "", 200, ""},
		"refused":         {`{"status":503,"body":"upstream"}`, []runtime.Object{client}, "", 503, ""},
		"no connection":   {`{"error":"connection reset"}`, []runtime.Object{client}, "", 0, ""},
		"not our server":  {`{"status":200,"body":"<html>"}`, []runtime.Object{client}, "", 200, "no headers"},
		"an empty answer": {`{}`, []runtime.Object{client}, "", 0, "neither a status nor an error"},
		"no answer":       {``, []runtime.Object{client}, "", 0, "read the answer"},
		"no client":       {``, nil, "", 0, "find a ready pod of canary-client"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := observer(t, map[string]string{"standin get": c.answer}, c.objects...).Canary(t.Context())
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("got %v, want an error with %q", err, c.err)
			}
			if err != nil {
				return
			}
			if got.ForwardedClientCert != c.cert || got.Response.Status != c.status || len(got.TraceID) != 32 {
				t.Errorf("got %+v", got)
			}
			if got.ServerIdentity != "spiffe://cluster.local/ns/meshcert-canary/sa/canary-server" || got.ServerService != "canary-server.meshcert-canary" {
				t.Errorf("server %q %q", got.ServerIdentity, got.ServerService)
			}
		})
	}
}

// TestAbsence: what is missing is told from what answers nonsense.
func TestAbsence(t *testing.T) {
	client := pod("meshcert-canary", "canary-client-1", "canary-client")
	for name, c := range map[string]struct {
		answers map[string]string
		objects []runtime.Object
		want    evidence.Absence
	}{
		"no client":       {nil, nil, evidence.Unmet},
		"exec refused":    {nil, []runtime.Object{client}, evidence.Transient},
		"not our program": {map[string]string{"standin get": "hello"}, []runtime.Object{client}, evidence.Final},
		"not our server":  {map[string]string{"standin get": `{"status":200,"body":"<html>"}`}, []runtime.Object{client}, evidence.Final},
	} {
		if _, err := observer(t, c.answers, c.objects...).Canary(t.Context()); err == nil || evidence.AbsenceOf(err) != c.want {
			t.Errorf("canary, %s: %s, want %s: %v", name, evidence.AbsenceOf(err), c.want, err)
		}
	}
	good := map[string]string{"/version": "1.31.0-e-Clean"}
	for name, c := range map[string]struct {
		answers map[string]string
		objects []runtime.Object
		want    evidence.Absence
	}{
		"no CA":                  {good, mesh(t, pem(t))[:1], evidence.Unmet},
		"a bundle of nothing":    {good, mesh(t, "abc"), evidence.Final},
		"another version":        {map[string]string{"/version": "404 page not found"}, mesh(t, pem(t)), evidence.Final},
		"istiod does not answer": {nil, mesh(t, pem(t)), evidence.Transient},
	} {
		if _, err := observer(t, c.answers, c.objects...).ControlPlane(t.Context()); err == nil || evidence.AbsenceOf(err) != c.want {
			t.Errorf("control plane, %s: %s, want %s: %v", name, evidence.AbsenceOf(err), c.want, err)
		}
	}
}

package traffic_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/traffic"
)

// TestRegistrar works on a real API server, which gives the addresses.
func TestRegistrar(t *testing.T) {
	client := kubetest.Start(t).Client
	const ns = "onap"
	if err := client.EnsureNamespace(t.Context(), ns, nil); err != nil {
		t.Fatal(err)
	}
	registrar := traffic.NewRegistrar(client, ns)
	t.Run("made, changed, removed", func(t *testing.T) { follow(t, client, registrar) })
	t.Run("wrong annotation", func(t *testing.T) {
		offer, err := registrar.Make(t.Context(), traffic.Service{Name: "wrong", Ports: []int{8080}, Annotation: `[{"serviceName":`})
		if err != nil || offer.Annotation != `[{"serviceName":` || offer.Wanted != nil || offer.Address == "" {
			t.Errorf("%+v, %v", offer, err)
		}
		if got := service(t, client, "wrong"); got.Annotations["msb.onap.org/service-info"] != offer.Annotation || got.Spec.Selector != nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("touched", func(t *testing.T) {
		before := ""
		for range 2 {
			if err := registrar.Touch(t.Context()); err != nil {
				t.Fatal(err)
			}
			now := service(t, client, "meshcert-probe").Annotations["msb.onap.org/service-info"]
			if now == before {
				t.Errorf("a touch changes nothing: %s", now)
			}
			before = now
		}
		if err := registrar.Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
		gone(t, client, "meshcert-probe")
	})
	t.Run("refused", func(t *testing.T) {
		for name, s := range map[string]traffic.Service{"no port": {Name: "a"}, "a port out of range": {Name: "a", Ports: []int{70000}}} {
			if offer, err := registrar.Make(t.Context(), s); err == nil || evidence.AbsenceOf(err) != evidence.Final {
				t.Errorf("%s: %+v, %s: %v", name, offer, evidence.AbsenceOf(err), err)
			}
		}
		elsewhere := traffic.NewRegistrar(client, "nowhere")
		if offer, err := elsewhere.Make(t.Context(), traffic.Service{Name: "a", Ports: []int{1}}); evidence.AbsenceOf(err) != evidence.Unmet {
			t.Errorf("no namespace: %+v, %s: %v", offer, evidence.AbsenceOf(err), err)
		}
	})
}

func follow(t *testing.T, client *kube.Client, registrar *traffic.Registrar) {
	wanted := traffic.Service{Name: "ours", App: "multicloud", Ports: []int{8080, 8081}, Target: 9001, Entries: []traffic.Entry{
		{Name: "a", Version: "v1", URL: "/api/x", Protocol: "REST", Port: "8080", VisualRange: "1"},
		{Name: "a", Version: "v2", URL: "/api/y", Protocol: "REST", Port: "8081", VisualRange: "0"},
	}}
	begin := time.Now()
	offer, err := registrar.Make(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	made := service(t, client, "ours")
	want := evidence.Offer{
		Service: "ours", Made: offer.Made, Address: made.Spec.ClusterIP,
		Annotation: `[{"serviceName":"a","version":"v1","url":"/api/x","protocol":"REST","port":"8080","visualRange":"1"},` +
			`{"serviceName":"a","version":"v2","url":"/api/y","protocol":"REST","port":"8081","visualRange":"0"}]`,
		Wanted: []evidence.Registration{
			{Name: "a", Version: "v1", URL: "/api/x", Protocol: "REST", Range: "1", Nodes: []string{made.Spec.ClusterIP + ":8080"}},
			{Name: "a", Version: "v2", URL: "/api/y", Protocol: "REST", Range: "0", Nodes: []string{made.Spec.ClusterIP + ":8081"}},
		},
	}
	if diff := cmp.Diff(want, offer); diff != "" {
		t.Errorf("offer -want +got:\n%s", diff)
	}
	if offer.Made.Before(begin) || made.Annotations["msb.onap.org/service-info"] != offer.Annotation || made.Labels[kube.ManagedBy] != kube.Manager {
		t.Errorf("made %v since %v: %+v", offer.Made, begin, made)
	}
	if diff := cmp.Diff(map[string]string{"app": "multicloud"}, made.Spec.Selector); diff != "" || len(made.Spec.Ports) != 2 || made.Spec.Ports[1].TargetPort.IntVal != 9001 {
		t.Errorf("%s%+v", diff, made.Spec)
	}
	wanted.Entries = wanted.Entries[1:]
	if offer, err = registrar.Make(t.Context(), wanted); err != nil || len(offer.Wanted) != 1 || offer.Address != made.Spec.ClusterIP {
		t.Errorf("changed: %+v, %v", offer, err)
	}
	for _, address := range []string{made.Spec.ClusterIP, ""} {
		offer, err = registrar.Withdraw(t.Context(), "ours")
		want := evidence.Offer{Service: "ours", Made: offer.Made, Address: address}
		if diff := cmp.Diff(want, offer); err != nil || diff != "" {
			t.Errorf("removed: %v\n%s", err, diff)
		}
		gone(t, client, "ours")
	}
}

func service(t *testing.T, client *kube.Client, name string) *corev1.Service {
	t.Helper()
	got, err := client.Set.CoreV1().Services("onap").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func gone(t *testing.T, client *kube.Client, name string) {
	t.Helper()
	if _, err := client.Set.CoreV1().Services("onap").Get(t.Context(), name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("Service %s: %v, want it gone", name, err)
	}
}

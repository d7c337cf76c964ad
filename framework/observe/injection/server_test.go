package injection_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/observe/injection"
)

// mesh is an injector whose webhook leads to a Service that is not there.
const mesh = `
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data: {config: "policy: enabled", values: "{}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod}}
    spec: {containers: [{name: discovery, image: pilot}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector, labels: {app: sidecar-injector}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {service: {namespace: istio-system, name: istiod-gone, path: /inject}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
  objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}]}
  sideEffects: None
  admissionReviewVersions: [v1]
`

// TestServer: a real API server takes the pods that are tried, keeps none, and
// says of a webhook that fails what is read out of its words.
func TestServer(t *testing.T) {
	client := kubetest.Start(t).Client
	objects, err := kube.Parse([]byte(mesh))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Apply(t.Context(), "", objects...); err != nil {
		t.Fatal(err)
	}
	// A controller would make these.
	for _, name := range []string{injection.LabelledNamespace, injection.PlainNamespace} {
		if err := client.EnsureNamespace(t.Context(), name, nil); err != nil {
			t.Fatal(err)
		}
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
		if _, err := client.Set.CoreV1().ServiceAccounts(name).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	o := injection.New(client)
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	cases := []evidence.InjectionCase{{NamespaceLabel: "enabled"}, {NamespaceLabel: "enabled", Label: "false", Annotation: "true"}, {Annotation: "true"}}
	// The API server takes a moment to know a new webhook.
	var seen evidence.Injection
	err = kube.Until(t.Context(), "the webhook", 30*time.Second, func(ctx context.Context) error {
		if seen, err = o.Try(ctx, cases); err == nil && seen.Tries[0].Refused == "" {
			return errors.New("nobody refuses a pod yet")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if refused := seen.Tries[0].Refused; !strings.Contains(refused, "failed calling webhook") || !strings.Contains(refused, `service "istiod-gone" not found`) {
		t.Errorf("refused with %q", refused)
	}
	seen.Tries[0].Refused = ""
	want := []evidence.InjectionTry{
		{Case: cases[0]},
		{Case: cases[1], Containers: []string{injection.App}, InitContainers: []string{}},
		{Case: cases[2], Containers: []string{injection.App}, InitContainers: []string{}},
	}
	if diff := cmp.Diff(want, seen.Tries); diff != "" {
		t.Error(diff)
	}
	pods, err := client.Set.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) > 0 {
		t.Errorf("%d pods were made (%v)", len(pods.Items), err)
	}
}

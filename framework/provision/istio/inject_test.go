package istio

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
)

// injector is an API server whose webhook follows a policy and a form; after
// misses refused calls it works.
type injector struct {
	policy catalogue.Policy
	form   Sidecars
	misses int
	wet    bool // a pod was really made
}

func (i *injector) client() *kube.Client {
	set := fake.NewClientset()
	set.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		create := action.(clienttesting.CreateActionImpl)
		i.wet = i.wet || len(create.GetCreateOptions().DryRun) != 1 || create.GetCreateOptions().DryRun[0] != metav1.DryRunAll
		if i.misses > 0 {
			i.misses--
			return true, nil, errors.New("failed calling webhook: connection refused")
		}
		pod := create.GetObject().(*corev1.Pod).DeepCopy()
		if !(catalogue.Workload{Annotation: pod.Annotations[injectAnnotation]}).Injected(i.policy) {
			return true, pod, nil
		}
		always := corev1.ContainerRestartPolicyAlways
		if i.form == Native {
			pod.Spec.InitContainers = append(pod.Spec.InitContainers, corev1.Container{Name: "istio-proxy", RestartPolicy: &always})
		} else {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: "istio-proxy"})
		}
		return true, pod, nil
	})
	return &kube.Client{Set: set}
}

func TestUntilInjects(t *testing.T) {
	for _, test := range []struct {
		name   string
		api    injector
		policy catalogue.Policy
		form   Sidecars
		want   string // part of the error; empty for success
	}{
		{name: "disabled", api: injector{policy: catalogue.Disabled, form: Native}, policy: catalogue.Disabled, form: Native},
		{name: "enabled, classic", api: injector{policy: catalogue.Enabled, form: Classic}, policy: catalogue.Enabled, form: Classic},
		{name: "webhook comes late", api: injector{policy: catalogue.Enabled, form: Native, misses: 2}, policy: catalogue.Enabled, form: Native},
		{
			name: "webhook never comes", api: injector{misses: 1 << 20}, policy: catalogue.Enabled, form: Native,
			want: "connection refused",
		},
		{
			name: "unannotated pods are injected though disabled", api: injector{policy: catalogue.Enabled, form: Native},
			policy: catalogue.Disabled, form: Native,
			want: `a pod with sidecar.istio.io/inject="": want sidecar false (native), got native true, classic false`,
		},
		{
			name: "unannotated pods are not injected though enabled", api: injector{policy: catalogue.Disabled, form: Native},
			policy: catalogue.Enabled, form: Native,
			want: `a pod with sidecar.istio.io/inject="": want sidecar true (native), got native false, classic false`,
		},
		{
			name: "the other form", api: injector{policy: catalogue.Enabled, form: Classic}, policy: catalogue.Enabled, form: Native,
			want: "want sidecar true (native), got native false, classic true",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			limit := 10 * time.Second
			if test.want != "" {
				limit = 200 * time.Millisecond
			}
			err := UntilInjects(context.Background(), test.api.client(), test.policy, test.form, limit)
			if test.api.wet {
				t.Error("a pod was made, not only tried")
			}
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

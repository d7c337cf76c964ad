package istio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/istio/canary"
)

const injectAnnotation = "sidecar.istio.io/inject"

// UntilInjects waits until pods are injected as the policy and the form of
// sidecar demand. The proof is what the API server would make of three pods of
// the canary's namespace (server-side dry run): one that says nothing, one that
// asks for a sidecar and one that refuses it.
func UntilInjects(ctx context.Context, c *kube.Client, policy catalogue.Policy, form Sidecars, limit time.Duration) error {
	what := fmt.Sprintf("the injector to follow policy %s with %s sidecars", policy, form)
	return kube.Until(ctx, what, limit, func(ctx context.Context) error {
		var problems []error
		for _, annotation := range []string{"", "true", "false"} {
			pod, err := dryRun(ctx, c, annotation)
			if err != nil {
				return err
			}
			want := catalogue.Workload{Annotation: annotation}.Injected(policy)
			problems = append(problems, injected(pod, want, form))
		}
		return errors.Join(problems...)
	})
}

func dryRun(ctx context.Context, c *kube.Client, annotation string) (*corev1.Pod, error) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "injector-probe", Namespace: canary.Namespace},
		// Never made: the image only has to be a valid name.
		Spec: corev1.PodSpec{
			ServiceAccountName: "default",
			Containers:         []corev1.Container{{Name: "probe", Image: "meshcert.local/injector-probe"}},
		},
	}
	if annotation != "" {
		pod.Annotations = map[string]string{injectAnnotation: annotation}
	}
	pod, err := c.Set.CoreV1().Pods(canary.Namespace).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		return nil, fmt.Errorf("try a pod with %s=%q in namespace %s: %w", injectAnnotation, annotation, canary.Namespace, err)
	}
	return pod, nil
}

// injected says what is wrong with the sidecar of a pod, or nil.
func injected(pod *corev1.Pod, want bool, form Sidecars) error {
	is := func(c corev1.Container) bool { return c.Name == catalogue.Proxy }
	native := slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool {
		return is(c) && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	})
	classic := slices.ContainsFunc(pod.Spec.Containers, is)
	if native == (want && form == Native) && classic == (want && form == Classic) {
		return nil
	}
	return fmt.Errorf("a pod with %s=%q: want sidecar %t (%s), got native %t, classic %t",
		injectAnnotation, pod.Annotations[injectAnnotation], want, form, native, classic)
}

package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/kube"
)

// settle waits until a Deployment and its pods are as until says. The error says
// what was seen last.
func (b *Breaker) settle(ctx context.Context, r reference, until Until) error {
	switch until {
	case AtOnce:
		return nil
	case "":
		until = Available
	}
	return b.until(ctx, fmt.Sprintf("%s to be %s", r, until), func(ctx context.Context) (missing, err error) {
		pods, err := b.pods(ctx, r)
		if err != nil {
			return nil, err
		}
		if until == Gone {
			return gone(pods), nil
		}
		d, err := b.client.Set.AppsV1().Deployments(r.Namespace).Get(ctx, r.Name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		return unsettled(d, pods, until), nil
	})
}

// until looks until nothing is missing. A look that fails, as the last one does
// when the time is over, does not hide what the one before saw.
func (b *Breaker) until(ctx context.Context, what string, look func(context.Context) (missing, err error)) error {
	var seen error
	return kube.Until(ctx, what, b.Limit, func(ctx context.Context) error {
		missing, err := look(ctx)
		switch {
		case err == nil:
			seen = missing
			return missing
		case seen == nil:
			return err
		}
		return fmt.Errorf("%w; before: %w", err, seen)
	})
}

// pods are those of a Deployment, without the ones that have ended and are only kept to be read.
func (b *Breaker) pods(ctx context.Context, r reference) ([]corev1.Pod, error) {
	list, err := b.client.Set.CoreV1().Pods(r.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the pods of %s: %w", r, err)
	}
	return slices.DeleteFunc(list.Items, func(p corev1.Pod) bool {
		ended := p.DeletionTimestamp == nil && (p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded)
		return ended || kube.WorkloadOf(&p) != r.Name
	}), nil
}

func gone(pods []corev1.Pod) error {
	if len(pods) == 0 {
		return nil
	}
	return fmt.Errorf("%d pods are left: %s", len(pods), states(pods))
}

// unsettled says why a Deployment is not yet Updated or Available. Its counts
// lag behind its pods, so both are looked at.
func unsettled(d *appsv1.Deployment, pods []corev1.Pod, until Until) error {
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	ending := slices.ContainsFunc(pods, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil })
	s := d.Status
	switch {
	case s.ObservedGeneration < d.Generation:
		return fmt.Errorf("its controller has not seen generation %d", d.Generation)
	case s.Replicas != want || s.UpdatedReplicas != want || len(pods) != int(want) || ending:
		return fmt.Errorf("%d pods, %d of the newest template, %d wanted: %s", len(pods), s.UpdatedReplicas, want, states(pods))
	case until == Updated:
		return nil
	case !kube.Available(d) || slices.ContainsFunc(pods, notReady):
		return fmt.Errorf("%d of %d pods available: %s", s.AvailableReplicas, want, states(pods))
	}
	return nil
}

func notReady(p corev1.Pod) bool {
	return !slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// states says of each pod what it does.
func states(pods []corev1.Pod) string {
	var all []string
	for _, p := range pods {
		switch {
		case p.DeletionTimestamp != nil:
			all = append(all, p.Name+" is ending")
		case notReady(p):
			all = append(all, strings.TrimSpace(p.Name+" is not ready "+strings.Join(kube.ContainerStates(&p), ", ")))
		default:
			all = append(all, p.Name+" is ready")
		}
	}
	if len(all) == 0 {
		return "no pod"
	}
	return strings.Join(all, "; ")
}

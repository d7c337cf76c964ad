package fault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestUnsettled(t *testing.T) {
	now := metav1.Now()
	pod := func(name string, ready corev1.ConditionStatus) corev1.Pod {
		return corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready, Message: "m"}}},
		}
	}
	ready, unready, ending := pod("a", corev1.ConditionTrue), pod("b", corev1.ConditionFalse), pod("c", corev1.ConditionTrue)
	ending.DeletionTimestamp = &now
	deployment := func(want, all, updated, available int32) *appsv1.Deployment {
		d := &appsv1.Deployment{Status: appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: all, UpdatedReplicas: updated, AvailableReplicas: available}}
		d.Generation, d.Spec.Replicas = 1, &want
		return d
	}
	unseen := deployment(1, 1, 1, 1)
	unseen.Generation = 2
	for name, c := range map[string]struct {
		d                  *appsv1.Deployment
		pods               []corev1.Pod
		updated, available string
	}{
		"well":            {deployment(1, 1, 1, 1), []corev1.Pod{ready}, "", ""},
		"none wanted":     {deployment(0, 0, 0, 0), nil, "", ""},
		"unseen":          {unseen, []corev1.Pod{ready}, "its controller has not seen generation 2", "its controller has not seen generation 2"},
		"not ready":       {deployment(1, 1, 1, 0), []corev1.Pod{unready}, "", "0 of 1 pods available: b is not ready Ready is False: m"},
		"counts lag":      {deployment(1, 1, 1, 1), []corev1.Pod{unready}, "", "1 of 1 pods available: b is not ready Ready is False: m"},
		"not made again":  {deployment(1, 1, 1, 1), nil, "0 pods, 1 of the newest template, 1 wanted: no pod", "0 pods, 1 of the newest template, 1 wanted: no pod"},
		"older is ending": {deployment(1, 1, 1, 1), []corev1.Pod{ending}, "1 pods, 1 of the newest template, 1 wanted: c is ending", "1 pods, 1 of the newest template, 1 wanted: c is ending"},
		"older pod": {deployment(1, 2, 1, 1), []corev1.Pod{ready, unready},
			"2 pods, 1 of the newest template, 1 wanted: a is ready; b is not ready Ready is False: m", "2 pods, 1 of the newest template, 1 wanted: a is ready; b is not ready Ready is False: m"},
		"only an older pod": {deployment(1, 1, 0, 1), []corev1.Pod{ready}, "1 pods, 0 of the newest template, 1 wanted: a is ready", "1 pods, 0 of the newest template, 1 wanted: a is ready"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := message(unsettled(c.d, c.pods, Updated)); got != c.updated {
				t.Errorf("updated: got %q", got)
			}
			if got := message(unsettled(c.d, c.pods, Available)); got != c.available {
				t.Errorf("available: got %q", got)
			}
		})
	}
	if err := gone(nil); err != nil {
		t.Error(err)
	}
	if got := message(gone([]corev1.Pod{ready, ending})); got != "2 pods are left: a is ready; c is ending" {
		t.Errorf("got %q", got)
	}
}

// TestUntil: a look that fails keeps what was seen before it.
func TestUntil(t *testing.T) {
	b := &Breaker{Limit: 200 * time.Millisecond}
	missing, failed := errors.New("a pod is missing"), errors.New("no answer")
	for name, c := range map[string]struct {
		looks []error
		want  string
	}{
		"seen, then not": {[]error{missing, failed}, "(last: no answer; before: a pod is missing)"},
		"never seen":     {[]error{failed}, "(last: no answer)"},
		"seen":           {[]error{failed, missing}, "(last: a pod is missing)"},
		"in the end":     {[]error{failed, missing, nil}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			err := b.until(t.Context(), "x", func(context.Context) (error, error) {
				look := c.looks[min(n, len(c.looks)-1)]
				n++
				if errors.Is(look, failed) {
					return nil, look
				}
				return look, nil
			})
			if (err == nil) != (c.want == "") || !strings.HasSuffix(message(err), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

// UntilReady waits, by list and watch, until all workloads of the namespace are
// available, of their newest template: Deployments, StatefulSets and DaemonSets,
// given as names by kind. The error is that of UntilAvailable for each kind.
func (c *Client) UntilReady(ctx context.Context, namespace string, limit time.Duration, names map[string][]string) error {
	var group errgroup.Group
	problems := make([]error, 3)
	for i, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
		if len(names[kind]) == 0 {
			continue
		}
		group.Go(func() error {
			if kind == "Deployment" {
				problems[i] = c.UntilAvailable(ctx, namespace, limit, names[kind]...)
			} else {
				problems[i] = c.untilRolledOut(ctx, namespace, limit, kind, names[kind])
			}
			return problems[i]
		})
	}
	if group.Wait() == nil {
		return nil
	}
	return errors.Join(problems...)
}

func (c *Client) untilRolledOut(ctx context.Context, namespace string, limit time.Duration, kind string, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	resource, of := "statefulsets", runtime.Object(&appsv1.StatefulSet{})
	if kind == "DaemonSet" {
		resource, of = "daemonsets", &appsv1.DaemonSet{}
	}
	waiting := slices.Clone(names)
	list := cache.NewListWatchFromClient(c.Set.AppsV1().RESTClient(), resource, namespace, fields.Everything())
	_, err := toolswatch.UntilWithSync(ctx, list, of, nil, func(e watch.Event) (bool, error) {
		o, ok := e.Object.(metav1.Object)
		if !ok || !slices.Contains(names, o.GetName()) {
			return false, nil
		}
		waiting = slices.DeleteFunc(waiting, func(n string) bool { return n == o.GetName() })
		if e.Type == watch.Deleted || !RolledOut(e.Object) {
			waiting = append(waiting, o.GetName())
		}
		return len(waiting) == 0, nil
	})
	if err == nil {
		return nil
	}
	slices.Sort(waiting)
	detached, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	return fmt.Errorf("wait %s for %d of %d %ss of namespace %s to be available: %w%s",
		limit, len(waiting), len(names), kind, namespace, err, c.describe(detached, namespace, waiting))
}

// RolledOut tells whether a StatefulSet or DaemonSet has all its wanted pods, of
// its newest template, available; no other object has.
func RolledOut(o runtime.Object) bool {
	switch w := o.(type) {
	case *appsv1.StatefulSet:
		want := int32(1)
		if w.Spec.Replicas != nil {
			want = *w.Spec.Replicas
		}
		s := w.Status
		return s.ObservedGeneration >= w.Generation && s.UpdatedReplicas == want && s.AvailableReplicas == want && s.Replicas == want
	case *appsv1.DaemonSet:
		s := w.Status
		return s.ObservedGeneration >= w.Generation && s.UpdatedNumberScheduled == s.DesiredNumberScheduled && s.NumberAvailable == s.DesiredNumberScheduled
	}
	return false
}

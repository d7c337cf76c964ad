package kube

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"

	"github.com/onap/meshcert/framework/progress"
)

// workload is a kind that can be waited for: its resource, and what an object of
// it is read into.
type workload struct {
	resource string
	object   runtime.Object
}

func workloads() map[string]workload {
	return map[string]workload{
		"Deployment":  {"deployments", &appsv1.Deployment{}},
		"StatefulSet": {"statefulsets", &appsv1.StatefulSet{}},
		"DaemonSet":   {"daemonsets", &appsv1.DaemonSet{}},
	}
}

// UntilReady waits, by list and watch, until all workloads of the namespace are
// available, of their newest template: Deployments, StatefulSets and DaemonSets,
// given as names by kind. The error is that of UntilAvailable for each kind.
func (c *Client) UntilReady(ctx context.Context, namespace string, limit time.Duration, names map[string][]string) error {
	var group errgroup.Group
	problems := make([]error, len(names))
	for i, kind := range slices.Sorted(maps.Keys(names)) {
		group.Go(func() error {
			problems[i] = c.untilAvailable(ctx, namespace, limit, kind, names[kind])
			return problems[i]
		})
	}
	if group.Wait() == nil {
		return nil
	}
	return errors.Join(problems...)
}

// untilAvailable is UntilAvailable for workloads of any kind.
func (c *Client) untilAvailable(ctx context.Context, namespace string, limit time.Duration, kind string, names []string) error {
	wanted, known := workloads()[kind]
	if !known {
		return fmt.Errorf("wait for %s of namespace %s: no kind to wait for; want Deployment, StatefulSet or DaemonSet", kind, namespace)
	}
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	waiting := slices.Clone(names)
	shown := progress.Begin(ctx, fmt.Sprintf("%ss of namespace %s to be available", kind, namespace), limit)
	defer shown.End()
	shown.Saw(missing(waiting, names))
	list := cache.NewListWatchFromClient(c.Set.AppsV1().RESTClient(), wanted.resource, namespace, fields.Everything())
	_, err := toolswatch.UntilWithSync(ctx, list, wanted.object, nil, func(e watch.Event) (bool, error) {
		o, ok := e.Object.(metav1.Object)
		if !ok || !slices.Contains(names, o.GetName()) {
			return false, nil
		}
		waiting = slices.DeleteFunc(waiting, func(n string) bool { return n == o.GetName() })
		if e.Type == watch.Deleted || !rolledOut(e.Object) {
			waiting = append(waiting, o.GetName())
		}
		shown.Saw(missing(waiting, names))
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

// missing says how many of the workloads are available, and which are not, for
// who watches.
func missing(waiting, names []string) string {
	if len(waiting) == 0 {
		return "all are"
	}
	return fmt.Sprintf("%d of %d are, without %s", len(names)-len(waiting), len(names), strings.Join(slices.Sorted(slices.Values(waiting)), ", "))
}

// rolledOut tells whether a workload has all its wanted pods, of its newest
// template, available; no other object has.
func rolledOut(o runtime.Object) bool {
	switch w := o.(type) {
	case *appsv1.Deployment:
		return Available(w)
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

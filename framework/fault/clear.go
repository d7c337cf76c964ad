package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/retry"

	"github.com/onap/meshcert/framework/kube"
)

// Clear puts back what a fault changed, by the ledger alone: objects and chart
// values, the newest change first; then restarted workloads are restarted; when
// all workloads are Available come the fault's own Clear actions. It goes on
// after an error and returns all of them; the ledger keeps the fault unless
// everything is well. A fault that is not applied is a *config.UsageError.
func (b *Breaker) Clear(ctx context.Context, id string) error {
	e, err := b.read(ctx, id)
	if err != nil {
		return err
	}
	var problems []error
	for _, s := range slices.Backward(e.Steps) {
		problems = append(problems, b.undo(ctx, e, s))
	}
	workloads, err := b.workloads(ctx, e)
	problems = append(problems, err)
	for _, r := range workloads {
		if e.has(restarted, r) {
			problems = append(problems, b.deletePods(ctx, r))
		}
	}
	for _, r := range workloads {
		problems = append(problems, b.settle(ctx, r, Available))
	}
	for i, a := range e.Clear {
		if err := b.clearing(ctx, a); err != nil {
			problems = append(problems, fmt.Errorf("clear[%d]: %w", i, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("clear fault %s, which stays in the ledger: %w", id, err)
	}
	b.log(fmt.Sprintf("fault %s: cleared", id))
	return b.forget(ctx, e)
}

// undo takes one step back.
func (b *Breaker) undo(ctx context.Context, e *entry, s step) error {
	switch s.Change {
	case edited, deleted:
		return b.putBack(ctx, s.Was)
	case created:
		return b.uncreate(ctx, e, s.Was)
	case upgraded:
		if err := b.upgrade(ctx, nil); err != nil {
			return fmt.Errorf("upgrade the release with its own values: %w", err)
		}
	}
	return nil
}

// workloads are the Deployments among the objects of the entry that are there.
func (b *Breaker) workloads(ctx context.Context, e *entry) ([]reference, error) {
	var all []reference
	for _, s := range e.Steps {
		r, err := parseReference(s.Object)
		if err != nil || !r.workload() || s.Change == created || slices.Contains(all, r) {
			continue
		}
		_, err = b.client.Set.AppsV1().Deployments(r.Namespace).Get(ctx, r.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", r, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// has tells whether a step of the entry did that to the object.
func (e *entry) has(change change, r reference) bool {
	return slices.ContainsFunc(e.Steps, func(s step) bool { return s.Change == change && s.Object == r.String() })
}

// putBack makes the object what it was. Where its namespace or its kind is gone
// there is nothing to put back.
func (b *Breaker) putBack(ctx context.Context, was *unstructured.Unstructured) error {
	resource, err := b.stored(was)
	if meta.IsNoMatchError(err) {
		return nil
	}
	if err != nil {
		return err
	}
	again := func(err error) bool { return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) }
	err = retry.OnError(retry.DefaultBackoff, again, func() error { return b.putBackOnce(ctx, resource, was) })
	if apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		b.log(fmt.Sprintf("%s is not put back: its namespace is gone", kube.Name(was)))
		return nil
	}
	if err != nil {
		return fmt.Errorf("put back %s: %w", kube.Name(was), err)
	}
	return nil
}

func (b *Breaker) putBackOnce(ctx context.Context, resource dynamic.ResourceInterface, was *unstructured.Unstructured) error {
	now, err := resource.Get(ctx, was.GetName(), metav1.GetOptions{})
	if err == nil && now.GetDeletionTimestamp() != nil {
		if err := b.untilGone(ctx, resource, kube.Name(now), now.GetName(), now.GetUID()); err != nil {
			return err
		}
	} else if err == nil {
		want := restored(was, now)
		if equality.Semantic.DeepEqual(want.Object, now.Object) {
			return nil
		}
		_, err = resource.Update(ctx, want, metav1.UpdateOptions{FieldManager: kube.Manager})
		return err
	} else if !apierrors.IsNotFound(err) {
		return err
	}
	_, err = resource.Create(ctx, fresh(was), metav1.CreateOptions{FieldManager: kube.Manager})
	return err
}

// server are the fields that the API server or controllers write.
var server = []string{"apiVersion", "kind", "metadata", "status"}

// restored is the object of now with the content, labels and annotations it had.
func restored(was, now *unstructured.Unstructured) *unstructured.Unstructured {
	want, content := now.DeepCopy(), was.DeepCopy()
	foreign := func(field string, _ any) bool { return !slices.Contains(server, field) }
	maps.DeleteFunc(want.Object, foreign)
	for field, value := range content.Object {
		if foreign(field, value) {
			want.Object[field] = value
		}
	}
	want.SetLabels(was.GetLabels())
	want.SetAnnotations(was.GetAnnotations())
	return want
}

// fresh is the object without what belongs to its first life. A Service keeps
// its address and NodePorts, which are part of its content.
func fresh(was *unstructured.Unstructured) *unstructured.Unstructured {
	o := was.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "status")
	for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	return o
}

// uncreate deletes what the fault created; what another made by that name stays.
func (b *Breaker) uncreate(ctx context.Context, e *entry, made *unstructured.Unstructured) error {
	resource, err := b.stored(made)
	if meta.IsNoMatchError(err) {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := resource.Get(ctx, made.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("look for %s: %w", kube.Name(made), err)
	case now.GetAnnotations()[madeBy] != e.ID:
		b.log(fmt.Sprintf("%s is left alone: the fault did not make it", kube.Name(now)))
		return nil
	}
	return b.remove(ctx, resource, now)
}

// clearing does one of the fault's own Clear actions.
func (b *Breaker) clearing(ctx context.Context, a Action) error {
	if a.Request != nil {
		return b.send(ctx, *a.Request)
	}
	r, err := parseReference(a.Restart)
	if err != nil {
		return err
	}
	if err := b.deletePods(ctx, r); err != nil {
		return err
	}
	return b.settle(ctx, r, a.Until)
}

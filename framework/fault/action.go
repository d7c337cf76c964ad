package fault

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/retry"

	"github.com/onap/meshcert/framework/kube"
)

// madeBy is the annotation of what a fault created: its id.
const madeBy = "meshcert.onap.org/fault"

// do does one action: writes it down, does it, waits until it has settled.
func (b *Breaker) do(ctx context.Context, e *entry, a Action) error {
	switch {
	case a.Create != nil:
		return b.create(ctx, e, a)
	case len(a.Values) > 0:
		if err := b.record(ctx, e, len(e.Steps), step{Change: upgraded, Object: values, Settings: a.Values}); err != nil {
			return err
		}
		if err := b.upgrade(ctx, a.Values); err != nil {
			return fmt.Errorf("upgrade the release with %v: %w", a.Values, err)
		}
		return nil
	case a.Request != nil:
		if err := b.record(ctx, e, len(e.Steps), step{Change: requested, Object: a.Request.String()}); err != nil {
			return err
		}
		return b.send(ctx, *a.Request)
	}
	r, err := parseReference(a.Edit + a.Delete + a.Restart)
	if err != nil {
		return err
	}
	switch {
	case a.Edit != "":
		err = b.edit(ctx, e, r, a.With)
	case a.Delete != "":
		return b.delete(ctx, e, r)
	default:
		err = b.restart(ctx, e, r)
	}
	if err != nil || !r.workload() {
		return err
	}
	return b.settle(ctx, r, a.Until)
}

// edit changes an object by a jq program. When another client is faster, both
// the change and what the ledger says are made anew.
func (b *Breaker) edit(ctx context.Context, e *entry, r reference, program string) error {
	resource, err := b.find(r)
	if err != nil {
		return err
	}
	at := len(e.Steps)
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		was, err := resource.Get(ctx, r.Name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read %s: %w", r, err)
		}
		changed, err := rewrite(ctx, program, was)
		if err != nil {
			return fmt.Errorf("edit %s: %w", r, err)
		}
		if err := b.record(ctx, e, at, step{Change: edited, Object: r.String(), Was: was}); err != nil {
			return err
		}
		now, err := resource.Update(ctx, changed, metav1.UpdateOptions{FieldManager: kube.Manager})
		if err != nil {
			return fmt.Errorf("edit %s: %w", r, err)
		}
		if now.GetResourceVersion() == was.GetResourceVersion() {
			return fmt.Errorf("edit %s: jq program %q changes nothing that the API server keeps, so nothing is broken", r, program)
		}
		return nil
	})
}

// rewrite runs the program over the object; the output must be the same object, changed.
func rewrite(ctx context.Context, program string, was *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	text, err := was.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	if text, err = transform(ctx, program, text); err != nil {
		return nil, err
	}
	changed := &unstructured.Unstructured{}
	if err := changed.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("jq program %q makes no object: %w", program, err)
	}
	if changed.GroupVersionKind() != was.GroupVersionKind() || kube.Name(changed) != kube.Name(was) {
		return nil, fmt.Errorf("jq program %q makes another object, %s %s", program, changed.GetAPIVersion(), kube.Name(changed))
	}
	return changed, nil
}

func (b *Breaker) create(ctx context.Context, e *entry, a Action) error {
	text, err := json.Marshal(a.Create)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(text); err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	resource, err := b.stored(o)
	if err != nil {
		return err
	}
	_, err = resource.Get(ctx, o.GetName(), metav1.GetOptions{})
	if err == nil {
		return fmt.Errorf("create %s: it is there already, and clearing would delete it", kube.Name(o))
	}
	if !apierrors.IsNotFound(err) {
		return fmt.Errorf("look for %s: %w", kube.Name(o), err)
	}
	o.SetLabels(with(o.GetLabels(), kube.ManagedBy, kube.Manager))
	o.SetAnnotations(with(o.GetAnnotations(), madeBy, e.ID))
	if err := b.record(ctx, e, len(e.Steps), step{Change: created, Object: kube.Name(o), Was: o}); err != nil {
		return err
	}
	if _, err := resource.Create(ctx, o, metav1.CreateOptions{FieldManager: kube.Manager}); err != nil {
		return fmt.Errorf("create %s: %w", kube.Name(o), err)
	}
	return nil
}

func with(all map[string]string, key, value string) map[string]string {
	if all == nil {
		all = map[string]string{}
	}
	all[key] = value
	return all
}

func (b *Breaker) delete(ctx context.Context, e *entry, r reference) error {
	resource, err := b.find(r)
	if err != nil {
		return err
	}
	was, err := resource.Get(ctx, r.Name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("read %s: %w", r, err)
	}
	if err := b.record(ctx, e, len(e.Steps), step{Change: deleted, Object: r.String(), Was: was}); err != nil {
		return err
	}
	if err := b.remove(ctx, resource, was); err != nil || !r.workload() {
		return err
	}
	return b.settle(ctx, r, Gone)
}

// restart deletes the Deployment's pods, at least one.
func (b *Breaker) restart(ctx context.Context, e *entry, r reference) error {
	pods, err := b.pods(ctx, r)
	if err != nil {
		return err
	}
	if len(pods) == 0 {
		return fmt.Errorf("restart %s: it has no pod", r)
	}
	if err := b.record(ctx, e, len(e.Steps), step{Change: restarted, Object: r.String()}); err != nil {
		return err
	}
	return b.deletePods(ctx, r)
}

func (b *Breaker) deletePods(ctx context.Context, r reference) error {
	pods, err := b.pods(ctx, r)
	if err != nil {
		return err
	}
	for _, p := range pods {
		err := b.client.Set.CoreV1().Pods(r.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("restart %s: delete pod %s: %w", r, p.Name, err)
		}
	}
	return nil
}

package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/onap/meshcert/framework/kube"
)

// find returns the client for a reference's object, in the preferred version of
// the one API group that has the kind.
func (b *Breaker) find(r reference) (dynamic.ResourceInterface, error) {
	groups, err := b.groups(r)
	if err == nil && len(groups) == 0 {
		b.client.Mapper.Reset()
		groups, err = b.groups(r)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("find the kind of %s: %w", r, err)
	case len(groups) == 0:
		return nil, fmt.Errorf("find %s: the cluster knows no kind %s", r, strings.TrimSuffix(r.Kind+"."+r.Group, "."))
	case len(groups) > 1:
		return nil, fmt.Errorf("find %s: several API groups have kind %s; say which, like %s.%s", r, r.Kind, r.Kind, groups[len(groups)-1])
	}
	return b.resource(schema.GroupKind{Group: groups[0], Kind: r.Kind}, r)
}

// groups returns the API groups that have the reference's kind. Discovery looks
// kinds up by the singular of their resource, which is the kind in lower case.
func (b *Breaker) groups(r reference) ([]string, error) {
	kinds, err := b.client.Mapper.KindsFor(schema.GroupVersionResource{Group: r.Group, Resource: strings.ToLower(r.Kind)})
	if err != nil && !meta.IsNoMatchError(err) {
		return nil, err
	}
	var groups []string
	for _, k := range kinds {
		if k.Kind == r.Kind && (r.Group == "" || r.Group == k.Group) {
			groups = append(groups, k.Group)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups), nil
}

// stored returns the client for an object of the ledger or of a manifest.
func (b *Breaker) stored(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	gvk := o.GroupVersionKind()
	return b.resource(gvk.GroupKind(), reference{Kind: gvk.Kind, Namespace: o.GetNamespace(), Name: o.GetName()}, gvk.Version)
}

func (b *Breaker) resource(kind schema.GroupKind, r reference, versions ...string) (dynamic.ResourceInterface, error) {
	mapping, err := b.client.Mapper.RESTMapping(kind, versions...)
	if meta.IsNoMatchError(err) {
		b.client.Mapper.Reset()
		mapping, err = b.client.Mapper.RESTMapping(kind, versions...)
	}
	if err != nil {
		return nil, fmt.Errorf("find the resource of %s: %w", r, err)
	}
	resource := b.client.Dynamic.Resource(mapping.Resource)
	switch namespaced := mapping.Scope.Name() == meta.RESTScopeNameNamespace; {
	case namespaced && r.Namespace == "":
		return nil, fmt.Errorf("find %s: a %s is in a namespace, which is not named", r, r.Kind)
	case !namespaced && r.Namespace != "":
		return nil, fmt.Errorf("find %s: a %s is in no namespace", r, r.Kind)
	case namespaced:
		return resource.Namespace(r.Namespace), nil
	}
	return resource, nil
}

// remove deletes the object that was seen and waits until it is gone; a younger
// one of the same name is left alone.
func (b *Breaker) remove(ctx context.Context, resource dynamic.ResourceInterface, seen *unstructured.Unstructured) error {
	uid, background := seen.GetUID(), metav1.DeletePropagationBackground
	err := resource.Delete(ctx, seen.GetName(), metav1.DeleteOptions{PropagationPolicy: &background, Preconditions: &metav1.Preconditions{UID: &uid}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", kube.Name(seen), err)
	}
	return b.untilGone(ctx, resource, kube.Name(seen), seen.GetName(), uid)
}

func (b *Breaker) untilGone(ctx context.Context, resource dynamic.ResourceInterface, title, name string, uid types.UID) error {
	return b.until(ctx, title+" to be gone", func(ctx context.Context) (missing, err error) {
		now, err := resource.Get(ctx, name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err) || (err == nil && now.GetUID() != uid):
			return nil, nil
		case err != nil:
			return nil, err
		}
		return fmt.Errorf("it is still there, finalizers %v", now.GetFinalizers()), nil
	})
}

package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

// Parse reads a stream of YAML or JSON documents; empty documents are left out.
func Parse(text []byte) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read document %d: %w", len(all)+1, err)
		}
		if len(object.Object) > 0 {
			all = append(all, object)
		}
	}
}

// Name is how we name an object to people: "Deployment onap/msb-msb-iag".
func Name(o *unstructured.Unstructured) string {
	if o.GetNamespace() == "" {
		return o.GetKind() + " " + o.GetName()
	}
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

// Apply applies objects in order, server-side, with our label and field
// manager. namespace is used for namespaced objects that name none.
func (c *Client) Apply(ctx context.Context, namespace string, objects ...*unstructured.Unstructured) error {
	for _, o := range objects {
		o = o.DeepCopy()
		client, err := c.resource(o, namespace)
		if err != nil {
			return err
		}
		labels := o.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[ManagedBy] = Manager
		o.SetLabels(labels)
		if _, err := client.Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: Manager, Force: true}); err != nil {
			return fmt.Errorf("apply %s: %w", Name(o), err)
		}
	}
	return nil
}

// Get returns the object of the kind and name as it is on the cluster, nil when it, or
// its kind, is not there.
func (c *Client) Get(ctx context.Context, namespace string, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	o := object.DeepCopy()
	client, err := c.resource(o, namespace)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	there, err := client.Get(ctx, o.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Name(o), err)
	}
	return there, nil
}

// Delete deletes objects in reverse order; what is gone already is no error.
// It goes on after an error and returns all of them.
func (c *Client) Delete(ctx context.Context, namespace string, objects ...*unstructured.Unstructured) error {
	var problems []error
	background := metav1.DeletePropagationBackground
	for i := len(objects) - 1; i >= 0; i-- {
		o := objects[i].DeepCopy()
		client, err := c.resource(o, namespace)
		if meta.IsNoMatchError(err) {
			continue
		}
		if err == nil {
			err = client.Delete(ctx, o.GetName(), metav1.DeleteOptions{PropagationPolicy: &background})
		}
		if err != nil && !apierrors.IsNotFound(err) {
			problems = append(problems, fmt.Errorf("delete %s: %w", Name(o), err))
		}
	}
	return errors.Join(problems...)
}

// resource finds the client for an object's kind and fills in its namespace.
func (c *Client) resource(o *unstructured.Unstructured, namespace string) (dynamic.ResourceInterface, error) {
	gvk := o.GroupVersionKind()
	mapping, err := c.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if meta.IsNoMatchError(err) {
		c.Mapper.Reset()
		mapping, err = c.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("find the resource of %s (%s): %w", Name(o), gvk, err)
	}
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		o.SetNamespace("")
		return c.Dynamic.Resource(mapping.Resource), nil
	}
	if o.GetNamespace() == "" {
		o.SetNamespace(namespace)
	}
	return c.Dynamic.Resource(mapping.Resource).Namespace(o.GetNamespace()), nil
}

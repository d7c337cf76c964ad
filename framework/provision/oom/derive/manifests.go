package derive

import (
	"errors"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/onap/meshcert/framework/kube"
)

// Manifests are the pods and Services of rendered objects.
type Manifests struct {
	// Pods are the Deployments, StatefulSets and DaemonSets in the order of the
	// objects. Jobs are left out: their pods end.
	Pods     []Pod
	Services []corev1.Service
}

// Pod is a Deployment, StatefulSet or DaemonSet with the pod it makes.
type Pod struct {
	// Object names it to people: "Deployment onap/msb-msb-iag".
	Object string
	Kind   string
	Name   string
	// Replicas is how many pods it makes; of a DaemonSet, one for each node, 1.
	Replicas int
	Selector *metav1.LabelSelector
	Template corev1.PodTemplateSpec
}

// Read decodes the workloads and Services strictly. The error names every object
// that has an unknown field, a wrong type or an API that is gone; such objects
// are left out, and the others are returned all the same.
func Read(objects []*unstructured.Unstructured) (Manifests, error) {
	var m Manifests
	var problems []error
	for _, o := range objects {
		if err := m.add(o); err != nil {
			problems = append(problems, fmt.Errorf("read %s: %w", kube.Name(o), err))
		}
	}
	return m, errors.Join(problems...)
}

func (m *Manifests) add(o *unstructured.Unstructured) error {
	switch kind := o.GroupVersionKind(); kind.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		if kind.GroupVersion() != appsv1.SchemeGroupVersion {
			return fmt.Errorf("apiVersion: %s is not served any more; migrate it to %s first", o.GetAPIVersion(), appsv1.SchemeGroupVersion)
		}
		p, err := pod(o)
		if err != nil {
			return err
		}
		m.Pods = append(m.Pods, p)
	case "Service":
		if kind.GroupVersion() != corev1.SchemeGroupVersion {
			return nil
		}
		var s corev1.Service
		if err := decode(o, &s); err != nil {
			return err
		}
		m.Services = append(m.Services, s)
	}
	return nil
}

func pod(o *unstructured.Unstructured) (Pod, error) {
	p := Pod{Object: kube.Name(o), Kind: o.GetKind(), Name: o.GetName(), Replicas: 1}
	switch o.GetKind() {
	case "Deployment":
		var d appsv1.Deployment
		err := decode(o, &d)
		p.Selector, p.Template = d.Spec.Selector, d.Spec.Template
		p.Replicas = replicas(d.Spec.Replicas)
		return p, err
	case "StatefulSet":
		var s appsv1.StatefulSet
		err := decode(o, &s)
		p.Selector, p.Template = s.Spec.Selector, s.Spec.Template
		p.Replicas = replicas(s.Spec.Replicas)
		return p, err
	}
	var d appsv1.DaemonSet
	err := decode(o, &d)
	p.Selector, p.Template = d.Spec.Selector, d.Spec.Template
	return p, err
}

// replicas is Kubernetes' default where none are given.
func replicas(n *int32) int {
	if n == nil {
		return 1
	}
	return int(*n)
}

func decode(o *unstructured.Unstructured, into any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, into, true)
}

// ServicesOf returns the Services that select the pod, sorted by name.
func (m Manifests) ServicesOf(p Pod) []corev1.Service {
	found := slices.DeleteFunc(slices.Clone(m.Services), func(s corev1.Service) bool { return !selects(s, p) })
	slices.SortFunc(found, byName)
	return found
}

func selects(s corev1.Service, p Pod) bool {
	return len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Template.Labels))
}

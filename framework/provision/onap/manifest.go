package onap

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/onap/meshcert/framework/kube"
)

// serviceInfo is the annotation by which a Service asks MSB to list it.
const serviceInfo = "msb.onap.org/service-info"

// info is one entry of the annotation.
type info struct {
	ServiceName string `json:"serviceName"`
	Version     string `json:"version"`
	URL         string `json:"url"`
	Protocol    string `json:"protocol"`
	Port        string `json:"port"`
	VisualRange string `json:"visualRange"`
}

// manifest is what the rendered objects say of workloads and Services.
type manifest struct {
	deployments []appsv1.Deployment
	services    []corev1.Service
}

// read decodes Deployments and Services strictly: an unknown field is an error.
func read(objects []*unstructured.Unstructured) (manifest, []error) {
	var m manifest
	var problems []error
	for _, o := range objects {
		var err error
		switch o.GroupVersionKind().GroupKind().String() {
		case "Deployment.apps":
			var d appsv1.Deployment
			err = decode(o, &d)
			m.deployments = append(m.deployments, d)
		case "Service":
			var s corev1.Service
			err = decode(o, &s)
			m.services = append(m.services, s)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("read %s: %w", kube.Name(o), err))
		}
	}
	return m, problems
}

func decode(o *unstructured.Unstructured, into any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, into, true)
}

// servicesOf returns the Services that select the Deployment's pods.
func (m manifest) servicesOf(d appsv1.Deployment) []corev1.Service {
	var found []corev1.Service
	for _, s := range m.services {
		if selects(s, d) {
			found = append(found, s)
		}
	}
	return found
}

func selects(s corev1.Service, d appsv1.Deployment) bool {
	return len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(d.Spec.Template.Labels))
}

package onap

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// Owned is the rule of the one change that ownership needs: what a release makes
// outside its namespace has our label, so that it is found when the namespace is gone.
const Owned migrate.Rule = "owned"

// mark labels what the charts make outside the namespace.
func (a *alteration) mark(release string) {
	for _, o := range a.objects() {
		if o.GetNamespace() == Namespace || !migrate.BuiltIn(o.GroupVersionKind().Group) {
			continue
		}
		labels := o.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		a.change(o, "metadata.labels["+releaseLabel+"]", nil, release)
		labels[releaseLabel] = release
		o.SetLabels(labels)
	}
}

// outside are the kinds of objects that releases make outside their namespace,
// those first that others stand on last.
func outside() []schema.GroupVersionKind {
	rbac := schema.GroupVersion{Group: "rbac.authorization.k8s.io", Version: "v1"}
	core := schema.GroupVersion{Version: "v1"}
	return []schema.GroupVersionKind{
		{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "MutatingWebhookConfiguration"},
		{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingWebhookConfiguration"},
		{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"},
		rbac.WithKind("ClusterRoleBinding"), rbac.WithKind("ClusterRole"), rbac.WithKind("RoleBinding"), rbac.WithKind("Role"),
		core.WithKind("Service"), core.WithKind("ConfigMap"), core.WithKind("Secret"), core.WithKind("ServiceAccount"),
		core.WithKind("PersistentVolume"), {Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass"},
		{Group: "scheduling.k8s.io", Version: "v1", Kind: "PriorityClass"},
		{Group: "networking.k8s.io", Version: "v1", Kind: "IngressClass"},
		{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"},
	}
}

// removeLeftovers deletes what our Helm releases made outside the namespace and
// left. What has not our label is somebody else's, though it be of a release and a
// namespace of the same names.
func removeLeftovers(ctx context.Context, cluster *kube.Client) error {
	var problems []error
	for _, kind := range outside() {
		mapping, err := cluster.Mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			problems = append(problems, fmt.Errorf("look for left-over %ss: %w", kind.Kind, err))
			continue
		}
		client := cluster.Dynamic.Resource(mapping.Resource)
		found, err := client.List(ctx, metav1.ListOptions{LabelSelector: releaseLabel})
		if apierrors.IsForbidden(err) {
			continue // then we made none
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("look for left-over %ss: %w", kind.Kind, err))
			continue
		}
		for _, o := range found.Items {
			if o.GetNamespace() == Namespace {
				continue // it goes with the namespace
			}
			background := metav1.DeletePropagationBackground
			options := metav1.DeleteOptions{PropagationPolicy: &background}
			if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
				err = client.Namespace(o.GetNamespace()).Delete(ctx, o.GetName(), options)
			} else {
				err = client.Delete(ctx, o.GetName(), options)
			}
			if err != nil && !apierrors.IsNotFound(err) {
				problems = append(problems, fmt.Errorf("delete %s: %w", kube.Name(&o), err))
			}
		}
	}
	return errors.Join(problems...)
}

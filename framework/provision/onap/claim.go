package onap

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/onap/meshcert/framework/kube"
)

// staticClaims keeps the default StorageClass from claims that pick a rendered
// volume by its labels. In 2018's clusters there was none; where there is one, a
// claim that names no class gets it, and its provisioner refuses the selector.
func staticClaims(a *alteration) error {
	for _, o := range a.objects() {
		wanted, found, _ := unstructured.NestedStringMap(o.Object, "spec", "selector", "matchLabels")
		if o.GetKind() != "PersistentVolumeClaim" || !found || hasClass(o) || !a.hasVolume(wanted) {
			continue
		}
		if err := unstructured.SetNestedField(o.Object, "", "spec", "storageClassName"); err != nil {
			return fmt.Errorf("%s: %w", kube.Name(o), err)
		}
		a.change(o, "spec.storageClassName", nil, `""`) // an empty text would be no change
	}
	return nil
}

// hasClass tells whether a claim or a volume names its class, by the field or by
// the annotation that was before it.
func hasClass(o *unstructured.Unstructured) bool {
	_, found, _ := unstructured.NestedString(o.Object, "spec", "storageClassName")
	return found || o.GetAnnotations()[corev1.BetaStorageClassAnnotation] != ""
}

// hasVolume tells whether a chart renders a volume of no class with the labels.
func (a *alteration) hasVolume(wanted map[string]string) bool {
	return slices.ContainsFunc(a.objects(), func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "PersistentVolume" && !hasClass(o) && labels.SelectorFromSet(wanted).Matches(labels.Set(o.GetLabels()))
	})
}

package onap

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
)

// staticClaims keeps the default StorageClass from claims that pick a rendered
// volume by its labels. In 2018's clusters there was none; where there is one, a
// claim that names no class gets it, and its provisioner refuses the selector.
func staticClaims(a *alteration) error {
	for _, d := range a.drafts {
		for _, o := range d.manifests.Objects {
			wanted, found, _ := unstructured.NestedStringMap(o.Object, "spec", "selector", "matchLabels")
			if o.GetKind() != "PersistentVolumeClaim" || !found || hasClass(o) || !a.hasVolume(wanted) {
				continue
			}
			if err := unstructured.SetNestedField(o.Object, "", "spec", "storageClassName"); err != nil {
				return err
			}
			a.change(o, "spec.storageClassName", nil, "")
		}
	}
	return nil
}

func hasClass(o *unstructured.Unstructured) bool {
	_, found, _ := unstructured.NestedString(o.Object, "spec", "storageClassName")
	return found
}

// hasVolume tells whether a chart renders a volume of no class with the labels.
func (a *alteration) hasVolume(wanted map[string]string) bool {
	for _, d := range a.drafts {
		for _, o := range d.manifests.Objects {
			if o.GetKind() == "PersistentVolume" && !hasClass(o) && labels.SelectorFromSet(wanted).Matches(labels.Set(o.GetLabels())) {
				return true
			}
		}
	}
	return false
}

package istio

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/kube"
)

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// published are the ConfigMaps istiod puts into every namespace: its CA
// certificate and its revocation list.
func published() []string { return []string{"istio-ca-root-cert", "istio-ca-crl"} }

// sweepDefinitions deletes the CRDs, which the chart tells Helm to keep.
func sweepDefinitions(ctx context.Context, c *kube.Client, limit time.Duration) error {
	client := c.Dynamic.Resource(definitions)
	ours := metav1.ListOptions{LabelSelector: "app.kubernetes.io/instance=" + BaseRelease}
	if err := client.DeleteCollection(ctx, metav1.DeleteOptions{}, ours); err != nil {
		return fmt.Errorf("delete the CRDs of release %s: %w", BaseRelease, err)
	}
	return kube.Until(ctx, "Istio's CRDs to be gone", limit, func(ctx context.Context) error {
		left, err := client.List(ctx, ours)
		if err != nil {
			return fmt.Errorf("list CRDs: %w", err)
		}
		if len(left.Items) > 0 {
			return fmt.Errorf("%d are left, the first is %s", len(left.Items), left.Items[0].GetName())
		}
		return nil
	})
}

// sweepPublished deletes istiod's ConfigMaps. It would make them anew, so it has
// to be gone.
func sweepPublished(ctx context.Context, c *kube.Client) error {
	for _, name := range published() {
		found, err := c.Set.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name})
		if err != nil {
			return fmt.Errorf("list istiod's ConfigMaps %s: %w", name, err)
		}
		for _, m := range found.Items {
			err := c.Set.CoreV1().ConfigMaps(m.Namespace).Delete(ctx, m.Name, metav1.DeleteOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				return fmt.Errorf("delete ConfigMap %s/%s: %w", m.Namespace, m.Name, err)
			}
		}
	}
	return nil
}

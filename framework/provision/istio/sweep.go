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

// rootConfigMap is where istiod publishes its CA certificate in every namespace.
const rootConfigMap = "istio-ca-root-cert"

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// sweep deletes what uninstalling the releases leaves: the CRDs, which the chart
// tells Helm to keep, and istiod's ConfigMaps, once istiod cannot make them anew.
func sweep(ctx context.Context, c *kube.Client, limit time.Duration) error {
	selector := metav1.ListOptions{LabelSelector: "app.kubernetes.io/instance=" + BaseRelease}
	if err := c.Dynamic.Resource(definitions).DeleteCollection(ctx, metav1.DeleteOptions{}, selector); err != nil {
		return fmt.Errorf("delete the CRDs of release %s: %w", BaseRelease, err)
	}
	if err := untilNoIstiod(ctx, c, limit); err != nil {
		return err
	}
	found, err := c.Set.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + rootConfigMap})
	if err != nil {
		return fmt.Errorf("list istiod's ConfigMaps %s: %w", rootConfigMap, err)
	}
	for _, m := range found.Items {
		err := c.Set.CoreV1().ConfigMaps(m.Namespace).Delete(ctx, m.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete ConfigMap %s/%s: %w", m.Namespace, m.Name, err)
		}
	}
	return nil
}

func untilNoIstiod(ctx context.Context, c *kube.Client, limit time.Duration) error {
	return kube.Until(ctx, "istiod's pods to be gone", limit, func(ctx context.Context) error {
		pods, err := c.Set.CoreV1().Pods(Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=istiod"})
		if err != nil {
			return fmt.Errorf("list istiod's pods: %w", err)
		}
		if len(pods.Items) > 0 {
			return fmt.Errorf("%d are there, the first is %s", len(pods.Items), pods.Items[0].Name)
		}
		return nil
	})
}

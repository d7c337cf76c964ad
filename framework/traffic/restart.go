package traffic

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// restartLimit bounds the wait for the telemetry's new pods.
const restartLimit = time.Minute

// RestartTelemetry deletes the pods of istio-telemetry and waits until it is
// available. The deleted pods may still be handing over then. Its error is of a sort (evidence.Absent).
func RestartTelemetry(ctx context.Context, client *kube.Client) error {
	const name = "istio-telemetry"
	pods := client.Set.CoreV1().Pods(observe.IstioNamespace)
	if err := pods.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "app=" + name}); err != nil {
		return observe.Absent(fmt.Errorf("delete the pods of %s: %w", name, err))
	}
	return observe.Absent(client.UntilAvailable(ctx, observe.IstioNamespace, restartLimit, name))
}

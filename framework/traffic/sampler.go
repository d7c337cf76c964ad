package traffic

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// sampling is the Telemetry resource of ours that sets the canary server's sampling.
const sampling = "meshcert-sampling"

// Sampler sets which share of the traces that it begins the canary's server reports.
type Sampler struct{ kube *kube.Client }

// NewSampler works on the cluster.
func NewSampler(client *kube.Client) *Sampler { return &Sampler{client} }

// Set sets the share, in percent. The sidecar takes it over some time later.
func (s *Sampler) Set(ctx context.Context, percent float64) error {
	object, err := kube.Parse(fmt.Appendf(nil, `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: %s}
spec:
  selector: {matchLabels: {app: %s}}
  tracing: [{randomSamplingPercentage: %s}]
`, sampling, CanaryServer, strconv.FormatFloat(percent, 'f', -1, 64)))
	if err != nil {
		return fmt.Errorf("set sampling to %g %%: %w", percent, err)
	}
	return observe.Absent(s.kube.Apply(ctx, CanaryNamespace, object...))
}

// Reset deletes what Set made, so that the mesh's own share holds again, and
// returns at once.
func (s *Sampler) Reset(ctx context.Context) error {
	object, err := kube.Parse(fmt.Appendf(nil, "{apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: %s}}", sampling))
	if err != nil {
		return fmt.Errorf("reset sampling: %w", err)
	}
	return observe.Absent(s.kube.Delete(ctx, CanaryNamespace, object...))
}

// Until waits until what is checked holds, so that a change has arrived.
func (s *Sampler) Until(ctx context.Context, percent float64, seen func(context.Context) (float64, error)) error {
	return kube.Until(ctx, fmt.Sprintf("sampling of %g %% at %s", percent, CanaryServer), time.Minute, func(ctx context.Context) error {
		got, err := seen(ctx)
		if err == nil && got != percent {
			err = fmt.Errorf("its sidecar says %g %%", got)
		}
		return err
	})
}

// Package cluster observes a cluster, its control plane and what is installed in it.
package cluster

import (
	"context"
	"errors"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// Observer asks the API server.
type Observer struct{ kube *kube.Client }

// New returns an observer of the cluster.
func New(client *kube.Client) *Observer { return &Observer{kube: client} }

// Probe is what is asked from inside, from the unmeshed client pod of namespace meshcert-client.
type Probe struct {
	Names     []string
	Addresses []string
}

// Cluster observes version, nodes, system pods and the probe's answers.
func (o *Observer) Cluster(ctx context.Context, probe Probe) (evidence.Cluster, error) {
	return evidence.Cluster{}, errors.ErrUnsupported
}

// ControlPlane observes namespace istio-system and the injection webhooks.
func (o *Observer) ControlPlane(ctx context.Context) (evidence.ControlPlane, error) {
	return evidence.ControlPlane{}, errors.ErrUnsupported
}

// Services observes the Services of the namespace.
func (o *Observer) Services(ctx context.Context, namespace string) (evidence.Services, error) {
	return evidence.Services{}, errors.ErrUnsupported
}

// HelmReleases observes the Helm releases of the namespace.
func (o *Observer) HelmReleases(ctx context.Context, namespace string) (evidence.HelmReleases, error) {
	return evidence.HelmReleases{}, errors.ErrUnsupported
}

// Canary sends one request between the pods of namespace meshcert-canary; the
// caller adds the spans of traceID to the evidence.
func (o *Observer) Canary(ctx context.Context, traceID string) (evidence.Canary, error) {
	return evidence.Canary{}, errors.ErrUnsupported
}

// Package servicegraph observes Servicegraph's graph.
package servicegraph

import (
	"context"
	"errors"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// Observer asks Servicegraph.
type Observer struct{}

// New returns an observer of Service servicegraph of istio-system.
func New(client *kube.Client) (*Observer, error) { return nil, errors.ErrUnsupported }

// Graph asks GET /graph over the horizon.
func (o *Observer) Graph(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	return evidence.Graph{}, errors.ErrUnsupported
}

// Dot asks GET /dotgraph over the horizon and reads the same graph from it.
func (o *Observer) Dot(ctx context.Context, horizon time.Duration) (evidence.Graph, error) {
	return evidence.Graph{}, errors.ErrUnsupported
}

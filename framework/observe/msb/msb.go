// Package msb observes MSB: what discovery lists, what the portal shows, what the gateway answers.
package msb

import (
	"context"
	"errors"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/traffic"
)

// Observer asks msb-discovery and, through the sender, msb-iag.
type Observer struct {
	kube   *kube.Client
	sender *traffic.Sender
}

// New returns an observer of the release's namespace.
func New(client *kube.Client, namespace string, sender *traffic.Sender) (*Observer, error) {
	return &Observer{kube: client, sender: sender}, nil
}

// Registrations asks discovery for its services.
func (o *Observer) Registrations(ctx context.Context) (evidence.Registrations, error) {
	return evidence.Registrations{}, errors.ErrUnsupported
}

// Portal reads the portal page's services.
func (o *Observer) Portal(ctx context.Context) (evidence.Portal, error) {
	return evidence.Portal{}, errors.ErrUnsupported
}

// Endpoints asks each endpoint once, in order.
func (o *Observer) Endpoints(ctx context.Context, endpoints []catalogue.Endpoint) ([]evidence.Response, error) {
	return nil, errors.ErrUnsupported
}

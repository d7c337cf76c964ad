// Package traffic sends requests through msb-iag with trace ids of our own.
package traffic

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// Headers is a trace context format.
type Headers string

const (
	B3   Headers = "b3"
	W3C  Headers = "w3c"
	None Headers = "none"
)

// Options says how a request is marked.
type Options struct {
	Headers Headers
	Sampled bool
}

// Sent is a request that was sent and its answer.
type Sent struct {
	// TraceID is 32 hex digits; empty with None.
	TraceID string `json:"traceID,omitempty"`
	// SpanID is the parent the first span names, 16 hex digits.
	SpanID    string            `json:"spanID,omitempty"`
	RequestID string            `json:"requestID"`
	Response  evidence.Response `json:"response"`
	Start     time.Time         `json:"start"`
	End       time.Time         `json:"end"`
}

// Sender sends requests to one gateway.
type Sender struct {
	Base   *url.URL
	Client *http.Client
}

// New finds msb-iag of the namespace: the first Ready node's address and the NodePort of the Service's port 80.
func New(ctx context.Context, client *kube.Client, namespace string) (*Sender, error) {
	return nil, errors.ErrUnsupported
}

// Send sends the path's request once. The error is about making the request;
// a request without an answer is Response.Status 0.
func (s *Sender) Send(ctx context.Context, path catalogue.Path, options Options) (Sent, error) {
	return Sent{}, errors.ErrUnsupported
}

// Get sends a GET, without following redirects.
func (s *Sender) Get(ctx context.Context, path string, options Options) (Sent, error) {
	return Sent{}, errors.ErrUnsupported
}

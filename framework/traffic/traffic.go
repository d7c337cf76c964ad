// Package traffic acts: it sends requests through the release's internal API
// gateway (msb-iag) with trace ids of its own, so that what the mesh shows
// afterwards can be found by id and counted. It guarantees one request on one
// new connection for each call, no retry and no redirect followed.
package traffic

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
)

// Sent is a request that was sent and its answer.
type Sent struct {
	// Options are those it was sent with.
	Options Options `json:"options"`
	// TraceID is 32 hex digits; empty without a trace context.
	TraceID string `json:"traceID,omitempty"`
	// SpanID is the parent that the first span names, 16 hex digits; empty
	// without a trace context.
	SpanID string `json:"spanID,omitempty"`
	// Traceparent is the header as it was sent; empty without W3C.
	Traceparent string `json:"traceparent,omitempty"`
	// RequestID is x-request-id as it was sent; empty with None.
	RequestID string            `json:"requestID,omitempty"`
	Response  evidence.Response `json:"response"`
	Start     time.Time         `json:"start"`
	End       time.Time         `json:"end"`
}

// maxBody is how much of an answer's body is kept.
const maxBody = 1 << 20

// limit bounds one request.
const limit = 20 * time.Second

// Sender sends requests to one gateway.
type Sender struct {
	// Base is the gateway's address from outside the cluster.
	Base   *url.URL
	client *http.Client
	// inside sends from pods; nil when no cluster is known.
	inside *inside
}

// To returns a sender to the gateway at the address.
func To(base *url.URL) *Sender {
	return &Sender{Base: base, client: &http.Client{
		Timeout: limit,
		// A kept connection would answer one more request by the proxy's old
		// configuration. No proxy of the environment is used.
		Transport: &http.Transport{
			DisableKeepAlives: true,
			// MSB's gateways sign their own certificates; who they are is judged elsewhere.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send sends the path's request once. A request without an answer is no error:
// its Response has status 0. The error is for a request that cannot be made; it
// is evidence.Final unless a pod to send from is what is missing.
func (s *Sender) Send(ctx context.Context, path catalogue.Path, options Options) (Sent, error) {
	if !path.Requested() {
		return Sent{}, evidence.Absent(evidence.Final, fmt.Errorf("send path %s: no request sets it off, but %q", path.ID, path.When))
	}
	sent, err := s.send(ctx, path.Method, path.URL, path.Body, options)
	return sent, evidence.Absent(evidence.Final, err)
}

// Get sends one GET; see Send.
func (s *Sender) Get(ctx context.Context, path string, options Options) (Sent, error) {
	sent, err := s.send(ctx, http.MethodGet, path, "", options)
	return sent, evidence.Absent(evidence.Final, err)
}

func (s *Sender) send(ctx context.Context, method, path, body string, options Options) (Sent, error) {
	reference, err := url.Parse(path)
	if err != nil {
		return Sent{}, fmt.Errorf("read request path %q: %w", path, err)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.Base.ResolveReference(reference).String(), strings.NewReader(body))
	if err != nil {
		return Sent{}, fmt.Errorf("make request %s %s: %w", method, path, err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	sent := Sent{Options: options}
	if err := sent.mark(request.Header); err != nil {
		return Sent{}, fmt.Errorf("mark request %s %s: %w", method, path, err)
	}
	ask, err := s.from(ctx, options.From)
	if err != nil {
		return Sent{}, fmt.Errorf("send request %s %s: %w", method, path, err)
	}
	sent.Start = time.Now()
	sent.Response, err = ask(request, body)
	sent.End = time.Now()
	sent.Response.Duration = sent.End.Sub(sent.Start)
	if err != nil {
		return Sent{}, fmt.Errorf("send request %s %s: %w", method, path, err)
	}
	return sent, nil
}

// from is how a request is sent from the origin. It gives an error when there
// is nothing to know of the request, and a Response without a status when it got
// no answer.
func (s *Sender) from(ctx context.Context, origin Origin) (func(*http.Request, string) (evidence.Response, error), error) {
	if origin == Outside {
		return func(r *http.Request, _ string) (evidence.Response, error) { return s.answer(r), nil }, nil
	}
	if s.inside == nil {
		return nil, evidence.Absent(evidence.Unmet, fmt.Errorf("from %q: the sender knows no cluster", origin))
	}
	return s.inside.from(ctx, origin)
}

// hexID returns n random bytes in hex. The first digit is never 0: some back ends
// cut leading zeros off.
func hexID(n int) string {
	id := make([]byte, n)
	rand.Read(id)
	id[0] |= 0x10
	return hex.EncodeToString(id)
}

func (s *Sender) answer(request *http.Request) evidence.Response {
	seen := evidence.Response{Method: request.Method, URL: request.URL.String()}
	response, err := s.client.Do(request)
	if err != nil {
		seen.Error = err.Error()
		return seen
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	seen.Status, seen.Header, seen.Body = response.StatusCode, headerText(response.Header), string(body)
	if err != nil {
		seen.Error = "the body breaks off: " + err.Error()
	}
	return seen
}

// headerText is one "Name: value" a line, sorted.
func headerText(header http.Header) string {
	var lines []string
	for name, values := range header {
		for _, v := range values {
			lines = append(lines, name+": "+v)
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

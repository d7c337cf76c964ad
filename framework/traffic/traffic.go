// Package traffic acts: it sends requests through the release's internal API
// gateway (msb-iag) with trace ids of its own, so that what the mesh shows
// afterwards can be found by id and counted. It guarantees one request on one
// new connection for each call, no retry and no redirect followed.
package traffic

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
)

// Headers is the format the trace context is sent in.
type Headers string

const (
	// B3 sends x-b3-traceid, -spanid and -sampled (Zipkin).
	B3 Headers = "b3"
	// W3C sends traceparent (OpenTelemetry).
	W3C Headers = "w3c"
	// Both sends B3 and traceparent with the same ids.
	Both Headers = "b3,w3c"
	// None sends no trace context: the gateway's sidecar begins the trace.
	None Headers = "none"
)

// Options says how a request is marked.
type Options struct {
	Headers Headers
	Sampled bool
}

// Traced marks a request with B3 headers, sampled: what the tests of ONAP use.
func Traced() Options { return Options{Headers: B3, Sampled: true} }

// Sent is a request that was sent and its answer.
type Sent struct {
	// TraceID is 32 hex digits; empty with None.
	TraceID string `json:"traceID,omitempty"`
	// SpanID is the parent that the first span names, 16 hex digits; empty with None.
	SpanID string `json:"spanID,omitempty"`
	// Traceparent is the header as it was sent; empty without W3C.
	Traceparent string            `json:"traceparent,omitempty"`
	RequestID   string            `json:"requestID"`
	Response    evidence.Response `json:"response"`
	Start       time.Time         `json:"start"`
	End         time.Time         `json:"end"`
}

// maxBody is how much of an answer's body is kept.
const maxBody = 1 << 20

// limit bounds one request.
const limit = 20 * time.Second

// Sender sends requests to one gateway.
type Sender struct {
	// Base is the gateway's address.
	Base   *url.URL
	client *http.Client
}

// To returns a sender to the gateway at the address.
func To(base *url.URL) *Sender {
	return &Sender{Base: base, client: &http.Client{
		Timeout: limit,
		// A kept connection would answer one more request by the proxy's old
		// configuration. No proxy of the environment is used.
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send sends the path's request once. A request without an answer is no error:
// its Response has status 0. The error is for a request that cannot be made; it
// is evidence.Final.
func (s *Sender) Send(ctx context.Context, path catalogue.Path, options Options) (Sent, error) {
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
	sent := Sent{RequestID: uuid.NewString()}
	request.Header.Set("X-Request-Id", sent.RequestID)
	if err := sent.mark(request.Header, options); err != nil {
		return Sent{}, fmt.Errorf("mark request %s %s: %w", method, path, err)
	}
	sent.Start = time.Now()
	sent.Response = s.answer(request)
	sent.End = time.Now()
	sent.Response.Duration = sent.End.Sub(sent.Start)
	return sent, nil
}

// mark writes the trace context.
func (sent *Sent) mark(header http.Header, options Options) error {
	if options.Headers == None {
		return nil
	}
	sampled := "0"
	if options.Sampled {
		sampled = "1"
	}
	sent.TraceID, sent.SpanID = hexID(16), hexID(8)
	switch options.Headers {
	case B3, W3C, Both:
	default:
		return fmt.Errorf("header format %q, want %q, %q, %q or %q", options.Headers, B3, W3C, Both, None)
	}
	if options.Headers != W3C {
		header.Set("X-B3-TraceId", sent.TraceID)
		header.Set("X-B3-SpanId", sent.SpanID)
		header.Set("X-B3-Sampled", sampled)
	}
	if options.Headers != B3 {
		sent.Traceparent = fmt.Sprintf("00-%s-%s-0%s", sent.TraceID, sent.SpanID, sampled)
		header.Set("Traceparent", sent.Traceparent)
	}
	return nil
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

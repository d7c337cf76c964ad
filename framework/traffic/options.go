package traffic

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// Headers is the format the trace context is sent in.
type Headers string

const (
	// B3 sends x-b3-traceid, -spanid and -sampled (Zipkin).
	B3 Headers = "b3"
	// B3Single sends the one header b3.
	B3Single Headers = "b3-single"
	// W3C sends traceparent and tracestate (OpenTelemetry).
	W3C Headers = "w3c"
	// Both sends B3 and W3C with the same ids.
	Both Headers = "b3,w3c"
	// B3SingleW3C sends b3 and W3C with the same ids, for a tracer of either kind.
	B3SingleW3C Headers = "b3-single,w3c"
	// RequestID sends x-request-id and no trace context: the first sidecar begins
	// the trace. All formats above send x-request-id too.
	RequestID Headers = "x-request-id"
	// None sends nothing that tells requests apart.
	None Headers = "none"
)

// parts are the formats that each of Headers is made of.
var parts = map[Headers][]Headers{
	B3: {B3}, B3Single: {B3Single}, W3C: {W3C}, Both: {B3, W3C}, B3SingleW3C: {B3Single, W3C}, RequestID: {}, None: {},
}

// Origin is where a request is sent from.
type Origin string

const (
	// Outside is this process, through the gateway's NodePort.
	Outside Origin = ""
	// Meshed is a pod of ours with a sidecar, through the gateway's Service.
	Meshed Origin = "meshed"
	// Unmeshed is a pod of ours without one.
	Unmeshed Origin = "unmeshed"
)

// Options say how a request is marked, and where it is sent from.
type Options struct {
	Headers Headers `json:"headers"`
	// Sampled is the decision that goes with a trace context.
	Sampled bool `json:"sampled"`
	// From is Outside unless it says otherwise.
	From Origin `json:"from,omitempty"`
	// Also are further headers by name.
	Also map[string]string `json:"also,omitempty"`
}

// Traced marks a request with B3 headers, sampled: what the tests of ONAP use.
func Traced() Options { return Options{Headers: B3, Sampled: true} }

// Tracestate is what we put beside traceparent, in the vendors' list.
const Tracestate = "meshcert=1"

// mark writes what the options ask for into the header.
func (sent *Sent) mark(header http.Header) error {
	formats, known := parts[sent.Options.Headers]
	if !known {
		return fmt.Errorf("header format %q, want one of %q", sent.Options.Headers, slices.Sorted(maps.Keys(parts)))
	}
	if sent.Options.Headers != None {
		sent.RequestID = uuid.NewString()
		header.Set("X-Request-Id", sent.RequestID)
	}
	if len(formats) > 0 {
		sent.TraceID, sent.SpanID = hexID(16), hexID(8)
	}
	sampled := "0"
	if sent.Options.Sampled {
		sampled = "1"
	}
	for _, format := range formats {
		switch format {
		case B3:
			header.Set("X-B3-TraceId", sent.TraceID)
			header.Set("X-B3-SpanId", sent.SpanID)
			header.Set("X-B3-Sampled", sampled)
		case B3Single:
			header.Set("B3", sent.TraceID+"-"+sent.SpanID+"-"+sampled)
		default:
			sent.Traceparent = fmt.Sprintf("00-%s-%s-0%s", sent.TraceID, sent.SpanID, sampled)
			header.Set("Traceparent", sent.Traceparent)
			header.Set("Tracestate", Tracestate)
		}
	}
	for name, value := range sent.Options.Also {
		header.Set(name, value)
	}
	return nil
}

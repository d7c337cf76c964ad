package jaeger

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// kept are the tags that judges read.
var kept = []string{
	"http.method", "http.url", "http.status_code", "upstream_cluster", "upstream_cluster.name",
	"guid:x-request-id", "node_id", "peer.address", "response_flags", "error", "traceparent",
}

// answer is the form of every answer. Times are in microseconds. Shape:
// Jaeger's internal JSON model.
type answer struct {
	Data   *[]trace   `json:"data"`
	Errors []apiError `json:"errors"`
}

type apiError struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
}

type trace struct {
	TraceID   string             `json:"traceID"`
	Spans     []span             `json:"spans"`
	Processes map[string]process `json:"processes"`
}

type process struct {
	ServiceName string `json:"serviceName"`
}

type span struct {
	TraceID       string      `json:"traceID"`
	SpanID        string      `json:"spanID"`
	OperationName string      `json:"operationName"`
	References    []reference `json:"references"`
	StartTime     int64       `json:"startTime"`
	Duration      int64       `json:"duration"`
	Tags          []tag       `json:"tags"`
	ProcessID     string      `json:"processID"`
}

type reference struct {
	RefType string `json:"refType"`
	TraceID string `json:"traceID"`
	SpanID  string `json:"spanID"`
}

type tag struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// jaegerSays tells whether a body is an error of Jaeger itself, and not of a
// proxy on the way to it.
func jaegerSays(body string) bool {
	var a answer
	return json.Unmarshal([]byte(body), &a) == nil && len(a.Errors) > 0
}

// decode reads an answer and refuses one that is not whole.
func decode(address string, body []byte) ([]evidence.Trace, error) {
	var a answer
	if err := observe.DecodeJSON(address, body, &a); err != nil {
		return nil, err
	}
	malformed := func(format string, args ...any) error {
		return &observe.MalformedError{URL: address, Reason: fmt.Sprintf(format, args...), Body: string(body)}
	}
	if len(a.Errors) > 0 {
		return nil, malformed("error %d: %s", a.Errors[0].Code, a.Errors[0].Msg)
	}
	if a.Data == nil {
		return nil, malformed("no field data")
	}
	traces := make([]evidence.Trace, 0, len(*a.Data))
	for i, t := range *a.Data {
		one, err := slim(t)
		if err != nil {
			return nil, malformed("data[%d]: %v", i, err)
		}
		traces = append(traces, one)
	}
	return traces, nil
}

// latest and longest bound a span, in microseconds: a time that JSON can write,
// a duration that Go can hold.
const (
	latest  = 253402300799 * 1_000_000
	longest = math.MaxInt64 / 1000
)

// slim keeps of a trace what judges read; spans are sorted by start.
func slim(t trace) (evidence.Trace, error) {
	if t.TraceID == "" {
		return evidence.Trace{}, fmt.Errorf("no traceID")
	}
	if len(t.Spans) == 0 {
		return evidence.Trace{}, fmt.Errorf("trace %s has no spans", t.TraceID)
	}
	out := evidence.Trace{ID: t.TraceID}
	for i, s := range t.Spans {
		p, known := t.Processes[s.ProcessID]
		switch {
		case s.SpanID == "":
			return evidence.Trace{}, fmt.Errorf("spans[%d] has no spanID", i)
		case s.TraceID != t.TraceID:
			return evidence.Trace{}, fmt.Errorf("spans[%d] belongs to trace %q, not %q", i, s.TraceID, t.TraceID)
		case !known || p.ServiceName == "":
			return evidence.Trace{}, fmt.Errorf("spans[%d] names process %q, which has no service name", i, s.ProcessID)
		case s.StartTime <= 0 || s.StartTime > latest:
			return evidence.Trace{}, fmt.Errorf("spans[%d] starts at %d, which is no time in microseconds", i, s.StartTime)
		case s.Duration < 0 || s.Duration > longest:
			return evidence.Trace{}, fmt.Errorf("spans[%d] takes %d microseconds", i, s.Duration)
		}
		out.Spans = append(out.Spans, slimSpan(s, p.ServiceName))
	}
	slices.SortStableFunc(out.Spans, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) })
	return out, nil
}

func slimSpan(s span, service string) evidence.Span {
	out := evidence.Span{
		ID: s.SpanID, TraceID: s.TraceID, Service: service, Name: s.OperationName,
		Start:    time.UnixMicro(s.StartTime).UTC(),
		Duration: time.Duration(s.Duration) * time.Microsecond,
	}
	for _, r := range s.References {
		if r.RefType == "CHILD_OF" && (r.TraceID == s.TraceID || r.TraceID == "") {
			out.Parent = r.SpanID
		}
	}
	for _, t := range s.Tags {
		value := fmt.Sprint(t.Value)
		if t.Key == "span.kind" {
			out.Kind = evidence.SpanKind(value)
		}
		if slices.Contains(kept, t.Key) {
			if out.Tags == nil {
				out.Tags = map[string]string{}
			}
			out.Tags[t.Key] = value
		}
	}
	return out
}

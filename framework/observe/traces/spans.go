package traces

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
)

// Most is how many spans one answer may hold. The longest path makes a few dozen.
const Most = 100_000

// kept are the tags that judges read.
var kept = []string{
	"http.method", "http.url", "http.status_code", "upstream_cluster", "upstream_cluster.name",
	"guid:x-request-id", "node_id", "peer.address", "response_flags", "error",
	// Request headers as the sidecars noted them (Telemetry istio-system/mesh-default).
	"traceparent", "tracestate", "b3", "x-b3-traceid", "x-ot-span-context", "x-transactionid",
}

// Spans gathers the spans of one answer. Texts that come again are kept once.
type Spans struct {
	all   []evidence.Span
	texts map[string]string
	tags  []tag
	// raw is where a text is before it is known whether there is a copy of it.
	raw []byte
}

type tag struct{ key, value string }

// Kept tells whether judges read the tag.
func Kept(key string) bool { return slices.Contains(kept, key) }

// Text returns the text, in one copy for the whole answer.
func (s *Spans) Text(text string) string {
	if one, ok := s.texts[text]; ok {
		return one
	}
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	s.texts[text] = text
	return text
}

// Read reads a text that may come again; null is none.
func (s *Spans) Read(it *jsoniter.Iterator) string {
	if it.WhatIsNext() != jsoniter.StringValue {
		return it.ReadString()
	}
	if s.raw == nil {
		s.raw = make([]byte, 0, 256)
	}
	s.raw = it.SkipAndAppendBytes(s.raw[:0])
	if it.Error != nil && !errors.Is(it.Error, io.EOF) || len(s.raw) < 2 {
		return ""
	}
	text := s.raw[1 : len(s.raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		var plain string
		if err := json.Unmarshal(s.raw, &plain); err != nil {
			it.ReportError("read a text", err.Error())
		}
		return s.Text(plain)
	}
	if one, ok := s.texts[string(text)]; ok {
		return one
	}
	return s.Text(string(text))
}

// Scalar reads a text, a number or a truth as text; what is neither is skipped
// and has no text.
func (s *Spans) Scalar(it *jsoniter.Iterator) string {
	switch it.WhatIsNext() {
	case jsoniter.StringValue:
		return s.Read(it)
	case jsoniter.NumberValue:
		return it.ReadNumber().String()
	case jsoniter.BoolValue:
		return fmt.Sprint(it.ReadBool())
	}
	it.Skip()
	return ""
}

// Tag notes a tag of the span that is added next, if judges read it.
func (s *Spans) Tag(key, value string) {
	if key == "error" && value != "false" {
		// Some back ends make a truth of what others keep as a message.
		value = "true"
	}
	if Kept(key) {
		s.tags = append(s.tags, tag{s.Text(key), s.Text(value)})
	}
}

// latest and longest bound a span, in microseconds: a time that JSON can write,
// a duration that Go can hold.
const (
	latest  = 253402300799 * 1_000_000
	longest = math.MaxInt64 / 1000
)

// Add adds a span with the tags noted before. Its start and duration are given
// in microseconds; an error says what it lacks.
func (s *Spans) Add(span evidence.Span, start, duration int64) error {
	switch n := len(s.all); {
	case n == Most:
		return fmt.Errorf("more than %d spans", Most)
	case span.ID == "":
		return fmt.Errorf("span %d has no id", n)
	case span.TraceID == "":
		return fmt.Errorf("span %d (%s) has no trace id", n, span.ID)
	case start <= 0 || start > latest:
		return fmt.Errorf("span %d (%s) starts at %d, which is no time in microseconds", n, span.ID, start)
	case duration < 0 || duration > longest:
		return fmt.Errorf("span %d (%s) takes %d microseconds", n, span.ID, duration)
	}
	if strings.Trim(span.Parent, "0") == "" {
		span.Parent = ""
	}
	span.TraceID, span.Service, span.Name = s.Text(span.TraceID), s.Text(span.Service), s.Text(span.Name)
	span.Start, span.Duration = time.UnixMicro(start).UTC(), time.Duration(duration)*time.Microsecond
	if len(s.tags) > 0 {
		span.Tags = make(map[string]string, len(s.tags))
		for _, t := range s.tags {
			span.Tags[t.key] = t.value
		}
		s.tags = s.tags[:0]
	}
	if len(s.all) == cap(s.all) {
		s.all = slices.Grow(s.all, max(16, len(s.all)))
	}
	s.all = append(s.all, span)
	return nil
}

// Len is how many spans were added.
func (s *Spans) Len() int { return len(s.all) }

// Close ends a trace whose spans, from the nth on, have ids of processes for
// services: all must be of the trace, and each of a process with a service name.
func (s *Spans) Close(from int, trace string, services map[string]string) error {
	for i := from; i < len(s.all); i++ {
		span := &s.all[i]
		if span.TraceID != trace {
			return fmt.Errorf("span %d (%s) belongs to trace %q, not %q", i, span.ID, span.TraceID, trace)
		}
		name := services[span.Service]
		if name == "" {
			return fmt.Errorf("span %d (%s) names process %q, which has no service name", i, span.ID, span.Service)
		}
		span.Service = s.Text(name)
	}
	return nil
}

// Serve gives the spans from the nth on their service.
func (s *Spans) Serve(from int, service string) {
	service = s.Text(service)
	for i := from; i < len(s.all); i++ {
		s.all[i].Service = service
	}
}

// Traces returns the spans by trace, in the order in which the traces came, each
// sorted by start.
func (s *Spans) Traces() ([]evidence.Trace, error) {
	counts := map[string]int{}
	for i, span := range s.all {
		if span.Service == "" {
			return nil, fmt.Errorf("span %d (%s) has no service", i, span.ID)
		}
		counts[span.TraceID]++
	}
	traces := make([]evidence.Trace, 0, len(counts))
	at := map[string]int{}
	for _, span := range s.all {
		n, known := at[span.TraceID]
		if !known {
			n, at[span.TraceID] = len(traces), len(traces)
			traces = append(traces, evidence.Trace{ID: span.TraceID, Spans: make([]evidence.Span, 0, counts[span.TraceID])})
		}
		traces[n].Spans = append(traces[n].Spans, span)
	}
	for _, t := range traces {
		slices.SortStableFunc(t.Spans, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) })
		unshare(t.Spans)
	}
	return traces, nil
}

// unshare gives the server's half of a call an id of its own where both halves
// share one, as Zipkin's first clients did: it becomes the child of the client's
// half, and what named the id as its parent becomes a child of the server's.
// Jaeger shows shared ids in the same way.
func unshare(spans []evidence.Span) {
	used := make(map[string]bool, len(spans))
	clients := make(map[string]bool, len(spans))
	for _, s := range spans {
		used[s.ID] = true
		if s.Kind == evidence.Client {
			clients[s.ID] = true
		}
	}
	servers := map[string]string{}
	next := uint64(1)
	for i, s := range spans {
		if s.Kind != evidence.Server || !clients[s.ID] {
			continue
		}
		id := fmt.Sprintf("%016x", next)
		for ; used[id]; id = fmt.Sprintf("%016x", next) {
			next++
		}
		used[id] = true
		servers[s.ID] = id
		spans[i].Parent, spans[i].ID = s.ID, id
	}
	for i, s := range spans {
		if server, ok := servers[s.Parent]; ok && s.ID != server {
			spans[i].Parent = server
		}
	}
}

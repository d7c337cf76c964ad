package zipkin

import (
	"errors"
	"fmt"
	"strings"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/traces"
)

var errNoList = errors.New("no list")

// search reads a list of traces, each a list of spans.
func search(it *jsoniter.Iterator) ([]evidence.Trace, error) {
	if it.WhatIsNext() != jsoniter.ArrayValue {
		return nil, errNoList
	}
	var spans traces.Spans
	err := traces.Items(it, func() error { return list(it, &spans) })
	if err != nil || it.Error != nil {
		return nil, err
	}
	return spans.Traces()
}

// list reads the spans of one trace, at least one.
func list(it *jsoniter.Iterator, spans *traces.Spans) error {
	if it.WhatIsNext() != jsoniter.ArrayValue {
		return errNoList
	}
	from := spans.Len()
	err := traces.Items(it, func() error { return span(it, spans) })
	if err == nil && it.Error == nil && spans.Len() == from {
		return errors.New("a trace without spans")
	}
	return err
}

// span reads one span. Times are in microseconds. Shape: Zipkin's API, version 2.
func span(it *jsoniter.Iterator, spans *traces.Spans) error {
	var s evidence.Span
	var start, duration int64
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "traceId":
			s.TraceID = spans.Read(it)
		case "id":
			s.ID = it.ReadString()
		case "parentId":
			s.Parent = it.ReadString()
		case "kind":
			s.Kind = evidence.SpanKind(spans.Text(strings.ToLower(spans.Read(it))))
		case "name":
			s.Name = spans.Read(it)
		case "timestamp":
			start = it.ReadInt64()
		case "duration":
			duration = it.ReadInt64()
		case "localEndpoint":
			return traces.Fields(it, func(name string) error {
				if name != "serviceName" {
					it.Skip()
					return nil
				}
				s.Service = spans.Read(it)
				return nil
			})
		case "tags":
			return traces.Fields(it, func(key string) error {
				if !traces.Kept(key) {
					it.Skip()
					return nil
				}
				spans.Tag(key, spans.Scalar(it))
				return nil
			})
		default:
			it.Skip()
		}
		return nil
	})
	if err != nil || it.Error != nil {
		return err
	}
	if s.Service == "" {
		return fmt.Errorf("span %s names no service", s.ID)
	}
	return spans.Add(s, start, duration)
}

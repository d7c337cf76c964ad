package jaeger

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/traces"
)

// v1 is the API of Jaeger 1's own page. Times are in microseconds. Shape:
//
//	{"data": [{"traceID", "spans": […], "processes": {"p1": {"serviceName"}}}], "errors": [{"code", "msg"}]}
//
// The processes that spans name may come after them.
var v1 = api{
	trace: func(id string) string { return "api/traces/" + id },
	search: func(service string, start, end time.Time) (string, url.Values) {
		return "api/traces", url.Values{
			"service": {service},
			"start":   {strconv.FormatInt(start.UnixMicro(), 10)},
			"end":     {strconv.FormatInt(end.UnixMicro(), 10)},
			"limit":   {strconv.Itoa(traces.PerService)},
		}
	},
	services: "api/services",
	spans:    v1Traces,
	names:    v1Services,
	says: func(body string) bool {
		var answer struct{ Errors []v1Error }
		return json.Unmarshal([]byte(body), &answer) == nil && len(answer.Errors) > 0
	},
}

type v1Error struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
}

func v1Traces(it *jsoniter.Iterator) ([]evidence.Trace, error) {
	var spans traces.Spans
	err := v1Data(it, func() error {
		return traces.Items(it, func() error { return v1Trace(it, &spans) })
	})
	if err != nil || it.Error != nil {
		return nil, err
	}
	return spans.Traces()
}

func v1Services(it *jsoniter.Iterator) ([]string, error) {
	names := []string{}
	err := v1Data(it, func() error {
		return traces.Items(it, func() error {
			names = append(names, it.ReadString())
			return nil
		})
	})
	return names, err
}

// v1Data reads the frame around the data, which is an array.
func v1Data(it *jsoniter.Iterator, data func() error) error {
	there := false
	var said []v1Error
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "data":
			there = it.WhatIsNext() == jsoniter.ArrayValue
			return data()
		case "errors":
			it.ReadVal(&said)
		default:
			it.Skip()
		}
		return nil
	})
	switch {
	case err != nil || it.Error != nil:
		return err
	case len(said) > 0:
		return fmt.Errorf("error %d: %s", said[0].Code, said[0].Msg)
	case !there:
		return fmt.Errorf("no field data")
	}
	return nil
}

// v1Trace reads one trace. Until its processes are known, a span's service is
// the id of its process.
func v1Trace(it *jsoniter.Iterator, spans *traces.Spans) error {
	from, id := spans.Len(), ""
	services := map[string]string{}
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "traceID":
			id = it.ReadString()
		case "spans":
			return traces.Items(it, func() error { return v1Span(it, spans) })
		case "processes":
			return traces.Fields(it, func(process string) error {
				return traces.Fields(it, func(name string) error {
					if name != "serviceName" {
						it.Skip()
						return nil
					}
					services[process] = it.ReadString()
					return nil
				})
			})
		default:
			it.Skip()
		}
		return nil
	})
	switch {
	case err != nil || it.Error != nil:
		return err
	case id == "":
		return fmt.Errorf("a trace has no traceID")
	case spans.Len() == from:
		return fmt.Errorf("trace %s has no spans", id)
	}
	return spans.Close(from, id, services)
}

func v1Span(it *jsoniter.Iterator, spans *traces.Spans) error {
	var s evidence.Span
	var start, duration int64
	var references []v1Reference
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "traceID":
			s.TraceID = spans.Read(it)
		case "spanID":
			s.ID = it.ReadString()
		case "operationName":
			s.Name = spans.Read(it)
		case "processID":
			s.Service = spans.Read(it)
		case "startTime":
			start = it.ReadInt64()
		case "duration":
			duration = it.ReadInt64()
		case "references":
			var err error
			references, err = v1References(it, spans)
			return err
		case "tags":
			return traces.Items(it, func() error { return v1Tag(it, spans, &s) })
		default:
			it.Skip()
		}
		return nil
	})
	if err != nil || it.Error != nil {
		return err
	}
	for _, r := range references {
		if r.kind == "CHILD_OF" && (r.trace == s.TraceID || r.trace == "") {
			s.Parent = r.span
		}
	}
	return spans.Add(s, start, duration)
}

type v1Reference struct{ kind, trace, span string }

func v1References(it *jsoniter.Iterator, spans *traces.Spans) ([]v1Reference, error) {
	var all []v1Reference
	err := traces.Items(it, func() error {
		var r v1Reference
		err := traces.Fields(it, func(name string) error {
			switch name {
			case "refType":
				r.kind = spans.Read(it)
			case "traceID":
				r.trace = spans.Read(it)
			case "spanID":
				r.span = it.ReadString()
			default:
				it.Skip()
			}
			return nil
		})
		all = append(all, r)
		return err
	})
	return all, err
}

// v1Tag reads a tag; the kind of the span is one.
func v1Tag(it *jsoniter.Iterator, spans *traces.Spans, s *evidence.Span) error {
	var key, value string
	err := traces.Fields(it, func(name string) error {
		switch {
		case name == "key":
			key = spans.Read(it)
		case name == "value" && (key == "" || key == kindTag || traces.Kept(key)):
			value = spans.Scalar(it)
		default:
			it.Skip()
		}
		return nil
	})
	if key == kindTag {
		s.Kind = evidence.SpanKind(spans.Text(value))
		return err
	}
	spans.Tag(key, value)
	return err
}

const kindTag = "span.kind"

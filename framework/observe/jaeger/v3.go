package jaeger

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/traces"
)

// v3 is version 3 of the API. Its traces are OTLP JSON, all in one list, with
// times in nanoseconds as text. Shape:
//
//	{"result": {"resourceSpans": [{"resource": {"attributes"}, "scopeSpans": [{"spans": […]}]}]}}
var v3 = api{
	trace: func(id string) string { return "api/v3/traces/" + id },
	search: func(service string, start, end time.Time) (string, url.Values) {
		return "api/v3/traces", url.Values{
			"query.service_name":   {service},
			"query.start_time_min": {start.UTC().Format(time.RFC3339Nano)},
			"query.start_time_max": {end.UTC().Format(time.RFC3339Nano)},
			"query.num_traces":     {strconv.Itoa(traces.PerService)},
		}
	},
	services: "api/v3/services",
	spans:    v3Traces,
	names:    v3Services,
	says: func(body string) bool {
		var answer struct {
			Error struct{ HTTPCode int }
		}
		return json.Unmarshal([]byte(body), &answer) == nil && answer.Error.HTTPCode == http.StatusNotFound
	},
}

// v3Services reads {"services": […]}; a Jaeger that knows none leaves the field out.
func v3Services(it *jsoniter.Iterator) ([]string, error) {
	names := []string{}
	err := traces.Fields(it, func(name string) error {
		if name != "services" {
			it.Skip()
			return nil
		}
		return traces.Items(it, func() error {
			names = append(names, it.ReadString())
			return nil
		})
	})
	return names, err
}

func v3Traces(it *jsoniter.Iterator) ([]evidence.Trace, error) {
	var spans traces.Spans
	there := false
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "result":
			return traces.Fields(it, func(name string) error {
				if name != "resourceSpans" {
					it.Skip()
					return nil
				}
				there = it.WhatIsNext() == jsoniter.ArrayValue
				return traces.Items(it, func() error { return v3Resource(it, &spans) })
			})
		case "error":
			return fmt.Errorf("error: %s", it.SkipAndReturnBytes())
		}
		it.Skip()
		return nil
	})
	switch {
	case err != nil || it.Error != nil:
		return nil, err
	case !there:
		return nil, fmt.Errorf("no field result.resourceSpans")
	}
	return spans.Traces()
}

// v3Resource reads the spans of one service, which may be named after them.
func v3Resource(it *jsoniter.Iterator, spans *traces.Spans) error {
	from, service := spans.Len(), ""
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "resource":
			return traces.Fields(it, func(name string) error {
				if name != "attributes" {
					it.Skip()
					return nil
				}
				return attributes(it, spans, func(key string) bool { return key == "service.name" }, func(_, value string) { service = value })
			})
		case "scopeSpans":
			return traces.Items(it, func() error {
				return traces.Fields(it, func(name string) error {
					if name != "spans" {
						it.Skip()
						return nil
					}
					return traces.Items(it, func() error { return v3Span(it, spans) })
				})
			})
		}
		it.Skip()
		return nil
	})
	spans.Serve(from, service)
	return err
}

// kinds of spans by OTLP's number and by its name; what is not said is no kind.
var kinds = map[string]evidence.SpanKind{
	"1": "internal", "2": evidence.Server, "3": evidence.Client, "4": "producer", "5": "consumer",
	"SPAN_KIND_INTERNAL": "internal", "SPAN_KIND_SERVER": evidence.Server, "SPAN_KIND_CLIENT": evidence.Client,
	"SPAN_KIND_PRODUCER": "producer", "SPAN_KIND_CONSUMER": "consumer",
}

func v3Span(it *jsoniter.Iterator, spans *traces.Spans) error {
	var s evidence.Span
	var start, end string
	err := traces.Fields(it, func(name string) error {
		switch name {
		case "traceId":
			s.TraceID = spans.Read(it)
		case "spanId":
			s.ID = it.ReadString()
		case "parentSpanId":
			s.Parent = it.ReadString()
		case "name":
			s.Name = spans.Read(it)
		case "kind":
			s.Kind = kinds[spans.Scalar(it)]
		case "startTimeUnixNano":
			start = spans.Scalar(it)
		case "endTimeUnixNano":
			end = spans.Scalar(it)
		case "attributes":
			return attributes(it, spans, traces.Kept, spans.Tag)
		case "status":
			return v3Status(it, spans)
		default:
			it.Skip()
		}
		return nil
	})
	if err != nil || it.Error != nil {
		return err
	}
	from, err := nanoseconds(s.ID, start)
	if err != nil {
		return err
	}
	to, err := nanoseconds(s.ID, end)
	if err != nil {
		return err
	}
	return spans.Add(s, from/1000, (to-from)/1000)
}

func nanoseconds(span, text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("span %s: %q is no time in nanoseconds", span, text)
	}
	return n, nil
}

// v3Status notes an error as the tag that the other forms have for it.
func v3Status(it *jsoniter.Iterator, spans *traces.Spans) error {
	return traces.Fields(it, func(name string) error {
		if name != "code" {
			it.Skip()
			return nil
		}
		if code := spans.Scalar(it); code == "2" || code == "STATUS_CODE_ERROR" {
			spans.Tag("error", "true")
		}
		return nil
	})
}

// attributes reads a list of {"key", "value": {"stringValue": …}} and hands out
// those that are wanted.
func attributes(it *jsoniter.Iterator, spans *traces.Spans, wanted func(key string) bool, take func(key, value string)) error {
	return traces.Items(it, func() error {
		var key, value string
		err := traces.Fields(it, func(name string) error {
			switch {
			case name == "key":
				key = spans.Read(it)
			case name == "value" && (key == "" || wanted(key)):
				return traces.Fields(it, func(string) error {
					value = spans.Scalar(it)
					return nil
				})
			default:
				it.Skip()
			}
			return nil
		})
		if wanted(key) {
			take(key, value)
		}
		return err
	})
}

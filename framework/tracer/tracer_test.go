package tracer

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	for name, c := range map[string]struct {
		said Tracing
		want Tracing
		err  string
	}{
		"nothing":              {Tracing{}, Tracing{Jaeger, ZipkinSpans}, ""},
		"Zipkin":               {Tracing{Backend: Zipkin}, Tracing{Zipkin, ZipkinSpans}, ""},
		"OpenTelemetry":        {Tracing{Protocol: OpenTelemetry}, Tracing{Jaeger, OpenTelemetry}, ""},
		"OTLP to Zipkin":       {Tracing{Zipkin, OpenTelemetry}, Tracing{}, `no tracing is "opentelemetry to zipkin": use zipkin to jaeger, opentelemetry to jaeger, zipkin to zipkin`},
		"an unknown back end":  {Tracing{Backend: "tempo"}, Tracing{}, `no tracing is "zipkin to tempo": use `},
		"an unknown protocol":  {Tracing{Protocol: "otel"}, Tracing{}, `no tracing is "otel to jaeger": use `},
		"the wrong way around": {Tracing{"Zipkin", ZipkinSpans}, Tracing{}, `no tracing is "zipkin to Zipkin"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.said.Complete()
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

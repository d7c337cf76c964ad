package traces

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
)

func TestAdd(t *testing.T) {
	good := evidence.Span{ID: "1", TraceID: "a", Service: "s"}
	for name, c := range map[string]struct {
		change          func(*evidence.Span)
		start, duration int64
		err             string
	}{
		"good":               {nil, 1, 0, ""},
		"no id":              {func(s *evidence.Span) { s.ID = "" }, 1, 0, "span 0 has no id"},
		"no trace":           {func(s *evidence.Span) { s.TraceID = "" }, 1, 0, "span 0 (1) has no trace id"},
		"no time":            {nil, 0, 0, "starts at 0"},
		"before all time":    {nil, -1, 0, "starts at -1"},
		"the last time":      {nil, latest, longest, ""},
		"after all years":    {nil, latest + 1, 0, "which is no time"},
		"less than no time":  {nil, 1, -1, "takes -1"},
		"longer than any":    {nil, 1, longest + 1, "takes 9223372036854776"},
		"no service is late": {func(s *evidence.Span) { s.Service = "" }, 1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			if c.change != nil {
				c.change(&s)
			}
			var spans Spans
			err := spans.Add(s, c.start, c.duration)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

// TestMost: an answer without end is given up, not kept.
func TestMost(t *testing.T) {
	var spans Spans
	for i := range Most {
		if err := spans.Add(evidence.Span{ID: fmt.Sprint(i), TraceID: "a", Service: "s"}, 1, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := spans.Add(evidence.Span{ID: "x", TraceID: "a", Service: "s"}, 1, 1); err == nil || err.Error() != "more than 100000 spans" {
		t.Errorf("got %v", err)
	}
}

// TestTraces: spans by trace in the order in which the traces came, sorted by
// start, each with the tags noted for it that judges read.
func TestTraces(t *testing.T) {
	var spans Spans
	add := func(trace, id, parent string, start int64, tags ...string) {
		for i := 0; i < len(tags); i += 2 {
			spans.Tag(tags[i], tags[i+1])
		}
		if err := spans.Add(evidence.Span{ID: id, TraceID: trace, Parent: parent, Service: "s"}, start, 2); err != nil {
			t.Fatal(err)
		}
	}
	add("b", "1", "0000000000000000", 5, "http.method", "GET", "user_agent", "curl", "error", "timeout")
	add("a", "2", "", 9)
	add("b", "3", "1", 4, "error", "false")
	got, err := spans.Traces()
	if err != nil {
		t.Fatal(err)
	}
	span := func(trace, id, parent string, start int64, tags map[string]string) evidence.Span {
		return evidence.Span{ID: id, TraceID: trace, Parent: parent, Service: "s", Start: time.UnixMicro(start).UTC(), Duration: 2 * time.Microsecond, Tags: tags}
	}
	want := []evidence.Trace{
		{ID: "b", Spans: []evidence.Span{span("b", "3", "1", 4, map[string]string{"error": "false"}), span("b", "1", "", 5, map[string]string{"http.method": "GET", "error": "true"})}},
		{ID: "a", Spans: []evidence.Span{span("a", "2", "", 9, nil)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := spans.Add(evidence.Span{ID: "4", TraceID: "a"}, 1, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := spans.Traces(); err == nil || err.Error() != "span 3 (4) has no service" {
		t.Errorf("a span without service: %v", err)
	}
}

func TestClose(t *testing.T) {
	var spans Spans
	for _, s := range []evidence.Span{{ID: "1", TraceID: "a", Service: "p1"}, {ID: "2", TraceID: "b", Service: "p1"}, {ID: "3", TraceID: "b", Service: "p2"}} {
		if err := spans.Add(s, 1, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := spans.Close(0, "a", map[string]string{"p1": "x"}); err == nil || err.Error() != `span 1 (2) belongs to trace "b", not "a"` {
		t.Errorf("a foreign span: %v", err)
	}
	spans.all[0].Service = "p1"
	if err := spans.Close(1, "b", map[string]string{"p1": "x"}); err == nil || err.Error() != `span 2 (3) names process "p2", which has no service name` {
		t.Errorf("a process without a name: %v", err)
	}
	spans.all[1].Service = "p1"
	if err := spans.Close(1, "b", map[string]string{"p1": "x", "p2": "y"}); err != nil || spans.all[0].Service != "p1" || spans.all[1].Service != "x" || spans.all[2].Service != "y" {
		t.Errorf("%v: %+v", err, spans.all)
	}
}

// TestUnshare: "ID PARENT KIND" by span.
func TestUnshare(t *testing.T) {
	for name, c := range map[string]struct{ spans, want []string }{
		"nothing shared": {[]string{"1  client", "2 1 server", "3 2 client"}, []string{"1  client", "2 1 server", "3 2 client"}},
		"shared":         {[]string{"a  client", "a  server", "b a client"}, []string{"a  client", "0000000000000001 a server", "b 0000000000000001 client"}},
		"shared twice": {
			[]string{"a  client", "a  server", "b a client", "b a server"},
			[]string{"a  client", "0000000000000001 a server", "b 0000000000000001 client", "0000000000000002 b server"},
		},
		"the new id is taken":       {[]string{"a  client", "a  server", "0000000000000001 a server"}, []string{"a  client", "0000000000000002 a server", "0000000000000001 0000000000000002 server"}},
		"the server's half first":   {[]string{"a  server", "a  client"}, []string{"0000000000000001 a server", "a  client"}},
		"two servers, no client":    {[]string{"a  server", "a  server"}, []string{"a  server", "a  server"}},
		"round in a circle, shared": {[]string{"a b client", "a b server", "b a client", "b a server"}, []string{"a 0000000000000002 client", "0000000000000001 a server", "b 0000000000000001 client", "0000000000000002 b server"}},
		"itself":                    {[]string{"a a client", "a a server"}, []string{"a 0000000000000001 client", "0000000000000001 a server"}},
	} {
		t.Run(name, func(t *testing.T) {
			var spans []evidence.Span
			for _, text := range c.spans {
				f := strings.Split(text, " ")
				spans = append(spans, evidence.Span{ID: f[0], Parent: f[1], Kind: evidence.SpanKind(f[2])})
			}
			unshare(spans)
			var got []string
			for _, s := range spans {
				got = append(got, fmt.Sprintf("%s %s %s", s.ID, s.Parent, s.Kind))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

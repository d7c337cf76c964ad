package jaeger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/traces"
)

// The answer of a big trace: as many spans as 39 MB hold when each is as the
// sidecars write it.
const bigSpans = 24_000

// answer writes an answer with one trace of n spans, each the child of the one
// before; the first has the parent.
func answer(w io.Writer, n int, parent string) error {
	const id = "435a47c48520d0dc5adb923542aff200"
	if _, err := fmt.Fprintf(w, `{"data":[{"traceID":%q,"spans":[`, id); err != nil {
		return err
	}
	for i := range n {
		if i > 0 {
			parent = fmt.Sprintf("%016x", i)
			if _, err := io.WriteString(w, ","); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(w, `{"traceID":%q,"spanID":"%016x","operationName":"multicloud-framework.onap.svc.cluster.local:9001/*",`+
			`"references":[{"refType":"CHILD_OF","traceID":%q,"spanID":%q}],"startTime":%d,"duration":%d,"tags":[`,
			id, i+1, id, parent, 1795430000001200+i, 100+i)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, sidecarTags(i)+`],"logs":[],"processID":"p1","warnings":null}`); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, `],"processes":{"p1":{"serviceName":"msb-iag.onap","tags":[]}},"warnings":null}],"total":0,"limit":0,"offset":0,"errors":null}`)
	return err
}

// sidecarTags are the tags that a sidecar writes, in the order of an answer.
func sidecarTags(i int) string {
	var out []string
	for _, t := range [][2]string{
		{"component", "proxy"}, {"downstream_cluster", "-"}, {"guid:x-request-id", fmt.Sprintf("0b1f6d1e-4f0e-4b8b-9a53-%012x", i)},
		{"http.method", "GET"}, {"http.protocol", "HTTP/1.1"}, {"http.status_code", "200"},
		{"http.url", "http://172.18.0.2:80/api/multicloud/v0/vmware_fake/identity/v3"},
		{"istio.canonical_revision", "latest"}, {"istio.canonical_service", "msb-iag"}, {"istio.cluster_id", "Kubernetes"},
		{"istio.mesh_id", "cluster.local"}, {"istio.namespace", "onap"}, {"net.host.ip", "10.244.0.12"},
		{"node_id", "sidecar~10.244.0.11~msb-iag-0.onap~onap.svc.cluster.local"}, {"peer.address", "10.244.0.11"},
		{"request_size", "0"}, {"response_flags", "-"}, {"response_size", "615"}, {"span.kind", "client"},
		{"upstream_cluster", "outbound|9001||multicloud-framework.onap.svc.cluster.local"},
		{"upstream_cluster.name", "outbound|9001||multicloud-framework.onap.svc.cluster.local;"}, {"user_agent", "Go-http-client/1.1"},
	} {
		out = append(out, fmt.Sprintf(`{"key":%q,"type":"string","value":%q}`, t[0], t[1]))
	}
	return strings.Join(out, ",")
}

func big(t testing.TB, spans int) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := answer(&text, spans, "b3b3b3b3b3b3b3b3"); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func decodeV1(text io.Reader) (all []evidence.Trace, err error) {
	err = traces.Decode(text, func(it *jsoniter.Iterator) (err error) {
		all, err = v1.spans(it)
		return err
	})
	return all, err
}

// BenchmarkAnswer reads answers of different sizes; generic is a decode of the
// biggest into maps, to compare with.
func BenchmarkAnswer(b *testing.B) {
	for _, spans := range []int{bigSpans / 4, bigSpans / 2, bigSpans} {
		text := big(b, spans)
		b.Run(fmt.Sprintf("spans=%d", spans), func(b *testing.B) {
			measure(b, text, observed)
		})
	}
	b.Run(fmt.Sprintf("generic=%d", bigSpans), func(b *testing.B) { measure(b, big(b, bigSpans), generic) })
}

func generic(text []byte) (any, error) {
	var all map[string]any
	err := json.Unmarshal(text, &all)
	return all, err
}

func observed(text []byte) (any, error) { return decodeV1(bytes.NewReader(text)) }

// measure reports, beside time and what is allocated, the processors' time, which
// tells more on a machine that does other things too, and what stays in memory.
func measure(b *testing.B, text []byte, decode func([]byte) (any, error)) {
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	began := processors(b)
	for b.Loop() {
		if _, err := decode(text); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(processors(b)-began)/float64(b.N), "cpu-ns/op")
	before := heap()
	kept, err := decode(text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(heap()-before), "kept-B")
	runtime.KeepAlive(kept)
}

// processors is the time that this process has had of them.
func processors(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestMemory: reading an answer takes a small part of what a decode into maps
// takes, a sixth without the race detector, and twice the spans take twice as much.
func TestMemory(t *testing.T) {
	one, two := big(t, 2000), big(t, 4000)
	single, double, maps := allocated(t, observed, one), allocated(t, observed, two), allocated(t, generic, two)
	t.Logf("2000 spans: %d bytes, 4000: %d, into maps: %d", single, double, maps)
	if double > maps/4 {
		t.Errorf("%d bytes are more than a quarter of the %d of a decode into maps", double, maps)
	}
	if double > single*5/2 {
		t.Errorf("%d bytes for twice the spans of %d", double, single)
	}
}

func allocated(t *testing.T, decode func([]byte) (any, error), text []byte) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := decode(text)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	return after.TotalAlloc - before.TotalAlloc
}

// TestMillionSpans: an answer without end is an error after a bounded part of it.
func TestMillionSpans(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"as sidecars write them": func(w io.Writer) error { return answer(w, 1_000_000, "") },
		"as short as can be": func(w io.Writer) error {
			_, err := io.WriteString(w, `{"data":[{"traceID":"a","spans":[`+strings.Repeat(`{"traceID":"a","spanID":"1","startTime":1},`, 1_000_000))
			return err
		},
		"a million traces": func(w io.Writer) error {
			one := `{"traceID":"a","spans":[{"traceID":"a","spanID":"1","startTime":1,"processID":"p"}],"processes":{"p":{"serviceName":"s"}}},`
			_, err := io.WriteString(w, `{"data":[`+strings.Repeat(one, 1_000_000))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_ = write(w) // the reader hangs up
			}))
			defer server.Close()
			base, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			got, err := At(base, server.Client()).Trace(t.Context(), "435a47c48520d0dc5adb923542aff200")
			var malformed *observe.MalformedError
			if got != nil || !errors.As(err, &malformed) || malformed.Cut || !strings.Contains(malformed.Reason, "more than") {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// TestAnyCut: an answer that ends anywhere is an error.
func TestAnyCut(t *testing.T) {
	text := big(t, 3)
	if all, err := decodeV1(bytes.NewReader(text)); err != nil || len(all) != 1 || len(all[0].Spans) != 3 {
		t.Fatalf("whole: %+v, %v", all, err)
	}
	for n := range text {
		if all, err := decodeV1(bytes.NewReader(text[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut after %d bytes: %+v, %v", n, all, err)
		}
	}
}

// TestCircle: spans that are each other's parents are read as they are; that
// nothing is concluded from them is the judge's.
func TestCircle(t *testing.T) {
	var text bytes.Buffer
	if err := answer(&text, 100, fmt.Sprintf("%016x", 100)); err != nil {
		t.Fatal(err)
	}
	all, err := decodeV1(&text)
	if err != nil || len(all) != 1 || len(all[0].Spans) != 100 || all[0].Spans[0].Parent != all[0].Spans[99].ID {
		t.Errorf("got %+v, %v", all, err)
	}
}

// TestForeign reads the form of an answer that a Jaeger gave somebody else:
// spans out of order, a server's span with an id of Jaeger's making, white space.
func TestForeign(t *testing.T) {
	const id = "b0e6f68761f6ce6c78c25dac851d8b3e"
	span := func(span, parent, kind, process string, start int) string {
		references := ""
		if parent != "" {
			references = fmt.Sprintf(`{"refType": "CHILD_OF", "traceID": %q, "spanID": %q}`, id, parent)
		}
		return fmt.Sprintf("\n  {\"traceID\": %q, \"spanID\": %q, \"operationName\": \"o\", \"references\": [%s], \"startTime\": %d, \"duration\": 50000,\n"+
			"   \"tags\": [{\"key\": \"span.kind\", \"type\": \"string\", \"value\": %q}], \"logs\": [], \"processID\": %q, \"warnings\": null}", id, span, references, start, kind, process)
	}
	text := fmt.Sprintf("{\n \"data\": [{\"traceID\": %q, \"spans\": [%s],\n  \"processes\": {\"p1\": {\"serviceName\": \"msb.onap\", \"tags\": []}, \"p2\": {\"serviceName\": \"multicloud.onap\", \"tags\": []}},"+
		" \"warnings\": null}], \"total\": 0, \"limit\": 0, \"offset\": 0, \"errors\": null}\n", id, strings.Join([]string{
		span("30f83fe30a33d12c", "ec84b8a641cdc513", "client", "p1", 1795368811012489),
		span("ec84b8a641cdc513", "", "server", "p1", 1795368811007489),
		span("0000000000000001", "30f83fe30a33d12c", "server", "p2", 1795368811017489),
	}, ","))
	all, err := decodeV1(strings.NewReader(text))
	if err != nil || len(all) != 1 {
		t.Fatalf("got %+v, %v", all, err)
	}
	var got []string
	for _, s := range all[0].Spans {
		got = append(got, fmt.Sprintf("%s %s of %s in %s", s.Kind, s.ID, s.Parent, s.Service))
	}
	want := []string{
		"server ec84b8a641cdc513 of  in msb.onap", "client 30f83fe30a33d12c of ec84b8a641cdc513 in msb.onap",
		"server 0000000000000001 of 30f83fe30a33d12c in multicloud.onap",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

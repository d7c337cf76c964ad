package traces_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/jaeger"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/observe/traces/tracestest"
	"github.com/onap/meshcert/framework/observe/zipkin"
)

// began is when the traces began.
var began = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// TestBackendsAgree: the same spans are the same evidence, whichever back end
// kept them, by whichever protocol they came and through whichever API it is asked.
func TestBackendsAgree(t *testing.T) {
	jaegerByZipkin, jaegerByOTLP, zipkinServer := tracestest.Jaeger(t), tracestest.Jaeger(t), tracestest.Zipkin(t)
	backends := map[string]traces.Backend{
		"Jaeger":                    jaeger.At(jaegerByZipkin.Query, http.DefaultClient),
		"Jaeger, version 3":         jaeger.At(onlyV3(t, jaegerByZipkin.Query), http.DefaultClient),
		"Jaeger by OTLP":            jaeger.At(jaegerByOTLP.Query, http.DefaultClient),
		"Jaeger by OTLP, version 3": jaeger.At(onlyV3(t, jaegerByOTLP.Query), http.DefaultClient),
		"Zipkin":                    zipkin.At(zipkinServer.Query, http.DefaultClient),
	}
	whole := tracestest.Chain("0a35a47c48520d0dc5adb923542aff20", "b3b3b3b3b3b3b3b3", began,
		"server msb-iag", "client msb-iag", "server multicloud", "client multicloud", "server msb-iag", "client msb-iag", "server multicloud-vio")
	whole[6].Tags["error"] = "true"
	whole[5].Tags["http.url"] = "http://172.18.0.2/api?a=1&b=\"ü\""
	whole[5].Start = whole[5].Start.Add(7 * time.Microsecond)
	shared := tracestest.Chain("1b35a47c48520d0dc5adb923542aff21", "", began.Add(time.Second), "client msb-iag", "server multicloud", "client multicloud")
	shared[1].ID, shared[1].Parent, shared[2].Parent = shared[0].ID, "", shared[0].ID
	lost := tracestest.Chain("2c35a47c48520d0dc5adb923542aff22", "", began.Add(10*time.Millisecond), "client multicloud", "server msb-iag")
	late := tracestest.Chain("3d35a47c48520d0dc5adb923542aff23", "", began.Add(time.Minute), "server multicloud")
	for _, spans := range [][]evidence.Span{whole, shared, lost, late} {
		jaegerByZipkin.SendZipkin(t, spans...)
		jaegerByOTLP.SendOTLP(t, spans...)
		zipkinServer.SendZipkin(t, spans...)
	}
	unshared := slices.Clone(shared)
	unshared[1].ID, unshared[1].Parent, unshared[2].Parent = "0000000000000001", shared[0].ID, "0000000000000001"

	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			holds(t, backend, whole)
			holds(t, backend, unshared)
			holds(t, backend, lost)
			holds(t, backend, late)
			found, err := traces.Find(t.Context(), backend, traces.Search{
				TraceID: whole[0].TraceID, Services: []string{"msb-iag.onap", "multicloud.onap", "never-seen.onap"},
				Start: began, End: began.Add(500 * time.Millisecond),
			})
			want := evidence.Traces{Wanted: trace(whole), Others: []evidence.Trace{*trace(lost)}}
			if diff := cmp.Diff(want, found); diff != "" || err != nil {
				t.Errorf("search: %v (-want +got):\n%s", err, diff)
			}
			services, err := backend.Services(t.Context())
			own := slices.DeleteFunc(services, func(s string) bool { return s == "jaeger" })
			if diff := cmp.Diff([]string{"msb-iag.onap", "multicloud-vio.onap", "multicloud.onap"}, own); diff != "" || err != nil {
				t.Errorf("services: %v (-want +got):\n%s", err, diff)
			}
			if got, err := backend.Trace(t.Context(), "4fffffffffffffffffffffffffffffff"); got != nil || err != nil {
				t.Errorf("an id that was never sent: %+v, %v", got, err)
			}
			if got, err := backend.Trace(t.Context(), "no-id"); err == nil || !strings.Contains(err.Error(), "for trace no-id") {
				t.Errorf("what is no id: %+v, %v", got, err)
			}
		})
	}
}

func trace(spans []evidence.Span) *evidence.Trace {
	return &evidence.Trace{ID: spans[0].TraceID, Spans: spans}
}

// holds waits until the back end shows exactly these spans as the trace.
func holds(t *testing.T, backend traces.Backend, spans []evidence.Span) {
	t.Helper()
	id := spans[0].TraceID
	err := kube.Until(t.Context(), "trace "+id, 30*time.Second, func(ctx context.Context) error {
		got, err := backend.Trace(ctx, id)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(trace(spans), got); diff != "" {
			return fmt.Errorf("-want +got:\n%s", diff)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// onlyV3 is a server that answers like the other, but no longer has the first
// API: it answers what it does not know with its page, as Jaeger does.
func onlyV3(t *testing.T, query *url.URL) *url.URL {
	t.Helper()
	through := httputil.NewSingleHostReverseProxy(query)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v3/") {
			through.ServeHTTP(w, r)
			return
		}
		_, _ = w.Write([]byte("<!DOCTYPE html>\n<title>Jaeger UI</title>"))
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

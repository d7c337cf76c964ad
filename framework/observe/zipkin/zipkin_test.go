package zipkin_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/observe/zipkin"
)

const (
	identity = "435a47c48520d0dc5adb923542aff200"
	shared   = "1b35a47c48520d0dc5adb923542aff21"
)

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("zipkin/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// serve answers each path with a body, any other as Zipkin answers what it has not.
func serve(t *testing.T, bodies map[string]string) *zipkin.Observer {
	t.Helper()
	return at(t, func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Path
		if s := r.URL.Query().Get("serviceName"); s != "" {
			key += "?" + s
		}
		body, ok := bodies[key]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			body = strings.TrimPrefix(r.URL.Path, "/api/v2/trace/") + " not found"
		}
		_, _ = w.Write([]byte(body))
	})
}

func at(t *testing.T, answer http.HandlerFunc) *zipkin.Observer {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return zipkin.At(base, server.Client())
}

// shape draws spans: "KIND SERVICE ID<PARENT".
func shape(t *evidence.Trace) []string {
	var out []string
	for _, s := range t.Spans {
		out = append(out, fmt.Sprintf("%s %s %s<%s", s.Kind, s.Service, s.ID, s.Parent))
	}
	return out
}

func TestTrace(t *testing.T) {
	got, err := serve(t, map[string]string{"/api/v2/trace/" + identity: recorded(t, "identity")}).Trace(t.Context(), identity)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"server msb-iag.onap 1a00000000000001<b3b3b3b3b3b3b3b3", "client msb-iag.onap 1a00000000000002<1a00000000000001",
		"server multicloud.onap 1a00000000000003<1a00000000000002", "client multicloud.onap 1a00000000000004<1a00000000000003",
		"server msb-iag.onap 1a00000000000005<1a00000000000004", "client msb-iag.onap 1a00000000000006<1a00000000000005",
		"server multicloud-vio.onap 1a00000000000007<1a00000000000006",
	}
	if diff := cmp.Diff(want, shape(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	wantSpan := evidence.Span{
		ID: "1a00000000000002", TraceID: identity, Parent: "1a00000000000001", Kind: evidence.Client, Service: "msb-iag.onap",
		Name:  "multicloud-framework.onap.svc.cluster.local:9001/*",
		Start: time.UnixMicro(1795430000001200).UTC(), Duration: 22727 * time.Microsecond,
		Tags: map[string]string{
			"http.method": "GET", "http.url": "http://172.18.0.2:80/api/multicloud/v0/vmware_fake/identity/v3", "http.status_code": "200",
			"upstream_cluster": "outbound|9001||multicloud-framework.onap.svc.cluster.local", "response_flags": "-",
			"upstream_cluster.name": "outbound|9001||multicloud-framework.onap.svc.cluster.local;",
			"guid:x-request-id":     "0b1f6d1e-4f0e-4b8b-9a53-1d6f0a7b1c01", "peer.address": "10.244.0.11",
			"node_id": "sidecar~10.244.0.11~msb-iag-0.onap~onap.svc.cluster.local",
		},
	}
	if diff := cmp.Diff(wantSpan, got.Spans[1]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestShared: two calls whose client and server share a span id become pairs.
func TestShared(t *testing.T) {
	got, err := serve(t, map[string]string{"/api/v2/trace/" + shared: recorded(t, "shared")}).Trace(t.Context(), shared)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"client msb-iag.onap 1b35a47c00000001<", "server multicloud.onap 0000000000000001<1b35a47c00000001",
		"client multicloud.onap 1b35a47c00000003<0000000000000001", "server msb-iag.onap 0000000000000002<1b35a47c00000003",
	}
	if diff := cmp.Diff(want, shape(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNoTraceYet(t *testing.T) {
	got, err := serve(t, nil).Trace(t.Context(), identity)
	if got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestNotFoundByAProxy: a 404 that is not Zipkin's own says nothing of the trace.
func TestNotFoundByAProxy(t *testing.T) {
	_, err := at(t, http.NotFound).Trace(t.Context(), identity)
	var status *observe.StatusError
	if !errors.As(err, &status) {
		t.Errorf("got %v", err)
	}
}

func TestMalformed(t *testing.T) {
	whole := recorded(t, "identity")
	for name, body := range map[string]string{
		"empty":                  "",
		"HTML":                   "<!doctype html><html><title>Zipkin</title></html>",
		"cut":                    whole[:len(whole)/2],
		"cut before the end":     whole[:len(whole)-1],
		"no list":                `{}`,
		"null":                   `null`,
		"no spans":               `[]`,
		"two traces":             recorded(t, "search-multicloud"),
		"spans of two traces":    strings.Replace(whole, identity, shared, 1),
		"another trace":          strings.ReplaceAll(whole, identity, shared),
		"no trace id":            strings.Replace(whole, `"traceId":"`+identity+`"`, `"traceId":""`, 1),
		"a span without id":      strings.Replace(whole, `"id":"1a00000000000003"`, `"id":""`, 1),
		"a span without service": strings.Replace(whole, `"serviceName":"multicloud.onap"`, `"serviceName":null`, 1),
		"no endpoint":            strings.Replace(whole, `"localEndpoint"`, `"remoteEndpoint"`, 1),
		"times that are text":    strings.Replace(whole, `"timestamp":1795430000009100`, `"timestamp":"now"`, 1),
		"no time":                strings.Replace(whole, `"timestamp":1795430000009100`, `"timestamp":0`, 1),
		"less than no time":      strings.Replace(whole, `"duration":`, `"duration":-`, 1),
		"a million spans":        "[" + strings.Repeat(`{"traceId":"`+identity+`","id":"1","timestamp":1,"localEndpoint":{"serviceName":"s"}},`, 400_000),
	} {
		t.Run(name, func(t *testing.T) {
			if body == whole {
				t.Fatal("nothing is wrong with the answer")
			}
			got, err := serve(t, map[string]string{"/api/v2/trace/" + identity: body}).Trace(t.Context(), identity)
			var malformed *observe.MalformedError
			if !errors.As(err, &malformed) {
				t.Fatalf("got %v, %v", got, err)
			}
			if absence := evidence.AbsenceOf(err); (absence == evidence.Final) == malformed.Cut {
				t.Errorf("%s: %v", absence, err)
			}
		})
	}
}

// TestOf: asked for a window, with traces that began up to a minute before; kept
// are those in which the service began something in the window.
func TestOf(t *testing.T) {
	start := time.UnixMicro(1795430000000000)
	var asked url.Values
	o := at(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query()
		_, _ = w.Write([]byte(recorded(t, "search-multicloud")))
	})
	for name, c := range map[string]struct {
		service    string
		start, end time.Time
		want       int
	}{
		"all":                {"multicloud.onap", start, start.Add(10 * time.Second), 2},
		"before":             {"multicloud.onap", start.Add(-time.Second), start, 0},
		"of another service": {"vfc-nslcm.onap", start, start.Add(10 * time.Second), 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := o.Of(t.Context(), c.service, c.start, c.end)
			if err != nil || len(got) != c.want {
				t.Errorf("%d traces, %v, want %d", len(got), err, c.want)
			}
		})
	}
	if _, err := o.Of(t.Context(), "multicloud.onap", start, start.Add(1500*time.Microsecond)); err != nil {
		t.Fatal(err)
	}
	want := url.Values{"serviceName": {"multicloud.onap"}, "endTs": {"1795430000002"}, "lookback": {"60002"}, "limit": {"1000"}}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if got, err := serve(t, map[string]string{"/api/v2/traces?a.onap": "[]"}).Of(t.Context(), "a.onap", start, start); len(got) != 0 || err != nil {
		t.Errorf("a search that finds nothing: %v, %v", got, err)
	}
	if got, err := serve(t, map[string]string{"/api/v2/traces?a.onap": "{}"}).Of(t.Context(), "a.onap", start, start); err == nil {
		t.Errorf("no list: %v", got)
	}
}

func TestServices(t *testing.T) {
	got, err := serve(t, map[string]string{"/api/v2/services": `["b.onap","a.onap"]`}).Services(t.Context())
	if !cmp.Equal(got, []string{"a.onap", "b.onap"}) || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := serve(t, map[string]string{"/api/v2/services": `{"a": 1}`}).Services(t.Context()); err == nil {
		t.Errorf("no list: %v", got)
	}
}

func TestFindFailsTogether(t *testing.T) {
	o := serve(t, map[string]string{"/api/v2/trace/" + identity: recorded(t, "identity"), "/api/v2/traces?a.onap": "<html>"})
	if got, err := traces.Find(t.Context(), o, traces.Search{TraceID: identity, Services: []string{"a.onap"}}); err == nil {
		t.Errorf("got %+v", got)
	}
}

// TestThroughTheAPIServer: the observer asks the Service by the API server's proxy.
func TestThroughTheAPIServer(t *testing.T) {
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		_, _ = w.Write([]byte("[]"))
	}))
	defer server.Close()
	client, err := kube.FromConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	o, err := zipkin.New(client)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = o.Trace(t.Context(), identity)
	if want := "/api/v1/namespaces/istio-system/services/zipkin:9411/proxy/api/v2/trace/" + identity; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
}

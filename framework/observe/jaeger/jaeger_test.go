package jaeger_test

import (
	"errors"
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
	"github.com/onap/meshcert/framework/observe/jaeger"
	"github.com/onap/meshcert/framework/observe/traces"
)

const (
	identity = "435a47c48520d0dc5adb923542aff200"
	nslcm    = "a9996e553895ebf6e09be2f9b96339e4"
)

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("jaeger/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// serve answers each path with a body, any other as Jaeger answers what it has not.
func serve(t *testing.T, bodies map[string]string) *jaeger.Observer {
	t.Helper()
	return at(t, func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Path
		if s := r.URL.Query().Get("service"); s != "" {
			key += "?" + s
		}
		if s := r.URL.Query().Get("query.service_name"); s != "" {
			key += "?v3:" + s
		}
		body, ok := bodies[key]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			body = recorded(t, "not-found")
		}
		_, _ = w.Write([]byte(body))
	})
}

// at observes a server of our own.
func at(t *testing.T, answer http.HandlerFunc) *jaeger.Observer {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return jaeger.At(base, server.Client())
}

func TestTrace(t *testing.T) {
	o := serve(t, map[string]string{"/api/traces/" + identity: recorded(t, "identity")})
	got, err := o.Trace(t.Context(), identity)
	if err != nil {
		t.Fatal(err)
	}
	var chain []string
	parent := "b3b3b3b3b3b3b3b3"
	for _, s := range got.Spans {
		if s.Parent != parent {
			t.Errorf("span %s has parent %s, want %s", s.ID, s.Parent, parent)
		}
		parent = s.ID
		chain = append(chain, string(s.Kind)+" "+s.Service)
	}
	want := []string{
		"server msb-iag.onap", "client msb-iag.onap", "server multicloud.onap", "client multicloud.onap",
		"server msb-iag.onap", "client msb-iag.onap", "server multicloud-vio.onap",
	}
	if diff := cmp.Diff(want, chain); diff != "" {
		t.Error(diff)
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
		t.Error(diff)
	}
}

func TestNoTraceYet(t *testing.T) {
	got, err := serve(t, nil).Trace(t.Context(), identity)
	if got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestNotFoundByAProxy: a 404 that is not Jaeger's own says nothing of the trace.
func TestNotFoundByAProxy(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	base, _ := url.Parse(server.URL)
	_, err := jaeger.At(base, server.Client()).Trace(t.Context(), identity)
	var status *observe.StatusError
	if !errors.As(err, &status) {
		t.Errorf("got %v", err)
	}
}

func TestMalformed(t *testing.T) {
	whole := recorded(t, "identity")
	for name, body := range map[string]string{
		"empty":               "",
		"HTML":                "<!doctype html><html><title>Jaeger UI</title></html>",
		"cut":                 whole[:len(whole)/2],
		"no data":             `{}`,
		"data null":           `{"data":null,"errors":null}`,
		"no trace":            recorded(t, "search-nothing"),
		"two traces":          recorded(t, "search-multicloud"),
		"errors":              `{"data":[],"errors":[{"code":500,"msg":"storage is away"}]}`,
		"a trace of nothing":  `{"data":[{"traceID":"1","spans":[],"processes":{}}]}`,
		"no trace id":         strings.Replace(whole, `{"traceID":"`+identity+`","spans"`, `{"traceID":"","spans"`, 1),
		"a foreign span":      strings.Replace(whole, `{"traceID":"`+identity+`","spanID"`, `{"traceID":"2","spanID"`, 1),
		"a span without id":   strings.Replace(whole, `"spanID":"1a00000000000003","operationName"`, `"spanID":"","operationName"`, 1),
		"no process":          strings.Replace(whole, `"processID":"p1"`, `"processID":"p9"`, 1),
		"a nameless process":  strings.Replace(whole, `"serviceName":"multicloud.onap"`, `"serviceName":""`, 1),
		"times that are text": strings.Replace(whole, `"duration":18345`, `"duration":"long"`, 1),
		"another trace":       strings.ReplaceAll(whole, identity, nslcm),
		"no time":             strings.Replace(whole, `"startTime":1795430000009100`, `"startTime":0`, 1),
		"after all years":     strings.Replace(whole, `"startTime":1795430000009100`, `"startTime":9223372036854775807`, 1),
		"less than no time":   strings.Replace(whole, `"duration":18345`, `"duration":-1`, 1),
		"longer than any":     strings.Replace(whole, `"duration":18345`, `"duration":9223372036854775807`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, map[string]string{"/api/traces/" + identity: body}).Trace(t.Context(), identity)
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

func TestTraces(t *testing.T) {
	o := serve(t, map[string]string{
		"/api/traces/" + nslcm:        recorded(t, "nslcm-to-catalog"),
		"/api/traces?vfc-nslcm.onap":  recorded(t, "search-vfc-nslcm"),
		"/api/traces?multicloud.onap": recorded(t, "search-multicloud"),
		"/api/traces?msb-iag.onap":    recorded(t, "search-nothing"),
	})
	start := time.UnixMicro(1795430000000000)
	got, err := traces.Find(t.Context(), o, traces.Search{
		TraceID: nslcm, Services: []string{"vfc-nslcm.onap", "multicloud.onap", "msb-iag.onap"}, Start: start, End: start.Add(time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Wanted == nil || got.Wanted.ID != nslcm || len(got.Wanted.Spans) != 3 {
		t.Errorf("wanted: %+v", got.Wanted)
	}
	var others []string
	for _, o := range got.Others {
		others = append(others, o.ID)
	}
	want := []string{"0cdb98f75443e8222b670ccc43a72252", identity, "70594b67922c8264033581782c36de8b", "ee2f8200b50208ed35c0ce3417b02dac"}
	if diff := cmp.Diff(want, others); diff != "" {
		t.Error(diff)
	}
}

func TestTracesFailTogether(t *testing.T) {
	o := serve(t, map[string]string{"/api/traces/" + nslcm: recorded(t, "nslcm-to-catalog"), "/api/traces?a.onap": "<html>"})
	if got, err := traces.Find(t.Context(), o, traces.Search{TraceID: nslcm, Services: []string{"a.onap"}}); err == nil {
		t.Errorf("got %+v", got)
	}
}

// TestThroughTheAPIServer: the observer asks the Service by the API server's proxy.
func TestThroughTheAPIServer(t *testing.T) {
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		_, _ = w.Write([]byte(recorded(t, "search-nothing")))
	}))
	defer server.Close()
	client, err := kube.FromConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	o, err := jaeger.New(client)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = o.Trace(t.Context(), identity)
	if want := "/api/v1/namespaces/istio-system/services/jaeger-query:16686/proxy/api/traces/" + identity; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
}

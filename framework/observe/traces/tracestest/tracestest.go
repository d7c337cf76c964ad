// Package tracestest runs real back ends for traces in tests, and sends spans to
// them as sidecars do. Back ends that were never built are skipped.
package tracestest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/proctest"
)

// Server is a back end that runs.
type Server struct {
	Process *proctest.Process
	// Query is where it is asked for traces.
	Query *url.URL
	// Zipkin and OTLP are the URLs that take spans; OTLP is empty where there is none.
	Zipkin, OTLP string
}

// Jaeger starts a Jaeger with the add-on's configuration.
func Jaeger(t *testing.T) *Server {
	t.Helper()
	program := proctest.Program(t, "go-jaeger", "jaeger")
	folder := t.TempDir()
	text, ports := jaegerConfiguration(t)
	file := filepath.Join(folder, "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	process := proctest.Start(t, folder, program, "--config", file)
	process.Ready(t, proctest.Serves("http://"+ports["13133"]+"/status"))
	return &Server{
		Process: process, Query: &url.URL{Scheme: "http", Host: ports["16686"]},
		Zipkin: "http://" + ports["9411"] + "/api/v2/spans", OTLP: "http://" + ports["4318"] + "/v1/traces",
	}
}

// jaegerConfiguration is the add-on's, with OTLP over HTTP besides, on free
// addresses of the loopback interface; they are returned by the ports of the add-on.
func jaegerConfiguration(t *testing.T) (string, map[string]string) {
	t.Helper()
	manifest, err := addons.FS.ReadFile("jaeger.yaml")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(manifest, []byte("\n---\n"))
	var config corev1.ConfigMap
	if err := yaml.UnmarshalStrict(first, &config); err != nil {
		t.Fatal(err)
	}
	const grpc = `grpc: {endpoint: "0.0.0.0:4317"}`
	text := config.Data["config.yaml"]
	if !strings.Contains(text, grpc) {
		t.Fatalf("the add-on's configuration has no %s", grpc)
	}
	text = strings.Replace(text, grpc, grpc+`, http: {endpoint: "0.0.0.0:4318"}`, 1)
	everywhere := regexp.MustCompile(`0\.0\.0\.0:(\d+)`)
	all := everywhere.FindAllStringSubmatch(text, -1)
	free := proctest.Addresses(t, len(all))
	addresses := map[string]string{}
	for i, one := range all {
		addresses[one[1]] = free[i]
	}
	return everywhere.ReplaceAllStringFunc(text, func(one string) string { return addresses[strings.TrimPrefix(one, "0.0.0.0:")] }), addresses
}

// Zipkin starts a Zipkin server on this machine's Java.
func Zipkin(t *testing.T) *Server {
	t.Helper()
	jar := proctest.Program(t, "maven-zipkin", "zipkin-server-*-exec.jar")
	java, err := exec.LookPath("java")
	if err != nil {
		t.Skipf("needs Java to run a real Zipkin: %v", err)
	}
	address := proctest.Addresses(t, 1)[0]
	_, port, _ := strings.Cut(address, ":")
	process := proctest.Start(t, t.TempDir(), java, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", jar, "--server.port="+port)
	process.Ready(t, proctest.Serves("http://"+address+"/health"))
	return &Server{Process: process, Query: &url.URL{Scheme: "http", Host: address}, Zipkin: "http://" + address + "/api/v2/spans"}
}

// Chain is one span for each "KIND APP", each the parent of the next and a bit
// shorter, the first the child of the parent.
func Chain(trace, parent string, at time.Time, steps ...string) []evidence.Span {
	var spans []evidence.Span
	for i, step := range steps {
		kind, app, _ := strings.Cut(step, " ")
		s := evidence.Span{
			ID: fmt.Sprintf("%s%08x", trace[:8], i+1), TraceID: trace, Parent: parent, Kind: evidence.SpanKind(kind),
			Service: app + ".onap", Name: app + ".onap.svc.cluster.local:80/*",
			Start: at.Add(time.Duration(i) * time.Millisecond), Duration: time.Duration(30-2*i) * time.Millisecond,
			Tags: map[string]string{"http.method": "GET", "http.status_code": "200", "response_flags": "-", "node_id": "sidecar~" + app},
		}
		spans, parent = append(spans, s), s.ID
	}
	return spans
}

// SendZipkin sends spans in the form of Envoy's Zipkin tracer (Zipkin v2 JSON). A
// server's span that has the id of its client's is marked as shared.
func (s *Server) SendZipkin(t *testing.T, spans ...evidence.Span) {
	t.Helper()
	clients := map[string]bool{}
	for _, s := range spans {
		clients[s.ID] = clients[s.ID] || s.Kind == evidence.Client
	}
	var out []map[string]any
	for _, s := range spans {
		one := map[string]any{
			"traceId": s.TraceID, "id": s.ID, "kind": strings.ToUpper(string(s.Kind)), "name": s.Name,
			"timestamp": s.Start.UnixMicro(), "duration": s.Duration.Microseconds(),
			"localEndpoint": map[string]any{"serviceName": s.Service, "ipv4": "10.244.0.11", "port": 0}, "tags": s.Tags,
		}
		if s.Parent != "" {
			one["parentId"] = s.Parent
		}
		if s.Kind == evidence.Server && clients[s.ID] {
			one["shared"] = true
		}
		out = append(out, one)
	}
	post(t, s.Zipkin, out)
}

// SendOTLP sends spans in the form of Envoy's OpenTelemetry tracer (OTLP), as JSON.
func (s *Server) SendOTLP(t *testing.T, spans ...evidence.Span) {
	t.Helper()
	kinds := map[evidence.SpanKind]int{evidence.Server: 2, evidence.Client: 3}
	var out []map[string]any
	for _, s := range spans {
		one := map[string]any{
			"traceId": s.TraceID, "spanId": s.ID, "parentSpanId": s.Parent, "kind": kinds[s.Kind], "name": s.Name,
			"startTimeUnixNano": fmt.Sprint(s.Start.UnixNano()), "endTimeUnixNano": fmt.Sprint(s.Start.Add(s.Duration).UnixNano()),
		}
		var attributes []map[string]any
		for key, value := range s.Tags {
			if key == "error" {
				one["status"] = map[string]any{"code": 2}
				continue
			}
			attributes = append(attributes, attribute(key, value))
		}
		one["attributes"] = attributes
		out = append(out, map[string]any{
			"resource":   map[string]any{"attributes": []map[string]any{attribute("service.name", s.Service)}},
			"scopeSpans": []map[string]any{{"spans": []map[string]any{one}}},
		})
	}
	post(t, s.OTLP, map[string]any{"resourceSpans": out})
}

func attribute(key, value string) map[string]any {
	return map[string]any{"key": key, "value": map[string]any{"stringValue": value}}
}

func post(t *testing.T, address string, spans any) {
	t.Helper()
	body, err := json.Marshal(spans)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(address, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		t.Fatalf("the collector answers %s", response.Status)
	}
}

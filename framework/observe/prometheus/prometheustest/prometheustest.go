// Package prometheustest starts a real Prometheus for tests, which scrapes
// Istio's standard metrics of a traffic that the test makes up. It guarantees
// that both are gone when the test ends.
package prometheustest

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/proctest"
)

// Job is the name under which Prometheus scrapes the mesh.
const Job = "istio-telemetry"

// Prometheus is a Prometheus that scrapes twice a second.
type Prometheus struct {
	URL     *url.URL
	process *proctest.Process
}

// Start starts a Prometheus that ends with the test. Where it was never built
// the test is skipped.
func Start(t *testing.T, mesh *Mesh) *Prometheus {
	t.Helper()
	program := proctest.Program(t, "go-prometheus", "prometheus")
	folder := t.TempDir()
	config := fmt.Sprintf(`
scrape_configs:
- job_name: %s
  scrape_interval: 500ms
  scrape_timeout: 500ms
  enable_compression: false
  static_configs: [{targets: [%q]}]
`, Job, mesh.Address())
	file := filepath.Join(folder, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &Prometheus{URL: &url.URL{Scheme: "http", Host: proctest.Addresses(t, 1)[0]}}
	p.process = proctest.Start(t, folder, program,
		"--config.file="+file, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+p.URL.Host,
		"--scrape.discovery-reload-interval=100ms", // its own 5 s are for big clusters
	)
	p.process.Ready(t, proctest.Serves(p.URL.JoinPath("-/ready").String()))
	return p
}

// Stop ends Prometheus before its test does.
func (p *Prometheus) Stop(t *testing.T) {
	t.Helper()
	p.process.Stop(t)
}

// Mesh serves the metrics of the traffic that it is told of.
type Mesh struct {
	server *httptest.Server
	mutex  sync.Mutex
	// series maps a series as it is written, name and labels, to its value.
	series map[string]float64
}

// NewMesh serves a mesh without traffic until the test ends.
func NewMesh(t *testing.T) *Mesh {
	m := &Mesh{series: map[string]float64{}}
	m.server = httptest.NewServer(m)
	t.Cleanup(m.Stop)
	return m
}

// Address is where the metrics are served, host:port.
func (m *Mesh) Address() string { return m.server.Listener.Addr().String() }

// Stop ends serving before the test does.
func (m *Mesh) Stop() { m.server.Close() }

// ServeHTTP serves Prometheus' text format.
func (m *Mesh) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	for _, series := range slices.Sorted(maps.Keys(m.series)) {
		fmt.Fprintf(w, "%s %g\n", series, m.series[series])
	}
}

// Requests counts n HTTP requests of 3 ms over the edge, as the reporter
// ("source", "destination") does.
func (m *Mesh) Requests(reporter string, edge evidence.Edge, code, n int) {
	labels := Labels(reporter, edge)
	labels["response_code"] = strconv.Itoa(code)
	const duration = "istio_request_duration_milliseconds"
	m.add(map[string]float64{
		series("istio_requests_total", labels):           float64(n),
		series(duration+"_bucket", labels, "le", "1"):    0,
		series(duration+"_bucket", labels, "le", "5"):    float64(n),
		series(duration+"_bucket", labels, "le", "+Inf"): float64(n),
		series(duration+"_count", labels):                float64(n),
		series(duration+"_sum", labels):                  float64(3 * n),
	})
}

// Bytes counts n bytes sent and n received over the edge's TCP connections.
func (m *Mesh) Bytes(reporter string, edge evidence.Edge, n int) {
	labels := Labels(reporter, edge)
	m.add(map[string]float64{
		series("istio_tcp_sent_bytes_total", labels):     float64(n),
		series("istio_tcp_received_bytes_total", labels): float64(n),
	})
}

// add counts all at once, so that no scrape comes between.
func (m *Mesh) add(more map[string]float64) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for series, n := range more {
		m.series[series] += n
	}
}

// Labels are those of Istio's standard labels that tell who called whom. An
// unknown end is in no namespace that is known.
func Labels(reporter string, edge evidence.Edge) map[string]string {
	labels := map[string]string{"reporter": reporter}
	for end, name := range map[string][2]string{"source": {edge.From, edge.FromApp}, "destination": {edge.To, edge.ToApp}} {
		labels[end+"_workload"], labels[end+"_app"] = name[0], name[1]
		labels[end+"_workload_namespace"] = "onap"
		if name[0] == "unknown" {
			labels[end+"_workload_namespace"] = "unknown"
		}
	}
	return labels
}

// series is NAME{LABEL="VALUE",…}; more are a label and its value.
func series(name string, labels map[string]string, more ...string) string {
	var parts []string
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, label+"="+strconv.Quote(labels[label]))
	}
	if len(more) == 2 {
		parts = append(parts, more[0]+"="+strconv.Quote(more[1]))
	}
	return name + "{" + strings.Join(parts, ",") + "}"
}

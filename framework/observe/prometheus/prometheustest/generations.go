package prometheustest

import (
	"maps"
	"strconv"

	"github.com/onap/meshcert/framework/evidence"
)

// Report is n requests over an edge as an Istio of some time exports them: names,
// labels and units are those of its Mixer configuration, or of Telemetry v2.
type Report struct {
	// Since is the generation: "0.8", "1.0" or "1.5".
	Since string
	// Reporter is "source" or "destination"; 0.8 has the callee's only, unnamed.
	Reporter string
	Edge     evidence.Edge
	// From and To are the Services of the ends, "unknown" without one.
	From, To string
	Code, N  int
	// Plain are requests without mutual TLS; a caller that is unknown has none.
	Plain bool
}

// Count counts the requests: each of 3 ms, with 120 bytes asked and 800 answered.
func (m *Mesh) Count(r Report) {
	more := r.totals()
	n := float64(r.N)
	names := map[string][3]string{
		"0.8": {"istio_request_duration", "istio_request_size", "istio_response_size"},
		"1.0": {"istio_request_duration_seconds", "istio_request_bytes", "istio_response_bytes"},
		"1.5": {"istio_request_duration_milliseconds", "istio_request_bytes", "istio_response_bytes"},
	}[r.Since]
	took, bounds := 0.003, []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	if r.Since == "1.5" {
		took, bounds = 3, []float64{.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000}
	}
	r.histogram(more, names[0], took, n, bounds)
	sizes := []float64{1, 10, 100, 1000, 10000}
	r.histogram(more, names[1], 120, n, sizes)
	r.histogram(more, names[2], 800, n, sizes)
	m.add(more)
}

// Lose counts the requests in their total only: their histograms are lost.
func (m *Mesh) Lose(r Report) { m.add(r.totals()) }

// TCP counts as many bytes sent and received over TCP connections as the report has requests.
func (m *Mesh) TCP(r Report) {
	labels := r.labels()
	delete(labels, "response_code")
	sent, received := "istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total"
	switch r.Since {
	case "0.8":
		sent, received = "istio_tcp_bytes_sent", "istio_tcp_bytes_received"
	case "1.0":
		delete(labels, "request_protocol")
	default:
		labels["request_protocol"] = "tcp"
	}
	m.add(map[string]float64{series(sent, labels): float64(r.N), series(received, labels): float64(r.N)})
}

func (r Report) totals() map[string]float64 {
	name := "istio_requests_total"
	if r.Since == "0.8" {
		name = "istio_request_count"
	}
	return map[string]float64{series(name, r.labels()): float64(r.N)}
}

// histogram adds n values to the series of a histogram.
func (r Report) histogram(all map[string]float64, name string, value, n float64, bounds []float64) {
	labels := r.labels()
	for _, bound := range bounds {
		counted := 0.0
		if value <= bound {
			counted = n
		}
		all[series(name+"_bucket", labels, "le", strconv.FormatFloat(bound, 'g', -1, 64))] = counted
	}
	all[series(name+"_bucket", labels, "le", "+Inf")] = n
	all[series(name+"_count", labels)] = n
	all[series(name+"_sum", labels)] = value * n
}

func (r Report) labels() map[string]string {
	mutual := !r.Plain && r.Edge.From != unknown
	if r.Since == "0.8" {
		return map[string]string{
			"source_service": fqdn(r.From), "source_version": unknown, "destination_service": fqdn(r.To), "destination_version": unknown,
			"response_code": strconv.Itoa(r.Code), "connection_mtls": strconv.FormatBool(mutual),
		}
	}
	labels := Labels(r.Reporter, r.Edge)
	security := "none"
	switch {
	case r.Reporter == "source":
		security = unknown
	case mutual:
		security = "mutual_tls"
	}
	maps.Copy(labels, map[string]string{
		"source_version": unknown, "destination_version": unknown, "source_principal": unknown, "destination_principal": unknown,
		"destination_service": fqdn(r.To), "destination_service_name": r.To, "destination_service_namespace": "onap",
		"request_protocol": "http", "response_code": strconv.Itoa(r.Code), "connection_security_policy": security,
	})
	if mutual && r.Reporter == "destination" {
		labels["source_principal"], labels["destination_principal"] = "cluster.local/ns/onap/sa/default", "cluster.local/ns/onap/sa/default"
	}
	if r.Since == "1.5" {
		labels["response_flags"] = "-"
		for end, app := range map[string]string{"source_": r.Edge.FromApp, "destination_": r.Edge.ToApp} {
			labels[end+"canonical_service"], labels[end+"canonical_revision"], labels[end+"cluster"] = app, "latest", "Kubernetes"
		}
	}
	return labels
}

const unknown = "unknown"

// fqdn is the name of a Service in full.
func fqdn(service string) string {
	if service == unknown {
		return unknown
	}
	return service + ".onap.svc.cluster.local"
}

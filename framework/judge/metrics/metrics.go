// Package metrics judges Istio's standard metrics against the requests that were sent.
package metrics

import (
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// Queries for the evidence of the judges below, for namespace onap.
const (
	RequestsQuery = `istio_requests_total{destination_workload_namespace="onap"}`
	LatencyQuery  = `istio_request_duration_milliseconds_bucket{destination_workload_namespace="onap"}`
	BytesQuery    = `{__name__=~"istio_tcp_(sent|received)_bytes_total",destination_workload_namespace="onap"}`
)

// Call is a series that must rise by exactly Count.
type Call struct {
	// Source and Destination are workload names; Source is "unknown" for a caller outside the mesh.
	Source      string
	Destination string
	// Reporter is "source" or "destination".
	Reporter string
	Code     int
	Count    int
}

// Calls lists what n requests over the path must be counted as.
func Calls(release *catalogue.Release, policy catalogue.Policy, path catalogue.Path, n int) []Call {
	return nil
}

// Judge compares istio_requests_total before and after.
func Judge(calls []Call, before, after evidence.Samples) []verdict.Finding { return nil }

// JudgeLatency says whether each call's destination has a whole latency histogram.
func JudgeLatency(calls []Call, buckets evidence.Samples) []verdict.Finding { return nil }

// JudgeTCP says whether bytes to the workload (by app name) have risen at both reporters.
func JudgeTCP(release *catalogue.Release, policy catalogue.Policy, source, destination string, before, after evidence.Samples) []verdict.Finding {
	return nil
}

package metrics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeLatency says whether each call has a whole latency histogram: several
// bounds, +Inf among them, counts that never fall, and at least one request.
func JudgeLatency(calls []Call, buckets evidence.Samples) []verdict.Finding {
	if f, missing := noSamples(len(calls), buckets); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	seen := map[Call]bool{}
	for _, c := range calls {
		c.Code, c.Count = 0, 0
		if seen[c] {
			continue
		}
		seen[c] = true
		if kind, got := c.histogram(buckets); kind != "" {
			f := c.finding(kind, fmt.Sprintf("the %s has no whole latency histogram of %s → %s", c.Reporter, c.Source, c.Destination))
			f.Want, f.Got = "counts by several bounds (le) that never fall, +Inf among them", got
			f.Why = "quantiles are computed from these buckets, so dashboards and alerts show nothing or nonsense for this call"
			f.Next = "see istio_request_duration_milliseconds_bucket at istio-telemetry's /metrics"
			findings = append(findings, f)
		}
	}
	verdict.Sort(findings)
	return findings
}

// histogram returns what is wrong with the call's histogram; no kind when nothing is.
func (c Call) histogram(buckets evidence.Samples) (verdict.Kind, string) {
	counts := map[float64]float64{}
	for _, item := range buckets.Items {
		if !c.of(item) {
			continue
		}
		bound, err := strconv.ParseFloat(item.Labels["le"], 64)
		if err != nil || math.IsNaN(bound) {
			return "broken-histogram", fmt.Sprintf("a bucket with le=%q", item.Labels["le"])
		}
		counts[bound] += item.Value
	}
	bounds := slices.Sorted(maps.Keys(counts))
	switch {
	case len(bounds) == 0:
		return "missing-histogram", "no buckets"
	case !math.IsInf(bounds[len(bounds)-1], 1):
		return "broken-histogram", "no bucket with le=+Inf"
	case len(bounds) < 2:
		return "broken-histogram", "no bucket but le=+Inf"
	case counts[bounds[len(bounds)-1]] == 0:
		return "missing-histogram", "no request in any bucket"
	}
	for i := 1; i < len(bounds); i++ {
		if counts[bounds[i]] < counts[bounds[i-1]] {
			return "broken-histogram", fmt.Sprintf("%g up to %g ms, but %g up to %g ms", counts[bounds[i-1]], bounds[i-1], counts[bounds[i]], bounds[i])
		}
	}
	return "", ""
}

// JudgeTCP says whether the bytes sent and received over TCP connections from
// source to destination (app names) have risen at every end that has a sidecar.
func JudgeTCP(release *catalogue.Release, policy catalogue.Policy, source, destination string, before, after evidence.Samples) []verdict.Finding {
	from, _ := release.Workload(source)
	to, _ := release.Workload(destination)
	var calls []Call
	if from.Injected(policy) {
		calls = append(calls, Call{Source: from.Name, Destination: to.Name, Reporter: Source})
		if to.Injected(policy) {
			calls = append(calls, Call{Source: from.Name, Destination: to.Name, Reporter: Destination})
		}
	}
	if f, odd := noNumber(before); odd {
		return []verdict.Finding{f}
	}
	if f, missing := noSamples(len(calls), after); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, c := range calls {
		for _, metric := range []string{"istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total"} {
			findings = append(findings, c.bytes(metric, before, after)...)
		}
	}
	verdict.Sort(findings)
	return findings
}

func (c Call) bytes(metric string, before, after evidence.Samples) []verdict.Finding {
	was, _ := c.sum(metric, before)
	is, there := c.sum(metric, after)
	if there && is > was {
		return nil
	}
	f := c.finding("no-bytes", fmt.Sprintf("the %s counts no bytes %s → %s", c.Reporter, c.Source, c.Destination))
	f.Where += ", metric " + metric
	f.Want, f.Got = "a rise", fmt.Sprintf("%g, before %g", is, was)
	f.Why = "a TCP connection is reported when it ends"
	f.Next = "see whether the connection was made and closed, and the protocol of the port in the listener"
	if !there {
		f.Kind, f.Got = "missing-series", "no series"
	}
	if there && is < was {
		f.Kind, f.Verdict, f.Why = "counter-reset", verdict.Inconclusive, "the counter was started anew meanwhile"
	}
	return []verdict.Finding{f}
}

func (c Call) sum(metric string, s evidence.Samples) (total float64, there bool) {
	for _, item := range s.Items {
		if item.Labels["__name__"] == metric && c.of(item) {
			total, there = total+item.Value, true
		}
	}
	return total, there
}

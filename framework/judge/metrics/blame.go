package metrics

import (
	"fmt"
	"maps"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// nothingRose says that requests were sent and every series is as it was, those
// of other calls too: that is no workload's fault.
func nothingRose(all []connection, before, after evidence.Samples) (verdict.Finding, bool) {
	sent := 0.0
	for _, c := range all {
		for _, n := range c.want {
			sent += n
		}
	}
	return verdict.Finding{
		Kind: "nothing-rose", Verdict: verdict.Inconclusive,
		Summary: "no counter has risen since before the requests", Object: prometheus,
		Want: fmt.Sprintf("%g counts more, over %s", sent, object.Count(len(all), "connection")),
		Got:  "every series as before", Where: "query " + after.Query,
		Why:  "the requests were answered and not one of them is counted anywhere: Prometheus is stale or does not scrape, or the telemetry is stuck, so nothing is known of any workload",
		Next: "see Prometheus' targets and the time of their last scrape, and istio-telemetry's log",
	}, sent > 0 && maps.Equal(sums(before), sums(after))
}

// countedTwice says that every one of several connections counts exactly twice
// what was sent: that is how the mesh reports, and no workload's fault.
func countedTwice(all []connection, before, after evidence.Samples) (verdict.Finding, bool) {
	for _, c := range all {
		rises := c.byCode(after)
		for code, was := range c.byCode(before) {
			rises[code] -= was
		}
		maps.DeleteFunc(rises, func(_ int, n float64) bool { return n == 0 })
		if !maps.EqualFunc(rises, c.want, func(rise, want float64) bool { return rise == 2*want }) {
			return verdict.Finding{}, false
		}
	}
	return verdict.Finding{
		Kind: "counted-twice", Verdict: verdict.Fail,
		Summary: "every request is counted twice", Object: "Telemetry istio-system/mesh-default",
		Want: "as many as were sent", Got: "twice as many over each of " + object.Count(len(all), "connection"),
		Where: "query istio_requests_total by source, destination and reporter",
		Why:   "exactly twice as many, everywhere, as if every request were reported by two providers",
		Next:  "see the accessLogging providers of all Telemetry objects, and istio_telemetry_streams",
	}, len(all) > 1
}

// sums are the values by labels.
func sums(s evidence.Samples) map[string]float64 {
	all := map[string]float64{}
	for _, item := range s.Items {
		all[fmt.Sprint(item.Labels)] += item.Value
	}
	return all
}

// blameCaller names the caller instead of the callee where the caller's own
// sidecar does not report the call.
func (c Call) blameCaller(f *verdict.Finding) {
	if c.Reporter == Source {
		f.Object = object.Deployment(object.Namespace, c.Source)
	}
}

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

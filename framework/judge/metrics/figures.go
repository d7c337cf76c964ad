package metrics

import (
	"cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/metric"
)

// Figures are traffic, errors, latency and share of mutual TLS of every workload
// of the release, by the callee's sidecar, else by the callers'. A workload
// without traffic has nothing but that.
func Figures(release *catalogue.Release, before evidence.Samples, after evidence.Measured) []evidence.Figure {
	var all []evidence.Figure
	for _, w := range release.Workloads {
		c := callee{name: w.Name, reporter: Destination}
		rises := c.rises(before, after.Requests)
		if len(rises) == 0 {
			c.reporter = Source
			rises = c.rises(before, after.Requests)
		}
		all = append(all, c.figures(object.Workload(release, object.Namespace, w.Name), rises, after)...)
	}
	return all
}

func (c callee) figures(who string, rises []rise, after evidence.Measured) []evidence.Figure {
	total, errors, mutual := 0.0, 0.0, 0.0
	for _, r := range rises {
		total += r.by
		if r.code >= 500 || r.code == 0 {
			errors += r.by
		}
		if r.security == metric.MutualTLS {
			mutual += r.by
		}
	}
	figures := []evidence.Figure{{Name: "requests", Object: who, Value: total}}
	if total <= 0 {
		return figures
	}
	figures = append(figures, evidence.Figure{Name: "errors", Object: who, Value: 100 * errors / total, Unit: "%"})
	for _, q := range []struct {
		name string
		seen evidence.Samples
	}{{"p50", after.P50}, {"p95", after.P95}} {
		for _, item := range q.seen.Items {
			if c.of(item) {
				figures = append(figures, evidence.Figure{Name: q.name, Object: who, Value: item.Value, Unit: "ms"})
				break
			}
		}
	}
	if c.reporter == Destination {
		figures = append(figures, evidence.Figure{Name: "mutual TLS", Object: who, Value: 100 * mutual / total, Unit: "%"})
	}
	return figures
}

// byCode adds up rises by code.
func byCode(rises []rise) map[int]float64 {
	all := map[int]float64{}
	for _, r := range rises {
		all[r.code] += r.by
	}
	return all
}

// compare orders by the first pair that differs, then by n.
func compare(a, b, c, d string, n int) int {
	return cmp.Or(cmp.Compare(a, b), cmp.Compare(c, d), n)
}

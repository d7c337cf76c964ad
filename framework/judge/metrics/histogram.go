package metrics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeHistograms says whether each call has whole histograms of the quantities:
// several bounds, +Inf among them and the same for all calls, counts that never
// fall, at least one request, as many in +Inf as in the count and as in
// istio_requests_total, and a sum that the buckets allow. The samples are of one moment.
func JudgeHistograms(calls []Call, what []metric.Quantity, seen evidence.Samples) []verdict.Finding {
	if f, missing := noSamples(len(calls), seen); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, q := range what {
		every := read(q, seen, func(evidence.Sample) bool { return true }).buckets
		for _, c := range connections(calls) {
			if kind, got := read(q, seen, c.of).wrong(every); kind != "" {
				f := c.finding(kind, fmt.Sprintf("the %s has no whole histogram %s of %s → %s", c.Reporter, q, c.Source, c.Destination))
				f.Want, f.Got = wholeHistogram, got
				f.Why, f.Next = brokenMeans, "see "+string(q)+metric.Bucket+" at istio-telemetry's /metrics"
				findings = append(findings, f)
			}
		}
	}
	verdict.Sort(findings)
	return findings
}

const (
	wholeHistogram = "counts by several bounds (le) that never fall, up to +Inf; a count and a sum that fit them"
	brokenMeans    = "quantiles and means are computed from it, so dashboards and alerts show nothing or nonsense for this"
)

// histogram is a quantity's series, added up.
type histogram struct {
	buckets map[float64]float64
	// parts are sum, count and the requests that were counted, by their names.
	parts map[string]float64
	// odd is a bound that is none.
	odd string
}

// read adds up the quantity's series that are wanted.
func read(q metric.Quantity, seen evidence.Samples, wanted func(evidence.Sample) bool) histogram {
	h := histogram{buckets: map[float64]float64{}, parts: map[string]float64{}}
	for _, item := range seen.Items {
		name := item.Labels[string(metric.Name)]
		switch {
		case !wanted(item):
		case name == string(metric.Requests):
			h.parts[name] += item.Value
		case name != string(q)+metric.Bucket:
			if part, ours := strings.CutPrefix(name, string(q)); ours {
				h.parts[part] += item.Value
			}
		default:
			bound, err := strconv.ParseFloat(item.Labels[string(metric.Bound)], 64)
			if err != nil || math.IsNaN(bound) {
				h.odd = fmt.Sprintf("a bucket with le=%q", item.Labels[string(metric.Bound)])
				continue
			}
			h.buckets[bound] += item.Value
		}
	}
	return h
}

// wrong is what is wrong with the histogram; no kind when nothing is. All calls
// together have a bucket for every bound.
func (h histogram) wrong(every map[float64]float64) (verdict.Kind, string) {
	bounds := slices.Sorted(maps.Keys(h.buckets))
	switch {
	case h.odd != "":
		return "broken-histogram", h.odd
	case len(bounds) == 0:
		return "missing-histogram", "no buckets"
	case !math.IsInf(bounds[len(bounds)-1], 1):
		return "broken-histogram", "no bucket with le=+Inf"
	case len(bounds) < 2:
		return "broken-histogram", "no bucket but le=+Inf"
	case h.buckets[math.Inf(1)] == 0:
		return "missing-histogram", "no request in any bucket"
	}
	for _, bound := range slices.Sorted(maps.Keys(every)) {
		if _, there := h.buckets[bound]; !there {
			return "broken-histogram", fmt.Sprintf("no bucket up to %g, which others have", bound)
		}
	}
	for i := 1; i < len(bounds); i++ {
		if h.buckets[bounds[i]] < h.buckets[bounds[i-1]] {
			return "broken-histogram", fmt.Sprintf("%g up to %g, but %g up to %g", h.buckets[bounds[i-1]], bounds[i-1], h.buckets[bounds[i]], bounds[i])
		}
	}
	if got := h.disagrees(bounds); got != "" {
		return "broken-histogram", got
	}
	return "", ""
}

// disagrees says which other series does not fit the buckets.
func (h histogram) disagrees(bounds []float64) string {
	all := h.buckets[math.Inf(1)]
	for _, part := range []string{metric.Count, string(metric.Requests)} {
		n, there := h.parts[part]
		switch {
		case !there:
			return "no series " + part
		case n != all:
			return fmt.Sprintf("%g up to +Inf, but %s is %g", all, part, n)
		}
	}
	sum, there := h.parts[metric.Sum]
	if !there {
		return "no series " + metric.Sum
	}
	least, most := h.between(bounds)
	if sum < least || sum > most {
		return fmt.Sprintf("%s is %g, and the buckets allow %g to %g", metric.Sum, sum, least, most)
	}
	return ""
}

// between is the least and the most that the values in the buckets add up to, a
// millionth more or less, since sums are rounded.
func (h histogram) between(bounds []float64) (least, most float64) {
	lower, below := 0.0, 0.0
	for _, upper := range bounds {
		if n := h.buckets[upper] - below; n > 0 {
			least, most = least+n*lower, most+n*upper
		}
		lower, below = max(lower, upper), h.buckets[upper]
	}
	return least * (1 - 1e-6), most * (1 + 1e-6)
}

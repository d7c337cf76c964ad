package metric

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
)

// Today puts what Prometheus answered into the words of the newest generation:
// names and labels, milliseconds, mutual_tls for true. What a generation does
// not name by workload it names by Service, whose workload the caller tells;
// "" for one that is not known, which stays as it is. Without a reporter the
// callee's end counts. What is in the words of the newest generation stays.
func (g Generation) Today(seen evidence.Samples, workload func(service string) string) evidence.Samples {
	items := make([]evidence.Sample, len(seen.Items))
	for i, item := range seen.Items {
		items[i] = g.today(item, workload)
	}
	seen.Items = items
	if len(items) == 0 {
		seen.Items = nil
	}
	return seen
}

func (g Generation) today(item evidence.Sample, workload func(string) string) evidence.Sample {
	all := maps.Clone(item.Labels)
	for d, label := range g.labels {
		if value, there := all[label]; there && label != string(d) {
			delete(all, label)
			all[string(d)] = value
		}
	}
	if !g.Knows(Namespace) {
		for _, end := range []Dimension{Source, Destination} {
			if name := workload(all[string(end)]); name != "" {
				all[string(end)] = name
			}
		}
	}
	if !g.Knows(Reporter) && all != nil {
		all[string(Reporter)] = ByDestination
	}
	security := map[string]string{"true": MutualTLS, "false": NoTLS}
	if word, old := security[all[string(Security)]]; old {
		all[string(Security)] = word
	}
	return g.inMilliseconds(evidence.Sample{Labels: all, Value: item.Value})
}

// inMilliseconds renames a series, and converts what is a duration in it.
func (g Generation) inMilliseconds(item evidence.Sample) evidence.Sample {
	name, there := item.Labels[string(Name)]
	if !there {
		return item
	}
	for q, old := range g.names {
		part, ours := strings.CutPrefix(name, old)
		if !ours || (part != "" && (!q.histogram() || part != Bucket && part != Sum && part != Count)) {
			continue
		}
		item.Labels[string(Name)] = string(q) + part
		if q != Duration || g.Unit == time.Millisecond {
			continue
		}
		factor := float64(g.Unit / time.Millisecond)
		if part == Sum {
			item.Value *= factor
		}
		if bound, err := strconv.ParseFloat(item.Labels[string(Bound)], 64); err == nil && part == Bucket {
			item.Labels[string(Bound)] = strconv.FormatFloat(bound*factor, 'g', -1, 64)
		}
	}
	return item
}

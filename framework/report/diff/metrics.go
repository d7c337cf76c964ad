package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
)

// The evidence of which metrics are compared: all series of requests and bytes
// with all their labels, and what traffic over all paths added to them.
const (
	labelsSpec, labelsEvidence    = "metrics.labels", "series"
	trafficSpec, trafficEvidence  = "metrics.workloads", "workloads"
	trafficBefore                 = "workloads-before"
	nameLabel                     = "__name__"
	reporterLabel, atDestination  = "reporter", "destination"
	callerLabel, calleeLabel      = "source_workload", "destination_workload"
	codeLabel                     = "response_code"
	securityLabel, mutualSecurity = "connection_security_policy", "mutual_tls"
)

// metrics compares which metrics there are, with which labels; and of the calls
// that the traffic over all paths makes, at which end and with which code they
// were counted, and whether by mutual TLS. How much was counted is not compared.
func (c comparison) metrics() Section {
	s := Section{Topic: Metrics}
	for _, at := range c.stages {
		s.add(c.labels(at))
		s.add(c.counted(at))
	}
	return s
}

// add takes in what was found, or why nothing could be.
func (s *Section) add(changes []Change, unknown []string) {
	s.Changes = append(s.Changes, changes...)
	s.Unknown = append(s.Unknown, unknown...)
}

// labels compares the names of metrics, and of the labels of those in both.
func (c comparison) labels(at stage) ([]Change, []string) {
	a, b, unknown := seenByBoth[evidence.Samples](c, at, labelsSpec, labelsEvidence)
	if len(unknown) > 0 {
		return nil, unknown
	}
	before, after := labelled(a), labelled(b)
	unknown = append(unsaid(at, "A has no series at all", len(before)), unsaid(at, "B has no series at all", len(after))...)
	if len(unknown) > 0 {
		return nil, unknown
	}
	var out []Change
	matchSets(keys(before), keys(after), func(name string, way Way) {
		out = append(out, Change{Way: way, Release: at.name, Subject: name, Field: "metric"})
	})
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] == nil {
			continue
		}
		matchSets(before[name], after[name], func(label string, way Way) {
			out = append(out, Change{Way: way, Release: at.name, Subject: name, Field: "label " + label})
		})
	}
	return out, nil
}

// unsaid is why nothing can be compared, where there are none.
func unsaid(at stage, why string, n int) []string {
	if n > 0 {
		return nil
	}
	return []string{at.name + ": " + why}
}

// labelled are the labels of each metric.
func labelled(samples evidence.Samples) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, s := range samples.Items {
		name := s.Labels[nameLabel]
		if all[name] == nil {
			all[name] = map[string]bool{}
		}
		for label := range s.Labels {
			if label != nameLabel {
				all[name][label] = true
			}
		}
	}
	return all
}

func keys[V any](m map[string]V) map[string]bool {
	set := map[string]bool{}
	for key := range m {
		set[key] = true
	}
	return set
}

// counted compares how the calls of the traffic were counted.
func (c comparison) counted(at stage) ([]Change, []string) {
	k := callsOf(c.a.stages[at.a], c.b.stages[at.b])
	if !k.known {
		return nil, []string{at.name + ": the catalogue does not have this release with these charts, so it is not known which calls the traffic makes"}
	}
	a, errA := c.a.rises(k, at.a)
	b, errB := c.b.rises(k, at.b)
	if unknown := absent(at, trafficSpec, c, errA, errB); len(unknown) > 0 {
		return nil, unknown
	}
	var out []Change
	matchSets(keys(a.series), keys(b.series), func(series string, way Way) {
		out = append(out, Change{Way: way, Release: at.name, Subject: series, Field: "series"})
	})
	for _, called := range slices.Sorted(maps.Keys(a.total)) {
		from, to := a.share(called), b.share(called)
		if b.total[called] > 0 && from != to {
			out = append(out, Change{Way: Changed, Release: at.name, Subject: called, Field: "mutual TLS", From: from, To: to})
		}
	}
	return out, nil
}

// rises is what traffic added to the counters.
type rises struct {
	// series are those that rose: "A → B, 200, at the source".
	series map[string]bool
	// total and mutual are the requests of each call as the callee counted them, and
	// those by mutual TLS.
	total, mutual map[string]float64
}

// rises are those of the calls that every run makes; nothing else is known to
// be the traffic's.
func (s side) rises(k calls, stage string) (rises, error) {
	r := rises{map[string]bool{}, map[string]float64{}, map[string]float64{}}
	before, err := seen[evidence.Samples](s, stage, trafficSpec, trafficBefore)
	if err != nil {
		return r, err
	}
	after, err := seen[evidence.Measured](s, stage, trafficSpec, trafficEvidence)
	if err != nil {
		return r, err
	}
	was := map[string]float64{}
	for _, one := range before.Items {
		was[seriesOf(one)] += one.Value
	}
	for _, one := range after.Requests.Items {
		rise := one.Value - was[seriesOf(one)]
		who := call{one.Labels[callerLabel], one.Labels[calleeLabel]}
		if rise <= 0 || !k.sent[who] {
			continue
		}
		called := who.from + " → " + who.to
		r.series[fmt.Sprintf("%s, %s, at the %s", called, one.Labels[codeLabel], one.Labels[reporterLabel])] = true
		if one.Labels[reporterLabel] == atDestination {
			r.total[called] += rise
			if one.Labels[securityLabel] == mutualSecurity {
				r.mutual[called] += rise
			}
		}
	}
	if len(r.series) == 0 {
		return r, fmt.Errorf("%s has counted none of the calls of the traffic", s.name)
	}
	return r, nil
}

// seriesOf tells the series apart by the labels that are compared.
func seriesOf(s evidence.Sample) string {
	var all []string
	for _, label := range []string{callerLabel, calleeLabel, reporterLabel, codeLabel, securityLabel} {
		all = append(all, s.Labels[label])
	}
	return strings.Join(all, "\x00")
}

// share says how much of a call's traffic went by mutual TLS.
func (r rises) share(called string) string {
	return fmt.Sprintf("%.0f %%", 100*r.mutual[called]/r.total[called])
}

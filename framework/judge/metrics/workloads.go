package metrics

import (
	"fmt"
	"maps"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeWorkloads says of each workload that the calls go to whether its traffic
// was counted (at least what was sent), no request was answered with another
// code, its latency has a whole histogram, and its callers used mutual TLS where
// both have a sidecar and none where the caller has none. The callee's sidecar is
// believed, and the callers' where it has none.
func JudgeWorkloads(release *catalogue.Release, policy catalogue.Policy, calls []Call, before evidence.Samples, after evidence.Measured) []verdict.Finding {
	if f, missing := noSamples(len(calls), before, after.Requests, after.Latency); missing {
		return []verdict.Finding{f}
	}
	if f, stuck := nothingRose(connections(calls), before, after.Requests); stuck {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	every := read(metric.Duration, after.Latency, func(evidence.Sample) bool { return true }).buckets
	for _, c := range callees(calls) {
		rises := c.rises(before, after.Requests)
		if f, anew := c.anew(release, rises); anew {
			findings = append(findings, f)
			continue
		}
		findings = append(findings, c.traffic(release, byCode(rises))...)
		findings = append(findings, c.security(release, policy, rises)...)
		if kind, got := read(metric.Duration, after.Latency, c.of).wrong(every); kind != "" {
			f := c.finding(release, kind, "the latency of "+c.name+" is no whole histogram")
			f.Want, f.Got, f.Why = wholeHistogram, got, brokenMeans
			findings = append(findings, f)
		}
	}
	verdict.Sort(findings)
	return findings
}

// callee is what one workload must be seen to receive, by code, at the reporter
// that is believed.
type callee struct {
	name, reporter string
	want           map[int]float64
}

// callees are the workloads that are called, in the order of the calls.
func callees(calls []Call) []callee {
	var all []callee
	for _, reporter := range []string{Destination, Source} {
		for _, c := range connections(calls) {
			i := slices.IndexFunc(all, func(o callee) bool { return o.name == c.Destination })
			switch {
			case c.Reporter != reporter, i >= 0 && all[i].reporter != reporter:
				continue
			case i < 0:
				all = append(all, callee{name: c.Destination, reporter: reporter, want: map[int]float64{}})
				i = len(all) - 1
			}
			for code, n := range c.want {
				all[i].want[code] += n
			}
		}
	}
	return all
}

func (c callee) of(item evidence.Sample) bool {
	return item.Labels[string(metric.Destination)] == c.name && item.Labels[string(metric.Reporter)] == c.reporter
}

// rise is by how much requests of one caller rose.
type rise struct {
	source, security string
	code             int
	by               float64
}

// rises are those of the callee, by caller, code and security, that are not zero.
func (c callee) rises(before, after evidence.Samples) []rise {
	sums := map[rise]float64{}
	add := func(sign float64, seen evidence.Samples) {
		for _, item := range seen.Items {
			if c.of(item) {
				sums[rise{source: item.Labels[string(metric.Source)], security: item.Labels[string(metric.Security)], code: codeOf(item)}] += sign * item.Value
			}
		}
	}
	add(1, after)
	add(-1, before)
	var all []rise
	for r, by := range sums {
		if r.by = by; by != 0 {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b rise) int { return compare(a.source, b.source, a.security, b.security, a.code-b.code) })
	return all
}

func (c callee) anew(release *catalogue.Release, rises []rise) (verdict.Finding, bool) {
	i := slices.IndexFunc(rises, func(r rise) bool { return r.by < 0 })
	if i < 0 {
		return verdict.Finding{}, false
	}
	f := c.finding(release, "counter-reset", "a counter of "+c.name+" went down: it was started anew meanwhile")
	f.Verdict, f.Want, f.Got = verdict.Inconclusive, "a counter that only rises", fmt.Sprintf("%g from %s with code %d", rises[i].by, rises[i].source, rises[i].code)
	f.Why, f.Next = "what rose cannot be told", "see what was restarted between the two looks, and run again"
	return f, true
}

// traffic judges the rises by code.
func (c callee) traffic(release *catalogue.Release, rises map[int]float64) []verdict.Finding {
	total, wrong := 0.0, map[int]float64{}
	for code, n := range rises {
		total += n
		if c.want[code] == 0 {
			wrong[code] = n
		}
	}
	var findings []verdict.Finding
	if len(wrong) > 0 {
		f := c.finding(release, "errors", fmt.Sprintf("%s answered requests with %s", c.name, describe(wrong)))
		f.Want, f.Got = describe(c.want)+" and nothing else", fmt.Sprintf("%s of %g requests", describe(wrong), total)
		f.Why = answered(slices.Max(slices.Collect(maps.Keys(wrong))))
		f.Next = "see the response flags in the access log of the sidecar, then the program's own log"
		findings = append(findings, f)
	}
	want := 0.0
	for _, n := range c.want {
		want += n
	}
	if total < want {
		f := c.finding(release, "traffic-missing", fmt.Sprintf("%s is seen to receive %g requests, %g were sent", c.name, total, want))
		f.Want, f.Got = fmt.Sprintf("at least %g", want), fmt.Sprintf("%g", total)
		f.Why = "requests went elsewhere, were not made by the hop before, or its sidecar does not see them as HTTP or does not report them"
		f.Next = "see metrics.requests, which names the call; then the Host that its callers name"
		findings = append(findings, f)
	}
	return findings
}

// security judges the share of mutual TLS, which only the callee's sidecar knows.
func (c callee) security(release *catalogue.Release, policy catalogue.Policy, rises []rise) []verdict.Finding {
	if c.reporter != Destination {
		return nil
	}
	mutual, total := map[string]float64{}, map[string]float64{}
	var unknown []string
	for _, r := range rises {
		total[r.source] += r.by
		switch r.security {
		case metric.MutualTLS:
			mutual[r.source] += r.by
		case metric.NoTLS:
		default:
			unknown = append(unknown, r.source)
		}
	}
	var findings []verdict.Finding
	for _, source := range slices.Sorted(maps.Keys(total)) {
		meshed, known := hasSidecar(release, policy, source)
		share := mutual[source] / total[source]
		f := c.finding(release, "", fmt.Sprintf("%g %% of the requests %s → %s used mutual TLS", 100*share, source, c.name))
		f.Got = fmt.Sprintf("%g of %g requests", mutual[source], total[source])
		switch {
		case !known:
			continue
		case slices.Contains(unknown, source):
			f.Kind, f.Verdict, f.Summary = "no-security", verdict.Inconclusive, fmt.Sprintf("whether the requests %s → %s used mutual TLS is not known", source, c.name)
			f.Want, f.Why = "label connection_security_policy mutual_tls or none", "the callee's sidecar terminates TLS, so it knows; the label is lost on the way"
		case meshed && share < 1:
			f.Kind, f.Want, f.Why = "not-mutual", "all of them: both have a sidecar", "requests pass in the clear and without the caller's identity, so no policy can go by it"
		case !meshed && share > 0:
			f.Kind, f.Want, f.Why = "mutual-without-sidecar", "none: the caller has no sidecar", "somebody else's certificate is taken for this caller's, or the caller is named wrongly"
		default:
			continue
		}
		f.Next = "see PeerAuthentication and DestinationRule objects that name " + c.name + ", and the sidecars of both"
		findings = append(findings, f)
	}
	return findings
}

// hasSidecar tells whether a caller has one; of a name that is no workload's
// nothing is known, but a caller that the mesh cannot name has none.
func hasSidecar(release *catalogue.Release, policy catalogue.Policy, source string) (meshed, known bool) {
	if source == Unknown {
		return false, true
	}
	i := slices.IndexFunc(release.Workloads, func(w catalogue.Workload) bool { return w.Name == source })
	if i < 0 {
		return false, false
	}
	return release.Workloads[i].Injected(policy), true
}

func (c callee) finding(release *catalogue.Release, kind verdict.Kind, summary string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: object.Workload(release, object.Namespace, c.name),
		Where: fmt.Sprintf("requests to %s, reporter %s", c.name, c.reporter), Next: "see the sidecar's listener and its log",
	}
}

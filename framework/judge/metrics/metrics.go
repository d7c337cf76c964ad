// Package metrics judges Istio's standard metrics against the requests that
// were sent: counters are compared before and after, per source, destination,
// code and reporter, and must rise by exactly what was sent. An answer without
// samples is inconclusive, never a count of zero.
//
// All judges but JudgeWords and JudgeLabels read the words of the newest
// generation; Today puts what older ones say into them.
//
// Kinds: no-samples, no-number, no-evidence, not-quiet, counter-reset,
// nothing-rose, generation-unknown, no-security (all inconclusive),
// missing-series, wrong-code, wrong-count, missing-histogram, broken-histogram,
// counted-twice, no-bytes, generations-mixed, target-missing, target-down,
// target-stale, samples-stale, missing-label, strange-value, errors,
// traffic-missing, not-mutual, mutual-without-sidecar.
package metrics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// prometheus answers for the samples.
const prometheus = "Deployment istio-system/prometheus"

// Istio's names for the two ends that report, and for a caller it cannot name.
const (
	Source      = "source"
	Destination = "destination"
	Unknown     = "unknown"
)

// Call is a series that must rise by exactly Count.
type Call struct {
	// Source and Destination are workload names; Source is Unknown for a caller outside the mesh.
	Source      string
	Destination string
	// Reporter is Source or Destination.
	Reporter string
	Code     int
	Count    int
}

// Calls lists what n requests over the path must be counted as: each call by
// both ends that have a sidecar. A call by a workload without a sidecar is left
// out at the destination, since some telemetry can name the caller and some
// cannot.
func Calls(release *catalogue.Release, policy catalogue.Policy, path catalogue.Path, n int) []Call {
	counts := map[Call]int{}
	var order []Call
	add := func(c Call) {
		if counts[c] == 0 {
			order = append(order, c)
		}
		counts[c] += n
	}
	for k, app := range path.Hops {
		to, _ := release.Workload(app)
		if k == 0 {
			if to.Injected(policy) {
				add(Call{Source: Unknown, Destination: to.Name, Reporter: Destination, Code: path.Status})
			}
			continue
		}
		from, _ := release.Workload(path.Hops[k-1])
		if !from.Injected(policy) {
			continue
		}
		add(Call{Source: from.Name, Destination: to.Name, Reporter: Source, Code: path.Status})
		if to.Injected(policy) {
			add(Call{Source: from.Name, Destination: to.Name, Reporter: Destination, Code: path.Status})
		}
	}
	for i := range order {
		order[i].Count = counts[order[i]]
	}
	return order
}

// Judge compares istio_requests_total before and after the requests. Calls
// between the same two ends are added up. A call that the caller's own sidecar
// counts too rarely is the caller's matter, any other one the callee's.
func Judge(calls []Call, before, after evidence.Samples) []verdict.Finding {
	if f, missing := noSamples(len(calls), before, after); missing {
		return []verdict.Finding{f}
	}
	all := connections(calls)
	if f, stuck := nothingRose(all, before, after); stuck {
		return []verdict.Finding{f}
	}
	if f, twice := countedTwice(all, before, after); twice {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, c := range all {
		findings = append(findings, c.judge(before, after)...)
	}
	verdict.Sort(findings)
	return findings
}

// connection is what one reporter must count between two workloads, by code.
type connection struct {
	Call
	want map[int]float64
}

// connections joins calls between the same ends, in the order of the calls.
func connections(calls []Call) []connection {
	var all []connection
	for _, c := range calls {
		ends := Call{Source: c.Source, Destination: c.Destination, Reporter: c.Reporter}
		i := slices.IndexFunc(all, func(o connection) bool { return o.Call == ends })
		if i < 0 {
			all = append(all, connection{Call: ends, want: map[int]float64{}})
			i = len(all) - 1
		}
		all[i].want[c.Code] += float64(c.Count)
	}
	return all
}

func noSamples(calls int, samples ...evidence.Samples) (verdict.Finding, bool) {
	if calls == 0 {
		return verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "nothing was to be counted, so nothing was judged", Object: "Namespace " + object.Namespace,
			Want: "at least one call that a sidecar reports", Got: "none", Where: "hops of the path",
			Why:  "by the catalogue and the policy no end of any call has a sidecar, so there is nothing to report it",
			Next: "see the policy of the run and the hops of the path",
		}, true
	}
	for _, s := range samples {
		if f, odd := noNumber(s); odd {
			return f, true
		}
		if len(s.Items) > 0 {
			continue
		}
		return verdict.Finding{
			Kind: "no-samples", Verdict: verdict.Inconclusive,
			Summary: "the query has no samples",
			Object:  prometheus,
			Want:    "at least one series", Got: "none", Where: "query " + s.Query,
			Why:  why(s),
			Next: "see Prometheus' targets, istio-telemetry's log, and that the proxies send their access log there",
		}, true
	}
	return verdict.Finding{}, false
}

// noNumber says which sample is no count, if any is.
func noNumber(s evidence.Samples) (verdict.Finding, bool) {
	for _, item := range s.Items {
		if item.Value >= 0 && !math.IsInf(item.Value, 1) {
			continue
		}
		return verdict.Finding{
			Kind: "no-number", Verdict: verdict.Inconclusive,
			Summary: "a counter's value is no count", Object: prometheus,
			Want: "a number of at least zero", Got: fmt.Sprintf("%g of %v", item.Value, item.Labels), Where: "query " + s.Query,
			Why:  "nothing can be added to it or compared with it, so neither a rise nor its absence would be seen",
			Next: "look again; see the series in Prometheus and istio-telemetry's /metrics",
		}, true
	}
	return verdict.Finding{}, false
}

// why says what an answer without samples means.
func why(s evidence.Samples) string {
	if len(s.Warnings) == 0 {
		return "Prometheus answers and holds no such series: it does not scrape the telemetry, or the telemetry has been told of no request"
	}
	return "Prometheus warns: " + strings.Join(s.Warnings, "; ")
}

func (c connection) judge(before, after evidence.Samples) []verdict.Finding {
	was, is := c.byCode(before), c.byCode(after)
	if len(is) == 0 {
		f := c.finding("missing-series", fmt.Sprintf("no request %s → %s is counted by the %s", c.Source, c.Destination, c.Reporter))
		f.Want, f.Got = describe(c.want), "no series"
		f.Why = c.silent()
		c.blameCaller(&f)
		f.Next = "see whether the port's protocol is HTTP in the listener of " + c.Destination + ", and who else is named as source"
		return []verdict.Finding{f}
	}
	rises := map[int]float64{}
	for _, code := range slices.Sorted(maps.Keys(is)) {
		rises[code] = is[code] - was[code]
		if rises[code] < 0 {
			f := c.finding("counter-reset", "a counter went down: it was started anew meanwhile")
			f.Verdict = verdict.Inconclusive
			f.Want, f.Got = "a counter that only rises", fmt.Sprintf("%g, before %g (code %d)", is[code], was[code], code)
			f.Why = "counters live in istio-telemetry: it was restarted between the two looks, so what rose cannot be told"
			f.Next = "see whether istio-telemetry was restarted (kubectl -n istio-system get pods), and run again"
			return []verdict.Finding{f}
		}
	}
	return c.compare(rises)
}

// compare names codes that nobody was to get, and else a count that is not what was sent.
func (c connection) compare(rises map[int]float64) []verdict.Finding {
	var findings []verdict.Finding
	for _, code := range slices.Sorted(maps.Keys(rises)) {
		if c.want[code] == 0 && rises[code] > 0 {
			f := c.finding("wrong-code", fmt.Sprintf("requests %s → %s were answered with %d", c.Source, c.Destination, code))
			f.Want, f.Got = describe(c.want), describe(rises)
			f.Why = answered(code)
			f.Next = "see the response flags in the access log of either proxy"
			findings = append(findings, f)
		}
	}
	if len(findings) > 0 {
		return findings
	}
	for _, code := range slices.Sorted(maps.Keys(c.want)) {
		if rises[code] == c.want[code] {
			continue
		}
		f := c.finding("wrong-count", fmt.Sprintf("the %s counts %g requests %s → %s, %g were sent", c.Reporter, rises[code], c.Source, c.Destination, c.want[code]))
		f.Want, f.Got = describe(c.want), describe(rises)
		f.Why = miscount(rises[code], c.want[code])
		f.Next = "look again; see istio_telemetry_streams and the number of access log providers"
		if rises[code] < c.want[code] && c.Reporter == Source {
			f.Why = fmt.Sprintf("the sidecar of %s saw too few of its calls leave for %s: they were not made, went to an address it does not know as that, or its logs are late or lost", c.Source, c.Destination)
			f.Next = "look again; see which Host " + c.Source + " names in its requests, and destination_service unknown in istio_requests_total"
			c.blameCaller(&f)
		}
		findings = append(findings, f)
	}
	return findings
}

// answered says where a code that nobody was to get can come from.
func answered(code int) string {
	switch code {
	case 0:
		return "no answer was sent: the connection ended before, or the series carries no code"
	case 502, 503, 504:
		return "proxies answer so themselves when they find no way on: the flags of the access log tell that from an answer of the program"
	case 403:
		return "proxies answer 403 themselves where a policy denies: the access log tells that from an answer of the program"
	}
	return "the program answered so, or somebody else sent other requests over the same edge meanwhile"
}

// byCode sums the call's series by response code.
func (c Call) byCode(s evidence.Samples) map[int]float64 {
	sums := map[int]float64{}
	for _, item := range s.Items {
		if c.of(item) {
			sums[codeOf(item)] += item.Value
		}
	}
	return sums
}

// codeOf is the series' response code, 0 when it has none.
func codeOf(item evidence.Sample) int {
	code, err := strconv.Atoi(item.Labels["response_code"])
	if err != nil {
		return 0
	}
	return code
}

func (c Call) of(item evidence.Sample) bool {
	l := item.Labels
	return l["source_workload"] == c.Source && l["destination_workload"] == c.Destination && l["reporter"] == c.Reporter
}

func (c Call) silent() string {
	reporter := c.Destination
	if c.Reporter == Source {
		reporter = c.Source
	}
	return fmt.Sprintf("the sidecar of %s reports nothing of it: the call was not made, the sidecar does not see the call as HTTP, or its log does not arrive", reporter)
}

func miscount(rise, want float64) string {
	switch {
	case rise == 2*want:
		return "exactly twice as many, as if every request were reported by two providers"
	case rise > want:
		return "somebody else sends requests over the same edge, or some are retried"
	}
	return "logs are late or lost, or requests did not arrive"
}

func (c Call) finding(kind verdict.Kind, summary string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: summary,
		Object: object.Deployment(object.Namespace, c.Destination),
		Where:  fmt.Sprintf("source %s, destination %s, reporter %s", c.Source, c.Destination, c.Reporter),
	}
}

// describe says how often a code was counted: "3 × 200, 1 × 503".
func describe(rises map[int]float64) string {
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(rises)) {
		if rises[code] != 0 {
			parts = append(parts, fmt.Sprintf("%g × %d", rises[code], code))
		}
	}
	if len(parts) == 0 {
		return "no rise"
	}
	return strings.Join(parts, ", ")
}

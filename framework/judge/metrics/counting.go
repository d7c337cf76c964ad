package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// Telemetry counts what sidecars report.
const Telemetry = "Deployment istio-system/istio-telemetry"

// gateway is asked for the requests that are counted.
const gateway = "Service onap/msb-iag"

// The queries for what the telemetry has of each pod's sidecar, for what the
// sidecar has written for it or dropped, and for when the telemetry's counting began.
const (
	SinceQuery    = `istio_telemetry_counting_since_seconds`
	ReceivedQuery = `sum by (pod) (istio_telemetry_entries_total{namespace="` + object.Namespace + `"})`
	WrittenQuery  = `sum by (pod) ({__name__=~"envoy_access_logs_grpc_access_log_logs_(written|dropped)",namespace="` + object.Namespace + `"})`
)

// ConnectionsQuery is for JudgeConnections.
const ConnectionsQuery = `sum by (__name__, source_workload, destination_workload, reporter) ({__name__=~"istio_tcp_.+_total",destination_workload_namespace="` + object.Namespace + `"})`

// JudgeVolley says whether every request got its answer: what is not known to
// have arrived cannot be looked for in counters.
func JudgeVolley(v evidence.Volley) []verdict.Finding {
	if v.Asked > 0 && v.Answered == v.Asked {
		return nil
	}
	return []verdict.Finding{{
		Kind: "not-answered", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("%d of %d requests got the answer that was wanted", v.Answered, v.Asked), Object: gateway,
		Want: "every request answered", Got: fmt.Sprintf("%d of %d, %s", v.Answered, v.Asked, or(v.Problem, "and no word of the others")), Where: gateway,
		Why:  "a request without its answer may be counted or not, by either proxy, and under any code",
		Next: "see what the release answers (msb.endpoints), and run again",
	}}
}

// JudgeCounts compares totals (see Judge) and the counts of histograms before and
// after: both must rise by exactly what was sent, at every reporter.
func JudgeCounts(calls []Call, histograms []metric.Quantity, before, after evidence.Counts) []verdict.Finding {
	findings := Judge(calls, before.Requests, after.Requests)
	if len(findings) > 0 {
		return findings
	}
	if f, missing := noSamples(len(calls), before.Histograms, after.Histograms); missing {
		return []verdict.Finding{f}
	}
	for _, c := range connections(calls) {
		want := total(c.want)
		for _, q := range histograms {
			name := string(q) + metric.Count
			was, _ := c.sum(name, before.Histograms)
			is, _ := c.sum(name, after.Histograms)
			if is-was == want {
				continue
			}
			f := c.finding("wrong-histogram", fmt.Sprintf("%s of %s → %s counts %g requests at the %s, %g were sent", q, c.Source, c.Destination, is-was, c.Reporter, want))
			f.Where += ", metric " + name
			f.Want, f.Got = fmt.Sprintf("%g more", want), fmt.Sprintf("%g, before %g", is, was)
			f.Why = "the total of requests is right and the histogram is not, so means and quantiles are of other requests than the total"
			f.Next = "look again; see both metrics at istio-telemetry's /metrics"
			findings = append(findings, f)
		}
	}
	verdict.Sort(findings)
	return findings
}

func total(want map[int]float64) float64 {
	sum := 0.0
	for _, n := range want {
		sum += n
	}
	return sum
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// JudgeRestart says whether every request that was sent around a restart of the
// telemetry is counted, or is among the entries that the reporter's sidecar wrote
// or dropped and that the telemetry does not have.
func JudgeRestart(calls []Call, before, after evidence.Tally) []verdict.Finding {
	if f, missing := noSamples(len(calls), before.Requests, after.Requests, before.Received, after.Received, before.Written, after.Written, before.Since, after.Since); missing {
		return []verdict.Finding{f}
	}
	if f, same := notRestarted(before, after); same {
		return []verdict.Finding{f}
	}
	if f, anew := begunAnew(before.Since, after.Since); anew {
		return []verdict.Finding{f}
	}
	all := connections(calls)
	if f, stuck := nothingRose(all, before.Requests, after.Requests); stuck {
		return []verdict.Finding{f}
	}
	missing := map[string]float64{}
	var findings []verdict.Finding
	var reporters []string
	for _, c := range all {
		short, found := c.short(before.Requests, after.Requests)
		findings = append(findings, found...)
		if missing[c.reporter()] += short; !slices.Contains(reporters, c.reporter()) {
			reporters = append(reporters, c.reporter())
		}
	}
	for _, workload := range reporters {
		findings = append(findings, unstated(workload, missing[workload], before, after)...)
	}
	verdict.Sort(findings)
	return findings
}

// reporter is the workload whose sidecar counts the call.
func (c Call) reporter() string {
	if c.Reporter == Source {
		return c.Source
	}
	return c.Destination
}

// short is how many requests are not counted. More than were sent and other codes are findings.
func (c connection) short(before, after evidence.Samples) (float64, []verdict.Finding) {
	was, is := c.byCode(before), c.byCode(after)
	short := 0.0
	var findings []verdict.Finding
	codes := []int{}
	for code := range is {
		codes = append(codes, code)
	}
	for code := range c.want {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		rise := is[code] - was[code]
		switch {
		case rise > c.want[code]:
			f := c.finding("counted-too-often", fmt.Sprintf("the %s counts %g requests %s → %s with code %d, %g were sent", c.Reporter, rise, c.Source, c.Destination, code, c.want[code]))
			f.Object = Telemetry
			f.Want, f.Got = fmt.Sprintf("at most %g", c.want[code]), fmt.Sprintf("%g", rise)
			f.Why = "what one telemetry pod has counted its successor counts again, or somebody else sends requests over the same hop"
			f.Next = "look again; see who else sends requests, and the log of both pods of istio-telemetry"
			findings = append(findings, f)
		default:
			short += c.want[code] - rise
		}
	}
	return short, findings
}

// unstated says that a workload's sidecar does not tell of as many lost entries
// as are missing.
func unstated(workload string, missing float64, before, after evidence.Tally) []verdict.Finding {
	f := verdict.Finding{
		Kind: "loss-unstated", Verdict: verdict.Fail, Object: object.Deployment(object.Namespace, workload),
		Where: fmt.Sprintf("pods of %s: %s; %s", workload, WrittenQuery, ReceivedQuery),
		Next:  "look again; see envoy_access_logs_grpc_access_log_* of the sidecar, and istio_telemetry_entries_total",
	}
	lost, pods := 0.0, 0
	for pod, owner := range after.Sidecars {
		if owner != workload {
			continue
		}
		written, told := growth(pod, before.Written, after.Written)
		received, _ := growth(pod, before.Received, after.Received)
		if !told {
			f.Summary = fmt.Sprintf("the sidecar of %s does not say how many entries it has written", workload)
			f.Want, f.Got = "its counters before and after", "none of pod "+pod
			f.Why = "whether requests were lost on the way to the telemetry cannot be told: the pod is new, or Prometheus does not scrape its sidecar"
			return []verdict.Finding{f}
		}
		lost += written - received
		pods++
	}
	f.Summary = fmt.Sprintf("%g requests that %s reported are counted nowhere", missing, workload)
	f.Want, f.Got = fmt.Sprintf("at least %g entries that are told to be lost", missing), fmt.Sprintf("%g", lost)
	f.Why = "the telemetry has these entries by its own account, or the sidecar never wrote them, so nobody knows of the loss"
	if pods == 0 {
		f.Got, f.Why = "no pod of "+workload, "nobody is there to tell"
	} else if missing == 0 || lost >= missing {
		return nil
	}
	return []verdict.Finding{f}
}

// growth is how much a pod's value has risen; told is false where either is missing.
func growth(pod string, before, after evidence.Samples) (risen float64, told bool) {
	was, first := valueOf(pod, before)
	is, then := valueOf(pod, after)
	return is - was, first && then
}

func valueOf(pod string, s evidence.Samples) (float64, bool) {
	for _, item := range s.Items {
		if item.Labels["pod"] == pod {
			return item.Value, true
		}
	}
	return 0, false
}

// begunAnew says that the telemetry does not go on with what it had counted.
func begunAnew(before, after evidence.Samples) (verdict.Finding, bool) {
	was, is := before.Items[0].Value, after.Items[0].Value
	return verdict.Finding{
		Kind: "counts-lost", Verdict: verdict.Fail,
		Summary: "the telemetry's counts begin anew after its restart", Object: Telemetry,
		Want: "counts that go on", Got: fmt.Sprintf("counting began %.0f s later than before", is-was), Where: "query " + SinceQuery,
		Why:  "its pod was killed before its successor had the counts, or the successor could not take them over: what was counted since Prometheus last asked is lost, and not told",
		Next: "see the log of both pods of istio-telemetry, and terminationGracePeriodSeconds of its Deployment",
	}, is > was
}

// notRestarted says that there is no new pod of the telemetry, or an old one still.
func notRestarted(before, after evidence.Tally) (verdict.Finding, bool) {
	same := slices.ContainsFunc(after.Telemetry, func(pod string) bool { return slices.Contains(before.Telemetry, pod) })
	return verdict.Finding{
		Kind: "not-restarted", Verdict: verdict.Inconclusive,
		Summary: "the telemetry was not restarted", Object: Telemetry,
		Want: "another pod than before", Got: fmt.Sprintf("before [%s], then [%s]", strings.Join(before.Telemetry, " "), strings.Join(after.Telemetry, " ")),
		Where: "ready pods of istio-telemetry", Why: "what a restart loses is not known unless there was one, and its end was seen",
		Next: "see the pods of istio-telemetry and its Deployment's events",
	}, same || len(before.Telemetry) == 0 || len(after.Telemetry) == 0
}

// Missing is how many counts of the calls are missing, over all reporters.
func Missing(calls []Call, before, after evidence.Tally) float64 {
	missing := 0.0
	for _, c := range connections(calls) {
		short, _ := c.short(before.Requests, after.Requests)
		missing += short
	}
	return missing
}

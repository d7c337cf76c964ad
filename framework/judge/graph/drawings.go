package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeDrawings compares what Servicegraph, Prometheus and the traces show of
// one load, in one horizon. The odd one out is named, and where two are as good
// as two others, what was sent decides. Servicegraph draws what Prometheus holds,
// so that the two together are one witness of what the mesh counted. Calls over TCP leave no spans: they are
// compared between these two only.
func JudgeDrawings(release *catalogue.Release, policy catalogue.Policy, sent Load, seen evidence.Drawings) []verdict.Finding {
	j := drawings{load: loaded(release, policy, sent, seen.Prometheus.Graph), backend: seen.Backend, halves: seen.Halves}
	for i, d := range []evidence.Drawing{seen.Servicegraph, seen.Prometheus, seen.Traces} {
		d.Graph = inWorkloads(release, d.Graph)
		j.sources[i] = source{name: names[i], object: [...]string{servicegraph, prometheus, seen.Backend}[i], Drawing: d}
	}
	if findings := j.absent(); len(findings) > 0 {
		return findings
	}
	if findings := j.blind(); len(findings) > 0 {
		return findings
	}
	if f, poor := j.enough(seen.Prometheus.Scrapes); poor {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, c := range j.calls() {
		findings = append(findings, j.compare(c)...)
	}
	findings = append(findings, j.foreigners()...)
	findings = append(findings, j.tcp()...)
	verdict.Sort(findings)
	return findings
}

// The places of the sources.
const (
	drawn = iota
	counted
	traced
	none
)

var names = [...]string{drawn: "Servicegraph", counted: "Prometheus", traced: "the traces"}

type source struct {
	name, object string
	evidence.Drawing
}

type drawings struct {
	load
	sources [3]source
	halves  []evidence.Edge
	backend string
}

// absent says which sources there is nothing of.
func (j drawings) absent() []verdict.Finding {
	var findings []verdict.Finding
	for _, s := range j.sources {
		if s.Error != "" || s.Horizon <= 0 {
			findings = append(findings, verdict.Finding{
				Kind: "source-absent", Verdict: verdict.Inconclusive,
				Summary: "there is no graph of " + s.name + ", so the three were not compared", Object: s.object,
				Want: "a graph over the time of the load", Got: object.Text(s.Error), Where: s.object,
				Why:  "two that agree may both be wrong",
				Next: "see that " + s.object + " is ready and can be reached, its log first",
			})
			continue
		}
		for _, e := range s.Edges {
			if !isNumber(e.Rate) {
				f := noNumber("after the traffic", s.Graph, e)
				f.Object = s.object
				findings = append(findings, f)
				break
			}
		}
	}
	return findings
}

// blind says which sources show nothing of the whole load. The requests were
// answered, so whoever shows them is right.
func (j drawings) blind() []verdict.Finding {
	calls := j.calls()
	if len(j.Wrong) > 0 || len(calls) < 2 || j.Requests < 1 {
		return nil
	}
	var blind []int
	for i, s := range j.sources {
		if !slices.ContainsFunc(calls, func(c call) bool { return j.count(s.Graph, c) > 0 }) {
			blind = append(blind, i)
		}
	}
	sees := func(i int) bool { return !slices.Contains(blind, i) }
	switch {
	case len(blind) == len(j.sources):
		return []verdict.Finding{j.nothing("no-evidence", verdict.Inconclusive, prometheus, "none of the three shows anything of what was sent",
			"the requests were answered, so neither metrics nor traces reach where they are kept, or they are not made at all",
			"see that the proxies know istio-telemetry and the collector, and that Prometheus scrapes")}
	case !sees(drawn) && !sees(counted):
		return []verdict.Finding{j.nothing("not-counted", verdict.Fail, prometheus, "the traces show the calls that were sent, the metrics none of them",
			"spans are not made up: Prometheus does not scrape the mesh's counts, changes their labels, or nobody takes the reports of the sidecars; Servicegraph draws what Prometheus holds",
			`see the targets of Prometheus, its istio_requests_total{reporter="destination"}, and the log of istio-telemetry`)}
	}
	why := map[int]string{
		drawn:   "Prometheus and the traces show the calls: Servicegraph asks another Prometheus (its argument prometheusAddr), or its drawing loses them",
		counted: "Servicegraph shows the calls, and draws what a Prometheus holds: it asks another one than " + prometheus,
		traced:  "the sidecars count the requests: they trace none (sampling), do not reach the collector, or the back end lost what it had",
	}
	var findings []verdict.Finding
	for _, i := range blind {
		findings = append(findings, j.nothing("source-blind", verdict.Fail, j.sources[i].object, "nothing of what was sent is in "+names[i], why[i],
			"compare the three graphs in the artifacts; see the log of "+j.sources[i].object))
	}
	return findings
}

func (j drawings) nothing(kind verdict.Kind, v verdict.Verdict, who, summary, why, next string) verdict.Finding {
	var got []string
	for _, s := range j.sources {
		got = append(got, s.name+": "+object.Count(len(s.Edges), "edge"))
	}
	return verdict.Finding{
		Kind: kind, Verdict: v, Summary: summary, Object: who,
		Want: object.Count(len(j.calls()), "edge") + " with traffic in each of the three", Got: strings.Join(got, ", "),
		Where: j.where(), Why: why, Next: next,
	}
}

func (j drawings) where() string {
	return fmt.Sprintf("horizons %s, %s, %s; %s", j.sources[drawn].Horizon, j.sources[counted].Horizon, j.sources[traced].Horizon,
		object.Count(j.sources[counted].Scrapes, "sample"))
}

// compare is what is wrong with one edge of the load.
func (j drawings) compare(c call) []verdict.Finding {
	var n [3]float64
	for i, s := range j.sources {
		n[i] = j.count(s.Graph, c)
	}
	if n == [3]float64{} {
		return []verdict.Finding{j.nowhere(c)}
	}
	odd, disagree := j.odd(n)
	if !disagree {
		return nil
	}
	f := verdict.Finding{
		Kind: "rates-disagree", Verdict: verdict.Fail, Object: prometheus,
		Summary: fmt.Sprintf("the three do not agree on %s", c.arrow()),
		Want:    fmt.Sprintf("%s in all three", j.wanted(c, j.sources[counted].Scrapes)),
		Got:     fmt.Sprintf("%.4g of Servicegraph, %.4g of Prometheus, %.4g of the traces", n[drawn], n[counted], n[traced]),
		Where:   j.where(),
		Why:     "no two of them agree, so the load is not all of the traffic, or one was asked while counts still came in",
		Next:    "look again while nobody else sends requests",
	}
	if odd == none {
		return []verdict.Finding{f}
	}
	switch others := n[(odd+1)%len(n)] + n[(odd+2)%len(n)]; {
	case n[odd] == 0:
		f.Kind, f.Summary = "edge-lacking", fmt.Sprintf("%s is not in %s, but in the other two", c.arrow(), names[odd])
	case others == 0:
		f.Kind, f.Summary = "edge-invented", fmt.Sprintf("%s is in %s alone", c.arrow(), names[odd])
	default:
		f.Summary = fmt.Sprintf("%s has another number of requests in %s than in the other two", c.arrow(), names[odd])
	}
	f.Object = j.sources[odd].object
	f.Next = "compare the three graphs in the artifacts; see the log of " + f.Object
	switch odd {
	case drawn:
		f.Why = "Servicegraph draws what Prometheus holds, and Prometheus agrees with the traces: its filter, its arithmetic or the Prometheus it asks is another one"
	case counted:
		f.Why = "Servicegraph draws what a Prometheus holds and agrees with the traces: it asks another one than " + prometheus
	default:
		j.againstTraces(&f, c, n)
	}
	return []verdict.Finding{f}
}

// odd is the source that the other two contradict. None contradicts when the one
// in the middle agrees with both.
func (j drawings) odd(n [3]float64) (odd int, disagree bool) {
	s := stretch(j.sources[counted].Scrapes) * (1 + rounding)
	agree := func(a, b, most float64) bool { return (a == 0) == (b == 0) && a <= b*most && a >= b*(1-rounding) }
	pairs := [3]bool{
		drawn:   agree(n[counted], n[traced], s),
		counted: agree(n[drawn], n[traced], s),
		traced:  agree(n[drawn], n[counted], s) || agree(n[counted], n[drawn], s),
	}
	odd, pleased := none, 0
	for i, p := range pairs {
		if p {
			odd, pleased = i, pleased+1
		}
	}
	if pleased > 1 {
		return none, false
	}
	return odd, true
}

// againstTraces says who is wrong when the metrics contradict the traces.
func (j drawings) againstTraces(f *verdict.Finding, c call, n [3]float64) {
	callee := object.App(j.release, object.Namespace, c.To)
	seen := func(g evidence.Graph) bool {
		return slices.ContainsFunc(g.Edges, func(e evidence.Edge) bool { return e.To == j.workload(c.To) && e.Rate > 0 && e.Unit == units["http"] })
	}
	switch {
	case n[traced] == 0 && !seen(j.sources[traced].Graph):
		f.Object = callee
		f.Why = "its sidecar counts the requests and reports no span of any: it traces none, or its port is TCP to it"
	case n[traced] == 0:
		f.Why = "spans of others come in, so some are lost, or were not sampled" + j.split(c)
	case n[drawn] == 0 && !seen(j.sources[counted].Graph):
		f.Object = callee
		f.Why = "its sidecar reports spans and counts nothing: it is of another setting than the rest, or its reports to istio-telemetry are lost"
	case n[drawn] == 0:
		f.Object = prometheus
		f.Why = "spans are not made up, and the callee's other requests are counted: the caller has another name in the metrics, or a count was lost"
	case n[traced] < n[counted] && c.exact && n[traced] >= c.want*(1-rounding):
		f.Object = mesh
		f.Why = "the traces show what was sent, so the metrics count requests more than once: two providers report them, or two targets serve the same counts"
	case n[traced] < n[counted]:
		f.Why = "spans are lost, or were not sampled" + j.split(c)
	case n[counted] < c.want*(1-rounding):
		f.Object = prometheus
		f.Why = "the traces show what was sent, so counts are lost: a scrape was missed, or istio-telemetry or Prometheus restarted"
	default:
		f.Why = "the metrics count what was sent: spans came in twice"
	}
}

// split says that the call belongs to a trace of its own on some path.
func (j drawings) split(c call) string {
	for _, path := range j.release.Requests() {
		at := slices.Index(path.Hops, path.DropsAt)
		for k := max(at, 0); path.DropsAt != "" && k+1 < len(path.Hops); k++ {
			if path.Hops[k] == c.From && path.Hops[k+1] == c.To {
				return fmt.Sprintf("; %s is known to split the trace of path %s before this call, so the sampling of its own sidecar decides whether it is traced", path.DropsAt, path.ID)
			}
		}
	}
	return ""
}

// nowhere: all three agree, on nothing.
func (j drawings) nowhere(c call) verdict.Finding {
	f := verdict.Finding{
		Kind: "edge-nowhere", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("none of the three shows %s, over which requests were sent", c.arrow()),
		Object:  object.App(j.release, object.Namespace, c.To),
		Want:    j.wanted(c, j.sources[counted].Scrapes), Got: "0 in all three",
		Where: j.where(),
		Why:   fmt.Sprintf("the requests were answered, and not even a span of the caller shows the call: %s answers without calling, or neither has a sidecar", c.From),
		Next:  fmt.Sprintf("see the containers of %s and %s, and the access log of their sidecars", c.From, c.To),
	}
	if slices.ContainsFunc(j.halves, func(e evidence.Edge) bool { return j.of(e, c) }) {
		f.Why = fmt.Sprintf("the sidecar of %s reports the calls, and at %s nobody does: it has no sidecar, or one that takes its port for TCP", c.From, c.To)
	}
	return f
}

// foreigners compares who is called by somebody whom the catalogue does not know.
func (j drawings) foreigners() []verdict.Finding {
	var findings []verdict.Finding
	for _, w := range j.release.Workloads {
		var n [3]float64
		for i, s := range j.sources {
			n[i] = j.strangers(s.Graph, w)
		}
		shows := func(i int) bool { return n[i] > 0 }
		for i := range n {
			if a, b := (i+1)%len(n), (i+2)%len(n); !w.Injected(j.policy) || !shows(i) || shows(a) || shows(b) {
				continue
			}
			findings = append(findings, verdict.Finding{
				Kind: "edge-invented", Verdict: verdict.Fail,
				Summary: fmt.Sprintf("a call to %s that the catalogue does not know is in %s alone", w.App, names[i]),
				Object:  j.sources[i].object,
				Want:    "such a call in all three or in none", Got: fmt.Sprintf("%.4g requests in %s, none in the others", n[i], names[i]),
				Where: j.where(),
				Why:   "who sends requests to a sidecar is counted and traced, and Servicegraph draws what is counted: what one of them alone has is not of this mesh or of another time",
				Next:  "compare the three graphs in the artifacts; see the log of " + j.sources[i].object,
			})
		}
	}
	return findings
}

// strangers counts requests to the workload from callers whom the catalogue does not
// know. Where a caller may be unknown, no such caller can be told.
func (j drawings) strangers(g evidence.Graph, w catalogue.Workload) float64 {
	sum := 0.0
	for _, e := range g.Edges {
		if e.To != w.Name || e.Unit != units["http"] {
			continue
		}
		known := func(c catalogue.Edge) bool {
			return c.To == w.App && (slices.Contains(j.callers(c.From), e.From) || slices.Contains(j.callers(c.From), unknown))
		}
		if !slices.ContainsFunc(j.release.Edges, known) {
			sum += e.Rate * g.Horizon.Seconds()
		}
	}
	return sum
}

// tcp compares which TCP edges of the release Servicegraph and Prometheus show.
func (j drawings) tcp() []verdict.Finding {
	var findings []verdict.Finding
	for _, pair := range [][2]source{{j.sources[drawn], j.sources[counted]}, {j.sources[counted], j.sources[drawn]}} {
		for _, e := range pair[0].Edges {
			same := func(o evidence.Edge) bool { return o.From == e.From && o.To == e.To && o.Unit == e.Unit }
			if e.Unit != units["tcp"] || !j.concerns(e) || slices.ContainsFunc(pair[1].Edges, same) {
				continue
			}
			findings = append(findings, verdict.Finding{
				Kind: "edge-lacking", Verdict: verdict.Fail,
				Summary: fmt.Sprintf("%s → %s (bytes/sec) is in %s and not in %s", e.From, e.To, pair[0].name, pair[1].name),
				Object:  pair[1].object,
				Want:    "the same edges of TCP in both", Got: fmt.Sprintf("%.6g bytes/sec in %s alone", e.Rate, pair[0].name),
				Where: j.where(),
				Why:   "both are drawn from istio_tcp_received_bytes_total; a connection leaves no spans, so the traces do not tell which of the two is right",
				Next:  "compare the graphs in the artifacts",
			})
		}
	}
	return findings
}

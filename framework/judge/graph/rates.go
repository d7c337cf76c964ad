package graph

import (
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeRates compares the rates of a graph with the load that is in its horizon,
// and nothing else over its paths is. A rate times the horizon is what was sent,
// or more by as much as Prometheus stretches it; see stretch. Where other calls
// share an edge, it may be any more.
func JudgeRates(release *catalogue.Release, policy catalogue.Policy, sent Load, seen evidence.Graph) []verdict.Finding {
	j := loaded(release, policy, sent, seen)
	if f, poor := j.enough(seen.Scrapes); poor {
		return []verdict.Finding{f}
	}
	if f, missing := noEvidence(release, j.causes, j.after, j.after); missing {
		return []verdict.Finding{f}
	}
	if f, foreign := j.foreign(); foreign {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	var few, many []call
	calls := j.calls()
	for _, c := range calls {
		got := j.count(j.after, c)
		switch {
		case got <= 0:
			findings = append(findings, j.missing(c.Edge))
		case got < c.want*(1-rounding):
			few = append(few, c)
			findings = append(findings, j.lost(c, got))
		case c.exact && got > c.want*stretch(seen.Scrapes)*(1+rounding):
			many = append(many, c)
			findings = append(findings, j.tooMany(c, got))
		}
	}
	switch exact := exactly(calls); {
	case len(calls) > 1 && len(few) == len(calls):
		findings = []verdict.Finding{j.everywhere("requests-lost", prometheus, few,
			"workloads that do not know of each other do not all lose requests at once: a scrape was missed, or istio-telemetry or Prometheus restarted",
			"see that Prometheus scrapes all the time, and that it and istio-telemetry did not restart")}
	case exact > 1 && len(many) == exact:
		findings = []verdict.Finding{j.everywhere("counted-twice", mesh, many,
			"every request is counted more than once, whoever reports it: two providers report it, or two targets of Prometheus serve the same counts",
			"see which metrics providers the Telemetry resources name, and whether Prometheus has one target twice")}
	}
	verdict.Sort(findings)
	return findings
}

func exactly(calls []call) int {
	n := 0
	for _, c := range calls {
		if c.exact {
			n++
		}
	}
	return n
}

// wanted is what the graph may show of a call, for people.
func (j load) wanted(c call, scrapes int) string {
	if !c.exact {
		return fmt.Sprintf("at least %g requests", c.want)
	}
	return fmt.Sprintf("%g requests, up to %.4g as Prometheus stretches them", c.want, c.want*stretch(scrapes))
}

func (j load) lost(c call, got float64) verdict.Finding {
	return verdict.Finding{
		Kind: "requests-lost", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("the graph shows fewer requests %s than were sent", c.arrow()),
		Object:  object.App(j.release, object.Namespace, c.To),
		Want:    j.wanted(c, j.after.Scrapes), Got: fmt.Sprintf("%.4g", got),
		Where: fmt.Sprintf("%s, horizon %s, %s", object.Text(j.after.Source), j.after.Horizon, object.Count(j.after.Scrapes, "sample")),
		Why:   "all were answered, and other edges of the same requests are whole: the callee's sidecar does not report all of them, or not all of them reached it",
		Next:  fmt.Sprintf("see the access log of the sidecars of %s and %s, and whether a pod of them restarted", c.From, c.To),
	}
}

func (j load) tooMany(c call, got float64) verdict.Finding {
	return verdict.Finding{
		Kind: "counted-too-often", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("the graph shows more requests %s than were sent", c.arrow()),
		Object:  object.App(j.release, object.Namespace, c.To),
		Want:    j.wanted(c, j.after.Scrapes), Got: fmt.Sprintf("%.4g", got),
		Where: fmt.Sprintf("%s, horizon %s, %s", object.Text(j.after.Source), j.after.Horizon, object.Count(j.after.Scrapes, "sample")),
		Why:   "nothing else calls over this edge by the catalogue, and it was quiet before: somebody sends requests besides, a proxy sends them again, or they are counted more than once",
		Next:  fmt.Sprintf("count the requests in the access log of the sidecar of %s", c.To),
	}
}

// everywhere is one finding in place of one for each edge.
func (j load) everywhere(kind verdict.Kind, who string, calls []call, why, next string) verdict.Finding {
	var got []string
	for _, c := range calls {
		got = append(got, fmt.Sprintf("%s: %.4g of %g", c.arrow(), j.count(j.after, c), c.want))
	}
	word := map[verdict.Kind]string{"requests-lost": "fewer", "counted-twice": "more"}[kind]
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail,
		Summary: "the graph shows " + word + " requests than were sent, over every edge", Object: who,
		Want:  fmt.Sprintf("%d requests over each path, up to %.4g times as many as Prometheus stretches them", j.Requests, stretch(j.after.Scrapes)),
		Got:   strings.Join(got[:min(len(got), shownEdges)], ", ") + more(len(got)-shownEdges),
		Where: fmt.Sprintf("%s, horizon %s, %s", object.Text(j.after.Source), j.after.Horizon, object.Count(j.after.Scrapes, "sample")),
		Why:   why, Next: next,
	}
}

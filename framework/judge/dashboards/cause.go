package dashboards

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// cause is why a query has no data, as far as the evidence tells.
type cause struct {
	kind    verdict.Kind
	verdict verdict.Verdict
	object  string
	// matcher is the condition on a label that no series meets.
	matcher              string
	want, got, why, next string
}

// cause says why a query does not show what traffic demands, and of which metric.
func (j *judging) cause(q evidence.PanelAnswer, traffic dashboards.Traffic) (cause, string, bool) {
	if q.Error != "" {
		return broken(q), "", true
	}
	selectors, err := dashboards.JudgedSelectors(q)
	if err != nil {
		q.Error = err.Error()
		return broken(q), "", true
	}
	if len(selectors) == 0 {
		return cause{kind: "only-fallback", verdict: verdict.Fail, object: "Dashboard " + j.Rules.Title,
			want: "a query that asks for series", got: q.Query,
			why:  "the query has an answer although Prometheus holds nothing, so its data prove nothing",
			next: "make the panel optional in fixtures/dashboards/" + j.Rules.Name + ".yaml, and say why",
		}, "", true
	}
	enough := q.Answer.NotZero > 0 || traffic == dashboards.Always && q.Answer.Numbers > 0
	for _, s := range selectors {
		if c, missing := j.metric(s, enough); missing {
			return c, s.Metric, true
		}
	}
	if enough {
		return cause{}, "", false
	}
	for _, s := range selectors {
		if c, missing := j.labels(s); missing {
			return c, s.Metric, true
		}
	}
	return j.shape(q, selectors[0]), selectors[0].Metric, true
}

func broken(q evidence.PanelAnswer) cause {
	return cause{kind: "panel-query-broken", verdict: verdict.Fail, object: prometheus,
		want: "a query that Prometheus evaluates", got: q.Error,
		why:  "the panel shows an error instead of data: the query is wrong for this Prometheus, or for the labels of its series",
		next: "ask Prometheus for " + q.Query,
	}
}

// metric says whether a metric is missing. Where the query has data all the same
// (an older name stands in), only one that is scraped no more is.
func (j *judging) metric(s dashboards.Selector, enough bool) (cause, bool) {
	c, counted := j.counts[s.Metric]
	who := j.Exporters.Of(s.Metric, j.seen.Jobs)
	switch {
	case !counted && s.Metric != "":
		return cause{kind: "no-evidence", verdict: verdict.Inconclusive, object: prometheus,
			want: "the number of its series", got: "nobody counted",
			why: "without it nobody knows whether the metric is there", next: "run it again; see the evidence in the spec's artifacts",
		}, true
	case c.Fresh > 0 || !counted:
		return cause{}, false
	case c.Earlier > 0:
		return cause{kind: "metric-stale", verdict: verdict.Fail, object: who.Object,
			want: "samples of the last minute", got: "the last ones are older",
			why:  "Prometheus had it within the last hour and gets it no more; " + who.Who + " should export it",
			next: "see Prometheus' targets, and whether they are up",
		}, true
	case enough:
		return cause{}, false
	}
	return cause{kind: "metric-missing", verdict: verdict.Fail, object: who.Object,
		want: "series of it", got: "none, and none within the last hour",
		why:  who.Who + " should export it: it does not, or Prometheus does not scrape it",
		next: "see whether it is in the exporter's /metrics, and Prometheus' targets",
	}, true
}

// labels says which condition on a label the metric's series do not meet.
func (j *judging) labels(s dashboards.Selector) (cause, bool) {
	if c, counted := j.counts[s.Text]; !counted || c.Fresh > 0 {
		return cause{}, false
	}
	who := j.Exporters.Of(s.Metric, j.seen.Jobs)
	c := cause{kind: "label-missing", verdict: verdict.Fail, object: who.Object,
		want: "a series that " + s.Text + " selects", got: "none, although the metric is there",
		why:  "each of its conditions is met by some series, all together by none: that traffic was not seen, or was told of with other labels",
		next: "ask Prometheus for " + s.Metric + "; compare its labels with the exporter's /metrics and with metric_relabel_configs",
	}
	for _, alone := range s.Alone() {
		if by, counted := j.counts[alone.Text]; counted && by.Fresh == 0 {
			c.matcher = alone.Matchers[0]
			c.want = "series with " + c.matcher
			c.why = "no series of it meets that condition: " + who.Who + " names it otherwise, Prometheus changes labels, or there was no such traffic"
			break
		}
	}
	return c, true
}

// shape says what is wrong with a query whose series are there.
func (j *judging) shape(q evidence.PanelAnswer, s dashboards.Selector) cause {
	who := j.Exporters.Of(s.Metric, j.seen.Jobs)
	c := cause{kind: "panel-without-data", verdict: verdict.Fail, object: who.Object,
		want: "a number other than zero while there was traffic", got: "only zeros",
		why:  "the series are there and did not rise: the traffic was not counted",
		next: "send requests and look again; ask Prometheus for " + q.Query,
	}
	switch {
	case q.Answer.Numbers > 0:
	case q.Answer.Series > 0:
		c.kind = "not-a-number"
		c.want, c.got = "numbers", "points that are no number (NaN or infinite)"
		c.why = "a quantile of a histogram that did not rise is no number, and neither is a share of nothing"
	default:
		c.want, c.got = "a curve", "none"
		c.why = fmt.Sprintf("the series are there, but fewer than two samples of each within %s, or the two sides of the query have no labels in common", dashboards.RateInterval)
	}
	if q.Fallback && q.Whole.Numbers > 0 {
		c.kind = "only-fallback"
		c.got = "only what its fallback answers"
	}
	return c
}

// group is a cause, with all that it keeps from having data.
type group struct {
	cause
	metrics map[string]bool
	panels  map[string]bool
}

// add counts a panel's query to those with the same cause at the same object.
func (j *judging) add(c cause, metric, panel string) {
	key := strings.Join([]string{string(c.kind), c.object, c.matcher}, "|")
	if j.groups[key] == nil {
		j.groups[key] = &group{cause: c, metrics: map[string]bool{}, panels: map[string]bool{}}
	}
	g := j.groups[key]
	if c.got+c.want+c.why+c.next < g.got+g.want+g.why+g.next {
		g.cause = c // the same one in every order of the evidence
	}
	g.panels[panel] = true
	if metric != "" {
		g.metrics[metric] = true
	}
}

// findings are the groups so far, one finding each.
func (j *judging) findings() []verdict.Finding {
	var all []verdict.Finding
	for _, key := range slices.Sorted(maps.Keys(j.groups)) {
		g := j.groups[key]
		all = append(all, verdict.Finding{
			Kind: g.kind, Verdict: g.verdict, Object: g.object, Summary: g.summary(),
			Want: g.want, Got: g.got, Why: g.why, Next: g.next,
			Where: j.Rules.Title + ": " + some(g.panels, 6),
		})
	}
	return all
}

func (g *group) summary() string {
	queries := "1 query of the dashboard"
	verb := func(one, _ string) string { return one }
	if len(g.panels) != 1 {
		queries = fmt.Sprintf("%d queries of the dashboard", len(g.panels))
		verb = func(_, many string) string { return many }
	}
	metrics := some(g.metrics, 4)
	switch g.kind {
	case "metric-missing":
		return fmt.Sprintf("%s %s nothing: Prometheus has no %s", queries, verb("finds", "find"), metrics)
	case "metric-stale":
		return fmt.Sprintf("%s %s the past: Prometheus gets no more samples of %s", queries, verb("shows", "show"), metrics)
	case "label-missing":
		return fmt.Sprintf("%s %s nothing: no series of %s has %s", queries, verb("finds", "find"), metrics, cmp.Or(g.matcher, "all the labels it asks for"))
	case "panel-query-broken":
		return "Prometheus does not answer " + queries
	case "unclassified-panel":
		return queries + " " + verb("is new to us", "are new to us")
	case "variable-without-value":
		return "the dashboard's variable " + g.matcher + " does not offer what is to be looked at"
	case "no-evidence":
		return queries + " could not be judged"
	}
	return fmt.Sprintf("%s %s no data: %s", queries, verb("has", "have"), g.got)
}

// some lists names, sorted, and how many more there are.
func some(names map[string]bool, limit int) string {
	all := slices.Sorted(maps.Keys(names))
	if len(all) <= limit {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:limit], ", "), len(all)-limit)
}

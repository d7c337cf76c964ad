// Package dashboards judges what Prometheus answered to the queries of Istio's
// dashboards: every panel that must have data by the rules must draw numbers, and
// after traffic others than zero, of metrics that are still scraped. A fallback
// ("or vector(0)") is no data. What is missing is named once, with who exports
// it, and not for each panel.
//
// Kinds: no-evidence, no-samples, unclassified-panel (all inconclusive),
// metric-missing, metric-stale, label-missing, panel-query-broken, only-fallback,
// not-a-number, panel-without-data, variable-without-value.
package dashboards

import (
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// prometheus answers the queries.
const prometheus = "Deployment istio-system/prometheus"

// Wanted is what a dashboard is judged by.
type Wanted struct {
	Rules     dashboards.Rules
	Exporters dashboards.Exporters
	// Subjects are whom the dashboard must be looked at for: a need of another
	// traffic is not judged.
	Subjects map[dashboards.Traffic]dashboards.Subject
}

// Judge judges the answers to a dashboard's queries.
func Judge(wanted Wanted, seen evidence.Dashboard) []verdict.Finding {
	j := judging{Wanted: wanted, seen: seen, answers: map[query][]evidence.PanelAnswer{}, counts: map[string]evidence.SeriesCount{}, groups: map[string]*group{}}
	if len(seen.Queries) == 0 {
		return []verdict.Finding{j.noEvidence("no query of it was asked")}
	}
	j.index()
	if len(seen.Counts) > 0 && !slices.ContainsFunc(seen.Counts, func(c evidence.SeriesCount) bool { return c.Fresh > 0 }) {
		return []verdict.Finding{j.noSamples()}
	}
	judged := 0
	for _, p := range j.Rules.Panels {
		for _, n := range p.Needs {
			if _, there := j.Subjects[n.Traffic]; there {
				j.need(p, n)
				judged++
			}
		}
	}
	if judged == 0 {
		return []verdict.Finding{j.noEvidence("by the rules no panel must have data here")}
	}
	for _, q := range seen.Queries {
		j.query(q)
	}
	findings := j.findings()
	if len(findings) == 0 {
		findings = j.variables()
	}
	verdict.Sort(findings)
	return findings
}

// query names a query in a dashboard.
type query struct {
	panel int
	ref   string
}

// judging is a dashboard while it is judged.
type judging struct {
	Wanted
	seen    evidence.Dashboard
	answers map[query][]evidence.PanelAnswer
	counts  map[string]evidence.SeriesCount
	groups  map[string]*group
}

// index sorts the evidence; of two counts of one selector the smaller one is believed.
func (j *judging) index() {
	for _, q := range j.seen.Queries {
		key := query{q.Panel, q.Ref}
		j.answers[key] = append(j.answers[key], q)
	}
	for _, c := range j.seen.Counts {
		if other, twice := j.counts[c.Selector]; !twice || c.Fresh < other.Fresh || c.Fresh == other.Fresh && c.Earlier < other.Earlier {
			j.counts[c.Selector] = c
		}
	}
}

// need judges the queries of a need: all of them, or whether one has data.
func (j *judging) need(p dashboards.Panel, n dashboards.Need) {
	var without []func()
	for _, ref := range n.Queries {
		answers := j.answers[query{p.ID, ref}]
		if len(answers) != 1 {
			j.add(cause{kind: "no-evidence", verdict: verdict.Inconclusive, object: prometheus,
				want: "one answer to each query", got: fmt.Sprintf("%d answers", len(answers)),
				why: "a query without an answer of its own shows nothing", next: "run it again; see the evidence in the spec's artifacts",
			}, "", panelName(p.Title, ref))
			continue
		}
		if c, metric, missing := j.cause(answers[0], n.Traffic); missing {
			without = append(without, func() { j.add(c, metric, panelName(p.Title, ref)) })
		}
	}
	if n.Either && len(without) < len(n.Queries) {
		return
	}
	for _, tell := range without {
		tell()
	}
}

// query judges what holds for a query whatever its need: Prometheus takes it, and
// somebody has decided what it must show.
func (j *judging) query(q evidence.PanelAnswer) {
	need, ruled := j.Rules.Need(q.Panel, q.Ref)
	switch {
	case !ruled:
		j.add(cause{kind: "unclassified-panel", verdict: verdict.Inconclusive, object: "Dashboard " + j.Rules.Title,
			want: "a rule that says which traffic it needs data for", got: "none",
			why: "nobody has decided yet whether the panel must have data, so it was not judged", next: "add it to fixtures/dashboards/" + j.Rules.Name + ".yaml",
		}, "", panelName(q.Title, q.Ref))
	case q.Error != "" && (need.Traffic == "" || need.Either):
		j.add(broken(q), "", panelName(q.Title, q.Ref))
	}
}

func panelName(title, ref string) string { return fmt.Sprintf("%q %s", title, ref) }

// variables judges whether the values that are picked are among those offered.
func (j *judging) variables() []verdict.Finding {
	for _, v := range j.seen.Variables {
		if v.Picked != "" && !slices.Contains(v.Values, v.Picked) {
			j.add(cause{kind: "variable-without-value", verdict: verdict.Fail, object: prometheus, matcher: v.Name,
				want: v.Picked + " among the values of " + v.Name, got: fmt.Sprintf("%d values: %v", len(v.Values), v.Values),
				why: "a person cannot pick whom to look at, although the panels would have data", next: "ask Prometheus for " + v.Query,
			}, "", "variable "+v.Name)
		}
	}
	return j.findings()
}

func (j *judging) noEvidence(got string) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive,
		Summary: "nothing of the dashboard was judged", Object: prometheus, Where: j.Rules.Title,
		Want: "answers to queries that must have data", Got: got,
		Why:  "a dashboard that nobody looked at shows nothing, for good or bad",
		Next: "see the rules in fixtures/dashboards and the paths of the release",
	}
}

func (j *judging) noSamples() verdict.Finding {
	earlier := 0
	for _, c := range j.seen.Counts {
		earlier = max(earlier, c.Earlier)
	}
	f := verdict.Finding{
		Kind: "no-samples", Verdict: verdict.Inconclusive,
		Summary: "Prometheus has no sample of anything the dashboard shows", Object: prometheus, Where: j.Rules.Title,
		Want: "samples of the last minute", Got: "none of " + object.Count(len(j.seen.Counts), "selector"),
		Why:  "it scrapes nothing that the dashboard is about, and has not for an hour",
		Next: "see Prometheus' targets, and whether they are up",
	}
	if earlier > 0 {
		f.Why = "it had samples within the last hour and scrapes no more"
	}
	return f
}

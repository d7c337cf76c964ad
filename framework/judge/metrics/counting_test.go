package metrics_test

import (
	"maps"
	"math"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// both are the call at both reporters.
func both() []metrics.Call {
	source := call
	source.Reporter = metrics.Source
	return []metrics.Call{source, call}
}

// at is the call's series at a reporter.
func at(reporter, code string, value float64, more ...string) evidence.Sample {
	return series(call.Source, call.Destination, reporter, code, value, more...)
}

func counts(requests, duration float64) evidence.Counts {
	const name = "istio_request_duration_milliseconds_count"
	return evidence.Counts{
		Requests:   samples(at("source", "200", requests), at("destination", "200", requests)),
		Histograms: samples(at("source", "", duration, "__name__", name), at("destination", "", duration, "__name__", name)),
	}
}

func TestJudgeVolley(t *testing.T) {
	for name, c := range map[string]struct {
		fired evidence.Volley
		want  []string
		text  string
	}{
		"all answered": {fired: evidence.Volley{Asked: 3, Answered: 3}},
		"one not":      {evidence.Volley{Asked: 3, Answered: 2, Problem: "status 503"}, []string{"not-answered"}, "2 of 3, status 503"},
		"none asked":   {evidence.Volley{}, []string{"not-answered"}, "0 of 0"},
		"too many":     {evidence.Volley{Asked: 3, Answered: 4}, []string{"not-answered"}, "4 of 3"},
	} {
		t.Run(name, func(t *testing.T) {
			v := verdict.Inconclusive
			if c.want == nil {
				v = verdict.Pass
			}
			check(t, metrics.JudgeVolley(c.fired), c.want, v, c.text)
		})
	}
}

func TestJudgeCounts(t *testing.T) {
	empty := counts(15, 15)
	empty.Histograms = samples()
	for name, c := range map[string]struct {
		after evidence.Counts
		want  []string
		v     verdict.Verdict
		text  string
	}{
		"exactly":           {counts(15, 15), nil, verdict.Pass, ""},
		"one lost":          {counts(14, 14), []string{"wrong-count", "wrong-count"}, verdict.Fail, "saw too few"},
		"histogram is late": {counts(15, 14), []string{"wrong-histogram", "wrong-histogram"}, verdict.Fail, "14, before 5"},
		"histogram is more": {counts(15, 16), []string{"wrong-histogram", "wrong-histogram"}, verdict.Fail, "16, before 5"},
		"no histograms":     {empty, []string{"no-samples"}, verdict.Inconclusive, ""},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, metrics.JudgeCounts(both(), []metric.Quantity{metric.Duration}, counts(5, 5), c.after), c.want, c.v, c.text)
		})
	}
}

// tally is what is counted and told of the call's two sidecars.
func tally(telemetry string, source, destination, received, written float64) evidence.Tally {
	pods := func(value float64) evidence.Samples {
		return samples(evidence.Sample{Labels: map[string]string{"pod": "iag-1"}, Value: value}, evidence.Sample{Labels: map[string]string{"pod": "vio-1"}, Value: value})
	}
	return evidence.Tally{
		Requests: samples(at("source", "200", source), at("destination", "200", destination)),
		Received: pods(received), Written: pods(written), Telemetry: []string{telemetry}, Since: samples(evidence.Sample{Value: 1000}),
		Sidecars: map[string]string{"iag-1": call.Source, "vio-1": call.Destination, "db-1": "vfc-vfc-db"},
	}
}

func TestJudgeRestart(t *testing.T) {
	before := tally("old", 5, 5, 20, 30)
	without := func(change func(*evidence.Tally)) evidence.Tally {
		after := tally("new", 13, 15, 28, 40)
		after.Sidecars = maps.Clone(after.Sidecars)
		change(&after)
		return after
	}
	for name, c := range map[string]struct {
		after evidence.Tally
		want  []string
		v     verdict.Verdict
		text  string
	}{
		"all counted":                 {tally("new", 15, 15, 30, 40), nil, verdict.Pass, ""},
		"others were lost":            {tally("new", 15, 15, 28, 40), nil, verdict.Pass, ""},
		"read in between":             {tally("new", 15, 15, 31, 40), nil, verdict.Pass, ""},
		"two lost, told":              {tally("new", 13, 15, 28, 40), nil, verdict.Pass, ""},
		"two lost, one told":          {tally("new", 13, 15, 29, 40), []string{"loss-unstated"}, verdict.Fail, "at least 2"},
		"two lost by either":          {tally("new", 13, 13, 30, 40), []string{"loss-unstated", "loss-unstated"}, verdict.Fail, ""},
		"one too many":                {tally("new", 16, 15, 30, 40), []string{"counted-too-often"}, verdict.Fail, "at most 10"},
		"begun anew":                  {without(func(e *evidence.Tally) { e.Since = samples(evidence.Sample{Value: 1060}) }), []string{"counts-lost"}, verdict.Fail, "60 s later"},
		"a counter went down":         {tally("new", 3, 15, 30, 40), []string{"loss-unstated"}, verdict.Fail, "at least 12"},
		"of an unknown beginning":     {without(func(e *evidence.Tally) { e.Since = samples() }), []string{"no-samples"}, verdict.Inconclusive, ""},
		"nothing rose":                {tally("new", 5, 5, 30, 40), []string{"nothing-rose"}, verdict.Inconclusive, ""},
		"the same pod":                {tally("old", 15, 15, 30, 40), []string{"not-restarted"}, verdict.Inconclusive, "[old]"},
		"no pod":                      {without(func(e *evidence.Tally) { e.Telemetry = nil }), []string{"not-restarted"}, verdict.Inconclusive, ""},
		"no samples":                  {without(func(e *evidence.Tally) { e.Requests = samples() }), []string{"no-samples"}, verdict.Inconclusive, ""},
		"nothing is told":             {without(func(e *evidence.Tally) { e.Written = samples() }), []string{"no-samples"}, verdict.Inconclusive, ""},
		"nothing is received":         {without(func(e *evidence.Tally) { e.Received = samples() }), []string{"no-samples"}, verdict.Inconclusive, ""},
		"a sidecar does not tell":     {without(func(e *evidence.Tally) { e.Written.Items = e.Written.Items[1:] }), []string{"loss-unstated"}, verdict.Fail, "none of pod iag-1"},
		"a sidecar without a pod":     {without(func(e *evidence.Tally) { delete(e.Sidecars, "iag-1") }), []string{"loss-unstated"}, verdict.Fail, "no pod of"},
		"a pod that is new meanwhile": {without(func(e *evidence.Tally) { e.Sidecars["iag-2"] = call.Source }), []string{"loss-unstated"}, verdict.Fail, "none of pod iag-2"},
		"another code": {without(func(e *evidence.Tally) {
			e.Requests = samples(at("source", "200", 15), at("destination", "200", 14), at("destination", "503", 1))
		}), []string{"counted-too-often"}, verdict.Fail, "at most 0"},
	} {
		t.Run(name, func(t *testing.T) { check(t, metrics.JudgeRestart(both(), before, c.after), c.want, c.v, c.text) })
	}
	if got := metrics.Missing(both(), before, tally("new", 13, 14, 30, 40)); got != 3 {
		t.Errorf("%g missing, want 3", got)
	}
}

func links(opened, closed, sent float64, reporters ...string) evidence.Samples {
	var items []evidence.Sample
	for _, reporter := range reporters {
		for name, value := range map[string]float64{"istio_tcp_connections_opened_total": opened, "istio_tcp_connections_closed_total": closed,
			"istio_tcp_sent_bytes_total": sent, "istio_tcp_received_bytes_total": 7} {
			items = append(items, at(reporter, "", value, "__name__", name))
		}
	}
	return samples(items...)
}

func TestJudgeConnections(t *testing.T) {
	mixed := func(a, b evidence.Samples) evidence.Samples { return samples(append(a.Items, b.Items...)...) }
	before := links(2, 2, 50, "source", "destination")
	for name, c := range map[string]struct {
		after evidence.Samples
		want  []string
		v     verdict.Verdict
		text  string
	}{
		"agree":             {links(4, 4, 90, "source", "destination"), nil, verdict.Pass, ""},
		"none":              {before, []string{"connections-open", "connections-open"}, verdict.Fail, "0 opened, 0 closed"},
		"one open":          {links(4, 3, 90, "source", "destination"), []string{"connections-open", "connections-open"}, verdict.Fail, "2 opened, 1 closed"},
		"one end":           {links(4, 4, 90, "source"), []string{"connections-open"}, verdict.Fail, "-2 opened"},
		"other bytes":       {mixed(links(4, 4, 90, "source"), links(4, 4, 91, "destination")), []string{"ends-disagree"}, verdict.Fail, "40, as the source"},
		"other connections": {mixed(links(4, 4, 90, "source"), links(3, 3, 90, "destination")), []string{"ends-disagree"}, verdict.Fail, ""},
		"no samples":        {samples(), []string{"no-samples"}, verdict.Inconclusive, ""},
		"no number":         {links(4, 4, math.NaN(), "source", "destination"), []string{"no-number"}, verdict.Inconclusive, ""},
	} {
		t.Run(name, func(t *testing.T) { check(t, metrics.JudgeConnections(both(), before, c.after), c.want, c.v, c.text) })
	}
	check(t, metrics.JudgeRest(both(), evidence.Connections{Last: before, Now: before}), nil, verdict.Pass, "")
	check(t, metrics.JudgeRest(both(), evidence.Connections{Last: before, Now: links(3, 3, 50, "source", "destination")}), []string{"not-quiet"}, verdict.Inconclusive, "1 more")
	check(t, metrics.JudgeRest(both(), evidence.Connections{Now: before}), []string{"no-samples"}, verdict.Inconclusive, "")
}

// countings is the evidence of the judges that count.
type countings struct {
	Fired                evidence.Volley
	CountsBefore, Counts evidence.Counts
	TallyBefore, Tally   evidence.Tally
	LinksBefore, Links   evidence.Connections
}

func judgeCountings(l countings) []verdict.Finding {
	findings := metrics.JudgeVolley(l.Fired)
	findings = append(findings, metrics.JudgeCounts(both(), []metric.Quantity{metric.Duration}, l.CountsBefore, l.Counts)...)
	findings = append(findings, metrics.JudgeRestart(both(), l.TallyBefore, l.Tally)...)
	findings = append(findings, metrics.JudgeRest(both(), l.LinksBefore)...)
	return append(findings, metrics.JudgeConnections(both(), l.LinksBefore.Now, l.Links.Now)...)
}

func healthyCountings() countings {
	rest, after := links(2, 2, 50, "source", "destination"), links(4, 4, 90, "source", "destination")
	return countings{
		Fired: evidence.Volley{Asked: 10, Answered: 10}, CountsBefore: counts(5, 5), Counts: counts(15, 15),
		TallyBefore: tally("old", 5, 5, 20, 30), Tally: tally("new", 15, 15, 30, 40),
		LinksBefore: evidence.Connections{Last: rest, Now: rest}, Links: evidence.Connections{Last: after, Now: after},
	}
}

func TestBrokenCountings(t *testing.T) {
	check(t, judgeCountings(healthyCountings()), nil, verdict.Pass, "")
	attack.Mutations(t, healthyCountings(), judgeCountings)
	attack.NeverGreen(t, map[string]countings{"nothing": {}}, judgeCountings)
	for _, list := range []func(*countings) *[]evidence.Sample{
		func(l *countings) *[]evidence.Sample { return &l.Counts.Requests.Items },
		func(l *countings) *[]evidence.Sample { return &l.Counts.Histograms.Items },
		func(l *countings) *[]evidence.Sample { return &l.Tally.Requests.Items },
		func(l *countings) *[]evidence.Sample { return &l.Tally.Written.Items },
		func(l *countings) *[]evidence.Sample { return &l.Links.Now.Items },
	} {
		attack.NeverGreen(t, attack.Without(healthyCountings(), list), judgeCountings)
		attack.Shuffled(t, healthyCountings(), list, judgeCountings)
	}
}

func FuzzCountings(f *testing.F) { attack.Fuzz(f, judgeCountings, healthyCountings()) }

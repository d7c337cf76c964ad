package load_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/load"
	"github.com/onap/meshcert/framework/verdict"
)

// pairs is how many pairs of rounds the tests' load has.
const pairs = 3

func plan() load.Plan { return load.Plan{Pairs: pairs, Gateway: true} }

// round is a whole one of so many requests, with half of them faster than fast.
func round(way evidence.LoadWay, rate int, lasts time.Duration, fast float64) evidence.LoadRound {
	requests := int64(float64(rate) * lasts.Seconds())
	url := map[evidence.LoadWay]string{
		evidence.Plain: "http://load-plain.meshcert-canary:8080", evidence.Meshed: "http://load-meshed.meshcert-canary:8080",
		evidence.Gateway: "http://msb-iag.onap/api/multicloud/v0/vmware_fake/identity/v3",
	}[way]
	return evidence.LoadRound{
		LoadOrder: evidence.LoadOrder{Way: way, URL: url, Status: 200, Rate: rate, Lasts: lasts},
		Started:   time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC),
		Result: evidence.LoadResult{
			Requests: requests, Codes: map[string]int64{"200": requests},
			Rate: float64(requests) / (lasts.Seconds() + 0.1), Seconds: lasts.Seconds() + 0.1,
			Min: fast / 2, Mean: fast * 1.5, Max: fast * 8,
			Percentiles: []evidence.LoadPercentile{
				{Percentile: 50, Value: fast}, {Percentile: 75, Value: fast * 2}, {Percentile: 90, Value: fast * 3}, {Percentile: 99, Value: fast * 6},
			},
			Buckets: []evidence.LoadBucket{
				{Start: fast / 2, End: fast, Count: requests / 2}, {Start: fast, End: fast * 8, Count: requests - requests/2},
			},
		},
	}
}

// healthy are the rounds of a mesh in order: sidecars cost 2, 3 and 4 times.
func healthy() []evidence.LoadRound {
	var rounds []evidence.LoadRound
	for i := range pairs {
		rounds = append(rounds,
			round(evidence.Plain, 100, 2*time.Second, 0.0005),
			round(evidence.Meshed, 100, 2*time.Second, 0.0005*float64(i+2)))
	}
	return append(rounds, round(evidence.Gateway, 20, 5*time.Second, 0.01))
}

// fails lets so many requests of a round be answered with the code.
func fails(r *evidence.LoadRound, n int64, code string) {
	r.Result.Codes["200"] -= n
	r.Result.Codes[code] += n
	r.Result.Errors += n
}

func TestJudgeRounds(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func([]evidence.LoadRound)
		bounds verdict.Bounds
		want   verdict.Verdict
		kind   verdict.Kind
		object string
		text   string
	}{
		"healthy":          {want: verdict.Pass},
		"within its bound": {bounds: verdict.Bounds{GatewayP99: 0.06}, want: verdict.Pass},
		"slow without a bound": {
			edit: func(r []evidence.LoadRound) { r[6] = round(evidence.Gateway, 20, 5*time.Second, 0.5) }, want: verdict.Pass,
		},
		"too slow": {
			bounds: verdict.Bounds{GatewayP99: 0.05}, want: verdict.Fail, kind: "too-slow", object: "Service onap/msb-iag", text: "0.06 s, the slowest 0.08 s",
		},
		"5xx of the server": {
			edit: func(r []evidence.LoadRound) { fails(&r[3], 20, "503") },
			want: verdict.Fail, kind: "failed-requests", object: "Deployment meshcert-canary/load-server-meshed", text: "200 × 580, 503 × 20",
		},
		"nobody answers": {
			edit: func(r []evidence.LoadRound) { fails(&r[6], 100, "-1") },
			want: verdict.Fail, kind: "failed-requests", object: "Service onap/msb-iag", text: "-1 × 100",
		},
		"another good status than the path's": {
			edit: func(r []evidence.LoadRound) { r[6].Result.Codes = map[string]int64{"204": 100} },
			want: verdict.Fail, kind: "failed-requests", object: "Service onap/msb-iag", text: "204 × 100",
		},
		"failures without sidecars": {
			edit: func(r []evidence.LoadRound) { fails(&r[0], 1, "-1") },
			want: verdict.Inconclusive, kind: "failed-requests", object: "Deployment meshcert-canary/load-server-plain", text: "no failure of the mesh",
		},
		"a failure hides no doubt": {
			edit: func(r []evidence.LoadRound) { fails(&r[1], 1, "503"); r[6].Result.Max = -1 },
			want: verdict.Fail, kind: "impossible-numbers", object: "Service onap/msb-iag", text: "-1 is no count",
		},
	} {
		t.Run(name, func(t *testing.T) {
			rounds := healthy()
			if c.edit != nil {
				c.edit(rounds)
			}
			p := plan()
			p.Bounds = c.bounds
			says(t, load.JudgeRounds(p, rounds), c.want, c.kind, c.object, c.text)
		})
	}
}

// says demands the verdict and, unless it is a pass, a whole finding of the kind.
func says(t *testing.T, findings []verdict.Finding, want verdict.Verdict, kind verdict.Kind, object, text string) {
	t.Helper()
	if got := verdict.Of(findings); got != want {
		t.Errorf("verdict %s, want %s: %+v", got, want, findings)
	}
	found := kind == ""
	for _, f := range findings {
		if empty := f.Incomplete(); len(empty) > 0 {
			t.Errorf("%s lacks %v", f.Kind, empty)
		}
		if f.Kind == kind && f.Object == object && strings.Contains(f.Summary+f.Got+f.Why, text) {
			found = true
		}
	}
	if !found {
		t.Errorf("no %s of %s with %q in %+v", kind, object, text, findings)
	}
}

// TestMissingRounds: what was not measured is not green.
func TestMissingRounds(t *testing.T) {
	whole := healthy()
	says(t, load.JudgeRounds(plan(), nil), verdict.Inconclusive, "no-evidence", "Service onap/msb-iag", "0")
	says(t, load.JudgeRounds(load.Plan{}, nil), verdict.Inconclusive, "no-evidence", "Deployment meshcert-canary/load-server-plain", "0")
	says(t, load.JudgeRounds(plan(), whole[:6]), verdict.Inconclusive, "no-evidence", "Service onap/msb-iag", "0 rounds instead of 1")
	says(t, load.JudgeRounds(plan(), whole[1:]), verdict.Inconclusive, "no-evidence", "Deployment meshcert-canary/load-server-plain", "2 rounds instead of 3")
	says(t, load.JudgeRounds(load.Plan{Pairs: pairs}, whole), verdict.Inconclusive, "no-evidence", "Service onap/msb-iag", "1 round instead of 0")
	says(t, load.JudgeRounds(load.Plan{Pairs: pairs}, whole[:6]), verdict.Pass, "", "", "")
}

// TestImpossibleNumbers: what contradicts itself is believed in nothing.
func TestImpossibleNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*evidence.LoadRound)
		text string
	}{
		"nothing sent": {func(r *evidence.LoadRound) {
			r.Result = evidence.LoadResult{Seconds: 2, Percentiles: r.Result.Percentiles}
		}, "0 requests"},
		"no time":                      {func(r *evidence.LoadRound) { r.Result.Seconds = 0 }, "in 0 s"},
		"not a number":                 {func(r *evidence.LoadRound) { r.Result.Mean = math.NaN() }, "NaN"},
		"endless":                      {func(r *evidence.LoadRound) { r.Result.Percentiles[3].Value = math.Inf(1) }, "+Inf"},
		"a negative time":              {func(r *evidence.LoadRound) { r.Result.Min = -0.1 }, "-0.1"},
		"a negative count":             {func(r *evidence.LoadRound) { r.Result.Codes["503"] = -5; r.Result.Codes["200"] += 5 }, "-5"},
		"more than were asked for":     {func(r *evidence.LoadRound) { *r = twice(*r) }, "were to be"},
		"more answers than requests":   {func(r *evidence.LoadRound) { r.Result.Codes["200"]++ }, "201 answers"},
		"fewer answers than requests":  {func(r *evidence.LoadRound) { r.Result.Codes["200"]-- }, "199 answers"},
		"errors that nobody answered":  {func(r *evidence.LoadRound) { r.Result.Errors = 3 }, "3 errors"},
		"errors that are not counted":  {func(r *evidence.LoadRound) { fails(r, 3, "503"); r.Result.Errors = 0 }, "0 errors"},
		"times that are not counted":   {func(r *evidence.LoadRound) { r.Result.Buckets[0].Count-- }, "199 times"},
		"no histogram":                 {func(r *evidence.LoadRound) { r.Result.Buckets = nil }, "0 times"},
		"a histogram out of order":     {func(r *evidence.LoadRound) { r.Result.Buckets[1].Start = 0 }, "counts from 0"},
		"a bucket that ends early":     {func(r *evidence.LoadRound) { r.Result.Buckets[1].End = 0 }, "to 0 s"},
		"percentiles that fall":        {func(r *evidence.LoadRound) { r.Result.Percentiles[2].Value /= 10 }, "percentile 90"},
		"a percentile over the top":    {func(r *evidence.LoadRound) { r.Result.Percentiles[3].Value = 1 }, "percentile 99"},
		"a percentile is missing":      {func(r *evidence.LoadRound) { r.Result.Percentiles = r.Result.Percentiles[:3] }, "were measured"},
		"another percentile":           {func(r *evidence.LoadRound) { r.Result.Percentiles[3].Percentile = 95 }, "were measured"},
		"a mean over the slowest":      {func(r *evidence.LoadRound) { r.Result.Mean = r.Result.Max * 2 }, "mean"},
		"a request longer than all":    {func(r *evidence.LoadRound) { r.Result.Max = 60 }, "took 60 s"},
		"a rate that is another":       {func(r *evidence.LoadRound) { r.Result.Rate *= 2 }, "requests a second"},
		"an order that asks for none":  {func(r *evidence.LoadRound) { r.Rate = 0 }, "were to be"},
		"an order of a negative time":  {func(r *evidence.LoadRound) { r.Lasts = -time.Second }, "no count and no time"},
		"counts beyond every integer":  {func(r *evidence.LoadRound) { r.Result.Requests = math.MaxInt64 }, "were to be"},
		"a code that overflows others": {func(r *evidence.LoadRound) { r.Result.Codes["500"] = math.MaxInt64 }, "answers"},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range healthy() {
				rounds := healthy()
				rounds[i] = round(rounds[i].Way, 100, 2*time.Second, 0.0005)
				c.edit(&rounds[i])
				object := map[evidence.LoadWay]string{
					evidence.Plain: "Deployment meshcert-canary/load-server-plain", evidence.Meshed: "Deployment meshcert-canary/load-server-meshed", evidence.Gateway: "Service onap/msb-iag",
				}[rounds[i].Way]
				says(t, load.JudgeRounds(plan(), rounds), verdict.Inconclusive, "impossible-numbers", object, c.text)
				for _, f := range load.Figures(rounds) {
					if f.Unit == "×" && rounds[i].Way != evidence.Gateway {
						t.Errorf("%s is told although way %s is not believed", f.Object, rounds[i].Way)
					}
				}
			}
		})
	}
}

// twice is a round of twice as many requests.
func twice(r evidence.LoadRound) evidence.LoadRound {
	double := round(r.Way, 2*r.Rate, r.Lasts, 0.0005)
	double.Rate = r.Rate
	return double
}

func TestFigures(t *testing.T) {
	got := map[string]map[string]float64{}
	for _, f := range load.Figures(healthy()) {
		if got[f.Object] == nil {
			got[f.Object] = map[string]float64{}
		}
		got[f.Object][f.Name+" "+f.Unit] = math.Round(f.Value*100) / 100
	}
	want := map[string]map[string]float64{
		"without sidecars (3 rounds)":        {"requests ": 600, "success %": 100, "rate 1/s": 95.24, "p50 ms": 0.5, "p75 ms": 1, "p90 ms": 1.5, "p99 ms": 3, "slowest ms": 4},
		"with sidecars (3 rounds)":           {"requests ": 600, "success %": 100, "rate 1/s": 95.24, "p50 ms": 1.5, "p75 ms": 3, "p90 ms": 4.5, "p99 ms": 9, "slowest ms": 16},
		"through msb-iag":                    {"requests ": 100, "success %": 100, "rate 1/s": 19.61, "p50 ms": 10, "p75 ms": 20, "p90 ms": 30, "p99 ms": 60, "slowest ms": 80},
		"with to without, median of 3 pairs": {"p50 ×": 3, "p99 ×": 3},
		"with to without, lowest":            {"p50 ×": 2, "p99 ×": 2},
		"with to without, highest":           {"p50 ×": 4, "p99 ×": 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFiguresOfFailures: requests that failed are told as such, and compared with nothing.
func TestFiguresOfFailures(t *testing.T) {
	rounds := healthy()
	fails(&rounds[1], 60, "503")
	success := 0.0
	for _, f := range load.Figures(rounds) {
		if f.Name == "success" && f.Object == "with sidecars (3 rounds)" {
			success = f.Value
		}
		if f.Unit == "×" {
			t.Errorf("compared: %+v", f)
		}
	}
	if success != 90 {
		t.Errorf("success %g %%, want 90", success)
	}
	if got := load.Figures(nil); got != nil {
		t.Errorf("figures of nothing: %+v", got)
	}
}

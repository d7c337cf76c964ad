package review_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/review"
	"github.com/onap/meshcert/framework/verdict"
)

// TestStanding: what is new blocks, what is known does not if somebody answers
// for it today.
func TestStanding(t *testing.T) {
	bad := wrong("no-limits", iag, "no limits")
	waiver := verdict.Waiver{Spec: "hygiene.limits", Kind: "no-limits", Object: "Deployment onap/msb-*", Owner: "MSB", Reason: "none set", Expires: today}
	over, other := waiver, waiver
	over.Expires = "2026-11-23"
	other.Kind = "proxy-no-limits"
	failed := ran("before", judged("hygiene.limits", verdict.Fail, bad))
	passed := ran("before", judged("hygiene.limits", verdict.Pass))
	skipped := ran("before", judged("hygiene.limits", verdict.Skip))
	elsewhere := ran("before", judged("hygiene.limits", verdict.Fail, wrong("no-limits", nslcm, "no limits")))
	excused := ran("before", judged("hygiene.limits", verdict.Pass, verdict.Finding{Kind: "no-limits", Verdict: verdict.Pass, Object: iag, Waiver: "x"}))
	for name, c := range map[string]struct {
		baseline *report.Report
		waivers  []verdict.Waiver
		want     review.Standing
		because  string
		exit     int
	}{
		"nothing is known":                          {nil, nil, review.New, "no waiver covers it", 1},
		"waived":                                    {nil, []verdict.Waiver{waiver}, review.Waived, "MSB, until 2026-11-24: none set", 0},
		"waived until yesterday":                    {nil, []verdict.Waiver{over}, review.Expired, "the waiver of MSB ended on 2026-11-23", 1},
		"waived twice, once in time":                {nil, []verdict.Waiver{over, waiver}, review.Waived, "2026-11-24", 0},
		"another kind is waived":                    {nil, []verdict.Waiver{other}, review.New, "no waiver", 1},
		"the baseline passed":                       {passed, nil, review.New, "run before does not have it", 1},
		"the baseline passed, waived":               {passed, []verdict.Waiver{waiver}, review.New, "a waiver is for failures that are known", 1},
		"the baseline failed of another object":     {elsewhere, nil, review.New, "run before does not have it", 1},
		"the baseline had it excused":               {excused, nil, review.New, "run before does not have it", 1},
		"the baseline skipped it":                   {skipped, []verdict.Waiver{waiver}, review.New, "did not judge", 1},
		"the baseline has no such spec":             {ran("before"), nil, review.New, "did not judge", 1},
		"the baseline has it":                       {failed, nil, review.Known, "no waiver has an owner for it", 1},
		"the baseline has it, waived":               {failed, []verdict.Waiver{waiver}, review.Waived, "MSB", 0},
		"the baseline has it, waived til yesterday": {failed, []verdict.Waiver{over}, review.Expired, "has to be looked at again", 1},
	} {
		q := asked(t, ran("new", judged("hygiene.limits", verdict.Fail, bad)))
		q.Baseline, q.Waivers = c.baseline, c.waivers
		r := review.Of(q)
		if len(r.Problems) != 1 || r.Problems[0].Standing != c.want || !strings.Contains(r.Problems[0].Because, c.because) {
			t.Errorf("%s: got %+v, want %s because %s", name, r.Problems, c.want, c.because)
		}
		if r.Exit != c.exit || (r.Verdict == verdict.Pass) != (c.exit == 0) || r.Problems[0].Blocks() != (c.exit == 1) {
			t.Errorf("%s: exit %d, verdict %s, want exit %d", name, r.Exit, r.Verdict, c.exit)
		}
	}
}

// TestNeverGreen: what was not judged is not green, and a run that is not whole neither.
func TestNeverGreen(t *testing.T) {
	good := judged("sidecar.ready", verdict.Pass)
	unseen := wrong("no-evidence", "Namespace onap", "nothing")
	unseen.Verdict = verdict.Inconclusive
	for name, c := range map[string]struct {
		change func(*review.Question)
		exit   int
		want   string
	}{
		"all passed":        {func(*review.Question) {}, 0, "1 of 1 spec that the change can break passed"},
		"a spec is missing": {func(q *review.Question) { q.Expected = append(q.Expected, "blog/msb.portal") }, 3, "1 of 2 specs never run: blog/msb.portal"},
		"seven are missing": {func(q *review.Question) {
			q.Expected = append(q.Expected, "a/a.a", "a/a.b", "a/a.c", "a/a.d", "a/a.e", "a/a.f", "a/a.g")
		}, 3, "a/a.e and 2 more"},
		"killed":           {func(q *review.Question) { q.Report.Finished = false }, 3, "the run was killed before its end"},
		"interrupted":      {func(q *review.Question) { q.Report.Interrupted = true }, 3, "the run was interrupted"},
		"an error":         {func(q *review.Question) { q.Report.Error = "no\nroom" }, 3, "no room"},
		"a phase's error":  {func(q *review.Question) { q.Report.Phases = []report.Phase{{Name: "onap", Error: "late"}} }, 3, "onap: late"},
		"skipped":          {func(q *review.Question) { q.Report.Specs[0].Verdict = verdict.Skip }, 3, "nothing was judged"},
		"inconclusive":     {func(q *review.Question) { q.Report.Specs[0] = judged("sidecar.ready", verdict.Inconclusive, unseen) }, 3, "1 finding (inconclusive: blocks)"},
		"without findings": {func(q *review.Question) { q.Report.Specs[0].Verdict = verdict.Fail }, 1, "1 finding (new: blocks)"},
		"a failure counts more than a doubt": {func(q *review.Question) {
			q.Report.Finished, q.Report.Specs[0] = false, judged("sidecar.ready", verdict.Fail, wrong("x", iag, "y"))
		}, 1, "killed"},
		"a spec that was not expected": {func(q *review.Question) {
			q.Report.Specs = append(q.Report.Specs, judged("sidecar.proxies", verdict.Fail, wrong("x", iag, "y")))
		}, 0, "1 of 1 spec"},
		"nothing to judge":          {func(q *review.Question) { q.Expected, q.Report = nil, nil }, 3, "nothing to judge: the change can break nothing of MSB"},
		"nothing to judge, allowed": {func(q *review.Question) { q.Expected, q.Report, q.AllowEmpty = nil, nil, true }, 0, "nothing to judge"},
	} {
		q := asked(t, ran("new", good))
		c.change(&q)
		r := review.Of(q)
		if r.Exit != c.exit || !strings.Contains(r.Sentence(), c.want) {
			t.Errorf("%s: exit %d, want %d: %s", name, r.Exit, c.exit, r.Sentence())
		}
		if nothing := len(q.Expected) == 0; nothing != (r.Verdict == verdict.Skip) || r.Exit == 3 && r.Verdict == verdict.Pass {
			t.Errorf("%s: verdict %s", name, r.Verdict)
		}
	}
}

// TestUnusedWaiver: who answers for something that is gone is told so.
func TestUnusedWaiver(t *testing.T) {
	q := asked(t, ran("new", judged("hygiene.limits", verdict.Pass)))
	q.Waivers = []verdict.Waiver{{Spec: "hygiene.limits", Kind: "no-limits", Object: iag, Owner: "MSB", Reason: "r", Expires: "2027-01-01"}}
	r := review.Of(q)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "matches nothing any more") || r.Exit != 0 {
		t.Errorf("%+v", r)
	}
}

func TestPlace(t *testing.T) {
	at := func(file string, line, from, to int) review.Place {
		return review.Place{File: file, Line: line, From: from, To: to}
	}
	for name, c := range map[string]struct {
		finding verdict.Finding
		change  []string
		want    review.Place
	}{
		"the key in the values":        {wrong("missing-sidecar", iag, ""), nil, at(values, 4, 0, 18)},
		"a sidecar that is lacking":    {wrong("missing-container", iag, "x runs without container istio-proxy"), nil, at(values, 4, 0, 18)},
		"another container":            {wrong("missing-container", iag, "x runs without container filebeat"), nil, at(deployment, 2, 0, 16)},
		"in the template of a change":  {wrong("missing-sidecar", iag, ""), []string{deployment}, at(deployment, 5, 4, 55)},
		"both changed":                 {wrong("missing-sidecar", iag, ""), []string{deployment, values}, at(values, 4, 0, 18)},
		"an image":                     {wrong("wrong-image", iag, ""), nil, at(values, 3, 0, 36)},
		"headers that are dropped":     {wrong("headers-dropped", iag, ""), nil, at(values, 3, 0, 36)},
		"a kind of nothing":            {wrong("late", iag, ""), nil, at(deployment, 2, 0, 16)},
		"the file as a whole":          {wrong("late", iag, ""), []string{values}, at(values, 0, 0, 0)},
		"a Service":                    {wrong("wrong-node-port", "Service onap/msb-iag", ""), nil, at("kubernetes/msb/charts/msb-iag/templates/service.yaml", 5, 2, 32)},
		"a Helm release":               {wrong("not-deployed", "Helm release onap/msb", ""), nil, at("kubernetes/msb/values.yaml", 0, 0, 0)},
		"a chart without such files":   {wrong("late", nslcm, ""), nil, at("kubernetes/vfc/components/vfc-nslcm/Chart.yaml", 0, 0, 0)},
		"values that are no YAML":      {wrong("late", "Helm release onap/vfc", ""), nil, at("kubernetes/vfc/values.yaml", 0, 0, 0)},
		"a workload of a chart's own":  {wrong("wrong-image", "Deployment onap/multicloud-multicloud", ""), nil, at("kubernetes/multicloud/values.yaml", 1, 0, 38)},
		"another namespace":            {wrong("x", "Deployment istio-system/jaeger", ""), nil, review.Place{}},
		"a workload that nobody knows": {wrong("x", "Deployment onap/msb", ""), nil, review.Place{}},
		"a cluster":                    {wrong("x", "the cluster", ""), nil, review.Place{}},
		"nothing":                      {wrong("x", "", ""), nil, review.Place{}},
		"only slashes":                 {wrong("x", " onap/", ""), nil, review.Place{}},
	} {
		q := asked(t, ran("new", judged("a.b", verdict.Fail, c.finding)))
		q.Change = c.change
		if diff := cmp.Diff(c.want, review.Of(q).Problems[0].Place); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// TestNoCharts: charts that nobody can look into have no lines.
func TestNoCharts(t *testing.T) {
	q := asked(t, ran("new", judged("a.b", verdict.Fail, wrong("wrong-image", iag, ""))))
	q.Charts.FS, q.Charts.Prefix = nil, ""
	r := review.Of(q)
	if (r.Problems[0].Place != review.Place{}) {
		t.Errorf("got %+v", r.Problems[0].Place)
	}
	if text, err := r.GitLab(); err != nil || !bytes.Contains(text, []byte(`"path": "msb/Chart.yaml"`)) {
		t.Errorf("%v: %s", err, text)
	}
}

func TestText(t *testing.T) {
	r := red(t)
	var out bytes.Buffer
	if err := r.Text(&out, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"new: blocks on casablanca (no waiver covers it)\n  line  " + values + ":4\nsidecar.ready: msb-msb-iag runs without container istio-proxy\n  want  this\n",
		"known and waived on casablanca (MSB, until 2027-12-31: none set)\n",
		"gate of MSB: FAIL: 1 of 7 specs that the change can break passed; 3 findings (new: blocks); 1 finding (inconclusive: blocks); 1 finding (known and waived) (exit 1)\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	out.Reset()
	r = flood(t, 20)
	if err := r.Text(&out, false); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\x1b", "\x00", "\u202e", "\xff"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the terminal gets %q", bad)
		}
	}
}

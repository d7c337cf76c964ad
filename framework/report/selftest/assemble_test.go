package selftest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

func assembled(t *testing.T, records []Record) *Document {
	t.Helper()
	d, err := Assemble(records)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestStatusAndVerdict(t *testing.T) {
	const pass, fail, unsure = verdict.Pass, verdict.Fail, verdict.Inconclusive
	for name, c := range map[string]struct {
		records []Record
		exit    int
		verdict verdict.Verdict
		says    string
	}{
		"all noticed":               {noticed(), report.ExitPass, pass, "3 of 3 faults noticed (mutation score 1.00), none survived, no false alarm, 2 min 07 s"},
		"survivor":                  {survivor(), report.ExitFail, fail, "2 of 3 faults noticed (mutation score 0.66), 1 survived, no false alarm"},
		"wrong reason":              {wrongReason(), report.ExitFail, fail, "none survived, 1 noticed for the wrong reason, no false alarm"},
		"false alarm":               {falseAlarm(), report.ExitFail, fail, "none survived, 1 false alarm"},
		"not back":                  {notBack(), report.ExitFail, fail, "1 false alarm"},
		"not applied":               {notApplied(), report.ExitInconclusive, unsure, "1 not applied"},
		"not cleared":               {notCleared(), report.ExitLeftover, unsure, "1 not cleared, no false alarm"},
		"killed":                    {killed(), report.ExitInconclusive, unsure, "killed before its end, 2 not judged, 1 not seen green again"},
		"nothing planned":           {nothingPlanned(), report.ExitInconclusive, unsure, "INCONCLUSIVE: no fault was planned, no false alarm"},
		"interrupted":               {interrupted(), report.ExitInterrupted, fail, "interrupted, 0 of 3 faults noticed"},
		"an error":                  {changed(endAt, func(r *Record) { r.Ended.Error = "no cluster" }), report.ExitInconclusive, unsure, "no cluster"},
		"no healthy run":            {without(healthyRun), report.ExitInconclusive, unsure, "no healthy run was judged"},
		"no way back":               {without(vioBack), report.ExitInconclusive, unsure, "1 not seen green again"},
		"a fault unjudged":          {without(staleAt), report.ExitInconclusive, unsure, "1 not judged"},
		"rare":                      {rare(), report.ExitFail, fail, "0 of 3 faults noticed (mutation score 0.00), none survived, 1 noticed for the wrong reason, 1 not applied, 1 not judged, no false alarm"},
		"judged, but never applied": {without(vioApplied), report.ExitInconclusive, unsure, "1 not applied"},
		"a healthy run that left out a spec": {changed(healthyRun, func(r *Record) { r.Healthy.Cells = green(trace, ready) }),
			report.ExitInconclusive, unsure, "healthy run 1 left out 1 spec"},
		"a healthy run of skips": {changed(healthyRun, func(r *Record) {
			for i := range r.Healthy.Cells {
				r.Healthy.Cells[i].Verdict = verdict.Skip
			}
		}), report.ExitInconclusive, unsure, "healthy run 1 judged nothing"},
		"an expected spec skipped": {changed(staleAt, func(r *Record) { r.Judged.Cells = []Cell{{Spec: samples, Verdict: verdict.Skip}} }),
			report.ExitInconclusive, unsure, "1 not judged"},
		"an expected spec skipped on the way back": {changed(vioBack, func(r *Record) { r.Back.Cells[0].Verdict = verdict.Skip }),
			report.ExitInconclusive, unsure, "1 not seen green again"},
	} {
		t.Run(name, func(t *testing.T) {
			d := assembled(t, c.records)
			if got := Status(d); got != c.exit || d.Exit != got || d.Verdict != c.verdict {
				t.Errorf("got status %d, exit %d in the document, verdict %s; want %d, %s", got, d.Exit, d.Verdict, c.exit, c.verdict)
			}
			validate(t, d)
			if got := prose.OneLine((&page{}).sentence(d)); !strings.Contains(got, c.says) {
				t.Errorf("got sentence %q, want one with %q", got, c.says)
			}
		})
	}
}

func TestOutcomeOfASpec(t *testing.T) {
	expected := Expected{Spec: ready, Kind: missing.Kind, Object: missing.Object}
	excused, elsewhere, doubt := missing, missing, missing
	excused.Verdict, elsewhere.Object, doubt.Verdict = verdict.Pass, "Deployment onap/vfc-db", verdict.Inconclusive
	for name, c := range map[string]struct {
		expected Expected
		cell     Cell
		want     Outcome
	}{
		"the expected finding":           {expected, red(ready, lost, missing), Noticed},
		"it is inconclusive":             {expected, red(ready, doubt), Noticed},
		"any object":                     {Expected{Spec: ready, Kind: missing.Kind}, red(ready, elsewhere), Noticed},
		"another object":                 {expected, red(ready, elsewhere), WrongReason},
		"another kind":                   {expected, red(ready, lost), WrongReason},
		"red for another, excused of it": {expected, red(ready, lost, excused), WrongReason},
		"red without a finding":          {expected, Cell{Spec: ready, Verdict: verdict.Fail}, WrongReason},
		"green":                          {expected, Cell{Spec: ready, Verdict: verdict.Pass}, Survived},
		"green, for it is excused":       {expected, red(ready, excused), Survived},
		"skipped":                        {expected, Cell{Spec: ready, Verdict: verdict.Skip}, NotJudged},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.expected.outcome(c.cell); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestOutcomeOfAFaultIsTheWorst(t *testing.T) {
	for _, c := range []struct {
		answers []Outcome
		want    Outcome
	}{
		{[]Outcome{Noticed, Noticed}, Noticed},
		{[]Outcome{Noticed, NotJudged}, NotJudged},
		{[]Outcome{NotJudged, WrongReason}, WrongReason},
		{[]Outcome{WrongReason, Survived, NotJudged}, Survived},
	} {
		var answers []Answer
		for _, o := range c.answers {
			answers = append(answers, Answer{Outcome: o})
		}
		if got := worst(answers); got != c.want {
			t.Errorf("%v: got %s, want %s", c.answers, got, c.want)
		}
	}
}

func TestScoresAndTimes(t *testing.T) {
	d := assembled(t, survivor())
	for _, c := range []struct {
		name      string
		want, got Score
	}{
		{"all", Score{Planned: 3, Noticed: 2, Survived: 1, Score: 0.6666}, d.Score},
		{"live", Score{Planned: 2, Noticed: 1, Survived: 1, Score: 0.5}, d.Live},
		{"recorded", Score{Planned: 1, Noticed: 1, Score: 1}, d.Recorded},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("score of %s differs (-want +got):\n%s", c.name, diff)
		}
	}
	sum := 0.0
	for _, p := range d.Phases {
		sum += p.Seconds
	}
	if d.Seconds != 127 || sum != d.Seconds {
		t.Errorf("it took %g s, its phases %g s together; want 127 s both", d.Seconds, sum)
	}
	if got := d.Faults[0].Seconds; got != 28.2 {
		t.Errorf("fault %s took %g s, want 28.2 s", d.Faults[0].ID, got)
	}
}

func TestScoreIsNeverRoundedUp(t *testing.T) {
	records := noticed()
	for i := range 499 {
		f := plan()[2]
		f.ID += strings.Repeat("x", i+1)
		records[0].Started.Faults = append(records[0].Started.Faults, f)
		judged := *records[staleAt].Judged
		judged.Fault = f.ID
		records = append(records[:len(records)-1], Record{Time: at(126), Judged: &judged}, noticed()[endAt])
	}
	records[staleAt].Judged.Cells = green(samples)
	if got := decimals(assembled(t, records).Score.Score); got != "0.99" {
		t.Errorf("501 of 502 are shown as %s, want 0.99", got)
	}
}

// A selftest may be killed after any record, and that must never look like success.
func TestEveryKilledSelftestMakesAnUnfinishedValidDocument(t *testing.T) {
	records := noticed()
	for n := 1; n < len(records); n++ {
		d := assembled(t, records[:n])
		validate(t, d)
		if d.Finished || d.Verdict != verdict.Inconclusive || d.Exit != report.ExitInconclusive {
			t.Errorf("killed after %d records: finished %t, verdict %s, exit %d; want an unfinished, inconclusive document and exit 3", n, d.Finished, d.Verdict, d.Exit)
		}
	}
}

func TestAssembleDoesNotDependOnTheOrderOfAnswers(t *testing.T) {
	records := noticed()
	want, err := assembled(t, records).JSON()
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(records[healthyRun].Healthy.Cells)
	slices.Reverse(records[vioJudged].Judged.Cells)
	slices.Reverse(records[vioJudged].Judged.Cells[0].Findings)
	slices.Reverse(records[0].Started.Specs)
	got, err := assembled(t, records).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the document depends on which spec ended first:\n%s", diff)
	}
}

func TestHealthyRunsAreInTheirOrder(t *testing.T) {
	records := noticed()
	second := Record{Time: at(10), Healthy: &Healthy{Number: 2, Cells: green(trace, ready, samples)}}
	d := assembled(t, slices.Insert(records, healthyRun, second))
	if len(d.Healthy) != 2 || d.Healthy[0].Number != 1 || d.Healthy[1].Number != 2 {
		t.Errorf("healthy runs %+v", d.Healthy)
	}
}

func TestAssembleLeavesTheRecordsAlone(t *testing.T) {
	records := wrongReason()
	assembled(t, records)
	if diff := cmp.Diff(wrongReason(), records); diff != "" {
		t.Errorf("Assemble changed the records:\n%s", diff)
	}
}

// Records of several processes may come out of order; no phase takes negative time.
func TestARecordOutOfOrderTakesNoTime(t *testing.T) {
	d := assembled(t, changed(vioJudged, func(r *Record) { r.Time = at(50) }))
	validate(t, d)
	if d.Seconds != 127 {
		t.Errorf("it took %g s, want 127 s", d.Seconds)
	}
}

func TestAssembleRefuses(t *testing.T) {
	all := noticed()
	for name, c := range map[string]struct {
		records []Record
		want    string
	}{
		"nothing":                 {nil, "no selftest"},
		"no beginning":            {all[1:], "the first record is not started"},
		"two selftests":           {[]Record{all[0], all[0]}, "record 2: a second selftest"},
		"a fault of no plan":      {[]Record{all[0], {Time: at(1), Applied: &Applied{Fault: "x"}}}, `fault "x" was applied, but is not among the planned ones`},
		"applied twice":           {append(all[:vioApplied+1:vioApplied+1], all[vioApplied]), "vio-without-sidecar was applied twice"},
		"judged twice":            {append(all[:vioJudged+1:vioJudged+1], all[vioJudged]), "was judged twice"},
		"looked after twice":      {append(all[:vioBack+1:vioBack+1], all[vioBack]), "was looked after twice"},
		"one healthy run twice":   {append(all[:healthyRun+1:healthyRun+1], all[healthyRun]), "healthy run 1 was judged twice"},
		"a record that is broken": {[]Record{all[0], {Time: at(1)}}, "record 2: a record holds exactly one"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Assemble(c.records); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

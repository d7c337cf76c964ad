package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/verdict"
)

// run makes the records of a finished run with one spec of each given verdict.
func run(verdicts ...verdict.Verdict) []Record {
	records := []Record{{Time: at(0), RunStarted: &Run{ID: "r", Profile: "core", Version: "0.1.0", Stages: []verdict.Stage{{Release: "casablanca"}}, Selected: len(verdicts)}}}
	for i, v := range verdicts {
		s := &Spec{ID: fmt.Sprintf("msb.s%d", i), Topic: "msb", Release: "casablanca", Verdict: v, Started: at(i), Seconds: 1}
		if v == verdict.Skip {
			s.Reason = "not asked for"
		}
		records = append(records, Record{Time: at(i), Spec: s})
	}
	return append(records, Record{Time: at(60), RunEnded: &End{}})
}

func passing() []Record { return run(verdict.Pass, verdict.Pass, verdict.Skip) }

func TestStatus(t *testing.T) {
	const (
		pass, fail, unsure, skip = verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Skip
	)
	with := func(records []Record, r Record) []Record {
		r.Time = at(59)
		return append([]Record{records[0], r}, records[1:]...)
	}
	ended := func(records []Record, e End) []Record {
		records[len(records)-1].RunEnded = &e
		return records
	}
	selected := func(records []Record, n int) []Record {
		records[0].RunStarted.Selected = n
		return records
	}
	left := Record{Leftover: &Leftover{Kind: "cluster", Name: "meshcert"}}
	broken := Record{Phase: &Phase{Name: "istio", Error: "the webhook does not answer"}}
	for name, c := range map[string]struct {
		records []Record
		exit    int
		verdict verdict.Verdict
		says    string
	}{
		"all pass":                     {run(pass, pass), 0, pass, "2 of 2 specs passed"},
		"pass and skip":                {run(pass, skip), 0, pass, "1 of 2 specs passed; 1 skipped"},
		"one fails":                    {run(pass, fail), 1, fail, "1 of 2 specs failed"},
		"one fails, one unsure":        {run(fail, unsure), 1, fail, "1 of 2 specs failed; 1 of 2 specs was inconclusive"},
		"one unsure":                   {run(pass, unsure), 3, unsure, "1 of 2 specs was inconclusive"},
		"only skips":                   {run(skip, skip), 3, unsure, "2 skipped; nothing was judged"},
		"nothing selected":             {run(), 3, unsure, "nothing was judged"},
		"selected, but none ran":       {selected(run(), 4), 3, unsure, "nothing was judged"},
		"some never ran":               {selected(run(pass, pass), 4), 3, unsure, "2 of 4 specs were never run"},
		"one failed, some never ran":   {selected(run(fail), 4), 1, fail, "3 of 4 specs were never run"},
		"killed":                       {run(pass)[:2], 3, unsure, "killed before its end"},
		"killed after a failure":       {run(fail)[:2], 1, fail, "killed before its end"},
		"no environment":               {ended(run(), End{Error: "no container engine"}), 3, unsure, "no container engine"},
		"a phase failed":               {with(run(pass), broken), 3, unsure, "istio: the webhook does not answer"},
		"left behind":                  {with(run(pass), left), 4, pass, "1 thing of ours left behind"},
		"left behind and failed":       {with(run(fail), left), 4, fail, "left behind; 1 of 1 spec failed"},
		"left behind and unsure":       {with(run(unsure), left), 4, unsure, "left behind"},
		"interrupted":                  {ended(run(pass), End{Interrupted: true}), 130, pass, "interrupted; 1 of 1 spec passed"},
		"interrupted, left and failed": {ended(with(run(fail), left), End{Interrupted: true}), 130, fail, "interrupted; 1 thing of ours left behind; 1 of 1 spec failed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := assembled(t, c.records)
			if got := Status(r); got != c.exit || r.Exit != got || r.Verdict != c.verdict {
				t.Errorf("got status %d, exit %d in the report, verdict %s; want %d, %s", got, r.Exit, r.Verdict, c.exit, c.verdict)
			}
			valid(t, r)
			if got := (&page{}).sentence(r); !strings.Contains(got, c.says) {
				t.Errorf("got sentence %q, want one with %q", got, c.says)
			}
		})
	}
}

package page

import (
	"maps"
	"slices"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// topicRow is a topic's count in a release.
type topicRow struct {
	report.Topic
	Took string
}

func topicsOf(r *report.Report) []topicRow {
	var rows []topicRow
	for _, t := range r.Topics {
		rows = append(rows, topicRow{t, prose.Duration(t.Seconds)})
	}
	return rows
}

// survey is the header survey of a release.
type survey struct {
	Release string
	evidence.HeaderSurvey
}

func surveysOf(r *report.Report) []survey {
	var all []survey
	for _, s := range r.Specs {
		if s.Headers != nil {
			all = append(all, survey{s.Release, *s.Headers})
		}
	}
	return all
}

// gapRow is a known gap and the specs that met it.
type gapRow struct {
	report.Gap
	Anchor string
}

func gapsOf(r *report.Report) []gapRow {
	anchors := anchorsOf(r)
	var rows []gapRow
	for _, g := range r.Gaps {
		rows = append(rows, gapRow{g, anchors[place{g.Release, g.Spec}]})
	}
	return rows
}

// waivedRow counts what one waiver excuses of one kind in one spec.
type waivedRow struct {
	Release, Spec, Anchor string
	Kind                  verdict.Kind
	Waiver                string
	Count                 int
}

func waivedOf(r *report.Report) []waivedRow {
	anchors := anchorsOf(r)
	var rows []waivedRow
	for _, s := range r.Specs {
		counts := map[[2]string]int{}
		for _, f := range s.Findings {
			if f.Waived() {
				counts[[2]string{string(f.Kind), f.Waiver}]++
			}
		}
		for _, key := range slices.SortedFunc(maps.Keys(counts), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
			rows = append(rows, waivedRow{s.Release, s.ID, anchors[place{s.Release, s.ID}], verdict.Kind(key[0]), key[1], counts[key]})
		}
	}
	return rows
}

// place is a spec on a release.
type place struct{ Release, Spec string }

// list is some lines under a title.
type list struct {
	Title string
	Lines []string
}

func listsOf(r *report.Report) []list {
	var notes, skipped, left []string
	for _, n := range r.Notes {
		notes = append(notes, of(n.Release, n.Text))
	}
	for _, s := range r.Specs {
		if s.Verdict == verdict.Skip {
			skipped = append(skipped, of(s.Release, s.ID+": "+s.Reason))
		}
	}
	for _, l := range r.Leftovers {
		left = append(left, l.String())
	}
	var all []list
	for _, l := range []list{{"Notes of the run", notes}, {"Skipped, and why", skipped}, {"Left behind", left}} {
		if len(l.Lines) > 0 {
			all = append(all, l)
		}
	}
	return all
}

func of(release, text string) string {
	if release == "" {
		return prose.OneLine(text)
	}
	return release + ": " + prose.OneLine(text)
}

// timeline is when each phase of the run was.
type timeline struct {
	Rows []phaseRow
	// Slow are the specs that took longest.
	Slow []slowRow
}

// phaseRow is one phase; From and Width are percents of the run's time.
type phaseRow struct {
	Name, Began, Took, Problem string
	From, Width                float64
}

type slowRow struct {
	ID, Release, Anchor, Took string
	Width                     float64
}

// slowest is how many specs are worth naming for the time they took.
const slowest = 10

func timelineOf(r *report.Report) timeline {
	var t timeline
	whole := r.Seconds
	for _, p := range r.Phases {
		whole = max(whole, p.Started.Sub(r.Started).Seconds()+p.Seconds)
	}
	whole = max(whole, 0.001)
	for _, p := range r.Phases {
		from := min(max(p.Started.Sub(r.Started).Seconds()/whole*100, 0), 99.5)
		t.Rows = append(t.Rows, phaseRow{
			Name: p.Name, Began: "+" + prose.Duration(max(p.Started.Sub(r.Started).Seconds(), 0)), Took: prose.Duration(p.Seconds),
			Problem: prose.OneLine(p.Error), From: from, Width: min(max(p.Seconds/whole*100, 0.3), 100-from),
		})
	}
	anchors := anchorsOf(r)
	specs := slices.Clone(r.Specs)
	slices.SortStableFunc(specs, func(a, b report.Spec) int {
		switch {
		case a.Seconds > b.Seconds:
			return -1
		case a.Seconds < b.Seconds:
			return 1
		}
		return 0
	})
	for _, s := range specs[:min(slowest, len(specs))] {
		t.Slow = append(t.Slow, slowRow{s.ID, s.Release, anchors[place{s.Release, s.ID}], prose.Duration(s.Seconds), s.Seconds / max(specs[0].Seconds, 0.001) * 100})
	}
	return t
}

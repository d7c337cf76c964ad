package diff

import (
	"fmt"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// gaps compares which known gaps the specs met that both runs have. A gap that
// was not met is gone only where its spec found nothing else wrong: after a
// failure or without evidence nothing is known of gaps.
func (c comparison) gaps() Section {
	s := Section{Topic: Gaps}
	before, after := gapsOf(c.a.Report), gapsOf(c.b.Report)
	c.both(func(at stage, a, b report.Spec) {
		text := func(g report.Gap) string { return fmt.Sprintf("%t %s", g.Excused, mask(g.Text)) }
		key := func(g report.Gap) string { return g.ID }
		match(before[specOf{at.a, a.ID}], after[specOf{at.b, b.ID}], key, text, func(x, y *report.Gap) {
			change := Change{Release: at.name}
			switch {
			case x == nil && !tellsGaps(a):
				s.Unknown = append(s.Unknown, fmt.Sprintf("gap %s: %s of A is %s, so nothing is known of its gaps", y.ID, a.ID, a.Verdict))
				return
			case y == nil && !tellsGaps(b):
				s.Unknown = append(s.Unknown, fmt.Sprintf("gap %s: %s of B is %s, so nothing is known of its gaps", x.ID, b.ID, b.Verdict))
				return
			case x == nil:
				change.Way, change.Subject, change.To = New, y.ID, met(*y)
			case y == nil:
				change.Way, change.Subject, change.From = Gone, x.ID, met(*x)
			default:
				change.Way, change.Subject, change.From, change.To = Changed, x.ID, met(*x), met(*y)
			}
			change.Field = "met by " + a.ID
			s.Changes = append(s.Changes, change)
		})
	})
	return s
}

// specOf names a spec of a stage.
type specOf struct{ stage, id string }

func gapsOf(r *report.Report) map[specOf][]report.Gap {
	all := map[specOf][]report.Gap{}
	for _, g := range r.Gaps {
		of := specOf{g.Release, g.Spec}
		all[of] = append(all[of], g)
	}
	return all
}

// tellsGaps tells whether a gap that the spec did not meet is gone.
func tellsGaps(s report.Spec) bool {
	if s.Verdict != verdict.Pass && s.Verdict != verdict.Fail {
		return false
	}
	known := s.Verdict == verdict.Pass
	for _, f := range s.Findings {
		if f.Verdict != verdict.Pass && f.Gap == "" {
			return false
		}
		known = known || f.Gap != ""
	}
	return known
}

func met(g report.Gap) string {
	if g.Excused {
		return prose.OneLine(g.Text)
	}
	return prose.OneLine(g.Text) + " (not excused)"
}

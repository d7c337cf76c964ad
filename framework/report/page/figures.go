package page

import (
	"cmp"
	"math"
	"slices"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
)

// figures are what a spec measured: a row for each object, a column for each measure.
type figures struct {
	Spec, Release, Anchor string

	Measures []string
	Rows     []figureRow
	// Plot is the id of the plot that draws them; empty for none.
	Plot string
}

type figureRow struct {
	Object string
	Cells  []figureCell
}

// figureCell is one figure. Width is in percent of the column's largest.
type figureCell struct {
	Text  string
	Width float64
}

func figuresOf(r *report.Report) []figures {
	anchors := anchorsOf(r)
	var all []figures
	for _, s := range r.Specs {
		if len(s.Figures) == 0 {
			continue
		}
		f := grid(s.Figures)
		f.Spec, f.Release, f.Anchor = s.ID, s.Release, anchors[place{s.Release, s.ID}]
		if s.ID == loadSpec {
			f.Plot = "plot-" + f.Anchor
		}
		all = append(all, f)
	}
	return all
}

// grid lays the figures out in the order in which the spec has them.
func grid(all []evidence.Figure) figures {
	var f figures
	columns, rows := map[string]int{}, map[string]int{}
	var largest []float64
	for _, one := range all {
		measure := measureOf(one)
		if _, known := columns[measure]; !known {
			columns[measure] = len(f.Measures)
			f.Measures, largest = append(f.Measures, measure), append(largest, 0)
		}
		if _, known := rows[one.Object]; !known {
			rows[one.Object] = len(f.Rows)
			f.Rows = append(f.Rows, figureRow{Object: one.Object})
		}
		largest[columns[measure]] = max(largest[columns[measure]], one.Value)
	}
	for i := range f.Rows {
		f.Rows[i].Cells = make([]figureCell, len(f.Measures))
	}
	for _, one := range all {
		at := columns[measureOf(one)]
		c := figureCell{Text: prose.Number(one.Value)}
		if largest[at] > 0 && one.Value > 0 {
			c.Width = one.Value / largest[at] * 100
		}
		f.Rows[rows[one.Object]].Cells[at] = c
	}
	return f
}

// measureOf is what the figure is in words: "p99 [ms]".
func measureOf(f evidence.Figure) string {
	if f.Unit == "" {
		return f.Name
	}
	return f.Name + " [" + f.Unit + "]"
}

// loadSpec measures how long requests take; its rounds are plotted.
const loadSpec = "metrics.load"

// plot is lines over one scale, as page.js reads it.
type plot struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	X     string `json:"x"`
	Y     string `json:"y"`
	// Lines are by name; X of all together are in Times, ascending. A line has no
	// value (null) where nothing was counted.
	Lines []line    `json:"lines"`
	Times []float64 `json:"times"`
}

type line struct {
	Name   string     `json:"name"`
	Values []*float64 `json:"values"`
}

// plotsOf draws which part of a load's requests was answered within which time.
func plotsOf(r *report.Report, s *source) []plot {
	anchors := anchorsOf(r)
	var all []plot
	for _, spec := range r.Specs {
		if spec.ID != loadSpec {
			continue
		}
		rounds, ok := evidenceOf[[]evidence.LoadRound](s, spec, "rounds")
		if !ok {
			continue
		}
		p := plot{
			ID: "plot-" + anchors[place{spec.Release, spec.ID}], Title: "Requests answered within a time",
			X: "time [ms]", Y: "requests [%]",
		}
		if p.add(rounds); len(p.Lines) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// ways are those of a load in words.
func ways() []struct {
	way  evidence.LoadWay
	name string
} {
	return []struct {
		way  evidence.LoadWay
		name string
	}{{evidence.Plain, "without sidecars"}, {evidence.Meshed, "with sidecars"}, {evidence.Gateway, "through msb-iag"}}
}

// add sums the rounds of each way up and makes a line of each.
func (p *plot) add(rounds []evidence.LoadRound) {
	type step struct {
		at    float64
		count int64
	}
	steps := map[evidence.LoadWay][]step{}
	totals := map[evidence.LoadWay]int64{}
	for _, round := range rounds {
		for _, b := range round.Result.Buckets {
			if at := b.End * 1000; at > 0 && b.Count > 0 {
				at = math.Round(at*1e4) / 1e4
				steps[round.Way] = append(steps[round.Way], step{at, b.Count})
				totals[round.Way] += b.Count
				p.Times = append(p.Times, at)
			}
		}
	}
	slices.Sort(p.Times)
	p.Times = slices.Compact(p.Times)
	for _, w := range ways() {
		if totals[w.way] == 0 {
			continue
		}
		all := steps[w.way]
		slices.SortFunc(all, func(a, b step) int { return cmp.Compare(a.at, b.at) })
		l := line{Name: w.name, Values: make([]*float64, len(p.Times))}
		var sum int64
		for len(all) > 0 {
			at := all[0].at
			for len(all) > 0 && all[0].at == at {
				sum += all[0].count
				all = all[1:]
			}
			place, _ := slices.BinarySearch(p.Times, at)
			part := math.Round(float64(sum)/float64(totals[w.way])*1e4) / 100
			l.Values[place] = &part
		}
		p.Lines = append(p.Lines, l)
	}
}

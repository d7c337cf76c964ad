package diff

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// The thresholds beyond which a measured value has changed.
const (
	// ratio is by how much one run must differ from one other.
	ratio = 2
	// enough is how many runs of A's side tell how much a value varies by itself.
	enough = 3
	// spreads is by how many standard deviations B must then be off, which the MAD
	// times 1.4826 estimates (Rousseeuw, Croux: Alternatives to the Median Absolute
	// Deviation, 1993).
	spreads, perMAD = 5, 1.4826
)

// threshold is the least difference of values of a unit that is a change: between
// one run and another, and of one from several.
type threshold struct{ one, several float64 }

// thresholds are those of the units. What has no unit counts the traffic, and
// is not compared.
var thresholds = map[string]threshold{
	"s":   {30, 5},
	"ms":  {50, 10},
	"1/s": {10, 2},
	"×":   {5, 1},
	"%":   {5, 1},
}

// measured is one value of both sides; a are those of all runs of A's side.
type measured struct {
	unit string
	a    []float64
	b    float64
}

// beyond tells whether b is off a by more than noise, and what a came to.
func (m measured) beyond() (a float64, changed bool) {
	limit, known := thresholds[m.unit]
	a = median(m.a)
	if !known || math.IsNaN(a) || math.IsNaN(m.b) {
		return a, false
	}
	off := math.Abs(m.b - a)
	// A share that is neither none nor all is the traffic's.
	if m.unit == "%" && !slices.Contains([]float64{0, 100}, a) && !slices.Contains([]float64{0, 100}, m.b) {
		return a, false
	}
	if len(m.a) >= enough {
		return a, off > max(limit.several, spreads*perMAD*deviation(m.a, a))
	}
	low, high := min(a, m.b), max(a, m.b)
	return a, off > limit.one && (m.unit == "%" || high >= ratio*low)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// deviation is the median absolute deviation.
func deviation(values []float64, from float64) float64 {
	off := make([]float64, len(values))
	for i, v := range values {
		off[i] = math.Abs(v - from)
	}
	return median(off)
}

// method says in words what beyond does for these units.
func (c comparison) method(units ...string) string {
	several := 1+len(c.baseline) >= enough
	var least []string
	for _, unit := range units {
		limit := thresholds[unit].one
		if several {
			limit = thresholds[unit].several
		}
		least = append(least, strings.TrimSpace(fmt.Sprintf("%g %s", limit, unit)))
	}
	if several {
		return fmt.Sprintf("of %d runs like A: further from their median than %d standard deviations (MAD × %g) and %s", 1+len(c.baseline), spreads, perMAD, strings.Join(least, ", "))
	}
	return fmt.Sprintf("one run a side: a factor of %d or more, and more than %s", ratio, strings.Join(least, ", "))
}

// durations compares how long specs that passed in both runs took, and the
// phases that both came through.
func (c comparison) durations() Section {
	s := Section{Topic: Durations, Method: c.method("s")}
	for _, one := range []side{c.a, c.b} {
		if !one.Report.Run.Replayed.IsZero() {
			s.Unknown = append(s.Unknown, one.name+" was judged again from its evidence, which takes no time")
		}
	}
	if len(s.Unknown) > 0 {
		return s
	}
	specs, phases := history(c.baseline, specSeconds), history(c.baseline, phaseSeconds)
	c.both(func(at stage, a, b report.Spec) {
		if a.Verdict == verdict.Pass && b.Verdict == verdict.Pass {
			m := measured{"s", append(slices.Clone(specs[at.a+"/"+a.ID]), a.Seconds), b.Seconds}
			s.Changes = append(s.Changes, m.change(at.name, a.ID, "")...)
		}
	})
	before, after := phaseSeconds(c.a.Report), phaseSeconds(c.b.Report)
	for name, seconds := range before {
		if b, ok := after[name]; ok {
			m := measured{"s", append(slices.Clone(phases[name]), seconds), b}
			s.Changes = append(s.Changes, m.change("", "phase "+name, "")...)
		}
	}
	return s
}

// change is the change of the value, if it is one.
func (m measured) change(release, subject, field string) []Change {
	a, changed := m.beyond()
	if !changed {
		return nil
	}
	text := func(v float64) string { return strings.TrimSpace(fmt.Sprintf("%.3g %s", v, m.unit)) }
	return []Change{{Way: Changed, Release: release, Subject: subject, Field: field, From: text(a), To: text(m.b)}}
}

// history are the values of several runs, by name.
func history(runs []*report.Report, of func(*report.Report) map[string]float64) map[string][]float64 {
	all := map[string][]float64{}
	for _, r := range runs {
		for name, value := range of(r) {
			all[name] = append(all[name], value)
		}
	}
	return all
}

func specSeconds(r *report.Report) map[string]float64 {
	all := map[string]float64{}
	for _, s := range r.Specs {
		if s.Verdict == verdict.Pass {
			all[s.Release+"/"+s.ID] = s.Seconds
		}
	}
	return all
}

// phaseSeconds leaves out phases that were not come through, and those of the
// specs, which are compared one by one.
func phaseSeconds(r *report.Report) map[string]float64 {
	all := map[string]float64{}
	for _, p := range r.Phases {
		if p.Error == "" && !strings.HasPrefix(p.Name, "specs ") {
			all[p.Name] += p.Seconds
		}
	}
	return all
}

// figureOf names a figure of a spec of a stage.
type figureOf struct{ stage, spec, object, name, unit string }

// figures compares what specs measured, where both runs did.
func (c comparison) figures() Section {
	s := Section{Topic: Figures, Method: c.method("ms", "1/s", "×", "%") + "; a share only where it was none or all"}
	before, after := figuresOf(c.a.Report), figuresOf(c.b.Report)
	earlier := map[figureOf][]float64{}
	for _, r := range c.baseline {
		for of, value := range figuresOf(r) {
			earlier[of] = append(earlier[of], value)
		}
	}
	names := map[string]stage{}
	for _, at := range c.stages {
		names[at.a] = at
	}
	for of, value := range before {
		at, compared := names[of.stage]
		there := of
		there.stage = at.b
		if b, ok := after[there]; ok && compared {
			m := measured{of.unit, append(slices.Clone(earlier[of]), value), b}
			s.Changes = append(s.Changes, m.change(at.name, of.spec, of.name+", "+of.object)...)
		}
	}
	c.both(func(at stage, a, b report.Spec) {
		if (len(a.Figures) == 0) != (len(b.Figures) == 0) {
			s.Unknown = append(s.Unknown, fmt.Sprintf("%s: only one of the runs has figures of %s", at.name, a.ID))
		}
	})
	return s
}

// figuresOf are a report's figures; of several by one name the largest.
func figuresOf(r *report.Report) map[figureOf]float64 {
	all := map[figureOf]float64{}
	for _, s := range r.Specs {
		for _, f := range s.Figures {
			of := figureOf{s.Release, s.ID, f.Object, f.Name, f.Unit}
			if value, ok := all[of]; !ok || cmp.Less(value, f.Value) {
				all[of] = f.Value
			}
		}
	}
	return all
}

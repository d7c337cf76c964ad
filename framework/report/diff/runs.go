package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// comparison is two runs, their parts looked up by name.
type comparison struct {
	a, b     side
	baseline []*report.Report
	// stages are those that are compared with each other.
	stages []stage
	// alone are stages that only one run has.
	alone map[string]Way
}

// stage is a stage of A and the one of B it is compared with.
type stage struct{ a, b, name string }

// side is one run.
type side struct {
	Run
	name   string
	stages map[string]catalogueOf
	specs  map[string]map[string]report.Spec
	env    map[string]report.Environment
}

// catalogueOf is the release of a stage; release is nil where the catalogue has
// none of that name.
type catalogueOf struct {
	release *catalogue.Release
	policy  catalogue.Policy
}

func newSide(name string, run Run, releases map[string]*catalogue.Release, release load) side {
	s := side{Run: run, name: name, stages: map[string]catalogueOf{}, specs: map[string]map[string]report.Spec{}, env: map[string]report.Environment{}}
	add := func(one verdict.Stage) {
		if _, ok := releases[one.Release]; !ok {
			// Without a catalogue nothing is known of the release's calls, which the sections say.
			releases[one.Release], _ = release(one.Release)
		}
		s.stages[one.Name()] = known(one, releases[one.Release], run.Report.Run.Settings.Charts)
	}
	for _, one := range run.Report.Run.Stages {
		add(one)
	}
	for _, one := range run.Report.Specs {
		if s.specs[one.Release] == nil {
			s.specs[one.Release] = map[string]report.Spec{}
		}
		s.specs[one.Release][one.ID] = one
		if _, ok := s.stages[one.Release]; !ok {
			add(verdict.Stage{Release: one.Release})
		}
	}
	for _, one := range run.Report.Environments {
		s.env[one.Release] = join(s.env[one.Release], one)
	}
	return s
}

// known is what is known of a stage's release; charts from elsewhere are of no
// release of ours.
func known(s verdict.Stage, release *catalogue.Release, charts string) catalogueOf {
	if release == nil || charts != "" {
		return catalogueOf{}
	}
	return catalogueOf{release, cmp.Or(catalogue.Policy(s.Policy), release.Policy)}
}

// join adds one record of an environment to another: a run may write several.
func join(e, more report.Environment) report.Environment {
	e.Release = cmp.Or(e.Release, more.Release)
	e.Kubernetes, e.Istio = cmp.Or(more.Kubernetes, e.Kubernetes), cmp.Or(more.Istio, e.Istio)
	e.Policy, e.Sidecars, e.Tracer = cmp.Or(more.Policy, e.Policy), cmp.Or(more.Sidecars, e.Sidecars), cmp.Or(more.Tracer, e.Tracer)
	e.Egress, e.ImageSource = cmp.Or(more.Egress, e.Egress), cmp.Or(more.ImageSource, e.ImageSource)
	e.Nodes, e.Images = slices.Concat(e.Nodes, more.Nodes), slices.Concat(e.Images, more.Images)
	e.Charts, e.Changes = slices.Concat(e.Charts, more.Charts), slices.Concat(e.Changes, more.Changes)
	e.Host = cmp.Or(more.Host, e.Host)
	return e
}

func compareRuns(a, b Run, baseline []*report.Report, release load) comparison {
	releases := map[string]*catalogue.Release{}
	c := comparison{a: newSide("A", a, releases, release), b: newSide("B", b, releases, release), alone: map[string]Way{}}
	var onlyA, onlyB []string
	for _, name := range slices.Sorted(maps.Keys(c.a.stages)) {
		if _, ok := c.b.stages[name]; ok {
			c.stages = append(c.stages, stage{name, name, name})
			continue
		}
		onlyA = append(onlyA, name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.b.stages)) {
		if _, ok := c.a.stages[name]; !ok {
			onlyB = append(onlyB, name)
		}
	}
	// One release against another one is what was asked for.
	if len(c.stages) == 0 && len(onlyA) == 1 && len(onlyB) == 1 {
		c.stages = []stage{{onlyA[0], onlyB[0], onlyA[0] + " → " + onlyB[0]}}
		onlyA, onlyB = nil, nil
	}
	for _, name := range onlyA {
		c.alone[name] = Gone
	}
	for _, name := range onlyB {
		c.alone[name] = New
	}
	for _, one := range baseline {
		if one != nil && one.Finished && one.Run.Replayed.IsZero() && one.Run.ID != a.Report.Run.ID {
			c.baseline = append(c.baseline, one)
		}
	}
	return c
}

// both calls do for each spec that both runs have.
func (c comparison) both(do func(at stage, a, b report.Spec)) {
	for _, at := range c.stages {
		for _, id := range slices.Sorted(maps.Keys(c.a.specs[at.a])) {
			if b, ok := c.b.specs[at.b][id]; ok {
				do(at, c.a.specs[at.a][id], b)
			}
		}
	}
}

// incomparable says why the verdicts of the two cannot be compared.
func (c comparison) incomparable() []string {
	var out []string
	for _, s := range []side{c.a, c.b} {
		r := s.Report
		switch missing := r.Run.Selected - r.Counts.Specs; {
		case !r.Finished:
			out = append(out, fmt.Sprintf("run %s (%s) is unfinished: it was killed before its end", s.name, r.Run.ID))
		case r.Interrupted:
			out = append(out, fmt.Sprintf("run %s (%s) is unfinished: it was interrupted", s.name, r.Run.ID))
		case missing > 0:
			out = append(out, fmt.Sprintf("run %s (%s) is unfinished: %d of %d specs were never run", s.name, r.Run.ID, missing, r.Run.Selected))
		}
	}
	common := false
	c.both(func(stage, report.Spec, report.Spec) { common = true })
	if !common {
		out = append(out, "no spec was run in both")
	}
	return out
}

// unlike are the differences of what was asked for, and whether stand-ins ran.
func (c comparison) unlike() []Change {
	var out []Change
	add := func(what, from, to string) {
		if from != to {
			out = append(out, Change{Way: Changed, Subject: what, From: from, To: to})
		}
	}
	a, b := c.a.Report, c.b.Report
	add("meshcert", a.Run.Version, b.Run.Version)
	add("profile", a.Run.Profile, b.Run.Profile)
	for _, at := range c.stages {
		add("release", at.a, at.b)
	}
	for _, name := range slices.Sorted(maps.Keys(c.alone)) {
		change := Change{Way: c.alone[name], Subject: "release " + name}
		if change.Way == New {
			change.To = fmt.Sprintf("%d specs", len(c.b.specs[name]))
		} else {
			change.From = fmt.Sprintf("%d specs", len(c.a.specs[name]))
		}
		out = append(out, change)
	}
	add("what was run", selection(a.Run), selection(b.Run))
	add("judged", judged(a.Run), judged(b.Run))
	if from, to := programs(c.a), programs(c.b); from != "" && to != "" {
		add("ONAP's programs", from, to)
	}
	before, after := settings(a.Run.Settings), settings(b.Run.Settings)
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		add("setting "+name, before[name], after[name])
	}
	return out
}

func selection(r report.Run) string {
	if r.Focused() {
		return "a part of the profile"
	}
	return "the whole profile"
}

func judged(r report.Run) string {
	if r.Replayed.IsZero() {
		return "on a cluster"
	}
	return "again from evidence"
}

// programs says whether ONAP's programs were stand-ins; empty when the run does
// not tell its images.
func programs(s side) string {
	told := false
	for _, e := range s.env {
		told = told || len(e.Images) > 0
	}
	switch {
	case !told:
		return ""
	case sideOf(s.Report).Standins:
		return "stand-ins"
	}
	return "the originals"
}

// settings are the flags that were given, by their names in the report, as JSON.
func settings(s report.Settings) map[string]string {
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(whole(s)), &raw); err != nil {
		return map[string]string{"settings": err.Error()}
	}
	out := map[string]string{}
	for name, value := range raw {
		out[name] = string(value)
	}
	return out
}

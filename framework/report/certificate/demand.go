package certificate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// Demand is what this meshcert has under the name of a profile: what a run of it
// must have been asked to do, and what it may leave out or excuse.
type Demand struct {
	// Version is meshcert's own.
	Version string
	// Profile and Stages are the profile's.
	Profile string
	Stages  []verdict.Stage
	// SpecList is the profile's whole list, as "STAGE/SPEC-ID".
	SpecList []string
	// Skippable says, by spec id, when the spec itself says that it has nothing to judge.
	Skippable map[string]string
	// Disruptive are the ids of specs that a cluster which is not ours has to be
	// asked for: left out there, they are not judged.
	Disruptive []string
	// Gaps are the ids of the known gaps, and Waivers the words of the waivers, that
	// may excuse findings; by stage.
	Gaps, Waivers map[string][]string
}

// Demands returns what there is under the name of a profile; a profile that there
// is not is an error.
type Demands func(profile string) (*Demand, error)

// asked says why a run that was asked for like this cannot be certified, before or
// after it was made.
func (d *Demand) asked(run report.Run) []Refusal {
	out := foreign(run.Settings)
	if run.Settings.Focus != "" || run.Settings.LabelFilter != "" {
		what := fmt.Sprintf("the run was of selected specs only (--focus %q, --label-filter %q)", run.Settings.Focus, run.Settings.LabelFilter)
		out = append(out, Refusal{Focused, what, "run the whole profile: meshcert certify --profile " + d.Profile})
	}
	if !slices.EqualFunc(run.Stages, d.Stages, equalStages) {
		what := fmt.Sprintf("the run's stages are %s, and profile %s of meshcert %s has %s", stageNames(run.Stages), d.Profile, d.Version, stageNames(d.Stages))
		if slices.Equal(stageNames(run.Stages), stageNames(d.Stages)) {
			what = fmt.Sprintf("the run's stages have other topics or bounds than those of profile %s of meshcert %s", d.Profile, d.Version)
		}
		out = append(out, Refusal{OtherList, what, d.otherVersion(run)})
	}
	return out
}

// otherVersion is what to do when the run's profile is not this meshcert's.
func (d *Demand) otherVersion(run report.Run) string {
	if run.Version != d.Version {
		return fmt.Sprintf("the run was made by meshcert %s: use that one, or run the profile again with this one (%s)", run.Version, d.Version)
	}
	return "run the whole profile: meshcert certify --profile " + d.Profile
}

func equalStages(a, b verdict.Stage) bool {
	return a.Name() == b.Name() && slices.Equal(a.Topics, b.Topics) && a.Soak == b.Soak && a.Bounds == b.Bounds
}

func stageNames(stages []verdict.Stage) []string {
	names := []string{}
	for _, s := range stages {
		names = append(names, s.Name())
	}
	return names
}

// foreign refuses settings by which what was judged is not what the release is.
func foreign(s report.Settings) []Refusal {
	var flags []string
	for _, f := range []struct {
		flag string
		set  bool
	}{
		{"--values", len(s.Values) > 0}, {"--set", len(s.Set) > 0}, {"--charts", s.Charts != ""}, {"--repair", s.Repair},
		{"--extra-charts", len(s.ExtraCharts) > 0}, {"--without", len(s.Without) > 0}, {"--waivers", s.Waivers != ""},
	} {
		if f.set {
			flags = append(flags, f.flag)
		}
	}
	if len(flags) == 0 {
		return nil
	}
	what := "charts, values or waivers are not the release's own: " + strings.Join(flags, ", ")
	return []Refusal{{Foreign, what, "run it without " + strings.Join(flags, ", ") + "; a report of it, without a certificate, is made by meshcert e2e"}}
}

// listed demands that the run was of the profile's whole list.
func (d *Demand) listed(run report.Run) []Refusal {
	var out []Refusal
	if missing := minus(d.SpecList, run.SpecList); len(missing) > 0 {
		what := fmt.Sprintf("the run's spec list lacks %s of profile %s of meshcert %s", some(missing), d.Profile, d.Version)
		out = append(out, Refusal{OtherList, what, d.otherVersion(run)})
	}
	if added := minus(run.SpecList, d.SpecList); len(added) > 0 {
		what := fmt.Sprintf("the run's spec list has %s, which profile %s of meshcert %s does not have", some(added), d.Profile, d.Version)
		out = append(out, Refusal{OtherList, what, d.otherVersion(run)})
	}
	return out
}

// skipped demands that what was not judged is what the spec itself says can be.
func (d *Demand) skipped(r *report.Report) []Refusal {
	var out []Refusal
	for _, s := range r.Specs {
		if s.Verdict != verdict.Skip {
			continue
		}
		name := s.Release + "/" + s.ID
		switch {
		case s.Interrupted:
			out = append(out, Refusal{Unfinished, name + " was never begun", again(r)})
		case d.Skippable[s.ID] == "":
			out = append(out, Refusal{Skipped, fmt.Sprintf("%s was skipped (%s), and meshcert has no rule by which it may be", name, s.Reason), again(r)})
		case r.Run.Settings.Context != "" && slices.Contains(d.Disruptive, s.ID):
			out = append(out, Refusal{Skipped, fmt.Sprintf("%s was skipped (%s)", name, s.Reason), "allow it: --allow-disruptive"})
		}
	}
	return out
}

// excused demands that every excuse is one of the release's known gaps or waivers.
func (d *Demand) excused(r *report.Report) []Refusal {
	var out []Refusal
	for _, s := range r.Specs {
		for _, f := range s.Findings {
			var what string
			switch {
			case f.Gap != "" && f.Kind != verdict.GapGone && !slices.Contains(d.Gaps[s.Release], f.Gap):
				what = "known gap " + f.Gap
			case f.Waiver != "" && !slices.Contains(d.Waivers[s.Release], f.Waiver):
				what = fmt.Sprintf("waiver %q", f.Waiver)
			default:
				continue
			}
			what = fmt.Sprintf("%s/%s excuses %s with %s, which meshcert %s does not have for it", s.Release, s.ID, f.Kind, what, d.Version)
			out = append(out, Refusal{Excuse, what, d.otherVersion(r.Run)})
		}
	}
	return out
}

// minus are the members of a that b does not have.
func minus(a, b []string) []string {
	there := map[string]bool{}
	for _, name := range b {
		there[name] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(name string) bool { return there[name] })
}

// some names up to three, and how many more there are.
func some(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

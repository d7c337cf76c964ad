package verdict_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/verdict"
)

// TestProfiles: that their topics exist is tested in suites/all.
func TestProfiles(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range verdict.Profiles() {
		if p.Name == "" || seen[p.Name] {
			t.Errorf("profile %q has no name or is there twice", p.Name)
		}
		seen[p.Name] = true
		if p.Text == "" || len(p.Stages) == 0 {
			t.Errorf("profile %s does not say for whom it is, or has no stage", p.Name)
		}
		names := p.Names()
		slices.Sort(names)
		if len(slices.Compact(names)) != len(p.Stages) {
			t.Errorf("profile %s has a stage twice: %v", p.Name, p.Names())
		}
		for _, stage := range p.Stages {
			if !slices.Contains(catalogue.Names(), stage.Release) {
				t.Errorf("profile %s wants release %q, which the catalogue does not have", p.Name, stage.Release)
			}
		}
	}
	for _, name := range []string{"core", "blog", "casablanca", "readiness"} {
		if !seen[name] {
			t.Errorf("profile %s is gone; make e2e, CI and the docs name it", name)
		}
	}
}

func TestOnlyReadinessDemandsTheIdeal(t *testing.T) {
	for _, p := range verdict.Profiles() {
		if p.Ideal != (p.Name == "readiness") {
			t.Errorf("profile %s: ideal %t", p.Name, p.Ideal)
		}
	}
}

func TestOfRelease(t *testing.T) {
	all := verdict.Profile{Name: "newdelhi", Text: "release newdelhi, every topic", Stages: []verdict.Stage{{Release: "newdelhi"}}}
	if diff := cmp.Diff(all, verdict.OfRelease("newdelhi")); diff != "" {
		t.Errorf("a release without a profile, -want +got:\n%s", diff)
	}
	for _, release := range catalogue.Names() {
		p := verdict.OfRelease(release)
		if p.Name != release || p.Ideal || len(p.Stages) != 1 || p.Stages[0].Release != release {
			t.Errorf("release %s resolves to %+v", release, p)
		}
	}
	if topics := verdict.OfRelease("blog").Stages[0].Topics; len(topics) == 0 {
		t.Error("release blog is judged on topics its time did not have")
	}
}

package dashboards_test

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	judge "github.com/onap/meshcert/framework/judge/dashboards"
	"github.com/onap/meshcert/framework/verdict"
)

func TestBrokenEvidence(t *testing.T) {
	w := wanted(t)
	judging := func(d evidence.Dashboard) []verdict.Finding { return judge.Judge(w, d) }
	attack.Mutations(t, healthy(), judging)
	attack.NeverGreen(t, map[string]evidence.Dashboard{"nothing": {}, "answers alone": {Queries: healthy().Queries}}, judging)
	for name, less := range attack.Without(healthy(), func(d *evidence.Dashboard) *[]evidence.PanelAnswer { return &d.Queries }) {
		if len(less.Queries) == 0 || name == "without evidence.PanelAnswer 2" { // an optional one
			continue
		}
		attack.NeverGreen(t, map[string]evidence.Dashboard{name: less}, judging)
	}
	attack.Shuffled(t, healthy(), func(d *evidence.Dashboard) *[]evidence.PanelAnswer { return &d.Queries }, judging)
	attack.Shuffled(t, healthy(), func(d *evidence.Dashboard) *[]evidence.SeriesCount { return &d.Counts }, judging)
	attack.Shuffled(t, healthy(), func(d *evidence.Dashboard) *[]string { return &d.Jobs }, judging)
}

func FuzzJudge(f *testing.F) {
	attack.Fuzz(f, func(d evidence.Dashboard) []verdict.Finding { return judge.Judge(judge.Wanted{}, d) }, healthy())
}

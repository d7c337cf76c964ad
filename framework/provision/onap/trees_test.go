package onap_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
)

// TestTrees: real OOM trees plan without an error, faithful and repaired; READY
// is the catalogue's where there is one; nothing is missing but what another
// project brings. MESHCERT_OOM names a folder of checkouts.
func TestTrees(t *testing.T) {
	var sets [][]onap.StandIn
	for name, dir := range oomtest.Trees(t) {
		t.Run(name, func(t *testing.T) {
			plan := treePlan(t, filepath.Dir(dir), name)
			sets = append(sets, plan.StandIns)
			steps := map[string]int{}
			for _, c := range plan.Changes {
				steps[string(c.Step)+" "+string(c.Rule)]++
			}
			t.Logf("%d objects, %d stand-ins, changes %v", len(plan.Objects), len(plan.StandIns), steps)
			compareReady(t, plan)
			problems, err := preflight.Check(plan.Objects, roomy(plan))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				if p.Fatal {
					t.Errorf("preflight: %s", p)
				} else {
					t.Logf("preflight: %s", p)
				}
			}
		})
	}
	if _, err := onap.Merge(sets...); err != nil {
		t.Errorf("the images of all trees: %v", err)
	}
}

// treePlan is the plan of a tree as it is; repaired it plans too.
func treePlan(t *testing.T, dir, name string) *onap.Plan {
	t.Helper()
	options := onap.Options{Release: named(name), Source: parsed(t, "oom:"+dir), StandIns: true, Quick: true}
	plan, err := onap.NewPlan(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	options.Repair = true
	repaired, err := onap.NewPlan(t.Context(), options)
	if err != nil {
		t.Fatalf("repaired: %v", err)
	}
	if !slices.ContainsFunc(repaired.Changes, func(c onap.Change) bool { return c.Step == onap.Repair }) {
		t.Error("nothing was repaired")
	}
	return plan
}

// compareReady demands the READY columns of the catalogue, and of an unknown
// release that there is something.
func compareReady(t *testing.T, plan *onap.Plan) {
	t.Helper()
	if !slices.Contains(catalogue.Names(), plan.Release) {
		if len(plan.Catalogue.Workloads) < 15 {
			t.Errorf("only %d workloads", len(plan.Catalogue.Workloads))
		}
		return
	}
	known := load(t, plan.Release)
	for _, policy := range []catalogue.Policy{catalogue.Disabled, catalogue.Enabled} {
		if diff := cmp.Diff(ready(known, policy), ready(plan.Catalogue, policy)); diff != "" {
			t.Errorf("policy %s: -want +got:\n%s", policy, diff)
		}
	}
	for _, d := range compare(known, plan.Objects) {
		if !strings.Contains(d.Field, "probes.readiness") { // vfc-db's delay
			t.Error(d)
		}
	}
}

func ready(release *catalogue.Release, policy catalogue.Policy) map[string]string {
	out := map[string]string{}
	for _, w := range release.Workloads {
		_, out[w.Object(onap.Namespace)] = release.Expected(w, policy)
	}
	return out
}

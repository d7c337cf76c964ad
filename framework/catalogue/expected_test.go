package catalogue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
)

// TestCallerNames: the mesh can only name who has a sidecar.
func TestCallerNames(t *testing.T) {
	release := &catalogue.Release{Workloads: []catalogue.Workload{
		{Name: "msb-msb-iag", App: "msb-iag"}, {Name: "vfc-vfc-db", App: "vfc-db", Annotation: "false"},
	}}
	for _, c := range []struct {
		app    string
		policy catalogue.Policy
		want   []string
	}{
		{"msb-iag", catalogue.Enabled, []string{"msb-msb-iag"}},
		{"msb-iag", catalogue.Disabled, []string{"msb-msb-iag", "unknown"}},
		{"vfc-db", catalogue.Enabled, []string{"vfc-vfc-db", "unknown"}},
		{catalogue.Client, catalogue.Enabled, []string{"unknown"}},
		{"aai", catalogue.Enabled, []string{"aai"}},
	} {
		if diff := cmp.Diff(c.want, release.CallerNames(c.app, c.policy)); diff != "" {
			t.Errorf("%s under policy %s (-want +got):\n%s", c.app, c.policy, diff)
		}
	}
}

package run

import (
	"testing"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/verdict"
)

// TestRerun: the command a failure ends with asks for the same thing again.
func TestRerun(t *testing.T) {
	stage := verdict.Stage{Release: "casablanca"}
	for _, c := range []struct {
		order Order
		want  string
	}{
		{Order{Run: stage}, "make e2e FOCUS=sidecar.ready RELEASE=casablanca REUSE=1"},
		{
			Order{Run: stage, Ideal: true, Config: config.Config{Profile: "readiness"}},
			"make e2e FOCUS=sidecar.ready PROFILE=readiness REUSE=1",
		},
		{
			Order{Run: stage, Config: config.Config{Set: []string{"msb.msb-iag.istioSidecar=false"}, Values: []string{"/v.yaml"}}},
			"make e2e FOCUS=sidecar.ready RELEASE=casablanca REUSE=1 ARGS='--values /v.yaml --set msb.msb-iag.istioSidecar=false'",
		},
		{
			Order{Run: stage, Config: config.Config{Kubeconfig: "/k", Context: "lab"}},
			"make e2e FOCUS=sidecar.ready RELEASE=casablanca KUBECONFIG=/k CONTEXT=lab REUSE=1",
		},
	} {
		if got := rerun(c.order, "sidecar.ready"); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

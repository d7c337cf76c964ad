package run

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

func TestPlacebo(t *testing.T) {
	broken := verdict.Finding{Kind: "missing-edge", Verdict: verdict.Fail, Object: "Deployment onap/a"}
	faults := []fault.Fault{{ID: "edge-gone", Red: []fault.Red{{Spec: "graph.edges", Kind: "missing-edge", Object: "Deployment onap/a"}}}}
	for name, c := range map[string]struct {
		spec   string
		looks  []bool
		fooled bool
	}{
		"red at first":              {"graph.edges", []bool{true, true, false, false}, false},
		"red for too long":          {"graph.edges", []bool{true, true, true, true, true, true, true, true, true, true, false}, true},
		"red again and again":       {"graph.edges", []bool{true, true, true, false, true, true, true, false, true, true, true}, false},
		"a spec nobody asks for it": {"graph.dot", []bool{true, true, true, true, true, true, true, true, true, true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlacebo(faults)
				for _, red := range c.looks {
					var findings []verdict.Finding
					if red {
						findings = append(findings, broken)
					}
					if p.look(c.spec, findings) {
						t.Error("a healthy look was ended")
					}
					time.Sleep(spec.EnoughFor / 8)
				}
				err := p.problem()
				if (err != nil) != c.fooled || err != nil && !strings.Contains(err.Error(), "edge-gone by graph.edges") {
					t.Errorf("got %v, want a problem: %t", err, c.fooled)
				}
			})
		})
	}
}

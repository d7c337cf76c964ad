package graph

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

func edgesOf(source string, edges ...evidence.Edge) evidence.Graph {
	return evidence.Graph{Source: source, Edges: edges}
}

func kinds(findings []verdict.Finding) []verdict.Kind {
	var out []verdict.Kind
	for _, f := range findings {
		out = append(out, f.Kind)
	}
	return out
}

func TestJudgeQuiet(t *testing.T) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	background := evidence.Edge{From: "msb-msb-iag", To: "msb-msb-consul", Rate: 1, Unit: "reqs/sec"}
	called := evidence.Edge{From: "msb-msb-iag", To: "multicloud-multicloud", Rate: 0.1, Unit: "reqs/sec"}
	faded := called
	faded.Rate = 0
	for name, c := range map[string]struct {
		seen evidence.Graph
		want verdict.Kind
	}{
		"only the background": {edgesOf("servicegraph", background), ""},
		"faded":               {edgesOf("servicegraph", background, faded), ""},
		"still called":        {edgesOf("servicegraph", background, called), "not-quiet"},
		"nothing at all":      {edgesOf("servicegraph"), "no-evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			got := JudgeQuiet(release, release.Policy, []string{"identity"}, c.seen)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Kind != c.want) {
				t.Errorf("findings %v, want %q", kinds(got), c.want)
			}
			sample.Complete(t, got)
			if verdict.Of(got) == verdict.Fail {
				t.Errorf("a baseline that cannot be had is a failure: %+v", got)
			}
		})
	}
}

func TestJudgeSame(t *testing.T) {
	a := evidence.Edge{From: "a", To: "b", Rate: 1, Unit: "reqs/sec"}
	other := evidence.Edge{From: "a", To: "c", Rate: 1, Unit: "reqs/sec"}
	faster := a
	faster.Rate = 2
	for name, c := range map[string]struct {
		one, other evidence.Graph
		want       []verdict.Kind
	}{
		"same":            {edgesOf("/graph", a), edgesOf("/dotgraph", faster), nil},
		"one lacks":       {edgesOf("/graph", a, other), edgesOf("/dotgraph", a), []verdict.Kind{"drawings-differ"}},
		"the other lacks": {edgesOf("/graph", a), edgesOf("/dotgraph", a, other), []verdict.Kind{"drawings-differ"}},
		"both lack":       {edgesOf("/graph", a), edgesOf("/dotgraph", other), []verdict.Kind{"drawings-differ", "drawings-differ"}},
		"one is empty":    {edgesOf("/graph", a), edgesOf("/dotgraph"), []verdict.Kind{"no-evidence"}},
		"both are empty":  {edgesOf("/graph"), edgesOf("/dotgraph"), []verdict.Kind{"no-evidence"}},
	} {
		t.Run(name, func(t *testing.T) {
			findings := JudgeSame(c.one, c.other)
			sample.Complete(t, findings)
			got := kinds(findings)
			if len(got) != len(c.want) {
				t.Fatalf("findings %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("finding %d is %s, want %s", i, got[i], c.want[i])
				}
			}
		})
	}
}

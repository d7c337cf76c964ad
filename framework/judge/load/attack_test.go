package load_test

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/load"
	"github.com/onap/meshcert/framework/verdict"
)

// seen is the evidence of all judges.
type seen struct {
	Pods   evidence.Pods
	Probes []evidence.LoadProbe
	Rounds []evidence.LoadRound
}

func judge(s seen) []verdict.Finding {
	p := plan()
	p.Bounds.GatewayP99 = 1
	// Figures of broken evidence must not panic either.
	load.Figures(s.Rounds)
	findings := append(load.JudgePods(s.Pods), load.JudgeProbes(s.Probes)...)
	return append(findings, load.JudgeRounds(p, s.Rounds)...)
}

func TestBrokenEvidence(t *testing.T) {
	whole := func() seen { return seen{pods(), probes(), healthy()} }
	attack.Mutations(t, whole(), judge)
	attack.NeverGreen(t, attack.Without(whole(), func(s *seen) *[]evidence.LoadRound { return &s.Rounds }), judge)
	attack.NeverGreen(t, attack.Without(whole(), func(s *seen) *[]evidence.LoadProbe { return &s.Probes }), judge)
	attack.NeverGreen(t, map[string]seen{
		"nothing": {}, "no pods": {Probes: probes(), Rounds: healthy()}, "no probes": {Pods: pods(), Rounds: healthy()}, "no rounds": {Pods: pods(), Probes: probes()},
	}, judge)
	attack.Shuffled(t, whole(), func(s *seen) *[]evidence.Pod { return &s.Pods.Items }, judge)
	attack.Shuffled(t, whole(), func(s *seen) *[]evidence.LoadProbe { return &s.Probes }, judge)
}

func FuzzJudge(f *testing.F) { attack.Fuzz(f, judge, seen{pods(), probes(), healthy()}) }

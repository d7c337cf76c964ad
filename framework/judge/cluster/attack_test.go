package cluster_test

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/cluster"
	"github.com/onap/meshcert/framework/verdict"
)

func judged(seen evidence.Cluster) []verdict.Finding { return cluster.Judge(want, seen) }

func reached(seen evidence.Cluster) []verdict.Finding {
	return cluster.JudgeNetwork(cluster.Network{
		Inside: []string{"kubernetes.default"}, OutsideNames: []string{"example.com"}, OutsideAddresses: []string{"192.0.2.1:80"},
	}, seen)
}

func TestBrokenEvidence(t *testing.T) {
	nodes := func(c *evidence.Cluster) *[]evidence.Node { return &c.Nodes }
	pods := func(c *evidence.Cluster) *[]evidence.Pod { return &c.System.Items }
	going := healthy()
	for i := range going.System.Items {
		going.System.Items[i].Terminating = true
	}
	attack.Mutations(t, healthy(), judged)
	attack.NeverGreen(t, attack.Without(healthy(), nodes), judged)
	attack.NeverGreen(t, attack.Without(healthy(), pods), judged)
	attack.NeverGreen(t, map[string]evidence.Cluster{"nothing": {}, "system pods that end": going}, judged)
	attack.Shuffled(t, healthy(), nodes, judged)
	attack.Shuffled(t, healthy(), pods, judged)

	silent := healthy()
	silent.Resolved = map[string]string{"kubernetes.default": "", "example.com": ""}
	asked := healthy()
	asked.Dialed = map[string]string{"192.0.2.1:80": ""}
	attack.Mutations(t, healthy(), reached)
	attack.NeverGreen(t, map[string]evidence.Cluster{"nothing": {}, "empty answers to lookups": silent, "an empty answer to a call": asked}, reached)
}

func FuzzJudge(f *testing.F) {
	attack.Fuzz(f, func(c evidence.Cluster) []verdict.Finding { return append(judged(c), reached(c)...) }, healthy())
}

package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// JudgeCluster decides over facts that were read from a real cluster.
func JudgeCluster(f ClusterFacts) []Check {
	if f.Err != nil {
		return []Check{silent(f.Err)}
	}
	return []Check{versionCheck(f.Version), rightsCheck(f), istioCheck(f), portCheck(f)}
}

// silent is the check of an API server that does not answer.
func silent(err error) Check {
	return Check{
		Category: "cluster", Name: "API server", Status: Fail, Text: "does not answer: " + err.Error(),
		Do: "check --kubeconfig and --context, and that the cluster runs",
	}
}

func versionCheck(version string) Check {
	c := Check{Category: "cluster", Name: "Kubernetes version", Status: OK, Text: version}
	switch {
	case !semver.IsValid(version):
		c.Status, c.Do = Warn, "make sure that it is "+minKubernetes+" or newer"
	case semver.Compare(version, minKubernetes) < 0:
		c.Status, c.Do = Fail, "use a cluster of "+minKubernetes+" or newer: this suite's Istio supports no older one"
	}
	return c
}

func rightsCheck(f ClusterFacts) Check {
	c := Check{Category: "cluster", Name: "rights", Status: OK, Text: "all that are needed"}
	switch {
	case f.RightsErr != nil:
		c.Status, c.Text, c.Do = Warn, "could not be asked for: "+f.RightsErr.Error(), "use a user with the role cluster-admin"
	case len(f.Missing) > 0:
		c.Status, c.Text, c.Do = Fail, "may not "+strings.Join(f.Missing, ", may not "), "use a user with the role cluster-admin, or grant these"
	}
	return c
}

func istioCheck(f ClusterFacts) Check {
	c := Check{Category: "cluster", Name: "Istio", Status: OK, Text: "no other control plane"}
	switch {
	case f.IstioErr != nil:
		c.Status, c.Text, c.Do = Warn, "could not be looked for: "+f.IstioErr.Error(), "make sure that no other Istio is there"
	case len(f.Istio) > 0:
		c.Status, c.Text = Fail, "another control plane is there: "+strings.Join(f.Istio, ", ")
		c.Do = "use a cluster without Istio: two would both claim the CRDs and the injection webhook"
	}
	return c
}

func portCheck(f ClusterFacts) Check {
	c := Check{Category: "cluster", Name: "NodePorts", Status: OK, Text: "30088 and 30280-30296 are free"}
	var who []string
	for _, p := range slices.Sorted(maps.Keys(f.Taken)) {
		who = append(who, fmt.Sprintf("%d by Service %s", p, f.Taken[p]))
	}
	for _, p := range f.Busy {
		who = append(who, fmt.Sprintf("%d by a program on this machine, which is a node", p))
	}
	switch {
	case f.TakenErr != nil:
		c.Status, c.Text, c.Do = Warn, "could not be looked at: "+f.TakenErr.Error(), "make sure that 30088 and 30280-30296 are free"
	case len(who) > 0:
		c.Status, c.Text, c.Do = Fail, "in use: "+strings.Join(who, ", "), "remove what uses them, or use another cluster"
	}
	return c
}

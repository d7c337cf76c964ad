// Package releases judges Helm releases, Services and images against a release's catalogue.
package releases

import (
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeHelm says whether each Helm release of the catalogue, and the umbrella "onap", is deployed.
func JudgeHelm(release *catalogue.Release, helm evidence.HelmReleases) []verdict.Finding { return nil }

// JudgeServices compares names, types, ports and NodePorts.
func JudgeServices(release *catalogue.Release, services evidence.Services) []verdict.Finding {
	return nil
}

// JudgeImages compares the image of each container with the catalogue's.
func JudgeImages(release *catalogue.Release, pods evidence.Pods) []verdict.Finding { return nil }

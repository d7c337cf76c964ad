// Package all lists the specs of all topics, in the order they are run: first
// what everything stands on, at the end what all the others may have done to
// the release.
package all

import (
	"slices"

	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/suites/cluster"
	"github.com/onap/meshcert/suites/controlplane"
	"github.com/onap/meshcert/suites/graph"
	"github.com/onap/meshcert/suites/hygiene"
	"github.com/onap/meshcert/suites/injection"
	"github.com/onap/meshcert/suites/metrics"
	"github.com/onap/meshcert/suites/msb"
	"github.com/onap/meshcert/suites/releases"
	"github.com/onap/meshcert/suites/sidecar"
	"github.com/onap/meshcert/suites/tracing"
)

// Specs is the spec list.
func Specs() []spec.Spec {
	return slices.Concat(
		cluster.Specs(),
		controlplane.Specs(),
		injection.Specs(),
		sidecar.Specs(),
		msb.Specs(),
		tracing.Specs(),
		graph.Specs(),
		metrics.Specs(),
		releases.Specs(),
		hygiene.Specs(),
	)
}

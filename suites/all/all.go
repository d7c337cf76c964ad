// Package all lists the specs of all topics, in the order they are run: first
// what everything stands on.
package all

import (
	"slices"

	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/suites/cluster"
	"github.com/onap/meshcert/suites/controlplane"
	"github.com/onap/meshcert/suites/graph"
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
		sidecar.Specs(),
		releases.Specs(),
		msb.Specs(),
		tracing.Specs(),
		graph.Specs(),
		metrics.Specs(),
	)
}

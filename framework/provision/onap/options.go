// Package onap installs a release of ONAP: MSB, MultiCloud and VF-C, and more
// charts by name, from the embedded charts, a checkout of OOM, a chart repository
// or a registry. NewPlan says without a cluster everything an install makes and
// what of it differs from the charts; the plan is checked against the cluster and
// installed. It guarantees that a namespace that is not ours is neither used nor
// deleted, that every difference from the charts is in the plan's changes, and
// that nothing is made when a chart, a value or the cluster is wrong.
package onap

import (
	"context"
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/chart"
)

// Namespace is where all of a release runs.
const Namespace = catalogue.Namespace

// umbrella is the chart that has all others as dependencies. It is installed
// with everything disabled, for what all share.
const umbrella = "onap"

// Options say what to install.
type Options struct {
	// Release is the release. Its name picks the values of the embedded charts;
	// for charts of a release that is in no catalogue a name is enough.
	Release *catalogue.Release
	// Label names on the cluster what is installed; empty for the release's name.
	Label string
	// Source is where the charts come from; the zero value are the embedded ones.
	Source Source
	// Quick leaves out what only makes a small cluster wait.
	Quick bool
	// Values are value files and Set settings ("a.b=c") laid over the charts'
	// values and our overrides, in the form the umbrella chart takes: global, msb,
	// multicloud and vfc at the top.
	Values []string
	Set    []string
	// Repair mends the objects for the mesh; otherwise they are as the charts say.
	Repair bool
	// Extra are more charts of the source, by name, installed after the others.
	Extra []string
	// StandIns says that stand-ins take the place of all images of the charts.
	StandIns bool
	// Without names overrides that are left out, see Overrides.
	Without []string
}

// order is the order of install; the Helm releases have the charts' names.
func order() []string {
	return []string{umbrella, "msb", "multicloud", "vfc"}
}

// charts are the names of the charts in the order of install, each once.
func (o Options) charts() []string {
	var names []string
	for _, name := range append(order(), o.Extra...) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// given are the user's values. A section at the top that the source has no
// chart for is an error.
func (o Options) given(ctx context.Context, b book) (map[string]any, error) {
	values, err := chart.Values(o.Values, o.Set...)
	if err != nil {
		return nil, err
	}
	sections, err := b.sections(ctx)
	if err != nil {
		return nil, err
	}
	if err := known("", values, slices.Concat(sections, o.Extra, []string{globalKey})); err != nil {
		return nil, err
	}
	for name, own := range values {
		if _, ok := own.(map[string]any); !ok && own != nil {
			return nil, fmt.Errorf("value %s: %v is no mapping", name, own)
		}
	}
	return values, nil
}

// Package onap installs a release of ONAP's MSB, MultiCloud and VF-C from the
// embedded charts, says which stand-in images its manifests need, and compares
// the rendered charts with the catalogue. It guarantees that a namespace that is
// not ours is neither used nor deleted.
package onap

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	charts "github.com/onap/meshcert/fixtures/charts"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
)

// Namespace is where all of a release runs.
const Namespace = "onap"

// Options say what to install.
type Options struct {
	// Release is the release; its values come from the embedded
	// releases/NAME.yaml.
	Release *catalogue.Release
	// Quick lays the release's quick values over it: it starts sooner than the
	// real one did, and differs in these values only.
	Quick bool
	// Values are value files and Set settings ("a.b=c") laid over that, in the
	// form the umbrella chart takes: global, msb, multicloud and vfc at the top.
	Values []string
	Set    []string
}

// order is the order of install; the Helm releases have the charts' names.
func order() []string {
	return []string{"onap", "msb", "multicloud", "vfc"}
}

// releaseValues is the form of releases/NAME.yaml.
type releaseValues struct {
	// Like names a release whose values these are laid over.
	Like   string         `json:"like"`
	Charts map[string]any `json:"charts"`
	Quick  map[string]any `json:"quick"`
}

// valuesOf are the embedded values of a release.
func valuesOf(release string) (releaseValues, error) {
	var own releaseValues
	file := "releases/" + release + ".yaml"
	text, err := fs.ReadFile(charts.FS, file)
	if err != nil {
		return own, fmt.Errorf("there are no charts for release %s: %w", release, err)
	}
	if err := yaml.UnmarshalStrict(text, &own); err != nil {
		return own, fmt.Errorf("read %s: %w", file, err)
	}
	if own.Like == "" {
		return own, nil
	}
	base, err := valuesOf(own.Like)
	if err != nil {
		return own, fmt.Errorf("%s: like: %w", file, err)
	}
	return releaseValues{Charts: chart.Merge(base.Charts, own.Charts), Quick: chart.Merge(base.Quick, own.Quick)}, nil
}

// values are the umbrella's values for the options.
func (o Options) values() (map[string]any, error) {
	own, err := valuesOf(o.Release.Name)
	if err != nil {
		return nil, err
	}
	values := own.Charts
	if o.Quick {
		values = chart.Merge(values, own.Quick)
	}
	given, err := chart.Values(o.Values, o.Set...)
	if err != nil {
		return nil, err
	}
	return chart.Merge(values, given), nil
}

// Releases are the four Helm releases of the options, in the order of install.
// A value no chart knows is an error; that each has the right type is checked
// against the charts' schema when they are rendered or installed.
func (o Options) Releases() ([]chart.Release, error) {
	values, err := o.values()
	if err != nil {
		return nil, fmt.Errorf("values of release %s: %w", o.Release.Name, err)
	}
	if err := known("", values, append(order()[1:], "global")); err != nil {
		return nil, err
	}
	var releases []chart.Release
	for _, name := range order() {
		loaded, err := chart.Load(charts.FS, name)
		if err != nil {
			return nil, err
		}
		own, ok := values[name].(map[string]any)
		if !ok && values[name] != nil {
			return nil, fmt.Errorf("value %s: %v is no mapping", name, values[name])
		}
		if err := known(name+".", own, append(chart.Keys(loaded), "global")); err != nil {
			return nil, err
		}
		if name != order()[0] {
			loaded.Schema = charts.Schema
		}
		if global, ok := values["global"].(map[string]any); ok {
			own = chart.Merge(map[string]any{"global": global}, own)
		}
		releases = append(releases, chart.Release{
			Name: name, Namespace: Namespace, Chart: loaded, Values: own,
			Labels: map[string]string{kube.ManagedBy: kube.Manager},
		})
	}
	return releases, nil
}

// known refuses a value that none of the names has.
func known(prefix string, values map[string]any, names []string) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, key) {
			slices.Sort(names)
			return fmt.Errorf("value %s%s: there is no such value; known here: %s", prefix, key, strings.Join(slices.Compact(names), ", "))
		}
	}
	return nil
}

// Settings returns what can be set in the charts, in the form of Options.Set and
// sorted: "msb.msb-iag.istioSidecar".
func Settings() ([]string, error) {
	var all []string
	for _, name := range order()[1:] {
		loaded, err := chart.Load(charts.FS, name)
		if err != nil {
			return nil, err
		}
		for key, value := range loaded.Values {
			if key == "global" {
				all = append(all, leaves(key, value)...)
				continue
			}
			all = append(all, leaves(name+"."+key, value)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// leaves are the paths of all values below the path that are no mappings.
func leaves(path string, value any) []string {
	mapping, ok := value.(map[string]any)
	if !ok {
		return []string{path}
	}
	var all []string
	for key, value := range mapping {
		all = append(all, leaves(path+"."+key, value)...)
	}
	return all
}

// Rendered returns the objects of all four charts, without a cluster.
func Rendered(o Options) ([]*unstructured.Unstructured, error) {
	releases, err := o.Releases()
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, r := range releases {
		rendered, err := chart.Render(r.Chart, r.Name, r.Namespace, r.Values)
		if err != nil {
			return nil, err
		}
		objects = append(objects, rendered...)
	}
	return objects, nil
}

package istio

import (
	"fmt"
	"io/fs"
	"strconv"

	"istio.io/istio/manifests"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
)

// releases returns the Helm releases of the options, in the order of installation.
func releases(o Options) ([]chart.Release, error) {
	base, err := release(BaseRelease, "charts/base", "istio/base.yaml")
	if err != nil {
		return nil, err
	}
	files := []string{"istio/istiod.yaml"}
	if o.DataPlane == Upstream {
		files = append(files, "istio/istiod-upstream.yaml")
	}
	istiod, err := release(IstiodRelease, "charts/istio-control/istio-discovery", files...)
	if err != nil {
		return nil, err
	}
	istiod.Values = chart.Merge(istiod.Values, optionValues(o))
	return []chart.Release{base, istiod}, nil
}

// optionValues are the values of the chart istio-discovery that options decide.
func optionValues(o Options) map[string]any {
	return map[string]any{
		"global": map[string]any{
			"hub":   o.Hub,
			"tag":   o.Tag,
			"proxy": map[string]any{"autoInject": string(o.Policy)},
		},
		// "auto" would decide by the kubelet's version.
		"env": map[string]any{"ENABLE_NATIVE_SIDECARS": strconv.FormatBool(o.Sidecars == Native)},
	}
}

// release loads a chart of Istio and lays the value files over each other.
func release(name, folder string, files ...string) (chart.Release, error) {
	loaded, err := chart.Load(manifests.FS, folder)
	if err != nil {
		return chart.Release{}, err
	}
	values := map[string]any{}
	for _, file := range files {
		text, err := fs.ReadFile(addons.FS, file)
		if err != nil {
			return chart.Release{}, fmt.Errorf("read values of release %s: %w", name, err)
		}
		more, err := chart.ParseValues(text)
		if err != nil {
			return chart.Release{}, fmt.Errorf("read values %s of release %s: %w", file, name, err)
		}
		values = chart.Merge(values, more)
	}
	return chart.Release{
		Name: name, Namespace: Namespace, Chart: loaded, Values: values,
		Labels: map[string]string{kube.ManagedBy: kube.Manager},
	}, nil
}

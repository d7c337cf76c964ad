package istio

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/tracer"
)

// every returns all option sets.
func every() []Options {
	var all []Options
	for _, policy := range []catalogue.Policy{catalogue.Disabled, catalogue.Enabled} {
		for _, plane := range []DataPlane{Upstream, IstioProxy} {
			for _, form := range []Sidecars{Native, Classic} {
				for _, tracing := range tracer.All() {
					all = append(all, Options{Policy: policy, DataPlane: plane, Sidecars: form, Tracing: tracing})
				}
			}
		}
	}
	return all
}

func name(o Options) string {
	return fmt.Sprintf("%s/%s/%s/%s", o.Policy, o.DataPlane, o.Sidecars, o.Tracing)
}

// render returns the objects of release istiod by "Kind name".
func render(t *testing.T, o Options) map[string]*unstructured.Unstructured {
	t.Helper()
	o, err := o.complete()
	if err != nil {
		t.Fatal(err)
	}
	all, err := releases(o)
	if err != nil {
		t.Fatal(err)
	}
	istiod := all[len(all)-1]
	objects, err := chart.Render(istiod.Chart, istiod.Name, istiod.Namespace, istiod.Values)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		named[object.GetKind()+" "+object.GetName()] = object
	}
	return named
}

// data returns a key of a ConfigMap, parsed.
func data(t *testing.T, object *unstructured.Unstructured, key string) map[string]any {
	t.Helper()
	text, found, err := unstructured.NestedString(object.Object, "data", key)
	if err != nil || !found {
		t.Fatalf("ConfigMap %s has no key %s (%v)", object.GetName(), key, err)
	}
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("ConfigMap %s, key %s: %v", object.GetName(), key, err)
	}
	return out
}

// summary says what options decide in the rendered control plane.
func summary(t *testing.T, o Options) string {
	t.Helper()
	objects := render(t, o)
	var text strings.Builder
	containers, _, _ := unstructured.NestedSlice(objects["Deployment istiod"].Object, "spec", "template", "spec", "containers")
	istiod := containers[0].(map[string]any)
	fmt.Fprintln(&text, "image", istiod["image"], istiod["imagePullPolicy"])
	for _, e := range istiod["env"].([]any) {
		variable := e.(map[string]any)
		name := variable["name"].(string)
		if strings.HasPrefix(name, "PILOT_ENABLE_M") || strings.HasPrefix(name, "PILOT_ENABLE_ALPN") ||
			strings.HasPrefix(name, "PILOT_TRACE") || strings.HasPrefix(name, "ENABLE_NATIVE") {
			fmt.Fprintln(&text, "env", name, variable["value"])
		}
	}
	injector := objects["ConfigMap istio-sidecar-injector"]
	fmt.Fprintln(&text, "policy", data(t, injector, "config")["policy"])
	global := data(t, injector, "values")["global"].(map[string]any)
	fmt.Fprintln(&text, "sidecar", global["hub"], global["tag"], global["imagePullPolicy"])
	mesh := data(t, objects["ConfigMap istio"], "mesh")
	fmt.Fprintln(&text, "default providers", mesh["defaultProviders"])
	return text.String()
}

func TestControlPlaneFollowsOptions(t *testing.T) {
	for _, test := range []struct {
		options Options
		want    string
	}{
		{
			Options{Policy: catalogue.Disabled, DataPlane: Upstream},
			`image docker.io/istio/pilot:1.31.0 IfNotPresent
env ENABLE_NATIVE_SIDECARS true
env PILOT_ENABLE_ALPN_FILTER false
env PILOT_ENABLE_METADATA_EXCHANGE false
env PILOT_TRACE_SAMPLING 100
policy disabled
sidecar docker.io/istio 1.31.0 IfNotPresent
default providers <nil>
`,
		},
		{
			Options{Policy: catalogue.Enabled, DataPlane: Upstream, Sidecars: Classic, Hub: "example.org/istio", Tag: "1.32.0"},
			`image example.org/istio/pilot:1.32.0 IfNotPresent
env ENABLE_NATIVE_SIDECARS false
env PILOT_ENABLE_ALPN_FILTER false
env PILOT_ENABLE_METADATA_EXCHANGE false
env PILOT_TRACE_SAMPLING 100
policy enabled
sidecar example.org/istio 1.32.0 IfNotPresent
default providers <nil>
`,
		},
		{
			Options{Policy: catalogue.Enabled, DataPlane: IstioProxy},
			`image docker.io/istio/pilot:1.31.0 IfNotPresent
env ENABLE_NATIVE_SIDECARS true
env PILOT_TRACE_SAMPLING 100
policy enabled
sidecar docker.io/istio 1.31.0 IfNotPresent
default providers map[metrics:[prometheus]]
`,
		},
	} {
		t.Run(name(test.options), func(t *testing.T) {
			if diff := cmp.Diff(test.want, summary(t, test.options)); diff != "" {
				t.Errorf("rendered istiod (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOneIstiodWithoutScaling(t *testing.T) {
	objects := render(t, Options{Policy: catalogue.Disabled, DataPlane: Upstream})
	if len(objects) < 15 {
		t.Fatalf("only %d objects rendered", len(objects))
	}
	for key, object := range objects {
		if kind := object.GetKind(); kind == "HorizontalPodAutoscaler" || kind == "PodDisruptionBudget" {
			t.Errorf("%s is rendered", key)
		}
	}
	replicas, _, err := unstructured.NestedFieldNoCopy(objects["Deployment istiod"].Object, "spec", "replicas")
	if err != nil || fmt.Sprint(replicas) != "1" {
		t.Errorf("istiod has %v replicas (%v), want 1", replicas, err)
	}
}

func TestImagesAreThoseOfTheCharts(t *testing.T) {
	o := Options{Policy: catalogue.Enabled, DataPlane: IstioProxy, Hub: "example.org/istio", Tag: "1.32.0"}
	objects := render(t, o)
	containers, _, _ := unstructured.NestedSlice(objects["Deployment istiod"].Object, "spec", "template", "spec", "containers")
	global := data(t, objects["ConfigMap istio-sidecar-injector"], "values")["global"].(map[string]any)
	proxy := global["proxy"].(map[string]any)
	want := []string{
		containers[0].(map[string]any)["image"].(string),
		fmt.Sprintf("%s/%s:%s", global["hub"], proxy["image"], global["tag"]),
	}
	got, err := Images(o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-chart +Images):\n%s", diff)
	}
}

// TestValuesAreKnownToTheCharts finds misspelt keys, which Helm would ignore.
func TestValuesAreKnownToTheCharts(t *testing.T) {
	all, err := releases(Options{Policy: catalogue.Enabled, DataPlane: Upstream, Sidecars: Native, Hub: DefaultHub, Tag: DefaultTag})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		known := r.Chart.Values["_internal_defaults_do_not_set"].(map[string]any)
		if len(r.Values) == 0 {
			t.Errorf("release %s has no values", r.Name)
		}
		if unknown := unknownKeys("", r.Values, known); len(unknown) > 0 {
			t.Errorf("release %s sets values its chart does not have: %v", r.Name, unknown)
		}
	}
	if got := unknownKeys("", map[string]any{"globl": map[string]any{}}, map[string]any{"global": map[string]any{}}); len(got) != 1 {
		t.Errorf("a misspelt key is not found: %v", got)
	}
}

// unknownKeys lists the keys of values that the chart has not. env and
// meshConfig are free in the chart.
func unknownKeys(path string, values, known map[string]any) []string {
	var unknown []string
	for key, value := range values {
		at := strings.TrimPrefix(path+"."+key, ".")
		below, exists := known[key]
		if !exists {
			unknown = append(unknown, at)
			continue
		}
		child, isMap := value.(map[string]any)
		if isMap && at != "env" && at != "meshConfig" {
			inner, _ := below.(map[string]any)
			unknown = append(unknown, unknownKeys(at, child, inner)...)
		}
	}
	slices.Sort(unknown)
	return unknown
}

package onap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	charts "github.com/onap/meshcert/fixtures/charts"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/onap"
)

func names(objects []*unstructured.Unstructured) []string {
	var out []string
	for _, o := range objects {
		out = append(out, kube.Name(o))
	}
	return out
}

// TestUmbrella: the umbrella makes what is shared, and a project's chart when it
// is switched on.
func TestUmbrella(t *testing.T) {
	umbrella, err := chart.Load(charts.FS, "onap")
	if err != nil {
		t.Fatal(err)
	}
	shared := []string{"Secret onap/onap-docker-registry-key", "Role onap/onap-binding", "RoleBinding onap/onap-binding"}
	objects, err := chart.Render(umbrella, "onap", "onap", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shared, names(objects)); diff != "" {
		t.Errorf("all off, -want +got:\n%s", diff)
	}
	objects, err = chart.Render(umbrella, "dev", "onap", map[string]any{"vfc": map[string]any{"enabled": true}})
	if err != nil {
		t.Fatal(err)
	}
	deployments := 0
	for _, o := range objects {
		if o.GetKind() == "Deployment" && strings.HasPrefix(o.GetName(), "dev-vfc-") {
			deployments++
		}
	}
	if deployments != 18 {
		t.Errorf("VF-C switched on: %d Deployments, want 18", deployments)
	}
}

// TestGlobals: the four repository values reach every image, the prefix every
// NodePort, and nothing is pulled that is on the node.
func TestGlobals(t *testing.T) {
	objects := render(t, onap.Options{Release: load(t, "casablanca"), Set: []string{
		"global.repository=mirror", "global.dockerHubRepository=mirror", "global.loggingRepository=mirror",
		"global.readinessRepository=mirror", "global.nodePortPrefix=304",
	}})
	images, ports := 0, 0
	for _, o := range objects {
		if o.GetKind() == "Service" {
			list, _, _ := unstructured.NestedSlice(o.Object, "spec", "ports")
			for _, p := range list {
				if port, ok := p.(map[string]any)["nodePort"].(int64); ok {
					ports++
					if port/100 != 304 {
						t.Errorf("%s: nodePort %d, want 304..", kube.Name(o), port)
					}
				}
			}
		}
		for _, field := range []string{"containers", "initContainers"} {
			list, _, _ := unstructured.NestedSlice(o.Object, "spec", "template", "spec", field)
			for _, c := range list {
				images++
				image, policy := c.(map[string]any)["image"].(string), c.(map[string]any)["imagePullPolicy"]
				if !strings.HasPrefix(image, "mirror/") || policy != "IfNotPresent" {
					t.Errorf("%s: image %s, pull policy %v", kube.Name(o), image, policy)
				}
			}
		}
	}
	if images != 58 || ports != 12 {
		t.Errorf("%d images and %d NodePorts, want 58 and 12", images, ports)
	}
}

// TestKube2MSBForm: the annotation has the form kube2msb reads, ports as text.
func TestKube2MSBForm(t *testing.T) {
	for _, o := range render(t, onap.Options{Release: load(t, "casablanca")}) {
		if o.GetKind() == "Service" && o.GetName() == "vfc-nslcm" {
			want := `[{"port":"8403","protocol":"REST","serviceName":"nslcm","url":"/api/nslcm/v1","version":"v1","visualRange":"1"}]`
			if diff := cmp.Diff(want, o.GetAnnotations()["msb.onap.org/service-info"]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			return
		}
	}
	t.Error("there is no Service vfc-nslcm")
}

package chart

import (
	"bytes"
	"log"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// nasty is text that a template or a splitter of documents could take for its own.
const nasty = "{{ .Values.absent.x }}\n---\n# Source: elsewhere\n  --- \n\ttab  \n\"quoted\" {{`{{`}}\n"

// whole is a chart with everything a release can bring along, and a dependency
// that is switched off.
func whole() fstest.MapFS {
	return fstest.MapFS{
		"whole/Chart.yaml":         {Data: []byte("{apiVersion: v2, name: whole, version: 1.0.0, dependencies: [{name: away, version: 1.0.0, repository: 'file://../away', condition: away.enabled}]}")},
		"whole/values.yaml":        {Data: []byte("away: {enabled: false}\n")},
		"whole/nasty.txt":          {Data: []byte(nasty)},
		"whole/crds/d.yaml":        {Data: []byte("# Source: upstream\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ds.x.io}\n---\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: es.x.io}\n")},
		"whole/templates/map.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: {{ .Files.Get \"nasty.txt\" | quote }}\n  twice: a\n  twice: b\n---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: b}}\n")},
		"whole/templates/job.yaml": {Data: []byte("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: post-install, helm.sh/hook-weight: '5'}}\n")},
		"away/Chart.yaml":          {Data: []byte("{apiVersion: v2, name: away, version: 1.0.0}")},
		"away/crds/o.yaml":         {Data: []byte("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: os.x.io}\n")},
	}
}

func names(objects []*unstructured.Unstructured) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, o.GetKind()+" "+o.GetName())
	}
	return out
}

func TestStatic(t *testing.T) {
	c, err := Load(whole(), "whole")
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := RenderAll(c, "one", "ns", nil)
	if err != nil {
		t.Fatal(err)
	}
	for what, lists := range map[string][2][]string{
		"CRDs":    {{"CustomResourceDefinition ds.x.io", "CustomResourceDefinition es.x.io"}, names(manifests.CRDs)},
		"objects": {{"ConfigMap a", "ServiceAccount a", "ServiceAccount b"}, names(manifests.Objects)},
		"hooks":   {{"Job j"}, names(manifests.Hooks)},
		"twice":   {{"template whole/templates/map.yaml: yaml: unmarshal errors:\n  line 9: key \"twice\" already set in map"}, manifests.Twice},
	} {
		if diff := cmp.Diff(lists[0], lists[1]); diff != "" {
			t.Errorf("%s: -want +got:\n%s", what, diff)
		}
	}
	data := manifests.Objects[0].Object["data"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"text": nasty, "twice": "b"}, data); diff != "" {
		t.Errorf("data of the ConfigMap: -want +got:\n%s", diff)
	}

	static, err := Static("whole", "1.0", manifests)
	if err != nil {
		t.Fatal(err)
	}
	again, err := RenderAll(static, "one", "ns", nil)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(again.Objects, func(a, b *unstructured.Unstructured) int { // Helm sorts by kind
		return strings.Compare(a.GetKind()+a.GetName(), b.GetKind()+b.GetName())
	})
	manifests.Twice = nil
	if diff := cmp.Diff(manifests, again); diff != "" {
		t.Errorf("rendered from the static chart: -want +got:\n%s", diff)
	}
	if got := len(again.All()); got != 6 {
		t.Errorf("%d objects in all, want 6", got)
	}
}

// TestWarnings: what Helm warns of is told with the objects, and nothing is logged.
func TestWarnings(t *testing.T) {
	files := files()
	files["app/values.yaml"] = &fstest.MapFile{Data: []byte("size: {small: 1}\nlib: {ports: {a: 1}}\n")}
	files["lib/values.yaml"] = &fstest.MapFile{Data: []byte("ports: 80\n")}
	c, err := Load(files, "app")
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	before := log.Default().Writer()
	log.SetOutput(&logged)
	defer log.SetOutput(before)
	manifests, err := RenderAll(c, "one", "ns", map[string]any{"lib": map[string]any{"ports": "none"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"cannot overwrite table with non table for app.lib.ports (map[a:1])", "skipped value for app.lib.ports: Not a table."}
	if diff := cmp.Diff(want, manifests.Warnings); diff != "" || logged.Len() > 0 {
		t.Errorf("-want +got:\n%s\nlogged: %s", diff, &logged)
	}
	log.Print("ours")
	if !strings.Contains(logged.String(), "ours") {
		t.Error("the log does not go where it went before")
	}
}

func TestStaticRefuses(t *testing.T) {
	account := func(name string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": name}}}
	}
	for _, c := range []struct {
		name, version string
		objects       []*unstructured.Unstructured
		want          string
	}{
		{"a", "1.0.0", []*unstructured.Unstructured{account("x"), account("y"), account("x")}, "make static chart a 1.0.0: there are two of ServiceAccount /x"},
		{"a", "latest", nil, `make static chart a latest: validation: chart.metadata.version "latest" is invalid`},
		{"", "1.0.0", nil, "chart.metadata.name is required"},
	} {
		if _, err := Static(c.name, c.version, &Manifests{Objects: c.objects}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want an error with %q", c.name, c.version, err, c.want)
		}
	}
}

func TestRenderAllErrors(t *testing.T) {
	files := whole()
	files["whole/crds/broken.yaml"] = &fstest.MapFile{Data: []byte("kind: [\n")}
	files["kindless/Chart.yaml"] = &fstest.MapFile{Data: []byte("{apiVersion: v2, name: kindless, version: 1.0.0}")}
	files["kindless/templates/x.yaml"] = &fstest.MapFile{Data: []byte("piVersion: v1\ndata: {}\n")}
	for dir, want := range map[string]string{
		"whole":    "render chart whole 1.0.0 as release one in namespace ns: template whole/crds/broken.yaml: ",
		"kindless": "render chart kindless 1.0.0 as release one in namespace ns: template kindless/templates/x.yaml: Object 'Kind' is missing",
	} {
		c, err := Load(files, dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := RenderAll(c, "one", "ns", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", dir, err, want)
		}
	}
}

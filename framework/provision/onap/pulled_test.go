package onap_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/repo"

	"github.com/onap/meshcert/framework/provision/onap"
)

// TestRepository: charts of a repository, of the newest version or of the one
// asked for, with the values that their umbrella hands them.
func TestRepository(t *testing.T) {
	folder := t.TempDir()
	for _, version := range []string{"3.0.0", "4.0.0"} {
		for _, name := range []string{"onap", "msb", "multicloud", "vfc", "more"} {
			c := &helmchart.Chart{
				Metadata: &helmchart.Metadata{APIVersion: "v2", Name: name, Version: version},
				Templates: []*helmchart.File{{Name: "templates/m.yaml", Data: []byte(
					"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {version: {{ .Chart.Version }}, all: '{{ .Values.global.all }}', own: '{{ .Values.own }}'}\n")}},
			}
			if name == "onap" {
				c.Raw = []*helmchart.File{{Name: "values.yaml", Data: []byte("global: {all: umbrella}\nmsb: {own: of the umbrella}\n")}}
				c.Values = map[string]any{"global": map[string]any{"all": "umbrella"}, "msb": map[string]any{"own": "of the umbrella"}}
			}
			if _, err := chartutil.Save(c, folder); err != nil {
				t.Fatal(err)
			}
		}
	}
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer server.Close()
	index, err := repo.IndexDirectory(folder, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := index.WriteFile(filepath.Join(folder, "index.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"": "4.0.0", "/@3.0.0": "3.0.0", "/@~3.x-0": "3.0.0"} {
		plan, err := onap.NewPlan(t.Context(), onap.Options{
			Release: named("mine"), Source: parsed(t, "repo:"+server.URL+version), Extra: []string{"more"}, Set: []string{"more.own=mine"},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		for _, o := range plan.Objects {
			data := o.Object["data"].(map[string]any)
			got[o.GetName()] = []any{data["version"], data["all"], data["own"]}
		}
		if diff := cmp.Diff(map[string]any{
			"onap": []any{want, "umbrella", ""}, "msb": []any{want, "umbrella", "of the umbrella"}, "multicloud": []any{want, "umbrella", ""},
			"vfc": []any{want, "umbrella", ""}, "more": []any{want, "umbrella", "mine"},
		}, got); diff != "" {
			t.Errorf("version %q: -want +got:\n%s", version, diff)
		}
	}
	_, err = onap.NewPlan(t.Context(), onap.Options{Release: named("mine"), Source: parsed(t, "repo:"+server.URL+"/@9.0.0")})
	if err == nil || !strings.Contains(err.Error(), "pull chart onap 9.0.0 from "+server.URL) {
		t.Errorf("no such version: %v", err)
	}
}

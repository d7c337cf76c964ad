package chart

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/action"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	kubefake "helm.sh/helm/v3/pkg/kube/fake"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/evidence"
)

// files is a chart "app" that uses the library chart "lib" beside it.
func files() fstest.MapFS {
	return fstest.MapFS{
		"app/Chart.yaml":              {Data: []byte("{apiVersion: v2, name: app, version: 1.2.3, dependencies: [{name: lib, version: 1.0.0, repository: 'file://../lib'}]}")},
		"app/values.yaml":             {Data: []byte("size: {small: 1, large: 9}\n")},
		"app/templates/b.yaml":        {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ include \"lib.name\" . }}}\ndata: {size: {{ .Values.size.small | quote }}}\n---\n# nothing here\n")},
		"app/templates/account.yaml":  {Data: []byte("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\n")},
		"lib/Chart.yaml":              {Data: []byte("{apiVersion: v2, name: lib, version: 1.0.0, type: library}")},
		"lib/templates/_helpers.tpl":  {Data: []byte(`{{- define "lib.name" }}{{ .Release.Name }}-{{ .Capabilities.KubeVersion.Minor }}{{ end }}`)},
		"loop/Chart.yaml":             {Data: []byte("{apiVersion: v2, name: loop, version: 1.0.0, dependencies: [{name: loop, version: 1.0.0, repository: 'file://../loop'}]}")},
		"duplicate/Chart.yaml":        {Data: []byte("{apiVersion: v2, name: duplicate, version: 1.0.0}")},
		"duplicate/templates/x.yaml":  {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: b, a: c}\n")},
		"unnamed/Chart.yaml":          {Data: []byte("{apiVersion: v2, version: 1.0.0}")},
		"dangling/Chart.yaml":         {Data: []byte("{apiVersion: v2, name: dangling, version: 1.0.0, dependencies: [{name: lib, version: 1.0.0, repository: 'file://../library'}]}")},
		"nil-pointer/Chart.yaml":      {Data: []byte("{apiVersion: v2, name: nil-pointer, version: 1.0.0}")},
		"nil-pointer/templates/y.yml": {Data: []byte("kind: {{ .Values.a.b.c }}\n")},
	}
}

func app(t *testing.T) *helmchart.Chart {
	t.Helper()
	c, err := Load(files(), "app")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRender(t *testing.T) {
	c := app(t)
	for range 2 { // the chart stays as it is
		objects, err := Render(c, "one", "ns", map[string]any{"size": map[string]any{"small": 2}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range objects {
			got = append(got, o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName())
		}
		if diff := cmp.Diff([]string{"ServiceAccount ns/one", "ConfigMap /one-34"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if size := objects[1].Object["data"].(map[string]any)["size"]; size != "2" {
			t.Errorf("size is %v, want 2", size)
		}
	}
}

func TestErrors(t *testing.T) {
	for dir, want := range map[string]string{
		"loop":        "load chart loop: it depends on itself through loop",
		"unnamed":     "load chart unnamed: ",
		"absent":      "load chart absent: open absent",
		"dangling":    "dependency lib of chart dangling: load chart library: open library",
		"duplicate":   `render chart duplicate 1.0.0 as release one in namespace ns: template duplicate/templates/x.yaml: `,
		"nil-pointer": "render chart nil-pointer 1.0.0 as release one in namespace ns: template: nil-pointer/templates/y.yml:1:",
	} {
		c, err := Load(files(), dir)
		if err == nil {
			_, err = Render(c, "one", "ns", nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", dir, err, want)
		}
	}
}

func TestValues(t *testing.T) {
	write := func(name, text string) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	first := write("first.yaml", "a: {b: 1, c: [1, 2]}\nd: x\n")
	got, err := Values([]string{first, write("second.yaml", "a: {c: [3], e: null}\n")}, "a.b=2", "d=y")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": map[string]any{"b": int64(2), "c": []any{3.0}, "e": nil}, "d": "y"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, c := range []struct{ file, set, want string }{
		{"/nowhere.yaml", "", "read value file: open /nowhere.yaml"},
		{write("list.yaml", "- a\n"), "", "list.yaml: "},
		{write("twice.yaml", "a: 1\na: 2\n"), "", `"a" already set`},
		{first, "a.b", `read setting "a.b"`},
	} {
		var sets []string
		if c.set != "" {
			sets = []string{c.set}
		}
		if _, err := Values([]string{c.file}, sets...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("file %s, setting %q: got %v, want an error with %q", c.file, c.set, err, c.want)
		}
	}
}

func TestMergeLeavesBase(t *testing.T) {
	base := map[string]any{"a": map[string]any{"b": 1}}
	merged := Merge(base, map[string]any{"a": map[string]any{"b": 2, "c": 3}})
	if diff := cmp.Diff(map[string]any{"a": map[string]any{"b": 2, "c": 3}}, merged); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"a": map[string]any{"b": 1}}, base); diff != "" {
		t.Errorf("base changed, -want +got:\n%s", diff)
	}
}

// inMemory is a client whose releases are kept in memory and whose objects go nowhere.
func inMemory() (*Client, *storage.Storage) {
	records := storage.Init(driver.NewMemory())
	return &Client{configure: func(string) (*action.Configuration, error) {
		return &action.Configuration{
			Releases: records, KubeClient: &kubefake.PrintingKubeClient{Out: io.Discard},
			Capabilities: chartutil.DefaultCapabilities, Log: quiet,
		}, nil
	}}, records
}

func TestEnsure(t *testing.T) {
	client, records := inMemory()
	wanted := Release{Name: "one", Namespace: "default", Chart: app(t), Values: map[string]any{}, Labels: map[string]string{"owned": "yes"}}
	ensure := func(what string, want Change, revision int) {
		t.Helper()
		got, err := client.Ensure(t.Context(), wanted)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		last, err := records.Last("one")
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got != want || last.Version != revision || last.Info.Status != helmrelease.StatusDeployed || last.Labels["owned"] != "yes" {
			t.Errorf("%s: %s, revision %d %s, labels %v; want %s, revision %d deployed", what, got, last.Version, last.Info.Status, last.Labels, want, revision)
		}
	}
	mark := func(status helmrelease.Status) {
		t.Helper()
		last, err := records.Last("one")
		if err != nil {
			t.Fatal(err)
		}
		last.SetStatus(status, "test")
		if err := records.Update(last); err != nil {
			t.Fatal(err)
		}
	}
	ensure("first", Installed, 1)
	ensure("again", Unchanged, 1)
	wanted.Values = map[string]any{"size": map[string]any{"small": 3}}
	ensure("new values", Upgraded, 2)
	ensure("new values again", Unchanged, 2)
	wanted.Chart.Templates[0].Data = append(wanted.Chart.Templates[0].Data, "\n# changed\n"...)
	ensure("new template", Upgraded, 3)
	mark(helmrelease.StatusFailed)
	ensure("after a failure", Upgraded, 4)
	mark(helmrelease.StatusPendingUpgrade)
	ensure("after an interrupt", Upgraded, 5)
	mark(helmrelease.StatusUninstalling)
	ensure("after an interrupted uninstall", Installed, 1)
	mark(helmrelease.StatusPendingInstall)
	ensure("after an interrupted install", Upgraded, 2)

	list, err := client.List(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	of := origin(t, wanted.Chart, wanted.Values)
	want := []evidence.HelmRelease{{Name: "one", Namespace: "default", Chart: "app", ChartVersion: "1.2.3", Status: "deployed", Revision: 2,
		ChartDigest: of.Chart, ValuesDigest: of.Values}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("list: -want +got:\n%s", diff)
	}
	for range 2 { // the second time there is nothing
		if err := client.Uninstall(t.Context(), "default", "one"); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := client.List(t.Context(), "default"); err != nil || len(list) != 0 {
		t.Errorf("after uninstall: %v, %v", list, err)
	}
}

func TestUnreachableCluster(t *testing.T) {
	client, err := New(&rest.Config{Host: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Ensure(t.Context(), Release{Name: "one", Namespace: "ns", Chart: app(t)})
	if err == nil || !strings.Contains(err.Error(), "install chart app 1.2.3 as release one in namespace ns: ") || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("install: got %v", err)
	}
	if err := client.Uninstall(t.Context(), "ns", "one"); err == nil || !strings.Contains(err.Error(), "uninstall release one in namespace ns: ") {
		t.Errorf("uninstall: got %v", err)
	}
	if _, err := client.List(t.Context(), ""); err == nil {
		t.Error("list: got no error")
	}
}

func TestRESTClientGetter(t *testing.T) {
	client, err := New(&rest.Config{Host: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	namespace, _, err := client.RESTClientGetter("onap").ToRawKubeConfigLoader().Namespace()
	if err != nil || namespace != "onap" {
		t.Errorf("namespace %q, error %v; want onap", namespace, err)
	}
}

func TestKeys(t *testing.T) {
	if got := Keys(app(t)); !slices.Equal(got, []string{"size"}) {
		t.Errorf("got %v", got)
	}
}

package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// workload is a template as OOM's charts had them in 2018.
const workload = `apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}, namespace: {{ .Release.Namespace }}}
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: {{ .Chart.Name }}, release: {{ .Release.Name }}}
      annotations: {sidecar.istio.io/inject: "{{ .Values.istioSidecar }}"}
    spec:
      containers:
      - {name: {{ .Chart.Name }}, image: nexus3.onap.org:10001/onap/vfc/nslcm:1.0}
`

// smallTree is a checkout of OOM with one workload in each chart; files are
// written over it.
func smallTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{"onap/Chart.yaml": "name: onap\nversion: 4.0.0\n", "onap/values.yaml": "global: {}\n"}
	for _, name := range []string{"msb", "multicloud", "vfc"} {
		all[name+"/Chart.yaml"] = "name: " + name + "\nversion: 4.0.0\n"
		all[name+"/values.yaml"] = "istioSidecar: true\n"
		all[name+"/templates/deployment.yaml"] = workload
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		file := filepath.Join(dir, "kubernetes", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// onTree is a conductor for the charts of the folder.
func onTree(t *testing.T, c config.Config, dir string) *Conductor {
	t.Helper()
	c.Charts = "oom:" + dir
	c.Places = config.Places{State: t.TempDir(), Runs: t.TempDir()}
	return &Conductor{Config: c.WithDefaults()}
}

// TestChartsSay: what a release should be that no catalogue has is what its
// charts say, and it is kept with the run.
func TestChartsSay(t *testing.T) {
	c := onTree(t, config.Config{Release: "dublin", Policy: "disabled"}, smallTree(t, nil))
	profile, err := c.Config.ResolveProfile()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.checkCharts(t.Context(), profile); err != nil {
		t.Fatal(err)
	}
	j, err := c.begin(t.Context(), profile, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	env, err := c.newEnv(Order{Folder: j.folder, Run: profile.Stages[0], Date: j.date})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range env.Release.Workloads {
		names = append(names, w.Name)
	}
	if diff := cmp.Diff([]string{"msb-msb", "multicloud-multicloud", "vfc-vfc"}, names); diff != "" {
		t.Errorf("workloads -want +got:\n%s", diff)
	}
	if env.Policy != catalogue.Disabled || env.Today != verdict.DayOf(j.date) {
		t.Errorf("policy %s, today %s", env.Policy, env.Today)
	}
}

// TestPolicyOfTheStage: the stage's policy goes before the release's own.
func TestPolicyOfTheStage(t *testing.T) {
	c := &Conductor{}
	for _, s := range []struct {
		stage verdict.Stage
		want  catalogue.Policy
	}{
		{verdict.Stage{Release: "blog"}, catalogue.Disabled},
		{verdict.Stage{Release: "blog", Policy: "enabled"}, catalogue.Enabled},
	} {
		release, err := c.release(t.Context(), s.stage)
		if err != nil || release.Policy != s.want {
			t.Errorf("%s: policy %v, %v", s.stage.Name(), release, err)
		}
	}
}

// TestBadCharts: charts that are wrong, and wrong values for good ones, are
// wrong use of the flag that gave them.
func TestBadCharts(t *testing.T) {
	good := smallTree(t, nil)
	for name, c := range map[string]struct {
		config config.Config
		dir    string
		field  string
		parts  []string
	}{
		"no folder":        {config.Config{}, filepath.Join(good, "none"), "--charts", []string{"none"}},
		"no charts":        {config.Config{}, t.TempDir(), "--charts", nil},
		"a template error": {config.Config{}, smallTree(t, map[string]string{"vfc/templates/deployment.yaml": "{{ .Values.x.y.z }}"}), "--charts", []string{"vfc"}},
		"a missing chart": {config.Config{}, smallTree(t, map[string]string{
			"msb/requirements.yaml": "dependencies:\n- {name: lost, version: ~4.x-0, repository: '@local'}\n"}), "--charts", []string{"lost"}},
		"an unknown chart beside": {config.Config{ExtraCharts: []string{"soo"}}, good, "--charts", []string{"soo"}},
		"a section that is none":  {config.Config{Set: []string{"mbs.x=1"}}, good, "--values/--set", []string{"mbs"}},
	} {
		t.Run(name, func(t *testing.T) {
			conductor := onTree(t, c.config, c.dir)
			profile, err := conductor.Config.ResolveProfile()
			if err != nil {
				t.Fatal(err)
			}
			err = conductor.checkCharts(t.Context(), profile)
			var usage *config.UsageError
			if !errors.As(err, &usage) || usage.Field != c.field {
				t.Fatalf("got %v, want wrong use of %s", err, c.field)
			}
			for _, part := range c.parts {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
		})
	}
}

// TestWaiverFile: the user's waivers go before the release's own, are kept with
// the run, and a wrong file is wrong use.
func TestWaiverFile(t *testing.T) {
	specs := []spec.Spec{{ID: "hygiene.limits", Waivable: []verdict.Kind{"no-limits"}}}
	file := filepath.Join(t.TempDir(), "w.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := &Conductor{Specs: specs, Config: config.Config{Release: "blog", Waivers: file, Places: config.Places{State: t.TempDir(), Runs: t.TempDir()}}}
	write("waivers: [{spec: hygiene.limits, kind: no-limit, object: x, owner: o, reason: r, expires: 2030-01-01}]")
	var usage *config.UsageError
	if err := c.checkWaivers(); !errors.As(err, &usage) || usage.Field != "--waivers" || !strings.Contains(err.Error(), "no-limit") {
		t.Errorf("a kind that nothing finds: %v", err)
	}
	write("waivers: [{spec: hygiene.limits, kind: no-limits, object: x, owner: o, reason: r, expires: 2030-01-01}]")
	if err := c.checkWaivers(); err != nil {
		t.Fatal(err)
	}
	j, err := c.begin(t.Context(), verdict.OfRelease("blog"), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	write("gone: true")
	got, own, err := c.waiversOf("blog", j.folder)
	want := []verdict.Waiver{{Spec: "hygiene.limits", Kind: "no-limits", Object: "x", Owner: "o", Reason: "r", Expires: "2030-01-01"}}
	if diff := cmp.Diff(want, got); err != nil || !own || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

package oom_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom"
)

// depends is a chart app with the dependency.
func depends(dependency string, more files) files {
	out := files{"app/Chart.yaml": appChart, "app/requirements.yaml": "dependencies: [{" + dependency + "}]"}
	for name, text := range more {
		out[name] = text
	}
	return out
}

func TestOpenRefuses(t *testing.T) {
	many := fstest.MapFS{}
	for i := range 100_001 {
		many[fmt.Sprintf("folder/%d", i)] = &fstest.MapFile{}
	}
	for name, c := range map[string]struct {
		files files
		want  string
	}{
		"the checkout": {files{"kubernetes/app/Chart.yaml": appChart, "kubernetes/lib/Chart.yaml": libChart, "docs/x/y/Chart.yaml": appChart},
			"read the chart tree: no charts at its top; name its folder kubernetes"},
		"above the checkout": {files{"src/oom/kubernetes/app/Chart.yaml": appChart}, "name its folder src/oom/kubernetes"},
		"one chart":          {files{"Chart.yaml": appChart, "charts/lib/Chart.yaml": libChart}, "the folder is one chart; name the folder above it"},
		"something else":     {files{"main.go": "package main"}, "no Chart.yaml in it; name the folder kubernetes of an OOM checkout"},
		"nothing":            {nil, "no Chart.yaml in it"},
	} {
		if _, err := oom.Open(c.files.fs()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	if _, err := oom.Open(many); err == nil || !strings.Contains(err.Error(), "more than 100000 files") {
		t.Errorf("many files: got %v", err)
	}
}

func badDependencies() map[string]struct {
	files files
	want  string
} {
	return map[string]struct {
		files files
		want  string
	}{
		"cycle": {depends("name: b, version: 1.x, repository: '@local'", files{
			"b/Chart.yaml": "{apiVersion: v2, name: b, version: 1.0.0, dependencies: [{name: app, version: 4.x, repository: 'file://../app'}]}"}),
			"chart app: app/requirements.yaml: charts depend on each other in a circle: app → b → app; remove one of these dependencies"},
		"itself": {depends("name: app, version: 4.x, repository: '@local'", nil), "in a circle: app → app"},
		"out of the tree": {depends("name: lib, version: 4.x, repository: 'file://../../lib'", nil),
			"chart app: app/requirements.yaml: dependency lib leads out of the tree: file://../../lib; name a folder of the tree, relative to the chart"},
		"absolute path": {depends("name: lib, version: 4.x, repository: 'file:///etc'", nil), "leads out of the tree: file:///etc"},
		"another name": {depends("name: db, version: 4.x, repository: 'file://../lib'", files{"lib/Chart.yaml": libChart}),
			"dependency db names lib, which is chart lib; correct name or repository"},
		"another version": {depends("name: lib, version: 5.x, repository: 'file://../lib'", files{"lib/Chart.yaml": libChart}),
			"dependency lib wants version 5.x, but lib is 4.0.7; correct version or repository"},
		"two of one name": {depends("name: lib, version: 4.x, repository: '@local'", files{"a/lib/Chart.yaml": libChart, "b/lib/Chart.yaml": libChart}),
			"chart app: app/requirements.yaml: dependency lib is answered by both a/lib and b/lib; rename one, or name the folder with a file:// repository"},
		"listed twice in two ways": {depends("name: lib, version: 4.x, repository: '@local'}, {name: lib, version: 5.x, repository: '@local'", files{"lib/Chart.yaml": libChart}),
			`chart app: app/requirements.yaml: validation: more than one dependency with name or alias "lib"; correct it`},
		"empty": {depends("}, null, {name: lib", files{"lib/Chart.yaml": libChart}), "chart app: app/requirements.yaml: validation: dependencies must not contain empty or null nodes"},
		"two of one name below charts": {files{"app/Chart.yaml": appChart, "app/charts/a/Chart.yaml": libChart, "app/charts/b/Chart.yaml": libChart},
			"chart app: app/charts: two charts in it have the name lib; remove or rename one of them"},
		"a chart of the dependency is bad": {depends("name: lib, version: 4.x, repository: '@local'", files{"lib/Chart.yaml": "name: lib\nversion: [1]"}),
			"chart lib: lib/Chart.yaml: "},
	}
}

func badFiles(t *testing.T) map[string]struct {
	files files
	want  string
} {
	return map[string]struct {
		files files
		want  string
	}{
		"values that are no YAML": {files{"app/Chart.yaml": appChart, "app/values.yaml": "a: [b"},
			"chart app: app/values.yaml: cannot load values.yaml: "},
		"values too large": {files{"app/Chart.yaml": appChart, "app/values.yaml": strings.Repeat("x: yy\n", 100<<20/6)},
			"chart app: app/values.yaml: it is larger than 5 MiB; make it a readable file of at most 5 MiB"},
		"values in UTF-16": {files{"app/Chart.yaml": appChart, "app/values.yaml": "\xff\xfea\x00:\x00"},
			"chart app: app/values.yaml: line 1 is not UTF-8 text; save it as UTF-8"},
		"template in Latin-1": {files{"app/Chart.yaml": appChart, "app/templates/a.yaml": "a: b\nname: M\xfcller\n"},
			"chart app: app/templates/a.yaml: line 2 is not UTF-8 text; save it as UTF-8"},
		"Chart.yaml in Latin-1": {files{"app/Chart.yaml": appChart + "description: \xe9\n", "lib/Chart.yaml": libChart},
			"chart app: app/Chart.yaml: line 4 is not UTF-8 text"},
		"Chart.yaml that is no YAML": {files{"app/Chart.yaml": "name: [app"}, "chart app: app/Chart.yaml: error converting YAML to JSON: "},
		"no version":                 {files{"app/Chart.yaml": "name: app"}, "chart app: app/Chart.yaml: validation: chart.metadata.version is required; correct it"},
		"a name that is a path":      {files{"app/Chart.yaml": v1 + "name: ../app\nversion: 1.0.0"}, `chart.metadata.name "../app" is invalid`},
		"no Chart.yaml":              {files{"app/values.yaml": "", "lib/Chart.yaml": libChart}, "chart app: app: the folder has no Chart.yaml; add it"},
		"no Chart.yaml below charts": {files{"app/Chart.yaml": appChart, "app/charts/db/values.yaml": ""}, "chart app: app/charts/db: it has no Chart.yaml; add Chart.yaml or remove the folder"},
		"no such chart":              {files{"lib/Chart.yaml": libChart, "db/Chart.yaml": v1 + "name: db\nversion: 1.0.0"}, "chart app: app: no such chart in the tree; it has db, lib"},
		"two at the top":             {files{"a/Chart.yaml": appChart, "b/Chart.yaml": appChart}, "chart app: a and b: both are charts of that name; rename one of them, or name the folder"},
		"patterns Helm does not know": {files{"app/Chart.yaml": appChart, "app/.helmignore": "**/x"},
			"chart app: app/.helmignore: double-star (**) syntax is not supported; write patterns as Helm knows them"},
		"archive with a path out of it": {files{"app/Chart.yaml": appChart, "app/charts/db.tgz": oomtest.Archive(t, files{"db/Chart.yaml": libChart, "db/../../../x": "x"})},
			"chart app: app/charts/db.tgz: chart illegally references parent directory; package the chart again"},
		"archive with an absolute path": {files{"app/Chart.yaml": appChart, "app/charts/db.tgz": oomtest.Archive(t, files{"db//etc/passwd": "x"})},
			"chart app: app/charts/db.tgz: chart illegally contains absolute paths"},
		"archive with a large file": {files{"app/Chart.yaml": appChart, "app/charts/db.tgz": oomtest.Archive(t, files{"db/values.yaml": strings.Repeat("x", 6<<20)})},
			`chart app: app/charts/db.tgz: decompressed chart file "db/values.yaml" is larger than the maximum file size`},
		"archive that is none": {files{"app/Chart.yaml": appChart, "app/charts/db.tgz": "x"}, "chart app: app/charts/db.tgz: "},
		"archive without a chart": {files{"app/Chart.yaml": appChart, "app/charts/db.tgz": oomtest.Archive(t, files{"db/values.yaml": ""})},
			"chart app: app/charts/db.tgz: it has no Chart.yaml"},
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, table := range []map[string]struct {
		files files
		want  string
	}{badDependencies(), badFiles(t)} {
		for name, c := range table {
			t.Run(name, func(t *testing.T) {
				c.files["other/Chart.yaml"] = v1 + "name: other\nversion: 1.0.0"
				tree := open(t, c.files)
				if _, err := tree.Load("other"); err != nil {
					t.Errorf("the fault is not other's: %v", err)
				}
				want := strings.Replace(c.want, "it has db, lib", "it has db, lib, other", 1)
				if loaded, err := tree.Load("app"); err == nil || loaded != nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			})
		}
	}
}

func TestTooMuch(t *testing.T) {
	large := files{"app/Chart.yaml": appChart}
	for i := range 21 {
		large["app/resources/"+string(rune('a'+i))] = strings.Repeat("x", 5<<20)
	}
	// Each level wants both charts of the next one: 2^15 copies.
	wide := files{}
	for level := range 15 {
		for _, side := range []string{"left", "right"} {
			wide[fmt.Sprintf("%s%d/Chart.yaml", side, level)] = fmt.Sprintf("{apiVersion: v2, name: %s%d, version: 1.0.0, dependencies: "+
				"[{name: left%[3]d, version: 1.x, repository: '@local'}, {name: right%[3]d, version: 1.x, repository: '@local'}]}", side, level, level+1)
		}
	}
	for name, c := range map[string]struct {
		files files
		want  string
	}{
		"app":   {large, "chart app: app: with it the files of the chart are more than 100 MiB"},
		"left0": {wide, "with it more than 5000 charts are needed"},
	} {
		if _, err := open(t, c.files).Load(name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestLinksAreRefused(t *testing.T) {
	link := &fstest.MapFile{Data: []byte("../../etc"), Mode: fs.ModeSymlink}
	for name, want := range map[string]string{
		"app/templates/a.yaml": "chart app: app/templates/a.yaml: it is a link or no regular file, which is not followed; put the file itself there",
		"app/charts/db":        "chart app: app/charts/db: it is a link",
		"elsewhere":            "",
	} {
		tree := files{"app/Chart.yaml": appChart, "app/values.yaml": "a: b"}.fs()
		tree[name] = link
		opened, err := oom.Open(tree)
		if err != nil {
			t.Fatal(err)
		}
		_, err = opened.Load("app")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

func TestPathsAreRefused(t *testing.T) {
	tree := open(t, files{"app/Chart.yaml": appChart})
	for _, name := range []string{"../app", "/etc", "", "app/../app"} {
		if _, err := tree.Load(name); err == nil || !strings.Contains(err.Error(), "it is no path in the tree") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestRenderingSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ template, want string }{
		"no such function": {"{{ nonsense }}", `(app/templates/a.yaml:1): function "nonsense" not defined`},
		"no value":         {"\n{{ .Values.a.b }}", "app/templates/a.yaml:2:"},
		"not closed":       {"{{ if }}", "app/templates/a.yaml:1"},
		"broken YAML":      {object("a") + "data: [", "a.yaml"},
	} {
		loaded := load(t, files{"app/Chart.yaml": appChart, "app/templates/a.yaml": c.template}, "app")
		if _, err := chart.RenderAll(loaded.Chart, "dev", "onap", nil); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "render chart app 4.0.0 as release dev") {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestMissing(t *testing.T) {
	loaded := load(t, files{
		"app/Chart.yaml": appChart,
		"app/requirements.yaml": `dependencies:
- {name: part, version: 1.x, repository: '@local', condition: part.enabled}
- {name: gone, version: ~2.x-0, repository: '@local', condition: 'gone.enabled, odd:key'}`,
		"app/values.yaml":   "{part: {enabled: false, redis: {enabled: true}}, gone: {enabled: false}}",
		"part/Chart.yaml":   "{apiVersion: v2, name: part, version: 1.0.0, dependencies: [{name: redis, version: 19.1.0, repository: 'https://charts.example.org', condition: redis.enabled}]}",
		"x/gone/Chart.yaml": v1 + "name: gone\nversion: 1.0.0",
	}, "app")
	redis := oom.Missing{Chart: "app/part", File: "part/Chart.yaml", Name: "redis", Version: "19.1.0", Repository: "https://charts.example.org", Condition: "part.redis.enabled", Why: "the tree has no chart of that name"}
	gone := oom.Missing{Chart: "app", File: "app/requirements.yaml", Name: "gone", Version: "~2.x-0", Repository: "@local", Condition: "gone.enabled, odd:key", Why: "the tree has only 1.0.0 in x/gone"}
	for values, want := range map[string][]oom.Missing{
		"":                      nil,
		"part: {enabled: true}": {redis},
		"{part: {enabled: true, redis: {enabled: false}}}":       nil,
		"{part: {enabled: true}, gone: {enabled: true}}":         {redis, gone},
		"{part: {enabled: false}, gone: {enabled: true, a: {}}}": {gone},
	} {
		given, err := chart.ParseValues([]byte(values))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // it leaves the chart as it is
			got, err := loaded.Missing(given)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", values, diff)
			}
		}
		_, err = chart.RenderAll(loaded.Chart, "dev", "onap", given)
		if (err != nil) != (want != nil) || err != nil && !strings.Contains(err.Error(), want[0].Name) {
			t.Errorf("%s: render: %v", values, err)
		}
	}
	if diff := cmp.Diff(map[string]any{"part": map[string]any{"enabled": false}, "gone": map[string]any{"enabled": false}, "odd:key": false}, loaded.Disabled()); diff != "" {
		t.Errorf("disabled: -want +got:\n%s", diff)
	}
	if got, want := gone.String(), `chart app: app/requirements.yaml: dependency gone (version "~2.x-0", repository "@local") is enabled, but the tree has only 1.0.0 in x/gone; put the chart into the tree, or disable it with gone.enabled, odd:key`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

package oom_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/oom"
)

const (
	v1       = "apiVersion: v1\n"
	appChart = v1 + "name: app\nversion: 4.0.0\n"
	libChart = v1 + "name: lib\nversion: 4.0.7\n"
	libTpl   = `{{ define "lib.name" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end }}`
	useLib   = `{{ include "lib.name" . }}`
)

// traitCase is a small tree with one trait.
type traitCase struct {
	files files
	// want are the objects that chart app renders to.
	want  []string
	kinds []oom.Kind
}

func dependencyTraits() map[string]traitCase {
	return map[string]traitCase{
		"@local is a chart of that name, wherever it lies": {
			files: files{
				"app/Chart.yaml":                  appChart,
				"app/requirements.yaml":           "dependencies: [{name: lib, version: ~4.x-0, repository: '@local'}]",
				"app/templates/a.yaml":            object(useLib),
				"common/deep/lib/Chart.yaml":      libChart,
				"common/deep/lib/templates/_.tpl": libTpl,
			},
			want:  []string{"app-dev"},
			kinds: []oom.Kind{oom.LocalRepository, oom.RequirementsFile},
		},
		"dependencies in Chart.yaml, several ways to write file://": {
			files: files{
				"app/Chart.yaml": `{apiVersion: v2, name: app, version: 4.0.0, dependencies: [
					{name: one, version: ~4.x-0, repository: 'file://components/one/'}, {name: two, version: 4.0.0, repository: 'file://./components/../two'}, {name: lib, version: ~4.x-0, repository: 'file://../lib'}]}`,
				"app/templates/a.yaml":                object(useLib),
				"app/components/one/Chart.yaml":       v1 + "name: one\nversion: 4.0.0\n",
				"app/components/one/templates/b.yaml": object(useLib),
				"app/two/Chart.yaml":                  v1 + "name: two\nversion: 4.0.0\n",
				"app/two/templates/c.yaml":            object(useLib),
				"lib/Chart.yaml":                      libChart,
				"lib/templates/_.tpl":                 libTpl,
			},
			want:  []string{"app-dev", "one-dev", "two-dev"},
			kinds: []oom.Kind{oom.FileRepository},
		},
		"requirements below charts/ are resolved, templates of any copy of a library are used": {
			files: files{
				"app/Chart.yaml":                         appChart,
				"app/requirements.yaml":                  "dependencies: [{name: lib, version: ~4.x-0, repository: '@local'}]",
				"app/charts/inner/Chart.yaml":            v1 + "name: inner\nversion: 4.0.0\n",
				"app/charts/inner/requirements.yaml":     "dependencies: [{name: store, version: ~2.0.0, repository: '@local'}]",
				"app/charts/inner/templates/inner.yaml":  object(useLib),
				"common/store/Chart.yaml":                v1 + "name: store\nversion: 2.0.3\n",
				"common/store/templates/statefulset.yml": object(useLib),
				"common/lib/Chart.yaml":                  libChart,
				"common/lib/templates/_.tpl":             libTpl,
			},
			want:  []string{"inner-dev", "store-dev"},
			kinds: []oom.Kind{oom.LocalRepository, oom.RequirementsFile, oom.VendoredRequirements},
		},
		"a range is replaced by the version found, so that a condition counts; lists of conditions; a condition that is no path": {
			files: files{
				"app/Chart.yaml": appChart,
				"app/requirements.yaml": `dependencies:
- {name: none, version: ~3.x-0, repository: '@local', condition: none.enabled}
- {name: listed, version: ~3.x-0, repository: '@local', condition: 'app.listed.enabled,listed.enabled'}
- {name: some, version: ~3.x-0, repository: '@local', condition: not global.local}`,
				"app/values.yaml":              "{none: {enabled: false}, listed: {enabled: false}, global: {local: true}}",
				"none/Chart.yaml":              v1 + "name: none\nversion: 3.0.0-beta\n",
				"none/templates/a.yaml":        object("none"),
				"listed/Chart.yaml":            v1 + "name: listed\nversion: 3.1\n",
				"listed/templates/listed.yaml": object("listed"),
				"some/Chart.yaml":              v1 + "name: some\nversion: 3.0\n",
				"some/templates/a.yaml":        object("some"),
			},
			want:  []string{"some"},
			kinds: []oom.Kind{oom.IgnoredCondition, oom.LocalRepository, oom.RequirementsFile},
		},
	}
}

func choiceTraits() map[string]traitCase {
	return map[string]traitCase{
		"a chart below charts/ goes before one of the tree": {
			files: files{
				"app/Chart.yaml":                    appChart,
				"app/requirements.yaml":             "dependencies: [{name: db, version: ~9.x-0, repository: '@local', condition: db.enabled}]",
				"app/charts/db/Chart.yaml":          v1 + "name: db\nversion: 1.0.0\n",
				"app/charts/db/templates/inner.yml": object("inner"),
				"db/Chart.yaml":                     v1 + "name: db\nversion: 9.0.0\n",
				"db/templates/outer.yaml":           object("outer"),
			},
			want:  []string{"inner"},
			kinds: []oom.Kind{oom.RequirementsFile, oom.VendoredDependency},
		},
		"aliases share a chart, one is its name; the second listing is dropped": {
			files: files{
				"app/Chart.yaml": appChart,
				"app/requirements.yaml": `dependencies:
- {name: db, version: 1.x, repository: '@local'}
- {name: db, version: 1.x, repository: '@local'}
- {name: db, version: 1.x, repository: '@local', alias: second}
- {name: store, version: 1.x, repository: 'https://charts.example.org', alias: store}`,
				"db/Chart.yaml":             v1 + "name: db\nversion: 1.0.0\n",
				"db/templates/db.yaml":      object("{{ .Chart.Name }}"),
				"store/Chart.yaml":          v1 + "name: store\nversion: 1.0.0\n",
				"store/templates/store.yml": object("{{ .Chart.Name }}"),
			},
			want:  []string{"db", "second", "store"},
			kinds: []oom.Kind{oom.Alias, oom.ListedTwice, oom.LocalRepository, oom.OtherRepository, oom.RequirementsFile},
		},
		"two charts of one name: the one in range, then the nearest": {
			files: files{
				"app/Chart.yaml":                    appChart,
				"app/requirements.yaml":             "dependencies: [{name: lib, version: 13.x, repository: '@local'}, {name: near, version: 1.x, repository: '@local'}]",
				"common/lib/Chart.yaml":             v1 + "name: lib\nversion: 13.2.0\n",
				"common/lib/templates/a.yaml":       object("thirteen"),
				"common/mongo/lib/Chart.yaml":       v1 + "name: lib\nversion: 2.17.0\n",
				"common/mongo/lib/templates/a.yaml": object("two"),
				"app/parts/near/Chart.yaml":         v1 + "name: near\nversion: 1.0.0\n",
				"app/parts/near/templates/a.yaml":   object("near"),
				"near/Chart.yaml":                   v1 + "name: near\nversion: 1.0.1\n",
				"near/templates/a.yaml":             object("far"),
			},
			want:  []string{"near", "thirteen"},
			kinds: []oom.Kind{oom.LocalRepository, oom.RequirementsFile, oom.SameChartName},
		},
		"a missing chart that is disabled": {
			files: files{
				"app/Chart.yaml":        appChart,
				"app/requirements.yaml": "dependencies: [{name: gone, version: 1.x, repository: '@local', condition: gone.enabled}]",
				"app/values.yaml":       "gone: {enabled: false}",
				"app/templates/a.yaml":  object("app"),
			},
			want:  []string{"app"},
			kinds: []oom.Kind{oom.AbsentChart, oom.RequirementsFile},
		},
	}
}

func metadataTraits() map[string]traitCase {
	return map[string]traitCase{
		"no apiVersion, another name than the folder, fields of Helm 2, a lock, a starter": {
			files: files{
				"folder/Chart.yaml":            "name: app\nversion: 1.0\ntillerVersion: '>=2.7'\nengine: gotpl\n",
				"folder/requirements.lock":     "not: [a lock",
				"folder/templates/a.yaml":      object("app"),
				"helm/starters/app/Chart.yaml": "name: app\nversion: <VERSION>\n",
			},
			want:  []string{"app"},
			kinds: []oom.Kind{oom.NoAPIVersion, oom.OtherName},
		},
		"a template that merges over .Chart": {
			files: files{
				"app/Chart.yaml": appChart,
				"app/templates/a.yaml": `{{ $dot := . }}{{ $new := mergeOverwrite (deepCopy (omit $dot "Values")) (dict "Chart" (dict "Name" "other")) }}` +
					object("{{ $new.Chart.Name }}"),
			},
			want:  []string{"other"},
			kinds: []oom.Kind{oom.PatchedTemplate},
		},
		"one template name, two bodies: the upper chart's holds": {
			files: files{
				"app/Chart.yaml":                appChart,
				"app/templates/_.tpl":           `{{ define "app.name" }}upper{{ end }}`,
				"app/templates/a.yaml":          object(`{{ include "app.name" . }}`),
				"app/charts/low/Chart.yaml":     v1 + "name: low\nversion: 1.0.0\n",
				"app/charts/low/templates/.tpl": `{{ define "app.name" }}hidden{{ end }}`,
				"app/charts/low/templates/_.tp": `{{ define "app.name" }}lower{{ end }}`,
			},
			want:  []string{"upper"},
			kinds: []oom.Kind{oom.SameTemplateName},
		},
	}
}

func fileTraits(t *testing.T) map[string]traitCase {
	return map[string]traitCase{
		"files belong to the nearest chart, .helmignore counts, a Chart.yaml may be data": {
			files: files{
				"app/Chart.yaml":                         appChart,
				"app/.helmignore":                        "# what make leaves\n*.bak\nignored/\n/charts/old\n",
				"app/templates/a.yaml":                   object(`{{ range $path, $_ := .Files.Glob "**" }}{{ $path }} {{ end }}`),
				"app/templates/b.yaml.bak":               object("bak"),
				"app/resources/config.txt":               "x",
				"app/resources/Chart.yaml":               "data",
				"app/ignored/x.txt":                      "x",
				"app/charts/README.md":                   "x",
				"app/charts/old/Chart.yaml":              v1 + "name: old\nversion: 1.0.0\n",
				"app/charts/old/templates/a.yaml":        object("old"),
				"app/charts/_draft/values.yaml":          "x: y",
				"app/charts/inner/Chart.yaml":            v1 + "name: inner\nversion: 1.0.0\n",
				"app/charts/inner/resources/x.txt":       "x",
				"app/charts/inner/templates/a.yaml":      object(`{{ range $path, $_ := .Files.Glob "**" }}{{ $path }} {{ end }}`),
				"app/components/part/Chart.yaml":         v1 + "name: part\nversion: 1.0.0\n",
				"app/components/part/resources/part.txt": "x",
			},
			want: []string{".helmignore resources/Chart.yaml resources/config.txt ", "resources/x.txt "},
		},
		"hooks, output that is another one each time, a comment that is not UTF-8": {
			files: files{
				"app/Chart.yaml":       appChart,
				"app/templates/a.yaml": "# Copyright \xa9 2017\n" + object("{{ randAlphaNum 5 | len }}"),
				"app/templates/b.yaml": "{{/* now is not called */}}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: hook, annotations: {helm.sh/hook: post-install}}\n",
			},
			want:  []string{"5", "hook"},
			kinds: []oom.Kind{oom.Hook, oom.RandomOutput, oom.WrongEncoding},
		},
		"a packaged chart below charts/, with requirements": {
			files: files{
				"app/Chart.yaml":        appChart,
				"app/requirements.yaml": "dependencies: [{name: packed, version: 1.x, repository: '@local'}]",
				"app/charts/packed-1.0.0.tgz": oomtest.Archive(t, files{
					"packed/Chart.yaml":                  v1 + "name: packed\nversion: 1.0.0\n",
					"packed/requirements.yaml":           "dependencies: [{name: lib, version: 4.x, repository: '@local'}]",
					"packed/templates/a.yaml":            object(useLib),
					"packed/charts/deep/Chart.yaml":      v1 + "name: deep\nversion: 1.0.0\n",
					"packed/charts/deep/templates/a.yml": object("deep"),
				}),
				"lib/Chart.yaml":      libChart,
				"lib/templates/_.tpl": libTpl,
			},
			want:  []string{"deep", "packed-dev"},
			kinds: []oom.Kind{oom.Archive, oom.LocalRepository, oom.RequirementsFile, oom.VendoredDependency, oom.VendoredRequirements},
		},
	}
}

func TestTraits(t *testing.T) {
	for _, table := range []map[string]traitCase{dependencyTraits(), choiceTraits(), metadataTraits(), fileTraits(t)} {
		for name, c := range table {
			t.Run(name, func(t *testing.T) {
				loaded := load(t, c.files, "app")
				if diff := cmp.Diff(c.want, rendered(t, loaded, "")); diff != "" {
					t.Errorf("objects: -want +got:\n%s", diff)
				}
				if diff := cmp.Diff(c.kinds, kinds(loaded)); diff != "" {
					t.Errorf("traits: -want +got:\n%s\n%v", diff, loaded.Traits)
				}
			})
		}
	}
}

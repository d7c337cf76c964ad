package onap_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/internal/oomtest"
	"github.com/onap/meshcert/framework/provision/onap"
)

// TestBadTrees: each fault of a tree is one error that says where it is and what
// to do, and there is no plan.
func TestBadTrees(t *testing.T) {
	for name, c := range map[string]struct {
		tree files
		want []string
	}{
		"cycle": {files{"msb/requirements.yaml": "dependencies: [{name: vfc, version: 2.x, repository: '@local'}]", "vfc/requirements.yaml": "dependencies: [{name: msb, version: 2.x, repository: '@local'}]"},
			[]string{"charts depend on each other in a circle: msb → vfc → msb", "remove one of these dependencies"}},
		"missing dependency": {files{"vfc/requirements.yaml": "dependencies: [{name: gone, version: 2.x, repository: '@local', condition: gone.enabled}]", "vfc/values.yaml": "gone: {enabled: true}"},
			[]string{"chart vfc: vfc/requirements.yaml: dependency gone", "put the chart into the tree, or disable it with gone.enabled"}},
		"template error":         {files{"msb/templates/b.yaml": "\n{{ .Values.a.b }}"}, []string{"render chart msb 2.0.0", "msb/templates/b.yaml:2:"}},
		"no such function":       {files{"msb/templates/b.yaml": "{{ nonsense }}"}, []string{`function "nonsense" not defined`}},
		"YAML error":             {files{"msb/templates/b.yaml": "kind: [\n"}, []string{"render chart msb 2.0.0", "msb/templates/b.yaml"}},
		"path out of archive":    {files{"msb/charts/db.tgz": oomtest.Archive(t, files{"db/Chart.yaml": "name: db\nversion: 1.0.0\n", "db/../../../x": "x"})}, []string{"chart msb: msb/charts/db.tgz: chart illegally references parent directory"}},
		"path out of tree":       {files{"msb/requirements.yaml": "dependencies: [{name: db, version: 1.x, repository: 'file://../../db'}]"}, []string{"dependency db leads out of the tree"}},
		"100 MB of values":       {files{"msb/values.yaml": strings.Repeat("x: yy\n", 100<<20/6)}, []string{"chart msb: msb/values.yaml: it is larger than 5 MiB"}},
		"a value of a billion":   {files{"msb/values.yaml": laughs()}, []string{"chart msb: msb/values.yaml: ", "document contains excessive aliasing; correct its YAML"}},
		"an object of a billion": {files{"msb/templates/b.yaml": laughs()}, []string{"render chart msb 2.0.0", "msb/templates/b.yaml", "document contains excessive aliasing"}},
		"a template without end": {files{"msb/templates/b.yaml": `{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}`}, []string{"render chart msb 2.0.0", "rendering template has a nested reference name: x"}},
		"two charts of a name":   {files{"msb2/Chart.yaml": "apiVersion: v1\nname: msb\nversion: 2.0.0\n"}, []string{"dependency msb is answered by both msb and msb2"}},
		"two objects of a name": {files{"msb/templates/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting}\n"},
			[]string{"make static chart msb 2.0.0: there are two of ConfigMap onap/greeting"}},
		"wrong encoding": {files{"msb/values.yaml": "greeting: M\xfcller\n"}, []string{"msb/values.yaml: line 1 is not UTF-8 text; save it as UTF-8"}},
		"an API that is gone": {files{"msb/templates/b.yaml": "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\n"},
			[]string{"migrate PodSecurityPolicy p: apiVersion: Kubernetes 1.34 does not serve PodSecurityPolicy"}},
		"a field of a wrong type": {files{"msb/templates/b.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: 80}\n"},
			[]string{"Service s: spec.ports: 80 stands where a list is wanted"}},
		"a registration that is no JSON": {files{"msb/templates/b.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {msb.onap.org/service-info: '[{'}}\nspec: {selector: {app: msb-iag}, ports: [{port: 80}]}\n"},
			[]string{"service s: annotation msb.onap.org/service-info"}},
	} {
		t.Run(name, func(t *testing.T) {
			tree := smallTree()
			maps.Copy(tree, c.tree)
			plan, err := onap.NewPlan(t.Context(), onap.Options{Release: named("small"), Source: parsed(t, "oom:"+write(t, tree)), StandIns: true})
			if err == nil || plan != nil {
				t.Fatalf("got a plan: %v", plan)
			}
			for _, want := range append(c.want, "charts of release small (oom:") {
				if strings.Count(err.Error(), want) != 1 {
					t.Errorf("the error does not say %q once: %.600s", want, err)
				}
			}
		})
	}
}

// laughs is a short text of YAML that stands for a very long one.
func laughs() string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		text += fmt.Sprintf("a%d: &a%[1]d [%s*a%[3]d]\n", i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	return text
}

// TestLinkOutOfTree: a link is not followed, wherever it leads.
func TestLinkOutOfTree(t *testing.T) {
	for _, link := range []string{"msb/values.yaml", "msb/templates/more", "vfc/charts/vfc-db/templates"} {
		checkout := write(t, smallTree())
		at := filepath.Join(checkout, "kubernetes", link)
		if err := errors.Join(os.RemoveAll(at), os.Symlink(t.TempDir(), at)); err != nil {
			t.Fatal(err)
		}
		_, err := onap.NewPlan(t.Context(), onap.Options{Release: named("small"), Source: parsed(t, "oom:"+checkout)})
		if want := link + ": it is a link or no regular file, which is not followed; put the file itself there"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// TestBadOptions: what is asked for and cannot be is an error that says so.
func TestBadOptions(t *testing.T) {
	small := parsed(t, "oom:"+write(t, smallTree()))
	for name, c := range map[string]struct {
		options onap.Options
		want    string
	}{
		"no release":             {onap.Options{Source: small}, "the release has no name"},
		"no such folder":         {onap.Options{Release: named("small"), Source: parsed(t, "oom:/no/such/folder")}, "charts of release small (oom:/no/such/folder): open /no/such/folder: no such file or directory; name the folder of an OOM checkout"},
		"no checkout":            {onap.Options{Release: named("small"), Source: parsed(t, "oom:"+t.TempDir())}, "no Chart.yaml in it"},
		"no such chart":          {onap.Options{Release: named("small"), Source: small, Extra: []string{"aai"}}, "chart aai: aai: no such chart in the tree; it has extra, msb, multicloud, onap, vfc"},
		"no built-in chart":      {onap.Options{Release: load(t, "blog"), Extra: []string{"aai"}}, "there is no built-in chart aai"},
		"no built-in release":    {onap.Options{Release: named("dublin")}, "there are no charts for release dublin"},
		"no such section":        {onap.Options{Release: named("small"), Source: small, Set: []string{"mbs.greeting=x"}}, "value mbs: there is no such value; known here: extra, global, msb"},
		"a section that is none": {onap.Options{Release: named("small"), Source: small, Set: []string{"msb=x"}}, "value msb: x is no mapping"},
		"no such override":       {onap.Options{Release: named("small"), Source: small, Without: []string{"flavour"}}, `override "flavour": there is none of that name; there are pull-policy, flavor,`},
		"no server":              {onap.Options{Release: named("small"), Source: parsed(t, "repo:http://127.0.0.1:1/charts@2.0.0")}, "charts of release small (repo:http://127.0.0.1:1/charts@2.0.0): pull chart onap 2.0.0 from http://127.0.0.1:1/charts: "},
	} {
		if _, err := onap.NewPlan(t.Context(), c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

// TestMasterPassword: without stand-ins nobody guesses a password; the error
// names the value.
func TestMasterPassword(t *testing.T) {
	tree := smallTree()
	tree["vfc/templates/secret.yaml"] = "apiVersion: v1\nkind: Secret\nmetadata: {name: p}\nstringData: {p: '{{ required \"masterPassword not provided\" .Values.global.masterPassword }}'}\n"
	options := onap.Options{Release: named("small"), Source: parsed(t, "oom:"+write(t, tree))}
	if _, err := onap.NewPlan(t.Context(), options); err == nil || !strings.HasSuffix(err.Error(), "masterPassword not provided; set it with --set global.masterPassword=…") {
		t.Errorf("got %v", err)
	}
	options.Set = []string{"global.masterPassword=mine"}
	if _, err := onap.NewPlan(t.Context(), options); err != nil {
		t.Error(err)
	}
}

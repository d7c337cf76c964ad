package fault

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	data "github.com/onap/meshcert/fixtures/faults"
	"github.com/onap/meshcert/framework/config"
)

// The least that a live and a recorded fault say.
const (
	live = `
layer: mesh
breaks: x
apply: [{edit: Deployment onap/x, with: .spec.replicas = 0}]
red: [{spec: sidecar.ready, kind: no-pods, object: Deployment onap/x}]`
	recorded = `
layer: mesh
breaks: x
evidence: [{spec: sidecar.ready, name: pods, with: '.evidence.items = []'}]
red: [{spec: sidecar.ready, kind: no-pods, object: Deployment onap/x}]`
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ id, text, want string }{
		"live":     {"a", live, ""},
		"recorded": {"a", recorded, ""},
		"everything": {"all-of-it", `
layer: msb
breaks: x
disturbs: [pods, graph.*, "metrics.[^l]*"]
quick: true
apply:
- {edit: MutatingWebhookConfiguration istio-sidecar-injector, with: 'del(.webhooks[0])'}
- {edit: Deployment onap/x, with: .spec.replicas = 0, until: gone}
- {edit: Gateway.networking.istio.io onap/x, with: del(.spec)}
- {create: {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}}
- {delete: Secret onap/sh.helm.release.v1.vfc.v1}
- {delete: 'ClusterRole system:node'}
- {restart: Deployment onap/x, until: at-once}
- {values: [a.b=c, "d="]}
- {request: {method: PUT, service: 'onap/x:80', path: '/y?z=1', body: '{"a": 1}', status: 200}}
clear:
- {restart: Deployment onap/x}
- {request: {method: DELETE, service: 'onap/x:http', path: /y, status: 100}}
- {request: {method: DELETE, service: 'onap/x:http', path: /y, status: 599}}
red: [{spec: sidecar.ready, kind: no-pods, object: Deployment onap/x}]`, ""},

		"no YAML":            {"a", "{", "a.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content"},
		"unknown field":      {"a", live + "\nwhy: x", `a.yaml: error unmarshaling JSON: while decoding JSON: json: unknown field "why"`},
		"unknown deep":       {"a", strings.ReplaceAll(live, "with:", "jq:"), `a.yaml: error unmarshaling JSON: while decoding JSON: json: unknown field "jq"`},
		"repeated field":     {"a", live + "\nlayer: msb", `a.yaml: error converting YAML to JSON: yaml: unmarshal errors:` + "\n" + `  line 6: key "layer" already set in map`},
		"needs":              {"a", live + "\nneeds: {backend: zipkin}", ""},
		"needs in vain":      {"a", live + "\nneeds: {backend: zipkin, protocol: opentelemetry}", `a.yaml: needs: no tracing is "opentelemetry to zipkin": use zipkin to jaeger, opentelemetry to jaeger, zipkin to zipkin`},
		"file name":          {"A_b", live, `A_b.yaml: file name: "A_b" is not in kebab-case, like vio-without-sidecar`},
		"layer":              {"a", strings.ReplaceAll(live, "mesh", "moon"), `a.yaml: layer: "moon" is none of workload, application, mesh, telemetry, msb, charts, cluster`},
		"no breaks":          {"a", strings.ReplaceAll(live, "breaks: x", "breaks: ' '"), `a.yaml: breaks: is empty; say in one clause what is broken`},
		"both ways":          {"a", live + "\nevidence: [{spec: a, name: b, with: .c = 1}]", "a.yaml: apply: exactly one of apply (on a cluster) and evidence (on what was recorded) is wanted"},
		"no way":             {"a", cut("apply"), "a.yaml: apply: exactly one of apply (on a cluster) and evidence (on what was recorded) is wanted"},
		"no red":             {"a", cut("red"), "a.yaml: red: is empty; name at least one spec that must notice"},
		"red without kind":   {"a", cut("red") + "\nred: [{spec: a}]", "a.yaml: red[0]: needs spec, kind and object: what the finding must name"},
		"red without object": {"a", cut("red") + "\nred: [{spec: a, kind: b}]", "a.yaml: red[0]: needs spec, kind and object: what the finding must name"},
		"red without spec":   {"a", cut("red") + "\nred: [{kind: a}]", "a.yaml: red[0]: needs spec, kind and object: what the finding must name"},
		"red of no spec":     {"a", cut("red") + "\nred: [{kind: a, object: b}]", "a.yaml: red[0]: needs spec, kind and object: what the finding must name"},
		"red of no kind":     {"a", cut("red") + "\nred: [{spec: a, object: b}]", "a.yaml: red[0]: needs spec, kind and object: what the finding must name"},
		"only for live": {"a", recorded + "\nalone: true\ndisturbs: [graph.*]\nquick: true\nclear: [{restart: Deployment a/b}]",
			"a.yaml: clear: is only for faults with apply\na.yaml: quick: is only for faults with apply\na.yaml: alone: is only for faults with apply\n" +
				"a.yaml: disturbs: is only for faults with apply\na.yaml: disturbs: says nothing beside alone; leave one of the two out"},
		"alone":                 {"a", live + "\nalone: true", ""},
		"alone and disturbs":    {"a", live + "\nalone: true\ndisturbs: [pods]", "a.yaml: disturbs: says nothing beside alone; leave one of the two out"},
		"disturbs no glob":      {"a", live + "\ndisturbs: [pods, 'a[']", `a.yaml: disturbs[1]: "a[" is not a valid glob: syntax error in pattern`},
		"disturbs once more":    {"a", live + "\ndisturbs: [graph.*, pods, graph.*]", `a.yaml: disturbs[2]: "graph.*" is there twice`},
		"clear that changes":    {"a", live + "\nclear: [{delete: Service a/b}]", "a.yaml: clear[0]: only restart and request can clear: nothing would put back another change"},
		"evidence without name": {"a", strings.ReplaceAll(recorded, "name: pods, ", ""), "a.yaml: evidence[0]: needs spec and name, as in artifacts/RELEASE/SPEC/NAME.json"},
		"evidence without jq":   {"a", strings.ReplaceAll(recorded, ", with: '.evidence.items = []'", ""), "a.yaml: evidence[0].with: is empty; a jq program is wanted"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse(c.id, []byte(c.text))
			if err == nil && f.ID != c.id {
				t.Errorf("id %q", f.ID)
			}
			if diff := cmp.Diff(c.want, message(err)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCheckActions(t *testing.T) {
	for action, want := range map[string]string{
		`{}`: ": exactly one of edit, create, delete, restart, values and request is wanted, not 0 ()",
		`{delete: Service a/b, restart: Deployment a/b}`:                               ": exactly one of edit, create, delete, restart, values and request is wanted, not 2 (delete, restart)",
		`{edit: Deployment a/b}`:                                                       ".with: is empty; a jq program is wanted",
		`{edit: Deployment a/b, with: '.a ==='}`:                                       `.with: jq program ".a ===": unexpected token "="`,
		`{edit: Deployment a/b, with: nonsense(1)}`:                                    `.with: jq program "nonsense(1)": function not defined: nonsense/1`,
		`{delete: Service a/b, with: .a = 1}`:                                          ".with: is only for edit",
		`{edit: deployment a/b, with: .a = 1}`:                                         `.edit: "deployment a/b" is neither KIND NAMESPACE/NAME nor KIND NAME`,
		`{delete: Service}`:                                                            `.delete: "Service" is neither KIND NAMESPACE/NAME nor KIND NAME`,
		`{delete: Service a/b/c}`:                                                      `.delete: "Service a/b/c" is neither KIND NAMESPACE/NAME nor KIND NAME`,
		`{delete: Namespace a}`:                                                        `.delete: "Namespace a" would take with it what it holds, which would not come back`,
		`{restart: StatefulSet a/b}`:                                                   `.restart: "StatefulSet a/b" is no Deployment`,
		`{restart: Deployment b}`:                                                      `.restart: "Deployment b" is no Deployment`,
		`{restart: Deployment a/b, until: dead}`:                                       `.until: "dead" is none of available, updated, gone, at-once`,
		`{edit: Service a/b, with: .a = 1, until: gone}`:                               ".until: is only for the edit or restart of a Deployment",
		`{delete: Deployment a/b, until: gone}`:                                        ".until: is only for the edit or restart of a Deployment",
		`{create: {kind: ConfigMap}}`:                                                  ".create: needs apiVersion, kind and metadata.name",
		`{create: {apiVersion: v1, metadata: {name: a}}}`:                              ".create: needs apiVersion, kind and metadata.name",
		`{create: {kind: ConfigMap, metadata: {name: a}}}`:                             ".create: needs apiVersion, kind and metadata.name",
		`{create: {apiVersion: v1, kind: ConfigMap}}`:                                  ".create: needs apiVersion, kind and metadata.name",
		`{request: {method: GET, service: '/b:80', path: /, status: 200}}`:             `.request.service: "/b:80" is not NAMESPACE/NAME:PORT`,
		`{request: {method: GET, service: 'a/:80', path: /, status: 200}}`:             `.request.service: "a/:80" is not NAMESPACE/NAME:PORT`,
		`{request: {method: GET, service: 'a/b:', path: /, status: 200}}`:              `.request.service: "a/b:" is not NAMESPACE/NAME:PORT`,
		`{request: {method: GET, service: 'a/b:80/c', path: /, status: 200}}`:          `.request.service: "a/b:80/c" is not NAMESPACE/NAME:PORT`,
		`{request: {method: GET, service: 'a/b:80', path: /, status: 99}}`:             `.request.status: 99 is no HTTP status; say which answer is wanted`,
		`{request: {method: GET, service: 'a/b:80', path: /, status: 600}}`:            `.request.status: 600 is no HTTP status; say which answer is wanted`,
		`{values: [a.b]}`:                                                              `.values: "a.b" is not KEY=VALUE`,
		`{request: {method: get, service: 'a/b:80', path: /, status: 200}}`:            `.request.method: "get" is no HTTP method, like PUT`,
		`{request: {method: GET, service: 'b:80', path: /, status: 200}}`:              `.request.service: "b:80" is not NAMESPACE/NAME:PORT`,
		`{request: {method: GET, service: a/b, path: /, status: 200}}`:                 `.request.service: "a/b" is not NAMESPACE/NAME:PORT`,
		`{request: {method: GET, service: 'a/b:80', path: x, status: 200}}`:            `.request.path: "x" is no path that begins with a slash`,
		`{request: {method: GET, service: 'a/b:80', path: /%zz, status: 200}}`:         `.request.path: "/%zz" is no path that begins with a slash`,
		`{request: {method: PUT, service: 'a/b:80', path: /, body: '{', status: 200}}`: `.request.body: is no JSON`,
		`{request: {method: GET, service: 'a/b:80', path: /}}`:                         `.request.status: 0 is no HTTP status; say which answer is wanted`,
	} {
		_, err := Parse("a", []byte(cut("apply")+"\napply:\n- {delete: Service x/x}\n- "+action))
		if diff := cmp.Diff("a.yaml: apply[1]"+want, message(err)); diff != "" {
			t.Errorf("%s, -want +got:\n%s", action, diff)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// cut is the live fault without the line of a field.
func cut(field string) string {
	var lines []string
	for _, line := range strings.Split(live, "\n") {
		if !strings.HasPrefix(line, field+":") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestLoad(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	all, err := load(fstest.MapFS{"b-c.yaml": file(recorded), "b.yaml": file(live), "a.yaml": file(live), "embed.go": file("package x")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "b-c"}, ids(all)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if all[0].Live() == all[2].Live() || all[0].Apply[0].Edit != "Deployment onap/x" {
		t.Errorf("got %+v", all)
	}
	if _, err := load(fstest.MapFS{"a.yaml": file(live), "b.yaml": file("layer: x")}); err == nil || !strings.Contains(err.Error(), "b.yaml: layer:") {
		t.Errorf("a bad file: %v", err)
	}
}

// TestCatalogue reads the real faults: every file is one.
func TestCatalogue(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(data.FS, "*.yaml")
	if err != nil || len(files) != len(all) || len(all) < 3 {
		t.Errorf("%d files, %d faults, %v", len(files), len(all), err)
	}
}

func ids(faults []Fault) []string {
	var all []string
	for _, f := range faults {
		all = append(all, f.ID)
	}
	return all
}

func TestFind(t *testing.T) {
	faults := []Fault{{ID: "istiod-gone"}, {ID: "jaeger-gone"}}
	if f, err := Find(faults, "jaeger-gone"); err != nil || f.ID != "jaeger-gone" {
		t.Errorf("got %v, %v", f, err)
	}
	_, err := Find(faults, "istiod-goen")
	var usage *config.UsageError
	if !errors.As(err, &usage) || usage.Field != "ID" {
		t.Fatalf("no usage error of ID: %v", err)
	}
	want := `ID: "istiod-goen" is not known; did you mean istiod-gone? (there are: istiod-gone, jaeger-gone)`
	if err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestSpecs(t *testing.T) {
	faults := []Fault{
		{ID: "b", Red: []Red{{Spec: "graph.dot"}, {Spec: "graph.dot", Kind: "other"}, {Spec: "graph.edges"}}},
		{ID: "a", Red: []Red{{Spec: "graph.dot"}}, Evidence: []Edit{{Spec: "graph.dot"}}},
	}
	if diff := cmp.Diff(map[string][]string{"graph.dot": {"a", "b"}, "graph.edges": {"b"}}, BySpec(faults)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := CheckSpecs(faults, []string{"graph.dot", "graph.edges"}); err != nil {
		t.Error(err)
	}
	faults[0].Disturbs = []string{"pods", "graph.*", "graph.e*"}
	if err := CheckSpecs(faults, []string{"graph.dot", "graph.edges"}); err != nil {
		t.Error(err)
	}
	faults[0].Disturbs[2] = "graphs.*"
	faults[1].Evidence[0].Spec = "graph.edges"
	want := `b.yaml: red[2].spec: "graph.edges" is not known; did you mean graph.edge? (there are: graph.dot, graph.edge)
b.yaml: disturbs[2]: matches no spec: "graphs.*" is not known (there are: graph.dot, graph.edge)
a.yaml: evidence[0].spec: "graph.edges" is not among its red specs [graph.dot]; its verdict would not be looked at
spec graph.edge: no fault turns it red; add one to fixtures/faults`
	if diff := cmp.Diff(want, message(CheckSpecs(faults, []string{"graph.dot", "graph.edge"}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

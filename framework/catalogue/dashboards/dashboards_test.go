package dashboards_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/internal/attack"
)

// istio are the dashboards of Istio's module, in the version go.mod pins.
func istio(t *testing.T) fs.FS {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", "istio.io/istio").Output()
	if err != nil {
		t.Fatalf("go mod download: %v", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	return os.DirFS(filepath.Join(module.Dir, "manifests", "addons", "dashboards"))
}

func load(t *testing.T, name string) (dashboards.Rules, dashboards.Dashboard) {
	t.Helper()
	rules, err := dashboards.LoadRules(name)
	if err != nil {
		t.Fatal(err)
	}
	dashboard, err := dashboards.Read(rules, istio(t))
	if err != nil {
		t.Fatal(err)
	}
	return rules, dashboard
}

// TestEveryQueryHasARule is red when a newer Istio has a dashboard, a panel or a
// query that nobody decided about.
func TestEveryQueryHasARule(t *testing.T) {
	ruled := map[string]bool{}
	queries := 0
	for _, name := range dashboards.Names() {
		rules, dashboard := load(t, name)
		ruled[rules.File] = true
		queries += len(dashboard.Queries)
		for _, q := range dashboard.Unruled(rules) {
			t.Errorf("%s.yaml says nothing of panel %d %q, query %s: %s", name, q.Panel, q.Title, q.Ref, q.Expr)
		}
	}
	files, err := fs.Glob(istio(t), "*-dashboard*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !ruled[file] {
			t.Errorf("Istio has dashboard %s, which no file in fixtures/dashboards names", file)
		}
	}
	if len(files) < 7 || queries < 236 {
		t.Errorf("%d dashboards with %d queries; Istio 1.31 has 7 with 236", len(files), queries)
	}
}

// TestBuiltIn: a build that has the dashboards has those of the module.
func TestBuiltIn(t *testing.T) {
	built, err := dashboards.BuiltIn()
	if err != nil {
		t.Skip(err)
	}
	for _, name := range dashboards.Names() {
		rules, want := load(t, name)
		got, err := dashboards.Read(rules, built)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is not the module's: run go generate ./fixtures/dashboards\n%s", rules.File, diff)
		}
	}
}

func TestRulesThatDoNotFit(t *testing.T) {
	_, whole := load(t, "mesh")
	for name, c := range map[string]struct{ rules, wrong string }{
		"another title":  {"title: Mine\nfile: f.json\nskip: x", `the dashboard's title is "Istio Mesh Dashboard", the rules' is "Mine"`},
		"no such file":   {"title: Istio Mesh Dashboard\nfile: g.json\nskip: x", "g.json"},
		"no such panel":  {mesh("- {id: 99, title: Odd, needs: [{queries: [A], traffic: http}]}"), `the dashboard's panel of that id is ""`},
		"another panel":  {mesh("- {id: 2, title: Odd, needs: [{queries: [A], traffic: http}]}"), `the dashboard's panel of that id is "Traffic Volume"`},
		"no such query":  {mesh("- {id: 2, title: Traffic Volume, needs: [{queries: [B], traffic: http}]}"), "it has no query B"},
		"fits":           {mesh("- {id: 2, title: Traffic Volume, needs: [{queries: [A], traffic: http}]}"), ""},
		"fits, not read": {"title: Istio Mesh Dashboard\nfile: f.json\nskip: not asked", ""},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := dashboards.ParseRules([]byte(c.rules))
			if err != nil {
				t.Fatal(err)
			}
			text, err := fs.ReadFile(istio(t), "istio-mesh-dashboard.gen.json")
			if err != nil {
				t.Fatal(err)
			}
			got, err := dashboards.Read(rules, fstest.MapFS{"f.json": {Data: text}})
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) {
					t.Errorf("got %v, want %s", err, c.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := len(whole.Queries) - 1; rules.Skip == "" && len(got.Unruled(rules)) != want {
				t.Errorf("%d queries are without a rule, want %d", len(got.Unruled(rules)), want)
			}
		})
	}
}

func mesh(panels string) string {
	return "title: Istio Mesh Dashboard\nfile: f.json\nreasons: {}\npanels:\n" + panels
}

func TestBadRules(t *testing.T) {
	for rules, wrong := range map[string]string{
		"title: t\nfile: f":                              "one of skip and panels must be set",
		"file: f\nskip: s":                               "title and file must be set",
		"title: t\nfile: f\nskip: s\nmore: 1":            "unknown field",
		"title: t\nfile: f\npanels: [{id: 1, title: p}]": "panels[0]: title and needs must be set",
		"title: t\nfile: f\npanels: [{id: 1, title: p, needs: [{queries: [A]}]}]":                                "panels[0].needs[0]: one of traffic and optional must be set",
		"title: t\nfile: f\npanels: [{id: 1, title: p, needs: [{traffic: http}]}]":                               "panels[0].needs[0].queries: none is named",
		"title: t\nfile: f\npanels: [{id: 1, title: p, needs: [{queries: [A, A], traffic: http}]}]":              "A is there twice",
		"title: t\nfile: f\npanels: [{id: 1, title: p, needs: [{queries: [A], traffic: much}]}]":                 `.traffic: "much" is not known`,
		"title: t\nfile: f\npanels: [{id: 1, title: p, needs: [{queries: [A], optional: why}]}]":                 `.optional: reasons has no "why"`,
		"title: t\nfile: f\npanels: [{id: 1, title: p, needs: [{queries: [A], traffic: http, either: true}]}]":   ".either: it is about two queries",
		"title: t\nfile: f\nreasons: {a: b}\npanels: [{id: 1, title: p, needs: [{queries: [A], traffic: tcp}]}]": "reasons.a: no panel names it",
		"title: t\nfile: f\npanels:\n- &p {id: 1, title: p, needs: [{queries: [A], traffic: tcp}]}\n- *p":        "panels[1].id: 1 is there twice",
	} {
		if _, err := dashboards.ParseRules([]byte(rules)); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s\ngot %v, want %s", rules, err, wrong)
		}
	}
	if _, err := dashboards.LoadRules("odd"); err == nil || !strings.Contains(err.Error(), "known: controlplane, extension, mesh") {
		t.Errorf("got %v", err)
	}
}

func TestBadDashboards(t *testing.T) {
	for text, wrong := range map[string]string{
		``:                              "unexpected end",
		`{"title": "t"}`:                "no panel has a query",
		`{"panels": [{"id": 1}, null]}`: "no panel has a query",
		`{"panels": [{"id": 1, "targets": [{"expr": "up"}]}, {"id": 1, "targets": [{"expr": "up"}]}]}`:                     "two panels have the id 1",
		`{"templating": {"list": [{"name": "v", "type": "textbox"}]}, "panels": [{"id": 1, "targets": [{"expr": "up"}]}]}`: `its type "textbox"`,
		`{"templating": {"list": [{"name": "v", "type": "query"}]}, "panels": [{"id": 1, "targets": [{"expr": "up"}]}]}`:   "its query is no text",
		`{"templating": {"list": [{"name": "v", "type": "custom"}]}, "panels": [{"id": 1, "targets": [{"expr": "up"}]}]}`:  "no one value is picked",
		`{"panels": [{"id": 1, "targets": [{"expr": "up"}], "panels": [{"id": 1, "targets": [{"expr": "up"}]}]}]}`:         "two panels have the id 1",
		`{"panels": "none"}`: "cannot unmarshal",
	} {
		if got, err := dashboards.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: got %+v, %v, want %s", text, got, err, wrong)
		}
	}
}

func TestBrokenDashboards(t *testing.T) {
	text, err := fs.ReadFile(istio(t), "istio-mesh-dashboard.gen.json")
	if err != nil {
		t.Fatal(err)
	}
	attack.Parser(t, attack.JSON(func(text string) (dashboards.Dashboard, error) { return dashboards.Parse([]byte(text)) }), []string{string(text), own})
}

// own has what Istio's dashboards have, in little.
const own = `{"title": "t", "templating": {"list": [{"name": "v", "type": "query", "query": {"query": "query_result(up)"}, "regex": "/(.*)/", "includeAll": true},
 {"name": "w", "type": "custom", "current": {"value": "x"}}, {"name": "datasource", "type": "datasource"}]},
 "panels": [{"id": 1, "title": "p", "targets": [{"expr": "up"}, {"refId": "X", "expr": "up"}], "panels": [{"id": 2, "targets": [{"expr": "down"}]}]}]}`

func TestSubjects(t *testing.T) {
	casablanca, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	want := map[dashboards.Traffic]dashboards.Subject{
		dashboards.Always:    {},
		dashboards.HTTP:      {Workload: "multicloud-multicloud", Service: "multicloud-framework.onap.svc.cluster.local"},
		dashboards.Plain:     {Workload: "msb-msb-iag", Service: "msb-iag.onap.svc.cluster.local"},
		dashboards.TCP:       {Workload: "vfc-vfc-db", Service: "vfc-db.onap.svc.cluster.local"},
		dashboards.TCPClient: {Workload: "vfc-vfc-catalog", Service: "vfc-catalog.onap.svc.cluster.local"},
	}
	if diff := cmp.Diff(want, dashboards.Subjects(casablanca, catalogue.Enabled)); diff != "" {
		t.Error(diff)
	}
	without := map[dashboards.Traffic]dashboards.Subject{dashboards.Always: {}}
	if diff := cmp.Diff(without, dashboards.Subjects(&catalogue.Release{}, catalogue.Enabled)); diff != "" {
		t.Error(diff)
	}
}

// TestExporters: somebody is named for every metric that must be there.
func TestExporters(t *testing.T) {
	all, err := dashboards.LoadExporters()
	if err != nil {
		t.Fatal(err)
	}
	for metric, want := range map[string]string{
		"istio_build": "Deployment istio-system/istiod", "istio_requests_total": "Deployment istio-system/istio-telemetry",
		"pilot_xds": "Deployment istio-system/istiod", "envoy_cluster_upstream_cx_active": "Namespace onap",
		"container_memory_working_set_bytes": "Deployment istio-system/prometheus",
	} {
		if got := all.Of(metric, []string{"istio-telemetry"}).Object; got != want {
			t.Errorf("%s is exported by %s, want %s", metric, got, want)
		}
	}
	if got := all.Of("istio_requests_total", []string{"kubernetes-pods"}).Who; got != "the sidecars themselves" {
		t.Errorf("without istio-telemetry, requests are exported by %s", got)
	}
}

func TestVariables(t *testing.T) {
	_, service := load(t, "service")
	var names []string
	for _, v := range service.Variables {
		names = append(names, v.Name)
	}
	if diff := cmp.Diff([]string{"service", "qrep", "srccluster", "srcns", "srcwl", "dstcluster", "dstns", "dstwl"}, names); diff != "" {
		t.Error(diff)
	}
	srcns := service.Variables[slices.Index(names, "srcns")]
	got, err := srcns.Values([]string{`{source_workload_namespace="onap"} 5 1`, `{source_workload_namespace="unknown"} 5 1`, `{source_workload_namespace="onap"} 7 1`, "{} 1 1"})
	if diff := cmp.Diff([]string{"onap", "unknown"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	asked, err := srcns.Ask()
	if err != nil || !strings.HasPrefix(asked, "sum(istio_requests_total{reporter") || !strings.HasSuffix(asked, "by (source_workload_namespace)") {
		t.Errorf("got %s, %v", asked, err)
	}
	if _, err := (dashboards.Variable{Name: "v", Query: "label_values(up)"}).Ask(); err == nil {
		t.Error("label_values is resolved")
	}
	if _, err := (dashboards.Variable{Name: "v", Regex: "/(/"}).Values([]string{"a"}); err == nil {
		t.Error("a broken regular expression is taken")
	}
}

func TestExpand(t *testing.T) {
	values := map[string]string{"a": dashboards.One(`x"y\`), "b": dashboards.All([]string{"m.n", "o"}), "c": dashboards.All([]string{"m.n"}), "d": dashboards.All(nil)}
	got, err := dashboards.Expand(`up{a="$a",b=~"${b}",c=~"$c",d=~"$d"}[$__rate_interval]`, values)
	want := `up{a="x\"y\\",b=~"(m\\.n|o)",c=~"m\\.n",d=~"()"}[1m0s]`
	if got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if _, err := dashboards.Expand("up{a=$q}", values); err == nil || !strings.Contains(err.Error(), "no value is known of q") {
		t.Errorf("got %v", err)
	}
}

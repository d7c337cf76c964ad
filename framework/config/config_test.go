package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
)

// file writes a file into the test's folder and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wrong demands a *UsageError about the field that says every part.
func wrong(t *testing.T, err error, field string, parts ...string) {
	t.Helper()
	var usage *config.UsageError
	if !errors.As(err, &usage) {
		t.Fatalf("got %v, want a *config.UsageError", err)
	}
	if usage.Field != field || !strings.HasPrefix(err.Error(), field+": ") {
		t.Errorf("the error names field %q, want %q: %v", usage.Field, field, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

const twoContexts = `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u}]
contexts:
- {name: staging, context: {cluster: c, user: u}}
- {name: production, context: {cluster: c, user: u}}
`

func TestCheckRefuses(t *testing.T) {
	folder := t.TempDir()
	kubeconfig := file(t, "kubeconfig", twoContexts)
	for name, c := range map[string]struct {
		config config.Config
		field  string
		parts  []string
	}{
		"images":                      {config.Config{Images: "package"}, "--images", []string{`"package" is not known; did you mean packages?`, "(there are: auto, packages)"}},
		"onap images":                 {config.Config{ONAPImages: "real"}, "--onap-images", []string{`"real"`, "standin"}},
		"sidecars":                    {config.Config{Sidecars: "clasic"}, "--sidecars", []string{"did you mean classic?"}},
		"layout":                      {config.Config{Layout: "multi"}, "--layout", []string{"did you mean multi-node?"}},
		"release":                     {config.Config{Release: "casablanka"}, "--release", []string{`"casablanka" is not known; did you mean casablanca?`, "blog"}},
		"a release far from all":      {config.Config{Release: "zzzzzzzzzzzz"}, "--release", []string{"(there are: beijing, blog, casablanca, master-2018-07-31)"}},
		"profile":                     {config.Config{Profile: "readines"}, "--profile", []string{"did you mean readiness?", "core"}},
		"release and profile":         {config.Config{Release: "blog", Profile: "core"}, "--release", []string{"--profile"}},
		"tracer":                      {config.Config{Tracer: "zipkn"}, "--tracer", []string{"did you mean zipkin?"}},
		"a tracer that takes no OTLP": {config.Config{Tracer: "zipkin", TraceProtocol: "opentelemetry"}, "--trace-protocol", []string{"opentelemetry to zipkin"}},
		"policy":                      {config.Config{Release: "blog", Policy: "enable"}, "--policy", []string{"did you mean enabled?"}},
		"policy of a profile":         {config.Config{Profile: "core", Policy: "enabled"}, "--policy", []string{"needs --release"}},
		"repair of our own charts":    {config.Config{Repair: true}, "--repair", []string{"needs --charts"}},
		"more of our own charts":      {config.Config{ExtraCharts: []string{"so"}}, "--extra-charts", []string{"needs --charts"}},
		"charts for a profile":        {config.Config{Charts: "oom:.", Profile: "core"}, "--profile", []string{"--charts", "one release"}},
		"a release that is a path":    {config.Config{Charts: "oom:.", Release: "../x"}, "--release", []string{"lower case"}},
		"no waiver file":              {config.Config{Waivers: filepath.Join(folder, "w.yaml")}, "--waivers", []string{"w.yaml", "name a readable"}},
		"context without kubeconfig":  {config.Config{Context: "staging"}, "--context", []string{"needs --kubeconfig"}},
		"kubeconfig that is not":      {config.Config{Kubeconfig: filepath.Join(folder, "no")}, "--kubeconfig", []string{"no such file", "name a readable"}},
		"kubeconfig that is a folder": {config.Config{Kubeconfig: folder}, "--kubeconfig", []string{folder}},
		"kubeconfig that is none":     {config.Config{Kubeconfig: file(t, "kubeconfig", "}{")}, "--kubeconfig", []string{"name a readable"}},
		"empty kubeconfig":            {config.Config{Kubeconfig: file(t, "kubeconfig", "")}, "--kubeconfig", []string{"no context"}},
		"unknown context":             {config.Config{Kubeconfig: kubeconfig, Context: "stagging"}, "--context", []string{"did you mean staging?", "production"}},
		"no current context":          {config.Config{Kubeconfig: kubeconfig}, "--context", []string{"production", "staging"}},
		"value file that is not":      {config.Config{Values: []string{kubeconfig, filepath.Join(folder, "no.yaml")}}, "--values", []string{"no.yaml", "name a readable"}},
	} {
		t.Run(name, func(t *testing.T) {
			wrong(t, c.config.WithDefaults().Check(), c.field, c.parts...)
		})
	}
}

func TestCheckAccepts(t *testing.T) {
	kubeconfig := file(t, "kubeconfig", twoContexts)
	for name, c := range map[string]config.Config{
		"nothing said":   {},
		"release":        {Release: "blog"},
		"profile":        {Profile: "readiness"},
		"every word":     {Images: "packages", ONAPImages: "standin", Sidecars: "classic", Layout: "multi-node"},
		"a real cluster": {Kubeconfig: kubeconfig, Context: "production"},
		"its own current context": {
			Kubeconfig: file(t, "kubeconfig", twoContexts+"current-context: staging\n"),
		},
		"values":            {Values: []string{kubeconfig}, Set: []string{"a=b"}},
		"a policy":          {Release: "blog", Policy: "enabled"},
		"charts":            {Charts: "oom:.", Repair: true, ExtraCharts: []string{"so"}},
		"charts by a name":  {Charts: "oom:.", Release: "dublin", Policy: "disabled"},
		"charts we know of": {Charts: "oom:.", Release: "beijing", Waivers: kubeconfig},
	} {
		if err := c.WithDefaults().Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithDefaults(t *testing.T) {
	filled := config.Config{Images: "auto", ONAPImages: "standin", Sidecars: "native", Layout: "single", Tracer: "jaeger", TraceProtocol: "zipkin"}
	core, blog := filled, filled
	core.Profile, blog.Release = "core", "blog"
	said := config.Config{
		Profile: "readiness", Images: "packages", ONAPImages: "standin", Sidecars: "classic", Layout: "multi-node",
		Tracer: "jaeger", TraceProtocol: "opentelemetry",
	}
	tree := filled
	tree.Charts, tree.Release = "oom:x", "oom"
	wrong := filled
	wrong.Charts, wrong.Release = "/path:x", "charts" // what is wrong is said of the charts
	for _, c := range []struct{ in, want config.Config }{
		{config.Config{Charts: "oom:x"}, tree}, {config.Config{Charts: "/path:x"}, wrong}, {config.Config{}, core}, {config.Config{Release: "blog"}, blog}, {said, said},
	} {
		if diff := cmp.Diff(c.want, c.in.WithDefaults()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestResolveProfile(t *testing.T) {
	for _, c := range []struct {
		config config.Config
		name   string
		stages int
		ideal  bool
	}{
		{config.Config{Profile: "core"}, "core", 2, false},
		{config.Config{Profile: "readiness"}, "readiness", 1, true},
		{config.Config{Release: "casablanca"}, "casablanca", 1, false},
	} {
		p, err := c.config.ResolveProfile()
		if err != nil || p.Name != c.name || len(p.Stages) != c.stages || p.Ideal != c.ideal {
			t.Errorf("%+v: got %+v, %v", c.config, p, err)
		}
	}
}

// TestStages: a stage says its policy only where that is not the release's own,
// and charts that the catalogue does not know are judged on what they can say.
func TestStages(t *testing.T) {
	for _, c := range []struct {
		config  config.Config
		stage   string
		derived bool
	}{
		{config.Config{Release: "casablanca"}, "casablanca", false},
		{config.Config{Release: "casablanca", Policy: "enabled"}, "casablanca", false},
		{config.Config{Release: "casablanca", Policy: "disabled"}, "casablanca-disabled", false},
		{config.Config{Release: "casablanca", Charts: "oom:x"}, "casablanca", false},
		{config.Config{Release: "dublin", Charts: "oom:x", Policy: "disabled"}, "dublin-disabled", true},
	} {
		p, err := c.config.ResolveProfile()
		if err != nil || len(p.Stages) != 1 || p.Stages[0].Name() != c.stage || c.config.Derived() != c.derived {
			t.Errorf("%+v: got %+v, derived %t, %v", c.config, p, c.config.Derived(), err)
			continue
		}
		if restricted := len(p.Stages[0].Topics) > 0; restricted != c.derived {
			t.Errorf("%+v is judged on topics %v", c.config, p.Stages[0].Topics)
		}
	}
}

func TestFile(t *testing.T) {
	got, err := config.File(file(t, "c.yaml", "release: blog\nlabelFilter: core && !vfc\nreuse: true\nvalues: [a.yaml, b.yaml]\nset: [a=b]\nopenEgress: true\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Release: "blog", LabelFilter: "core && !vfc", Reuse: true, Values: []string{"a.yaml", "b.yaml"}, Set: []string{"a=b"}, OpenEgress: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFileRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown word":      {"relase: blog\n", `unknown field "relase"`},
		"a flag's spelling": {"label-filter: core\n", `unknown field "label-filter"`},
		"a word twice":      {"release: blog\nrelease: casablanca\n", "already set"},
		"a wrong type":      {"reuse: often\n", "reuse"},
		"a list":            {"- release\n", "config.Config"},
		"no YAML":           {"}{", "yaml"},
		"places":            {"places: {cache: /tmp}\n", `unknown field "places"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "c.yaml", c.text)
			_, err := config.File(path)
			wrong(t, err, "--config", path, c.want)
		})
	}
	missing := filepath.Join(t.TempDir(), "c.yaml")
	_, err := config.File(missing)
	wrong(t, err, "--config", missing, "name a readable YAML file")
}

func TestNearest(t *testing.T) {
	known := []string{"casablanca", "blog", "beijing", "tracing", "tracing.multicloud-to-vio", "tracing.nslcm-to-catalog", "tracing.check-vim-capacity", "msb"}
	for _, c := range []struct {
		name string
		want []string
	}{
		{"casablanka", []string{"casablanca"}},
		{"CASABLANCA", []string{"casablanca"}},
		{"tracign", []string{"tracing"}},
		{"nslcm", []string{"tracing.nslcm-to-catalog"}},
		{"tracing.", []string{"tracing", "tracing.multicloud-to-vio", "tracing.nslcm-to-catalog"}},
		{"bolg", []string{"blog"}},
		{"zzzzzzzzzzzz", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(c.want, config.Nearest(c.name, known)); diff != "" {
			t.Errorf("Nearest(%q), -want +got:\n%s", c.name, diff)
		}
	}
	if got := config.Nearest("a", nil); got != nil {
		t.Errorf("nothing known, but %v is near", got)
	}
}

func TestUnknown(t *testing.T) {
	for _, c := range []struct {
		name  string
		known []string
		want  string
	}{
		{"bolg", []string{"casablanca", "blog"}, `"bolg" is not known; did you mean blog? (there are: blog, casablanca)`},
		{"zzzzzzzz", []string{"b", "a"}, `"zzzzzzzz" is not known (there are: a, b)`},
		{"aa", []string{"ab", "ac"}, `"aa" is not known; did you mean ab or ac? (there are: ab, ac)`},
	} {
		if got := config.Unknown(c.name, c.known); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestAbsolute(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	c := config.Config{Kubeconfig: "k", Values: []string{"v.yaml", "/abs.yaml"}, Charts: "oom:tree", Waivers: "w.yaml"}
	got, err := c.Absolute()
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Kubeconfig: filepath.Join(folder, "k"), Values: []string{filepath.Join(folder, "v.yaml"), "/abs.yaml"},
		Charts: "oom:" + filepath.Join(folder, "tree"), Waivers: filepath.Join(folder, "w.yaml"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c.Values[0] != "v.yaml" {
		t.Error("the caller's own list was changed")
	}
	if got, err := (config.Config{Charts: "oom:"}).Absolute(); err != nil || got.Charts != "oom:" {
		t.Errorf("no folder became %q, %v", got.Charts, err)
	}
	if got, err := (config.Config{}).Absolute(); err != nil || got.Kubeconfig != "" {
		t.Errorf("no kubeconfig became %q, %v", got.Kubeconfig, err)
	}
}

package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadRecipe(t *testing.T) {
	const good = "image: example.com/a:1\nabout: a\nlayers:\n- texts: {/a: b}\n"
	tests := map[string]struct{ text, want string }{
		"good":                 {good, ""},
		"unknown field":        {good + "colour: blue\n", `unknown field "colour"`},
		"field twice":          {good + "about: b\n", `key "about" already set`},
		"unknown input":        {"image: example.com/a:1\nabout: a\nlayers:\n- rpm: {}\n", `unknown field "rpm"`},
		"no image":             {"about: a\nlayers:\n- texts: {/a: b}\n", `recipe.yaml: image: "" is not a full name`},
		"short name":           {strings.Replace(good, "example.com/a:1", "a:1", 1), `recipe.yaml: image: "a:1" is not a full name`},
		"no about":             {"image: example.com/a:1\nlayers:\n- texts: {/a: b}\n", "about: say in one line"},
		"no layers":            {"image: example.com/a:1\nabout: a\n", "layers: an image needs at least one layer"},
		"relative path":        {strings.Replace(good, "/a: b", "a: b", 1), `layers[0].texts: "a" is not an absolute, clean path`},
		"path that climbs":     {strings.Replace(good, "/a: b", "/a/../b: c", 1), `layers[0].texts: "/a/../b"`},
		"bad owner":            {strings.Replace(good, "texts: {/a: b}", `folders: {/a: "0755 root"}`, 1), `layers[0].folders: /a: "root" is not an owner`},
		"bad permissions":      {strings.Replace(good, "texts: {/a: b}", `folders: {/a: "9"}`, 1), `layers[0].folders: /a: "9" are not octal`},
		"empty debian":         {strings.Replace(good, "texts: {/a: b}", "debian: {root: r}", 1), "layers[0].debian: takes nothing"},
		"debian, no root":      {strings.Replace(good, "texts: {/a: b}", "debian: {all: true}", 1), "layers[0].debian.root"},
		"without, not all":     {strings.Replace(good, "texts: {/a: b}", "debian: {root: r, programs: [/a], without: [/b]}", 1), "layers[0].debian.without: only makes sense with all"},
		"goTools, no module":   {strings.Replace(good, "texts: {/a: b}", "goTools: {programs: {/a: b}}", 1), "layers[0].goTools: needs module"},
		"goFiles, file to dir": {strings.Replace(good, "texts: {/a: b}", "goFiles: {in: x, path: y, files: {/a/: b}}", 1), "both or none must end in /"},
		"wheel, bad digest":    {strings.Replace(good, "texts: {/a: b}", "wheel: {name: n, version: v, sha256: abc, programs: {/a: b}}", 1), `layers[0].wheel.sha256: "abc" is not 64`},
		"maven, bad name":      {strings.Replace(good, "texts: {/a: b}", "maven: {artifact: 'a:b:c', sha256: abc, file: /a}", 1), `layers[0].maven.artifact: "a:b:c" is not GROUP`},
		"maven, bad digest":    {strings.Replace(good, "texts: {/a: b}", "maven: {artifact: 'a:b:c:jar', sha256: abc, file: /a}", 1), `layers[0].maven.sha256: "abc" is not 64`},
		"maven, bad path":      {strings.Replace(good, "texts: {/a: b}", "maven: {artifact: 'a:b:c:jar', sha256: "+strings.Repeat("a", 64)+", file: a}", 1), `layers[0].maven.file: "a" is not an absolute`},
		"debian, bad folder":   {strings.Replace(good, "texts: {/a: b}", "debian: {root: r, folders: [a]}", 1), `layers[0].debian: "a" is not an absolute`},
		"node, archives":       {good + "node: {module: m, version: v1.2.3, archives: {kube-proxy: []}}\n", "node.archives: has kube-proxy, kind's builder reads"},
		"node, version":        {good + "node: {module: m, version: 1.2.3}\n", "node: needs module, and version with its v"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, recipeFile), []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := readRecipe(dir)
			wantError(t, err, test.want)
			if err != nil && !strings.Contains(err.Error(), "a/recipe.yaml") {
				t.Errorf("the error names no file: %v", err)
			}
		})
	}
}

func TestReadRecipes(t *testing.T) {
	tests := map[string]struct{ file, text, want string }{
		"good":               {"fixtures/images/base/notes.txt", "x", ""},
		"from nothing":       {"fixtures/images/two/recipe.yaml", "image: example.com/two:1\nabout: a\nfrom: gone\n", "fixtures/images/two/recipe.yaml: from: there is no recipe gone"},
		"from of from":       {"fixtures/images/one/recipe.yaml", "image: example.com/one:1\nabout: a\nfrom: two\n", "from: two itself has from"},
		"same name":          {"fixtures/images/one/recipe.yaml", "image: example.com/base:1\nabout: a\nfrom: base\n", "image: example.com/base:1 is made by the recipe base already"},
		"archive of nothing": {"fixtures/images/node/recipe.yaml", strings.Replace(smallTree["fixtures/images/node/recipe.yaml"], "kube-proxy: [base]", "kube-proxy: [gone]", 1), "node.archives.kube-proxy: there is no recipe gone"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCheckout(t)
			c.write(test.file, test.text)
			_, err := readRecipes(filepath.Join(c.dir, "fixtures", "images"))
			wantError(t, err, test.want)
		})
	}
}

// TestRepository reads the recipes that are shipped: every image can be planned.
func TestRepository(t *testing.T) {
	c := newCheckout(t)
	c.dir = filepath.Join("..", "..", "..")
	p := c.packages()
	known, err := p.List()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, k := range known {
		have[k.Ref] = true
	}
	for _, ref := range []string{
		"docker.io/istio/pilot:1.31.0", "docker.io/istio/proxyv2:1.31.0", "docker.io/jaegertracing/jaeger:1.76.0", "docker.io/prom/prometheus:v3.16.0",
		"meshcert.local/istio-telemetry:dev", "meshcert.local/servicegraph:dev", "meshcert.local/canary:dev",
		"meshcert.local/consul:1.14.11", "meshcert.local/vfc-db:10.11", "docker.io/openzipkin/zipkin:3.4.2",
	} {
		if !have[ref] {
			t.Errorf("no recipe for %s is loaded into nodes", ref)
		}
	}
	if len(have) != 11 {
		t.Errorf("%d images are loaded into nodes, want 11: %v", len(have), known)
	}
	if got := p.NodeRef(); got != "meshcert.local/kind-node:v1.34.4" {
		t.Errorf("node image %q", got)
	}
	if _, err := p.planNode(); err != nil {
		t.Error(err)
	}
}

// wantError checks that the error holds the text; an empty text wants none.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("error %v, want one with %q", err, want)
	}
}

package image

import (
	"os"
	"path/filepath"
	"testing"
)

// TestKeys changes one input at a time: the keys of the images that depend on
// it change, the others do not.
func TestKeys(t *testing.T) {
	const one, two, node = "example.com/one:1", "example.com/two:1", "example.com/node:v1.2.3"
	tests := map[string]struct {
		file, text string
		changed    []string
	}{
		"nothing":           {"README.md", "x", nil},
		"recipe":            {"fixtures/images/one/recipe.yaml", "image: example.com/one:1\nabout: one of our programs\nlayers:\n- apps: {/bin/one: one}\n", []string{one}},
		"about only":        {"fixtures/images/base/recipe.yaml", "image: example.com/base:1\nabout: other words\nlayers:\n- texts: {/etc/motd: hello}\n", nil},
		"base recipe":       {"fixtures/images/base/recipe.yaml", "image: example.com/base:1\nabout: a base\nlayers:\n- texts: {/etc/motd: other}\n", []string{two, node}},
		"go.sum":            {"fixtures/images/tools/go.sum", "example.com/tool v1.0.0 h1:y=\n", []string{two, node}},
		"linker variables":  {"fixtures/images/tools/build.yaml", "variables: {a.b: c}\n", []string{two, node}},
		"tags":              {"fixtures/images/tools/build.yaml", "tags: [x]\n", []string{two, node}},
		"program":           {"fixtures/apps/cmd/one/main.go", smallTree["fixtures/apps/cmd/one/main.go"] + "// more\n", []string{one}},
		"imported package":  {"fixtures/apps/shared/shared.go", "package shared\n\nconst X = 1\n", []string{one}},
		"new file":          {"fixtures/apps/shared/more.go", "package shared\n", []string{one}},
		"test of a program": {"fixtures/apps/cmd/one/main_test.go", "package main // changed\n", nil},
		"other package":     {"fixtures/apps/elsewhere/elsewhere.go", "package elsewhere // changed\n", nil},
		"program's go.sum":  {"fixtures/apps/go.sum", "example.com/y v1.0.0 h1:z=\n", []string{one}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCheckout(t)
			before := allKeys(t, c)
			c.write(test.file, test.text)
			after := allKeys(t, c)
			want := map[string]bool{}
			for _, ref := range test.changed {
				want[ref] = true
			}
			for _, ref := range []string{one, two, node} {
				if changed := before[ref] != after[ref]; changed != want[ref] {
					t.Errorf("key of %s changed: %v, want %v", ref, changed, want[ref])
				}
			}
		})
	}
}

func TestKeyOfGoVersion(t *testing.T) {
	c := newCheckout(t)
	before := allKeys(t, c)
	script, err := os.ReadFile(filepath.Join(c.bin, "go"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.bin, "go"), append(script, []byte("[ $1 = env ] && echo .1\nexit 0\n")...), 0o755); err != nil {
		t.Fatal(err)
	}
	after := allKeys(t, c)
	for ref, key := range before {
		if after[ref] == key {
			t.Errorf("key of %s is the same with another Go", ref)
		}
	}
}

func allKeys(t *testing.T, c *checkout) map[string]string {
	t.Helper()
	p := c.packages()
	out := map[string]string{}
	for _, r := range p.recipes.loaded() {
		pl, err := p.plan(r)
		if err != nil {
			t.Fatal(err)
		}
		out[pl.ref] = pl.key
	}
	n, err := p.planNode()
	if err != nil {
		t.Fatal(err)
	}
	out[n.ref] = n.base.key
	return out
}

func TestKeyPartsDoNotRunTogether(t *testing.T) {
	a := newKey("x").text("a", "b\nc 1\nd").sum()
	b := newKey("x").text("a", "b").text("c", "d").sum()
	if a == b {
		t.Error("two lists of parts have one key")
	}
}

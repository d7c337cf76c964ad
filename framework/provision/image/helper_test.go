package image

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeGo is a go command that writes its arguments to the file log beside it.
// Listing fails as often as lines are in the file fail-list, a build whose
// folder ends in the content of fail-build fails, and a build with the file
// hang beside the command never ends.
const fakeGo = `#!/bin/sh
here=$(dirname "$0")
echo "$(basename "$PWD"): $*" >> "$here/log"
case $1 in
env) echo go1.99.0 ;;
list)
  if [ -s "$here/fail-list" ]; then
    sed -i 1d "$here/fail-list"
    echo 'go: example.com/x@v1.2.3: Get "https://proxy.example": connection refused' >&2
    exit 1
  fi ;;
build)
  if [ -e "$here/fail-build" ] && [ "$(basename "$PWD")" = "$(cat "$here/fail-build")" ]; then
    echo './main.go:3: undefined: nothing' >&2
    exit 1
  fi
  if [ -e "$here/hang" ]; then
    sleep 600 &
    echo $! > "$here/hang"
    wait
  fi
  while [ "$1" != -o ]; do shift; done
  out=$2; pkg=$3
  case $pkg in
  tool) echo "built from $PWD" > "$out/tool" ;;
  *) cat "$pkg/main.go" > "$out/$(basename "$pkg")" ;;
  esac ;;
esac
`

// checkout is a source tree with few recipes and a go command that is a script.
type checkout struct {
	t     *testing.T
	dir   string
	cache string
	bin   string
}

var smallTree = map[string]string{
	"fixtures/images/one/recipe.yaml": `
image: example.com/one:1
about: one of our programs
layers:
- apps: {/bin/one: one}
config: {entrypoint: [/bin/one], env: {COLOUR: blue}}
`,
	"fixtures/images/two/recipe.yaml": `
image: example.com/two:1
about: a built tool over a base
from: base
layers:
- goTools: {module: tools, programs: {/bin/tool: example.com/tool}}
`,
	"fixtures/images/base/recipe.yaml": `
image: example.com/base:1
about: a base
layers:
- texts: {/etc/motd: hello}
`,
	"fixtures/images/node/recipe.yaml": `
image: example.com/node:v1.2.3
about: a node
from: base
node:
  module: tools
  version: v1.2.3
  archives: {kube-apiserver: [base], kube-controller-manager: [base], kube-proxy: [base], kube-scheduler: [base]}
`,
	"fixtures/images/tools/go.mod":         "module example.com/tools\n\ngo 1.26\n\ntool example.com/tool\n",
	"fixtures/images/tools/go.sum":         "example.com/tool v1.0.0 h1:x=\n",
	"fixtures/apps/go.mod":                 "module example.com/apps\n\ngo 1.26\n",
	"fixtures/apps/go.sum":                 "",
	"fixtures/apps/cmd/one/main.go":        "package main\n\nimport _ \"example.com/apps/shared\"\n\nfunc main() {}\n",
	"fixtures/apps/cmd/one/main_test.go":   "package main\n",
	"fixtures/apps/shared/shared.go":       "package shared\n",
	"fixtures/apps/elsewhere/elsewhere.go": "package elsewhere\n",
}

func newCheckout(t *testing.T) *checkout {
	t.Helper()
	c := &checkout{t: t, dir: t.TempDir(), cache: t.TempDir(), bin: t.TempDir()}
	for name, text := range smallTree {
		c.write(name, text)
	}
	if err := os.WriteFile(filepath.Join(c.bin, "go"), []byte(fakeGo), 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *checkout) write(name, text string) {
	c.t.Helper()
	file := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// set writes a file that the go command reads, or removes it.
func (c *checkout) set(name, text string) {
	c.t.Helper()
	file := filepath.Join(c.bin, name)
	err := os.WriteFile(file, []byte(text), 0o644)
	if text == "" {
		err = os.Remove(file)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// builds are the folders in which go build ran.
func (c *checkout) builds() []string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.bin, "log"))
	if err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if dir, args, _ := strings.Cut(line, ": "); strings.HasPrefix(args, "build ") {
			out = append(out, dir)
		}
	}
	return out
}

func (c *checkout) packages() *Packages {
	c.t.Helper()
	p, err := NewPackages(context.Background(), Options{Checkout: c.dir, Cache: c.cache, Go: filepath.Join(c.bin, "go")})
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// heard keeps the events it is told.
type heard struct {
	mu     sync.Mutex
	events []Event
}

func (h *heard) Report(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func (h *heard) states(s State) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, e := range h.events {
		if e.State == s {
			out = append(out, e.What)
		}
	}
	return out
}

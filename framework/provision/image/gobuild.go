package image

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/sync/semaphore"
)

// Settings is the file build.yaml of a recipe module: how its tools are built.
type Settings struct {
	// Tags are build tags.
	Tags []string `json:"tags,omitempty"`
	// Variables are set by the linker: PACKAGE.NAME to a value without spaces.
	Variables map[string]string `json:"variables,omitempty"`
}

const settingsFile = "build.yaml"

// goEnv makes a build depend on the module's own go.mod and go.sum and on
// nothing else of this machine.
var goEnv = []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=-mod=readonly"}

// golang runs the go command. One build runs at a time: each uses all cores.
type golang struct {
	program string // "go"
	version string // part of every key
	one     *semaphore.Weighted
}

func newGolang(ctx context.Context, program string) (*golang, error) {
	if err := need(program, "install Go 1.26 or newer, it builds the images from packages (or take images from a registry)"); err != nil {
		return nil, err
	}
	out, err := command{args: []string{program, "env", "GOVERSION"}, env: goEnv}.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for Go's version: %w", err)
	}
	return &golang{program: program, version: strings.TrimSpace(string(out)), one: semaphore.NewWeighted(1)}, nil
}

// module is one recipe module, read from its folder.
type module struct {
	name     string
	dir      string
	settings Settings
	mod      *modfile.File
}

func readModule(images, name string) (module, error) {
	m := module{name: name, dir: filepath.Join(images, name)}
	err := decode(filepath.Join(m.dir, settingsFile), &m.settings)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return module{}, err
	}
	for variable, value := range m.settings.Variables {
		if strings.ContainsAny(variable+value, " \t\n'\"") {
			return module{}, fmt.Errorf("fixtures/images/%s/%s: variables: %s=%s: neither may hold spaces or quotes", name, settingsFile, variable, value)
		}
	}
	m.mod, err = readGoMod(m.dir)
	return m, err
}

func readGoMod(dir string) (*modfile.File, error) {
	file := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read a recipe's Go module: %w", err)
	}
	f, err := modfile.Parse(file, text, nil)
	if err != nil {
		return nil, fmt.Errorf("read a recipe's Go module: %w", err)
	}
	return f, nil
}

// program is the file name that `go build` gives the tool, or an error if
// go.mod has no such tool line.
func (m module) program(pkg string) (string, error) {
	if !slices.ContainsFunc(m.mod.Tool, func(t *modfile.Tool) bool { return t.Path == pkg }) {
		return "", fmt.Errorf("%s has no line `tool %s`", filepath.Join(m.dir, "go.mod"), pkg)
	}
	name := path.Base(pkg)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(pkg)) // a major version is no name
	}
	return name, nil
}

func (m module) ldflags() string {
	flags := "-s -w"
	for _, variable := range keys(m.settings.Variables) {
		flags += " -X " + variable + "=" + m.settings.Variables[variable]
	}
	return flags
}

// tools is the step that builds all tools of a recipe module.
func (g *golang) tools(m module) (step, error) {
	tags := strings.Join(m.settings.Tags, ",")
	key, err := newKey("go tools").text("go", g.version).text("env", strings.Join(goEnv, " ")).
		text("tags", tags).text("ldflags", m.ldflags()).
		file("go.mod", filepath.Join(m.dir, "go.mod")).file("go.sum", filepath.Join(m.dir, "go.sum")).result()
	if err != nil {
		return step{}, err
	}
	return step{name: "go build of " + m.name, slug: "go-" + m.name, key: key,
		fill: func(ctx context.Context, dir string, say func(error)) error {
			return g.build(ctx, goBuild{dir: m.dir, pkg: "tool", tags: tags, ldflags: m.ldflags(), out: dir, what: "the Go modules of " + m.name}, say)
		}}, nil
}

// app is the step that builds one of our own programs.
func (g *golang) app(apps, name string) (step, error) {
	files, err := sources(apps, "./cmd/"+name)
	if err != nil {
		return step{}, fmt.Errorf("find the sources of our program %s: %w", name, err)
	}
	k := newKey("app").text("go", g.version).text("env", strings.Join(goEnv, " ")).text("package", name)
	for _, f := range append(files, "go.mod", "go.sum") {
		k.file(f, filepath.Join(apps, f))
	}
	key, err := k.result()
	if err != nil {
		return step{}, err
	}
	return step{name: "go build of our " + name, slug: "app-" + name, key: key,
		fill: func(ctx context.Context, dir string, say func(error)) error {
			return g.build(ctx, goBuild{dir: apps, pkg: "./cmd/" + name, ldflags: "-s -w", out: dir, what: "the Go modules of our " + name}, say)
		}}, nil
}

type goBuild struct {
	dir, pkg, tags, ldflags, out string
	what                         string // in the error of a failed download
}

// build downloads what the package needs, with retries, then compiles.
func (g *golang) build(ctx context.Context, b goBuild, say func(error)) error {
	temp := filepath.Join(filepath.Dir(b.out), "gotmp")
	if err := os.Mkdir(temp, 0o755); err != nil {
		return fmt.Errorf("make a folder for Go's temporary files: %w", err)
	}
	env := append(slices.Clone(goEnv), "GOTMPDIR="+temp)
	err := download(ctx, b.what, say, func() error {
		// Listing the dependencies downloads the modules that the build needs,
		// and no others.
		_, err := command{args: []string{g.program, "list", "-deps", "-tags", b.tags, "-f", "{{.ImportPath}}", b.pkg}, dir: b.dir, env: env}.run(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := g.one.Acquire(ctx, 1); err != nil {
		return ctx.Err()
	}
	defer g.one.Release(1)
	_, err = command{args: []string{g.program, "build", "-trimpath", "-buildvcs=false", "-tags", b.tags,
		"-ldflags", b.ldflags, "-o", b.out + "/", b.pkg}, dir: b.dir, env: env}.run(ctx)
	return err
}

// sources are the files of the package and of the packages of the same module
// that it imports, relative to the module's folder, sorted. Tests are left out;
// of a package that embeds files everything below its folder counts.
func sources(root, pkg string) ([]string, error) {
	mod, err := readGoMod(root)
	if err != nil {
		return nil, err
	}
	var files []string
	todo, seen := []string{path.Clean(pkg)}, map[string]bool{}
	for len(todo) > 0 {
		dir := todo[0]
		todo = todo[1:]
		if seen[dir] {
			continue
		}
		seen[dir] = true
		ctx := build.Default
		ctx.CgoEnabled, ctx.GOOS, ctx.GOARCH = false, "linux", "amd64"
		p, err := ctx.ImportDir(filepath.Join(root, dir), 0)
		if err != nil {
			return nil, err
		}
		for _, f := range slices.Concat(p.GoFiles, p.SFiles, p.HFiles) {
			files = append(files, path.Join(dir, f))
		}
		if len(p.EmbedPatterns) > 0 {
			below, err := filesBelow(root, dir)
			if err != nil {
				return nil, err
			}
			files = append(files, below...)
		}
		for _, imported := range p.Imports {
			if rest, ok := strings.CutPrefix(imported, mod.Module.Mod.Path+"/"); ok {
				todo = append(todo, rest)
			}
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

func filesBelow(root, dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(filepath.Join(root, dir), func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(p, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(root, p)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	return files, err
}

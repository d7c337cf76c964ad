package image

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// moduleVersion is the version of a module that the go.mod in dir names, and
// the checksum that go.sum has for it.
func moduleVersion(dir, modulePath string) (version, checksum string, err error) {
	mod, err := readGoMod(dir)
	if err != nil {
		return "", "", err
	}
	for _, r := range mod.Require {
		if r.Mod.Path == modulePath {
			version = r.Mod.Version
		}
	}
	if version == "" {
		return "", "", fmt.Errorf("%s does not require %s", filepath.Join(dir, "go.mod"), modulePath)
	}
	file := filepath.Join(dir, "go.sum")
	f, err := os.Open(file)
	if err != nil {
		return "", "", fmt.Errorf("read a recipe's checksums: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), modulePath+" "+version+" "); ok {
			return version, rest, nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", "", fmt.Errorf("read %s: %w", file, err)
	}
	return "", "", fmt.Errorf("%s has no checksum of %s %s", file, modulePath, version)
}

// files is the step that downloads a Go module and keeps a copy of the files
// the recipe takes; the result holds them under the module's paths.
func (g *golang) files(images, recipe string, f GoFiles) (step, error) {
	dir := filepath.Join(images, filepath.FromSlash(f.In))
	version, checksum, err := moduleVersion(dir, f.Path)
	if err != nil {
		return step{}, err
	}
	k := newKey("go files").text("module", f.Path).text("version", version).text("checksum", checksum)
	wanted := merge(f.Files, f.Programs)
	for _, to := range keys(wanted) {
		k.text("file", wanted[to])
	}
	slug := "files-" + recipe + "-" + path.Base(f.Path)
	return step{name: "files of the module " + f.Path, slug: slug, key: k.sum(),
		fill: func(ctx context.Context, out string, say func(error)) error {
			tree, err := g.tree(ctx, dir, f.Path, say)
			if err != nil {
				return err
			}
			for _, from := range wanted {
				if err := copyTree(filepath.Join(tree, filepath.FromSlash(from)), filepath.Join(out, filepath.FromSlash(from))); err != nil {
					return fmt.Errorf("take %s out of the module %s: %w", from, f.Path, err)
				}
			}
			return nil
		}}, nil
}

// tree is the folder of a module in Go's module cache.
func (g *golang) tree(ctx context.Context, dir, modulePath string, say func(error)) (string, error) {
	var tree string
	err := download(ctx, "the Go module "+modulePath, say, func() error {
		out, err := command{args: []string{g.program, "mod", "download", "-json", modulePath}, dir: dir, env: goEnv}.run(ctx)
		if err != nil {
			return err
		}
		var answer struct{ Dir string }
		if err := json.Unmarshal(out, &answer); err != nil {
			return permanent(fmt.Errorf("read the answer of go mod download: %w", err))
		}
		tree = answer.Dir
		return nil
	})
	return tree, err
}

// copyTree copies a file or a folder of regular files, without their times and
// owners: a copy is what the layer is made of.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		content, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}

// addGoFiles puts the module's files, kept in dir, into the layer.
func addGoFiles(es entries, dir string, f GoFiles) error {
	for perm, list := range map[fs.FileMode]map[string]string{0o644: f.Files, 0o755: f.Programs} {
		for to, from := range list {
			if err := addTree(es, to, filepath.Join(dir, filepath.FromSlash(from)), perm); err != nil {
				return err
			}
		}
	}
	for _, r := range f.Set {
		e, ok := es[r.File]
		if !ok {
			return fmt.Errorf("set %s: the module gives no such file", r.File)
		}
		content, err := os.ReadFile(e.file)
		if err != nil {
			return fmt.Errorf("set %s: %w", r.File, err)
		}
		if n := strings.Count(string(content), r.Old); n != 1 {
			return fmt.Errorf("set %s: %q is there %d times, not once: the module's file has changed", r.File, r.Old, n)
		}
		es[r.File] = textEntry(strings.Replace(string(content), r.Old, r.New, 1), e.mode)
	}
	return nil
}

// addTree adds a file, or all files of a folder, with the permissions.
func addTree(es entries, to, from string, perm fs.FileMode) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		return es.add(path.Join(to, filepath.ToSlash(rel)), fileEntry(p, perm))
	})
}

// Package oom reads the folder kubernetes of an ONAP OOM checkout, of any
// release, and assembles Helm charts from it in memory: what "make all" with a
// chart server, or the Makefiles of the components, would have packaged.
//
// It guarantees that it only reads the file system it was given: nothing is
// written, executed or fetched, and no path, link or archive leads out of it. What
// is read is bounded in size. A tree does not change after Open; all its methods
// may be called from several goroutines.
package oom

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

const (
	// umbrella is the chart that has all others as dependencies.
	umbrella = "onap"
	// maxEntries bounds the files and folders of a tree.
	maxEntries = 100_000
)

// Tree is an index of all charts of a checkout.
type Tree struct {
	fsys fs.FS
	// byDir holds every chart by its folder, "vfc/charts/vfc-catalog".
	byDir map[string]*source
	// byName holds the charts that a dependency may be answered with: those that
	// lie in no other chart's folder charts.
	byName map[string][]*source
	// unpacked holds the files of packaged charts by their path below the archive.
	unpacked map[string][]byte
}

// Open indexes the charts of the tree; the root of the file system is the folder
// kubernetes of the checkout. Whether a single chart can be read is said by Load.
// A file system that follows symbolic links, as os.DirFS does, is not led out
// of: links are never opened. os.Root.FS is the safer choice nevertheless.
func Open(fsys fs.FS) (*Tree, error) {
	t := &Tree{fsys: fsys, byDir: map[string]*source{}, byName: map[string][]*source{}, unpacked: map[string][]byte{}}
	found, err := list(fsys)
	if err != nil {
		return nil, fmt.Errorf("read the chart tree: %w", err)
	}
	found, broken := t.unpack(found)
	for _, f := range found.files {
		if isChart(f) {
			t.byDir[path.Dir(f)] = &source{dir: path.Dir(f)}
		}
	}
	if err := t.checkRoot(); err != nil {
		return nil, err
	}
	t.share(found, broken)
	for _, dir := range slices.Sorted(maps.Keys(t.byDir)) {
		s := t.byDir[dir]
		t.link(s)
		if err := t.describe(s); err != nil && s.err == nil {
			s.err = err
		}
		if !s.vendored {
			t.byName[s.name()] = append(t.byName[s.name()], s)
		}
	}
	return t, nil
}

// Names returns the names of the charts that lie at the top of the tree, sorted. A
// chart whose Chart.yaml cannot be read has the name of its folder.
func (t *Tree) Names() []string {
	var names []string
	for dir, s := range t.byDir {
		if !strings.Contains(dir, "/") {
			names = append(names, s.name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// find returns the chart of that name at the top of the tree, or the chart in
// that folder.
func (t *Tree) find(name string) (*source, error) {
	var found []string
	for dir, s := range t.byDir {
		if !strings.Contains(dir, "/") && s.name() == name {
			found = append(found, dir)
		}
	}
	slices.Sort(found)
	switch {
	case len(found) > 1:
		return nil, &Error{name, strings.Join(found, " and "), "both are charts of that name", "rename one of them, or name the folder"}
	case len(found) == 1:
		return t.byDir[found[0]], nil
	case t.byDir[name] != nil:
		return t.byDir[name], nil
	}
	if !fs.ValidPath(name) {
		return nil, &Error{name, name, "it is no path in the tree", "want a chart's name or its folder, like vfc/charts/vfc-catalog"}
	}
	if info, err := fs.Lstat(t.fsys, name); err == nil && info.IsDir() {
		return nil, &Error{name, name, "the folder has no Chart.yaml", "add it; if the folder is a Git submodule: git submodule update --init"}
	}
	return nil, &Error{name, name, "no such chart in the tree", "it has " + strings.Join(t.Names(), ", ")}
}

// listing is what a walk over the tree found.
type listing struct {
	files, irregular []string
}

var errTooMany = fmt.Errorf("it has more than %d files: want the folder kubernetes of an OOM checkout", maxEntries)

func list(fsys fs.FS) (listing, error) {
	var found listing
	entries := 0
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entries++; entries > maxEntries {
			return errTooMany
		}
		switch {
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case entry.IsDir():
		case entry.Type().IsRegular():
			found.files = append(found.files, name)
		default:
			found.irregular = append(found.irregular, name)
		}
		return nil
	})
	return found, err
}

// isChart tells whether the file makes its folder a chart. A Chart.yaml that a
// chart carries as data does not.
func isChart(file string) bool {
	return path.Base(file) == "Chart.yaml" && !strings.Contains(file, "/templates/") && !strings.Contains(file, "/resources/")
}

// checkRoot says what else to name if no chart lies at the top.
func (t *Tree) checkRoot() error {
	if t.byDir["."] != nil {
		return errors.New("read the chart tree: the folder is one chart; name the folder above it, kubernetes of an OOM checkout")
	}
	guess := ""
	for dir := range t.byDir {
		above := path.Dir(dir)
		if above == "." {
			return nil
		}
		if nearer := strings.Count(above, "/") - strings.Count(guess, "/"); guess == "" || nearer < 0 || nearer == 0 && above < guess {
			guess = above
		}
	}
	if guess == "" {
		return errors.New("read the chart tree: no Chart.yaml in it; name the folder kubernetes of an OOM checkout")
	}
	return fmt.Errorf("read the chart tree: no charts at its top; name its folder %s", guess)
}

// share gives every file to the chart in the nearest folder above it.
func (t *Tree) share(found listing, broken map[string]*Error) {
	for _, f := range found.files {
		if s := t.owner(f); s != nil {
			s.files = append(s.files, strings.TrimPrefix(f, s.dir+"/"))
		}
	}
	for _, f := range found.irregular {
		if s := t.owner(f); s != nil && s.err == nil {
			s.err = &Error{s.dir, f, "it is a link or no regular file, which is not followed", "put the file itself there"}
		}
	}
	for _, f := range slices.Sorted(maps.Keys(broken)) {
		if s := t.owner(f); s != nil && s.err == nil {
			broken[f].Chart = s.dir
			s.err = broken[f]
		}
	}
}

func (t *Tree) owner(file string) *source {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if s := t.byDir[dir]; s != nil {
			return s
		}
	}
	return nil
}

// link hangs a chart below charts/ on the chart above it.
func (t *Tree) link(s *source) {
	if path.Base(path.Dir(s.dir)) != "charts" {
		return
	}
	parent := t.byDir[path.Dir(path.Dir(s.dir))]
	if parent == nil {
		return
	}
	s.vendored = true
	base := path.Base(s.dir)
	if !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "_") && !parent.ignores("charts/"+base, true) {
		parent.parts = append(parent.parts, s)
	}
}

package image

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// libraryFolders are where the loader of Debian on amd64 looks for libraries.
var libraryFolders = []string{"/usr/lib/x86_64-linux-gnu", "/usr/lib"}

// addDebian puts what the recipe takes out of the root file system into the layer.
func addDebian(ctx context.Context, es entries, root string, d Debian) error {
	if d.All {
		if err := addWhole(es, root, "/", d.Without); err != nil {
			return err
		}
	}
	for _, folder := range d.Folders {
		if err := addWhole(es, root, folder, nil); err != nil {
			return fmt.Errorf("take %s out of the Debian root file system: %w", folder, err)
		}
	}
	for _, pattern := range d.Programs {
		names, err := match(root, pattern)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := addProgram(es, root, name); err != nil {
				return err
			}
		}
	}
	for _, name := range keys(d.Outputs) {
		out, err := command{args: []string{"/bin/sh", "-ec", d.Outputs[name]}, root: root, dir: "/", contained: true,
			env: []string{"PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}}.run(ctx)
		if err != nil {
			return fmt.Errorf("make %s: %w", name, err)
		}
		if err := es.add(name, textEntry(string(out), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// addWhole takes a folder of the tree with its owners. Devices, sockets and pipes stay out:
// the container engine makes its own.
func addWhole(es entries, root, folder string, without []string) error {
	return filepath.WalkDir(filepath.Join(root, folder), func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := "/" + strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(file, root)), "/")
		if slices.ContainsFunc(without, func(p string) bool { ok, _ := path.Match(p, name); return ok }) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return errors.New("this system tells no owners of files")
		}
		e := entry{mode: info.Mode(), uid: int(owner.Uid), gid: int(owner.Gid)}
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			if e.link, err = os.Readlink(file); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			e.file = file
		case !info.IsDir():
			return nil
		}
		return es.add(name, e)
	})
}

// match is the files of the tree that the pattern names, at least one.
func match(root, pattern string) ([]string, error) {
	dir, err := inRoot(root, path.Dir(pattern))
	if err != nil {
		return nil, fmt.Errorf("look for %s in the Debian root file system: %w", pattern, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, path.Base(pattern)))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("the Debian root file system has no %s: is its package in %s?", pattern, rootFile)
	}
	for i, f := range files {
		files[i] = path.Join(path.Dir(pattern), filepath.Base(f))
	}
	return files, nil
}

// addProgram takes one file and the libraries it needs.
func addProgram(es entries, root, name string) error {
	file, err := inRoot(root, name)
	if err != nil {
		return fmt.Errorf("take %s out of the Debian root file system: %w", name, err)
	}
	if err := es.add(name, fileEntry(file, 0o755)); err != nil {
		return err
	}
	return addLibraries(es, root, file)
}

// addLibraries takes the loader and the shared libraries, and theirs, that an
// ELF file names. A library that is in the layer already is not taken again; a
// static program needs none.
func addLibraries(es entries, root, file string) error {
	f, err := elf.Open(file)
	if err != nil {
		return fmt.Errorf("read the libraries that %s needs: %w", file, err)
	}
	defer f.Close()
	names, err := f.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("read the libraries that %s needs: %w", file, err)
	}
	if loader, err := interpreter(f); err != nil {
		return fmt.Errorf("read the loader that %s needs: %w", file, err)
	} else if loader != "" {
		if err := addLibrary(es, root, loader); err != nil {
			return err
		}
	}
	for _, name := range names {
		if es.bring(name) {
			continue
		}
		found, err := findLibrary(root, name)
		if err != nil {
			return fmt.Errorf("%s needs %w", file, err)
		}
		if err := addLibrary(es, root, found); err != nil {
			return err
		}
	}
	return nil
}

// bring tells whether the layer has the library itself, in whatever folder: a
// program that comes with libraries of its own knows where they are.
func (es entries) bring(library string) bool {
	for name := range es {
		if path.Base(name) == library {
			return true
		}
	}
	return false
}

func addLibrary(es entries, root, name string) error {
	if _, have := es[name]; have {
		return nil
	}
	file, err := inRoot(root, name)
	if err != nil {
		return fmt.Errorf("take the library %s out of the Debian root file system: %w", name, err)
	}
	es[name] = fileEntry(file, 0o755)
	return addLibraries(es, root, file)
}

func findLibrary(root, name string) (string, error) {
	for _, dir := range libraryFolders {
		full := path.Join(dir, name)
		if file, err := inRoot(root, full); err == nil {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				return full, nil
			}
		}
	}
	return "", fmt.Errorf("the library %s, which is in none of %s of the Debian root file system: add its package to %s", name, strings.Join(libraryFolders, ", "), rootFile)
}

// interpreter is the path of the loader; empty for libraries and static programs.
func interpreter(f *elf.File) (string, error) {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		text := make([]byte, p.Filesz)
		if _, err := p.ReadAt(text, 0); err != nil {
			return "", err
		}
		return strings.TrimRight(string(text), "\x00"), nil
	}
	return "", nil
}

// inRoot is the file on this machine that the name means inside the tree: links
// are followed as if root were "/".
func inRoot(root, name string) (string, error) {
	at, rest := "/", strings.TrimPrefix(path.Clean(name), "/")
	for range 255 {
		if rest == "" {
			return filepath.Join(root, at), nil
		}
		first, more, _ := strings.Cut(rest, "/")
		next := path.Join(at, first)
		target, err := os.Readlink(filepath.Join(root, next))
		switch {
		case err == nil && path.IsAbs(target):
			at, rest = "/", path.Join(strings.TrimPrefix(target, "/"), more)
		case err == nil:
			rest = path.Join(target, more)
			for up := true; up; {
				if rest, up = strings.CutPrefix(rest+"/", "../"); up {
					at = path.Dir(at)
				}
				rest = strings.TrimSuffix(rest, "/")
			}
		case errors.Is(err, fs.ErrNotExist):
			return "", err
		default:
			at, rest = next, more
		}
	}
	return "", fmt.Errorf("%s: too many links", name)
}

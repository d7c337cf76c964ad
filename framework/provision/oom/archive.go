package oom

import (
	"bytes"
	"fmt"
	"path"

	"helm.sh/helm/v3/pkg/chart/loader"
)

// archiveSuffix is how a packaged chart below charts/ ends.
const archiveSuffix = ".tgz"

// unpack returns the listing with the files of all packaged charts below charts/
// in the place of the archives, which then are folders like others. What is wrong
// with an archive is returned by its path; Helm's reader refuses paths that lead
// out of it, and bounds what is unpacked.
func (t *Tree) unpack(found listing) (listing, map[string]*Error) {
	broken := map[string]*Error{}
	out := listing{irregular: found.irregular}
	total := 0
	for _, f := range found.files {
		if path.Ext(f) != archiveSuffix || path.Base(path.Dir(f)) != "charts" {
			out.files = append(out.files, f)
			continue
		}
		files, err := t.archive(f)
		for _, file := range files {
			total += len(file.Data)
		}
		if err == nil && total > maxTotal {
			err = fmt.Errorf("the archives of the tree hold more than %d MiB", maxTotal>>20)
		}
		if err != nil {
			broken[f] = &Error{File: f, What: err.Error(), Fix: "package the chart again with helm package, or remove the archive"}
			continue
		}
		for _, file := range files {
			name := path.Join(f, file.Name)
			t.unpacked[name] = file.Data
			out.files = append(out.files, name)
		}
	}
	return out, broken
}

func (t *Tree) archive(file string) ([]*loader.BufferedFile, error) {
	data, err := readBounded(t.fsys, file)
	if err != nil {
		return nil, err
	}
	return loader.LoadArchiveFiles(bytes.NewReader(data))
}

package report

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Digest is the digest of a text as reports write it: "sha256:" and 64
// hexadecimal digits.
func Digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// EvidenceOf lists the files below one folder of a run, such as
// Spec.Artifacts, by path. A folder that is not there has none; a link or a
// device among them is an error, since nobody could say what it held.
func EvidenceOf(run fs.FS, folder string) ([]EvidenceFile, error) {
	var files []EvidenceFile
	err := fs.WalkDir(run, path.Clean(folder), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is no regular file", name)
		}
		one, err := evidenceFile(run, name)
		files = append(files, one)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) && len(files) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("take the digests of %s: %w", folder, err)
	}
	slices.SortFunc(files, func(a, b EvidenceFile) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

func evidenceFile(run fs.FS, name string) (EvidenceFile, error) {
	file, err := run.Open(name)
	if err != nil {
		return EvidenceFile{}, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return EvidenceFile{}, err
	}
	return EvidenceFile{Path: name, Bytes: size, Digest: "sha256:" + hex.EncodeToString(hash.Sum(nil))}, nil
}

// Alteration is a file of a run that is not as the report says.
type Alteration struct {
	Path string
	// How is "changed", "missing", or "added" for a file in a spec's folder that
	// the report does not name.
	How string
}

func (a Alteration) String() string { return a.Path + " was " + a.How }

// How a file can differ.
const (
	changed = "changed"
	missing = "missing"
	added   = "added"
)

// Altered compares the evidence in a run's folder with what the report says it
// was when the specs had ended, in the order of specs and paths. Nothing else of
// the folder is looked at.
func Altered(r *Report, run fs.FS) ([]Alteration, error) {
	var all []Alteration
	for _, s := range r.Specs {
		if s.Artifacts == "" {
			continue
		}
		now, err := EvidenceOf(run, s.Artifacts)
		if err != nil {
			return nil, err
		}
		all = append(all, differences(s.Evidence, now)...)
	}
	return all, nil
}

func differences(said, now []EvidenceFile) []Alteration {
	var all []Alteration
	for _, f := range said {
		i := slices.IndexFunc(now, func(n EvidenceFile) bool { return n.Path == f.Path })
		switch {
		case i < 0:
			all = append(all, Alteration{f.Path, missing})
		case now[i] != f:
			all = append(all, Alteration{f.Path, changed})
		}
	}
	for _, n := range now {
		if !slices.ContainsFunc(said, func(f EvidenceFile) bool { return f.Path == n.Path }) {
			all = append(all, Alteration{n.Path, added})
		}
	}
	return all
}

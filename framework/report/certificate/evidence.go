package certificate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/onap/meshcert/framework/report"
)

// Looked is what became of the evidence that a report names.
type Looked struct {
	// Named are the files in the report, Checked those of them that were here and as
	// they were signed.
	Named   int `json:"named"`
	Checked int `json:"checked"`
	// Unsigned are files beside them that the report does not name; nothing was read
	// of them.
	Unsigned []string `json:"unsigned,omitempty"`
}

// lookAt compares the evidence that is in the run's folder with what the report
// says of it. A folder without artifacts, or no folder, has nothing to compare;
// one with artifacts must have all.
func lookAt(r *report.Report, folder fs.FS) (Looked, []Refusal) {
	var seen Looked
	named := map[string]bool{}
	for _, s := range r.Specs {
		seen.Named += len(s.Evidence)
		for _, e := range s.Evidence {
			named[e.Path] = true
		}
	}
	if folder == nil {
		return seen, nil
	}
	_, err := fs.Stat(folder, report.ArtifactsFolder)
	here := err == nil
	var changed []string
	for _, s := range r.Specs {
		for _, e := range s.Evidence {
			if !here {
				continue
			}
			if err := compare(folder, e); err != nil {
				changed = append(changed, fmt.Sprintf("%s: %v", e.Path, err))
				continue
			}
			seen.Checked++
		}
	}
	seen.Unsigned = unsigned(folder, named)
	if len(changed) == 0 {
		return seen, nil
	}
	return seen, []Refusal{{Evidence, "evidence is not as the report names it: " + some(changed), "get the run's folder again from who made it, or take the artifacts folder away: then only the digests are looked at"}}
}

// compare demands that a file is the one that was named. Only files below the
// artifacts are looked at, whatever the report says.
func compare(folder fs.FS, e report.EvidenceFile) (err error) {
	if !fs.ValidPath(e.Path) || !strings.HasPrefix(e.Path, report.ArtifactsFolder+"/") {
		return errors.New("is not below " + report.ArtifactsFolder)
	}
	file, err := folder.Open(e.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("is missing")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("is no file")
	case info.Size() != e.Bytes:
		return fmt.Errorf("has %d bytes instead of %d", info.Size(), e.Bytes)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.LimitReader(file, e.Bytes+1)); err != nil {
		return err
	}
	if got := "sha256:" + hex.EncodeToString(hash.Sum(nil)); got != e.Digest {
		return fmt.Errorf("is %s instead of %s", got, e.Digest)
	}
	return nil
}

// unsigned are the files of the folder that no certificate stands for.
func unsigned(folder fs.FS, named map[string]bool) []string {
	own := map[string]bool{File: true, report.ReportFile: true, KeyFile: true, TrustedFile: true}
	var out []string
	err := fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !named[path] && !own[path] {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		out = append(out, "what cannot be listed: "+err.Error())
	}
	return out
}

package certificate

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/onap/meshcert/framework/report"
)

// Looked is what became of the evidence that a report names.
type Looked struct {
	// Named are the files in the report, Checked those of them that were here and as
	// they were signed.
	Named   int `json:"named"`
	Checked int `json:"checked"`
	// Unsigned are files beside them that no certificate stands for; nothing was read
	// of them.
	Unsigned []string `json:"unsigned,omitempty"`
}

// lookAt compares the evidence that is in the run's folder with what the report
// says of it. A folder without artifacts, or no folder, has nothing to compare; one
// with artifacts must have all, and no other files in the specs' folders.
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
	seen.Unsigned = unsigned(folder, named)
	if _, err := fs.Stat(folder, report.ArtifactsFolder); errors.Is(err, fs.ErrNotExist) {
		return seen, nil
	}
	const next = "get the run's folder again from who made it, or take its artifacts away: then only their digests are looked at"
	altered, err := report.Altered(r, folder)
	switch {
	case err != nil:
		return seen, []Refusal{{Evidence, "the evidence cannot be read: " + err.Error(), next}}
	case len(altered) > 0:
		var names []string
		for _, a := range altered {
			names = append(names, a.String())
		}
		return seen, []Refusal{{Evidence, fmt.Sprintf("of %d files of evidence some are not as they were: %s", seen.Named, some(names)), next}}
	}
	seen.Checked = seen.Named
	return seen, nil
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

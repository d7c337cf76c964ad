package report

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// TestReadEvidence: what is not there, was changed or says nothing is no evidence.
func TestReadEvidence(t *testing.T) {
	const folder, file = "artifacts/casablanca/a.b/", "artifacts/casablanca/a.b/seen.json"
	text := func(text string) fs.FS { return fstest.MapFS{file: {Data: []byte(text)}} }
	named := func(text string) Spec {
		return Spec{ID: "a.b", Artifacts: folder, Evidence: []EvidenceFile{{Path: file, Digest: Digest([]byte(text))}}}
	}
	unnamed := Spec{ID: "a.b", Artifacts: folder}
	for name, c := range map[string]struct {
		run  fs.FS
		spec Spec
		want string
		is   error
	}{
		"as the report names it":    {text(`{"evidence":7}`), named(`{"evidence":7}`), "", nil},
		"a report without digests":  {text(`{"evidence":7}`), unnamed, "", nil},
		"changed":                   {text(`{"evidence":7}`), named(`{"evidence":8}`), file + " is not what the run kept", nil},
		"not named":                 {text(`{"evidence":7}`), Spec{ID: "a.b", Artifacts: folder, Evidence: []EvidenceFile{{Path: "other"}}}, "is not what the run kept", nil},
		"no folder":                 {nil, unnamed, file + " is not there", fs.ErrNotExist},
		"no file":                   {fstest.MapFS{}, unnamed, file + " is not there", fs.ErrNotExist},
		"no artifacts":              {text(`{"evidence":7}`), Spec{ID: "a.b"}, "a.b has no artifacts", nil},
		"no JSON":                   {text(`{"evidence":`), unnamed, file + " cannot be read", nil},
		"other JSON":                {text(`{"evidence":"7"}`), unnamed, file + " cannot be read", nil},
		"nothing at all":            {text(`{}`), unnamed, file + " holds no evidence", nil},
		"what could not be seen":    {text(`{"evidence":7,"error":"nobody answers"}`), unnamed, "could not be observed: nobody answers", ErrNotObserved},
		"more than any has":         {text(strings.Repeat(" ", largestFile+1)), unnamed, "it has more than", nil},
		"a folder in its place":     {fstest.MapFS{file + "/x": {}}, unnamed, file + " cannot be read", nil},
		"a way out of the run":      {text(""), Spec{ID: "a.b", Artifacts: "../../"}, "is not there", fs.ErrNotExist},
		"the very file, but larger": {text(`{"evidence":7} `), named(`{"evidence":7}`), "is not what the run kept", nil},
	} {
		got, err := ReadEvidence[int](c.run, c.spec, "seen")
		switch {
		case c.want == "" && (err != nil || got != 7):
			t.Errorf("%s: got %d, %v; want 7", name, got, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		case c.is != nil && !errors.Is(err, c.is):
			t.Errorf("%s: %v is no %v", name, err, c.is)
		}
	}
}

package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func evidenceFolder() fstest.MapFS {
	return fstest.MapFS{
		"report.json":                             {Data: []byte("{}")},
		"artifacts/casablanca/a.b/two.json":       {Data: []byte("2\n")},
		"artifacts/casablanca/a.b/one.json":       {Data: []byte("1\n")},
		"artifacts/casablanca/a.b/pods/msb.log":   {Data: nil},
		"artifacts/casablanca/a.bc/elsewhere.txt": {Data: []byte("x")},
	}
}

// TestEvidenceOf: the digests are those of sha256sum.
func TestEvidenceOf(t *testing.T) {
	got, err := EvidenceOf(evidenceFolder(), "artifacts/casablanca/a.b/")
	if err != nil {
		t.Fatal(err)
	}
	want := []EvidenceFile{
		{"artifacts/casablanca/a.b/one.json", 2, "sha256:4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865"},
		{"artifacts/casablanca/a.b/pods/msb.log", 0, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"artifacts/casablanca/a.b/two.json", 2, "sha256:53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if none, err := EvidenceOf(evidenceFolder(), "artifacts/casablanca/none/"); none != nil || err != nil {
		t.Errorf("a folder that is not there: %v, %v; want nothing", none, err)
	}
}

func TestEvidenceOfRefusesALink(t *testing.T) {
	folder := t.TempDir()
	if err := os.Symlink("/etc/hostname", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := EvidenceOf(os.DirFS(folder), "."); err == nil || !strings.Contains(err.Error(), "link is no regular file") {
		t.Errorf("got %v, want an error that names the link", err)
	}
}

func TestAltered(t *testing.T) {
	const folder = "artifacts/casablanca/a.b/"
	for name, c := range map[string]struct {
		change func(fstest.MapFS)
		want   []Alteration
	}{
		"nothing": {func(fstest.MapFS) {}, nil},
		"a byte": {
			func(run fstest.MapFS) { run[folder+"one.json"] = &fstest.MapFile{Data: []byte("3\n")} },
			[]Alteration{{folder + "one.json", "changed"}},
		},
		"a file less": {func(run fstest.MapFS) { delete(run, folder+"two.json") }, []Alteration{{folder + "two.json", "missing"}}},
		"a file more": {
			func(run fstest.MapFS) { run[folder+"new.json"] = &fstest.MapFile{} },
			[]Alteration{{folder + "new.json", "added"}},
		},
		"all files": {
			func(run fstest.MapFS) { clear(run) },
			[]Alteration{{folder + "one.json", "missing"}, {folder + "pods/msb.log", "missing"}, {folder + "two.json", "missing"}},
		},
		"another spec's": {func(run fstest.MapFS) { delete(run, "artifacts/casablanca/a.bc/elsewhere.txt") }, nil},
		"a file put away": {
			func(run fstest.MapFS) {
				run[folder+"sub/one.json"] = run[folder+"one.json"]
				delete(run, folder+"one.json")
			},
			[]Alteration{{folder + "one.json", "missing"}, {folder + "sub/one.json", "added"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := evidenceFolder()
			evidence, err := EvidenceOf(run, folder)
			if err != nil {
				t.Fatal(err)
			}
			r := &Report{Specs: []Spec{{ID: "a.b", Artifacts: folder, Evidence: evidence}, {ID: "a.c"}}}
			c.change(run)
			got, err := Altered(r, run)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("alterations (-want +got):\n%s", diff)
			}
		})
	}
}

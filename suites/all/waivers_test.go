package all_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/onap/meshcert/fixtures/waivers"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

// TestWaiversOfReleases: the waivers of every release can be read, and each is
// of a release of the catalogue.
func TestWaiversOfReleases(t *testing.T) {
	files, err := waivers.Releases.ReadDir(".")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".yaml")
		if !slices.Contains(catalogue.Names(), name) {
			t.Errorf("%s is of no release", file.Name())
		}
		found, err := verdict.WaiversOf(name, spec.Waivable(all.Specs()))
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %d waivers, %v", file.Name(), len(found), err)
		}
	}
}

// TestWaivable: kinds that can be waived are named once, and only topics that say
// nothing of the mesh have any.
func TestWaivable(t *testing.T) {
	can := spec.Waivable(all.Specs())
	for id, kinds := range can {
		slices.Sort(kinds)
		if len(slices.Compact(slices.Clone(kinds))) != len(kinds) {
			t.Errorf("%s names a kind twice: %v", id, kinds)
		}
		if topic, _, _ := strings.Cut(id, "."); topic != "hygiene" && topic != "releases" {
			t.Errorf("%s can be waived; what a mesh must do is a known gap of the catalogue or a failure", id)
		}
	}
	if len(can) == 0 {
		t.Error("nothing can be waived")
	}
}

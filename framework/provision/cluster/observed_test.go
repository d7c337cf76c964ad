package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNamed: nodes that differ have two digests of one name, and names that are
// digests are left out.
func TestNamed(t *testing.T) {
	got := named([]map[string]string{
		{"docker.io/a:1": "sha256:1", "docker.io/library/import-2026-11-24@sha256:1": "sha256:1", "sha256:9": "sha256:1"},
		{"docker.io/a:1": "sha256:2", "docker.io/b:1": "sha256:3"},
		{"docker.io/a:1": "sha256:1"},
	})
	want := map[string][]string{"docker.io/a:1": {"sha256:1", "sha256:2"}, "docker.io/b:1": {"sha256:3"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

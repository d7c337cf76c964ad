// Package oomtest gives tests real OOM checkouts, where somebody has some, and
// packaged charts.
package oomtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Trees are the folders kubernetes of the checkouts, by name, in the folder that
// MESHCERT_OOM names: FOLDER/NAME/kubernetes. Without it the test is skipped.
func Trees(t testing.TB) map[string]string {
	t.Helper()
	folder := os.Getenv("MESHCERT_OOM")
	if folder == "" {
		t.Skip("needs OOM checkouts: MESHCERT_OOM=FOLDER, with FOLDER/NAME/kubernetes")
	}
	found, err := filepath.Glob(filepath.Join(folder, "*", "kubernetes"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no NAME/kubernetes in %s (%v)", folder, err)
	}
	trees := map[string]string{}
	for _, dir := range found {
		trees[filepath.Base(filepath.Dir(dir))] = dir
	}
	return trees
}

// Archive packs files, text by path, as helm package does.
func Archive(t testing.TB, content map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	pack := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if err := pack.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := pack.Write([]byte(content[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := pack.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

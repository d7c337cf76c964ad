package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteLayer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("machine code"), 0o700); err != nil {
		t.Fatal(err)
	}
	es := entries{
		"/usr/bin/program": fileEntry(file, 0o755),
		"/etc/motd":        textEntry("hello", 0o644),
		"/tmp":             folderEntry(0o777 | fs.ModeSticky),
		"/bin":             linkEntry("usr/bin"),
		"/usr/bin/su":      {mode: 0o755 | fs.ModeSetuid, text: "s", gid: 7},
	}
	first := layerBytes(t, es)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(file, later, later); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, layerBytes(t, es)) {
		t.Error("the same entries gave other bytes")
	}
	want := []string{
		"bin -> usr/bin 777 0:0", "etc/ 755 0:0", "etc/motd 644 0:0 hello", "tmp/ 1777 0:0",
		"usr/ 755 0:0", "usr/bin/ 755 0:0", "usr/bin/program 755 0:0 machine code", "usr/bin/su 4755 0:7 s",
	}
	if diff := cmp.Diff(want, listLayer(t, first)); diff != "" {
		t.Errorf("layer (-want +got):\n%s", diff)
	}
}

func TestTwoInputsOfOnePath(t *testing.T) {
	err := addWritten(entries{"/a": textEntry("x", 0o644)}, Layer{Scripts: map[string]string{"/a": "y"}})
	wantError(t, err, "two inputs of one layer make /a")
}

func TestFolderOfAnotherUser(t *testing.T) {
	es := entries{}
	if err := addWritten(es, Layer{Folders: map[string]string{"/data": "0750 100:1000", "/tmp": "1777"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"data/ 750 100:1000", "tmp/ 1777 0:0"}, listLayer(t, layerBytes(t, es))); diff != "" {
		t.Errorf("layer (-want +got):\n%s", diff)
	}
}

func layerBytes(t *testing.T, es entries) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeLayer(&b, es); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// listLayer is one line per entry: name, link, mode, owners, content.
func listLayer(t *testing.T, layer []byte) []string {
	t.Helper()
	var out []string
	r := tar.NewReader(bytes.NewReader(layer))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(time.Unix(0, 0)) {
			t.Errorf("%s has the time %s", h.Name, h.ModTime)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		line := h.Name
		if h.Linkname != "" {
			line += " -> " + h.Linkname
		}
		line += " " + octal(h.Mode) + " " + owners(h)
		out = append(out, strings.TrimSpace(line+" "+string(content)))
	}
}

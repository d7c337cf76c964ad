package chart

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	containers "github.com/google/go-containerregistry/pkg/registry"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/registry"
	"helm.sh/helm/v3/pkg/repo"
)

// packaged writes an archive of chart app as helm package does.
func packaged(t *testing.T, folder, version string, dependencies ...*helmchart.Dependency) string {
	t.Helper()
	c := app(t)
	c.Metadata.Version = version
	c.Metadata.Dependencies = append(c.Metadata.Dependencies, dependencies...)
	file, err := chartutil.Save(c, folder)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// repository serves the charts of a folder with an index of them.
func repository(t *testing.T, folder string, change func(*repo.IndexFile)) string {
	t.Helper()
	index, err := repo.IndexDirectory(folder, "")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(index)
	}
	if err := index.WriteFile(filepath.Join(folder, "index.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(server.Close)
	return server.URL
}

// ociRegistry serves the packaged charts below the path onap.
func ociRegistry(t *testing.T, archives ...string) string {
	t.Helper()
	server := httptest.NewServer(containers.New(containers.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	client, err := registry.NewClient(registry.ClientOptPlainHTTP())
	if err != nil {
		t.Fatal(err)
	}
	for _, archive := range archives {
		data, err := os.ReadFile(archive)
		if err != nil {
			t.Fatal(err)
		}
		version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(archive), "app-"), ".tgz")
		if _, err := client.Push(data, host+"/onap/app:"+version); err != nil {
			t.Fatal(err)
		}
	}
	return "oci://" + host + "/onap"
}

func TestPull(t *testing.T) {
	folder := t.TempDir()
	var archives []string
	for _, version := range []string{"1.2.3", "1.9.0", "2.0.0", "3.0.0-rc.1"} {
		archives = append(archives, packaged(t, folder, version))
	}
	for _, from := range []string{repository(t, folder, nil), ociRegistry(t, archives...)} {
		for version, want := range map[string]string{"": "2.0.0", "1.2.3": "1.2.3", "~1.x": "1.9.0", "3.0.0-rc.1": "3.0.0-rc.1"} {
			c, err := Pull(t.Context(), from, "app", version)
			if err != nil {
				t.Fatal(err)
			}
			if c.Metadata.Version != want {
				t.Errorf("%s: version %q is %s, want %s", from, version, c.Metadata.Version, want)
			}
			if objects, err := Render(c, "one", "ns", nil); err != nil || len(objects) != 2 {
				t.Errorf("%s: %d objects, %v", from, len(objects), err)
			}
		}
	}
}

func TestPullRefuses(t *testing.T) {
	folder := t.TempDir()
	archive := packaged(t, folder, "1.2.3")
	good, oci := repository(t, folder, nil), ociRegistry(t, archive)
	changed := func(change func(*repo.ChartVersion)) string {
		folder := t.TempDir()
		packaged(t, folder, "1.2.3")
		return repository(t, folder, func(index *repo.IndexFile) { change(index.Entries["app"][0]) })
	}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for line := strings.Repeat("x", 1<<20); ; {
			if _, err := fmt.Fprint(w, line); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	lacking := t.TempDir()
	packaged(t, lacking, "1.2.3", &helmchart.Dependency{Name: "database", Version: "1.0.0", Repository: "https://example.org"})
	for name, c := range map[string]struct{ from, chart, version, want string }{
		"no such chart":            {good, "other", "", "pull chart other from " + good + ": no such chart; it has app"},
		"no such version":          {good, "app", "9.x", "no chart version found for app-9.x"},
		"no such chart, oci":       {oci, "other", "", "pull chart other from " + oci + ": "},
		"no such version, oci":     {oci, "app", "9.x", "Could not locate a version matching provided version string 9.x"},
		"a path, oci":              {oci, "../../x/app", "", "pull chart ../../x/app from "},
		"another scheme":           {"ftp://example.org", "app", "", "want a URL that begins with https://, http:// or oci://"},
		"no index":                 {good + "/nowhere", "app", "", "read its index: GET " + good + "/nowhere/index.yaml: 404 Not Found"},
		"nobody answers":           {"http://127.0.0.1:1", "app", "", "connection refused"},
		"nobody answers, oci":      {"oci://127.0.0.1:1/x", "app", "", "connection refused"},
		"an endless index":         {endless.URL, "app", "", "an answer is larger than 64 MiB"},
		"another digest":           {changed(func(v *repo.ChartVersion) { v.Digest = "00" }), "app", "", "its index says 00"},
		"another chart":            {changed(func(v *repo.ChartVersion) { v.URLs[0] = "index.yaml"; v.Digest = "" }), "app", "", "gzip: invalid header"},
		"no URL":                   {changed(func(v *repo.ChartVersion) { v.URLs = nil }), "app", "", "its index has no URL for version 1.2.3"},
		"a file of this machine":   {changed(func(v *repo.ChartVersion) { v.URLs[0] = "file:///etc/passwd" }), "app", "", `unsupported protocol scheme "file"`},
		"dependencies left behind": {repository(t, lacking, nil), "app", "", "missing in charts/ directory: database"},
	} {
		if _, err := Pull(t.Context(), c.from, c.chart, c.version); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, from := range []string{good, oci} {
		if _, err := Pull(over, from, "app", ""); err == nil || !strings.Contains(err.Error(), "context canceled") {
			t.Errorf("%s after the end: %v", from, err)
		}
	}
}

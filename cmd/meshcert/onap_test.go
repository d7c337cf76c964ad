package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
)

func TestOnapShow(t *testing.T) {
	got, home := meshcert(t, "onap", "show", "casablanca")
	if got.status != 0 || got.err != "" {
		t.Fatalf("status %d: %s", got.status, got.err)
	}
	for _, part := range []string{`casablanca: ONAP Casablanca (3.0.2)
from onap/oom ae47d716c1ddf0d9fb27ada92678dcd4bf4d1437, injector policy enabled
`, `
│ multicloud-multicloud           │ disabled 2/2  │ multicloud, filebeat-onap                     │
│ multicloud                      │ enabled  3/3  │ NodePort multicloud-framework                 │
│ MultiCloud                      │ inject   none │   multicloud-framework:9001→30291             │
│                                 │               │ MSB multicloud v0 /api/multicloud/v0:9001     │
│                                 │               │ MSB multicloud v1 /api/multicloud/v1:9001     │
`, `
│ vfc-vfc-nslcm                   │ disabled 3/3  │ vfc-nslcm, vfc-nslcm-filebeat-onap            │
│ vfc-nslcm                       │ enabled  3/3  │ waits for vfc-db                              │
│ VF-C                            │ inject   true │ ClusterIP vfc-nslcm vfc-nslcm:8403            │
│                                 │               │ MSB nslcm v1 /api/nslcm/v1:8403               │
`, `
29 workloads, 55 edges between them, 26 services on MSB's portal page
`, `
│ nslcm-to-catalog     │ GET /api/nslcm/v1/ns                          │
│                      │ msb-iag → vfc-nslcm → msb-iag → vfc-catalog   │
`, `
│ nslcm-drops-headers              │ VF-C's REST calls carry a fixed set of        │
│ tracing.nslcm-to-catalog         │   headers, so trace headers are lost          │
`} {
		if !strings.Contains(got.out, part) {
			t.Errorf("not there:\n%s\nin:\n%s", part, got.out)
		}
	}
	if made := files(t, home); len(made) > 0 {
		t.Errorf("something was made: %v", made)
	}
}

// TestOnapShowOfAll: every release is shown with all its workloads and gaps.
func TestOnapShowOfAll(t *testing.T) {
	for _, name := range catalogue.Names() {
		release, err := catalogue.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := meshcert(t, "onap", "show", name)
		for _, line := range strings.Split(got.out, "\n") {
			if width := utf8.RuneCountInString(line); width > 100 {
				t.Errorf("%s: %d columns: %s", name, width, line)
			}
		}
		words := []string{release.Source}
		for _, w := range release.Workloads {
			words = append(words, w.Name)
		}
		for _, g := range release.Gaps {
			words = append(words, g.ID, g.Spec)
		}
		if len(release.Gaps) == 0 {
			words = append(words, "no known gaps")
		}
		for _, word := range words {
			if got.status != 0 || !strings.Contains(got.out, word) {
				t.Errorf("%s: status %d, %q is not there", name, got.status, word)
			}
		}
	}
}

// TestOnapShowJSON: the whole catalogue, and READY by policy.
func TestOnapShowJSON(t *testing.T) {
	got, _ := meshcert(t, "onap", "show", "blog", "-o", "json")
	want, err := catalogue.Load("blog")
	if err != nil {
		t.Fatal(err)
	}
	var release catalogue.Release
	if err := json.Unmarshal([]byte(got.out), &release); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	if diff := cmp.Diff(want, &release); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var columns struct {
		Workloads []struct {
			App   string            `json:"app"`
			Ready map[string]string `json:"ready"`
		} `json:"workloads"`
	}
	if err := json.Unmarshal([]byte(got.out), &columns); err != nil {
		t.Fatal(err)
	}
	for _, w := range columns.Workloads {
		if w.App == "vfc-nslcm" && (w.Ready["disabled"] != "2/2" || w.Ready["enabled"] != "3/3") {
			t.Errorf("READY of %s: %v", w.App, w.Ready)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
)

// completed asks for completions as a shell does and returns the words without
// their descriptions, and the line with the directive.
func completed(t *testing.T, args ...string) (words []string, directive string) {
	t.Helper()
	got, _ := meshcert(t, append([]string{"__complete"}, args...)...)
	if got.status != 0 {
		t.Fatalf("%v: status %d: %s", args, got.status, got.err)
	}
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		words = append(words, word)
	}
	return words, lines[len(lines)-1]
}

// The directives, sums of Cobra's bits.
const (
	anything  = ":0"
	noFiles   = ":4"
	noFilesOn = ":6"
	folders   = ":16"
	inOrder   = ":32"
)

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got, _ := meshcert(t, "completion", shell)
		if got.status != 0 || !strings.Contains(got.out, "meshcert") || !strings.Contains(got.out, "__complete") {
			t.Errorf("%s: status %d: %.200s%s", shell, got.status, got.out, got.err)
		}
	}
	if got, _ := meshcert(t, "--help"); !strings.Contains(got.out, "\n  completion ") {
		t.Errorf("help does not show the command:\n%s", got.out)
	}
	if got, _ := meshcert(t, "completion", "csh"); got.status != exitUsage {
		t.Errorf("an unknown shell: %+v", got)
	}
}

// TestCompletion: the names there are, and no file names beside them.
func TestCompletion(t *testing.T) {
	tree := t.TempDir()
	for _, name := range []string{"onap", "msb", "so"} {
		if err := os.Mkdir(filepath.Join(tree, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tree, name, "Chart.yaml"), []byte("name: "+name+"\nversion: 4.0.0\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args      []string
		with      []string
		without   []string
		directive string
	}{
		{[]string{"e2e", "--release", ""}, catalogue.Names(), nil, noFiles},
		{[]string{"onap", "show", ""}, catalogue.Names(), nil, noFiles},
		{[]string{"onap", "show", "blog", ""}, nil, catalogue.Names(), noFiles},
		{[]string{"onap", ""}, []string{"show"}, nil, noFiles},
		{[]string{"up", "--profile", ""}, []string{"core", "readiness"}, []string{"newdelhi"}, noFiles},
		{[]string{"run", "--focus", ""}, []string{"tracing", "tracing.multicloud-to-vio", "msb"}, nil, noFilesOn},
		{[]string{"list", "--focus", "msb,tra"}, []string{"msb,tracing", "msb,tracing.multicloud-to-vio"}, []string{"tracing"}, noFilesOn},
		{[]string{"e2e", "--label-filter", "core && !v"}, []string{"core && !vfc"}, []string{"vfc"}, noFilesOn},
		{[]string{"selftest", "--focus", ""}, []string{"mesh", "vio-without-sidecar"}, nil, noFilesOn},
		{[]string{"explain", ""}, []string{"tracing.multicloud-to-vio"}, []string{"tracing"}, noFiles},
		{[]string{"fault", "apply", ""}, []string{"vio-without-sidecar"}, nil, noFiles},
		{[]string{"fault", "clear", "vio-without-sidecar", ""}, nil, []string{"vio-without-sidecar"}, noFiles},
		{[]string{"e2e", "--set", ""}, []string{"msb.", "multicloud.", "vfc.", "global."}, []string{"onap."}, noFilesOn},
		{[]string{"e2e", "--set", "vfc.vfc-ns"}, []string{"vfc.vfc-nslcm."}, []string{"vfc.vfc-db."}, noFilesOn},
		{[]string{"e2e", "--set", "vfc.vfc-nslcm.ist"}, []string{"vfc.vfc-nslcm.istioSidecar="}, nil, noFilesOn},
		{[]string{"e2e", "--set", "multicloud."}, []string{"multicloud.multicloud-vio.", "multicloud.istioSidecar="}, nil, noFilesOn},
		{[]string{"e2e", "--without", "flavor,da"}, []string{"flavor,database-delay"}, nil, noFilesOn},
		{[]string{"e2e", "--charts", "oom:" + tree, "--extra-charts", ""}, []string{"so"}, []string{"msb", "onap"}, noFilesOn},
		{[]string{"e2e", "--charts", ""}, []string{"oom:", "oci://"}, nil, noFilesOn},
		{[]string{"e2e", "--waivers", ""}, nil, nil, anything},
		{[]string{"list", "-o", ""}, []string{"table", "json"}, nil, noFiles},
		{[]string{"e2e", "--config", ""}, nil, nil, anything},
		{[]string{"e2e", "--values", ""}, nil, nil, anything},
		{[]string{"e2e", "--kubeconfig", ""}, nil, nil, anything},
		{[]string{"report", "--out", ""}, nil, nil, folders},
		{[]string{"down", "--out", ""}, nil, nil, folders},
		{[]string{"e2e", "--context", ""}, nil, nil, noFiles},
		{[]string{"e2e", ""}, nil, nil, noFiles},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			words, directive := completed(t, c.args...)
			if directive != c.directive {
				t.Errorf("directive %s, want %s", directive, c.directive)
			}
			for _, word := range c.with {
				if !slices.Contains(words, word) {
					t.Errorf("%q is not among %q", word, words)
				}
			}
			for _, word := range c.without {
				if slices.Contains(words, word) {
					t.Errorf("%q is among %q", word, words)
				}
			}
			if len(c.with) == 0 && c.directive != noFiles && len(words) > 0 {
				t.Errorf("%q were offered in place of paths", words)
			}
			if once := slices.Compact(slices.Sorted(slices.Values(words))); len(once) != len(words) {
				t.Errorf("something is offered twice: %q", words)
			}
		})
	}
}

// TestCompletedWordsAreTaken: what is offered for a flag is no wrong use.
func TestCompletedWordsAreTaken(t *testing.T) {
	for flag, set := range map[string]func(*config.Config, string){
		"--images":      func(c *config.Config, word string) { c.Images = word },
		"--onap-images": func(c *config.Config, word string) { c.ONAPImages = word },
		"--sidecars":    func(c *config.Config, word string) { c.Sidecars = word },
		"--layout":      func(c *config.Config, word string) { c.Layout = word },
		"--tracer":      func(c *config.Config, word string) { c.Tracer = word },
		"--policy":      func(c *config.Config, word string) { c.Release, c.Policy = "blog", word },
		"--release":     func(c *config.Config, word string) { c.Release = word },
		"--profile":     func(c *config.Config, word string) { c.Profile = word },
	} {
		words, _ := completed(t, "up", flag, "")
		if len(words) == 0 {
			t.Errorf("%s: nothing is offered", flag)
		}
		for _, word := range words {
			var c config.Config
			set(&c, word)
			if err := c.WithDefaults().Check(); err != nil {
				t.Errorf("%s %s: %v", flag, word, err)
			}
		}
	}
}

// TestCompletionOfRuns: runs that have records, the newest first, from --out too.
func TestCompletionOfRuns(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"20260101T000000Z-core", "20260103T000000Z-core", "20260102T000000Z-blog", "20260104T000000Z-empty"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "-empty") {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name, report.RecordsFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"20260103T000000Z-core", "20260102T000000Z-blog", "20260101T000000Z-core"}
	for _, args := range [][]string{{"report", "--out", folder, ""}, {"run", "--out", folder, "--replay", ""}} {
		words, directive := completed(t, args...)
		if diff := cmp.Diff(want, words); diff != "" || directive != inOrder {
			t.Errorf("%v: directive %s, -want +got:\n%s", args, directive, diff)
		}
	}
	if words, _ := completed(t, "report", "--out", filepath.Join(folder, "none"), ""); len(words) > 0 {
		t.Errorf("where there are no runs: %q", words)
	}
}

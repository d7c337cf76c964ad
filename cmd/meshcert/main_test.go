package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/suites/all"
)

// TestMain lets the test binary be the program that child processes run.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "stage" {
		os.Exit(execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// said is what a command line came to.
type said struct {
	status   int
	out, err string
}

// meshcert runs a command line for a user whose home is empty.
func meshcert(t *testing.T, args ...string) (s said, home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "KUBECONFIG"} {
		t.Setenv(name, "")
	}
	var out, errOut bytes.Buffer
	s.status = execute(t.Context(), args, strings.NewReader(""), &out, &errOut)
	s.out, s.err = out.String(), errOut.String()
	return s, home
}

// files are all files below the folders.
func files(t *testing.T, folders ...string) []string {
	t.Helper()
	var found []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if path != folder && err == nil {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const unreachable = `{apiVersion: v1, kind: Config, current-context: c, users: [{name: u}],
  clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`

// TestWrongUse: status 2, one message with the field and the fix, nothing made.
func TestWrongUse(t *testing.T) {
	kubeconfig := file(t, "kubeconfig", unreachable)
	for name, c := range map[string]struct {
		args  []string
		parts []string
	}{
		"unknown command":            {[]string{"lst"}, []string{`"lst" is not known`, "did you mean list?"}},
		"unknown command of images":  {[]string{"images", "lst"}, []string{`"lst" is not known`, "list", "build"}},
		"unknown flag":               {[]string{"e2e", "--focsu", "tracing"}, []string{`"--focsu" is not known`, "did you mean --focus?"}},
		"unknown short flag":         {[]string{"list", "-x"}, []string{"unknown shorthand flag: 'x'"}},
		"flag without its value":     {[]string{"e2e", "--focus"}, []string{"flag needs an argument: --focus"}},
		"a word for a switch":        {[]string{"e2e", "--reuse=often"}, []string{"--reuse", "often"}},
		"an argument too many":       {[]string{"e2e", "tracing"}, []string{`"tracing"`}},
		"explain without an id":      {[]string{"explain"}, []string{"ID"}},
		"explain with two ids":       {[]string{"explain", "a", "b"}, []string{"ID"}},
		"explain an unknown id":      {[]string{"explain", "tracing.multicloud-to-via"}, []string{"did you mean tracing.multicloud-to-vio"}},
		"list with an unknown focus": {[]string{"list", "--focus", "tracign"}, []string{"--focus", "did you mean tracing"}},
		"list of nothing":            {[]string{"list", "--focus", "cluster", "--label-filter", "msb"}, []string{"selects no spec"}},
		"show an unknown release":    {[]string{"onap", "show", "casablanka"}, []string{"RELEASE", "did you mean casablanca?"}},
		"show no release":            {[]string{"onap", "show"}, []string{"RELEASE", "casablanca"}},
		"show two releases":          {[]string{"onap", "show", "blog", "casablanca"}, []string{"RELEASE", "got 2"}},
		"unknown command of onap":    {[]string{"onap", "shwo"}, []string{`"shwo" is not known`, "did you mean show?"}},
		"list as YAML":               {[]string{"list", "-o", "yaml"}, []string{"yaml", "table", "json"}},
		"explain as YAML":            {[]string{"explain", "tracing.multicloud-to-vio", "-o", "yaml"}, []string{"yaml", "table", "json"}},
		"images list as YAML":        {[]string{"images", "list", "-o", "yaml"}, []string{"yaml", "table", "json"}},
		"doctor as YAML":             {[]string{"doctor", "-o", "yaml"}, []string{"yaml", "table", "json"}},
		"doctor for no profile":      {[]string{"doctor", "--profile", "cor"}, []string{"--profile", "did you mean core?"}},
		"unknown focus":              {[]string{"e2e", "--focus", "tracign"}, []string{"--focus", `"tracign"`, "did you mean tracing"}},
		"unknown focus of run":       {[]string{"run", "--focus", "msb,sidecra"}, []string{"--focus", `"sidecra"`, "did you mean sidecar"}},
		"nothing to run":             {[]string{"e2e", "--release", "blog", "--focus", "tracing"}, []string{"selects no spec", "meshcert list"}},
		"unknown label":              {[]string{"e2e", "--label-filter", "core && !vcf"}, []string{"--label-filter", `"vcf"`, "did you mean vfc"}},
		"no label expression":        {[]string{"e2e", "--label-filter", "core &&"}, []string{"--label-filter", `"core &&"`}},
		"unknown release":            {[]string{"e2e", "--release", "casablanka"}, []string{"--release", "did you mean casablanca?"}},
		"unknown profile":            {[]string{"e2e", "--profile", "readines"}, []string{"--profile", "did you mean readiness?"}},
		"release and profile":        {[]string{"e2e", "--release", "blog", "--profile", "core"}, []string{"--release", "--profile"}},
		"policy of a profile":        {[]string{"e2e", "--policy", "enabled"}, []string{"--policy", "needs --release"}},
		"an unknown override":        {[]string{"up", "--without", "flavour"}, []string{"--without", "did you mean flavor?"}},
		"charts of no kind":          {[]string{"e2e", "--charts", "helm:x", "--release", "dublin"}, []string{"--charts", "helm:x", "oom:FOLDER"}},
		"charts nowhere":             {[]string{"up", "--charts", "oom:/nowhere"}, []string{"--charts", "/nowhere"}},
		"charts for a profile":       {[]string{"e2e", "--charts", "oom:/nowhere", "--profile", "core"}, []string{"--profile", "one release"}},
		"repair of our charts":       {[]string{"e2e", "--repair"}, []string{"--repair", "needs --charts"}},
		"a waiver file that is none": {[]string{"e2e", "--waivers", file(t, "w.yaml", "waiver: []")}, []string{"--waivers", "w.yaml"}},
		"unknown image source":       {[]string{"up", "--images", "package"}, []string{"--images", "did you mean packages?"}},
		"unknown sidecars":           {[]string{"up", "--sidecars", "clasic"}, []string{"--sidecars", "did you mean classic?"}},
		"unknown layout":             {[]string{"up", "--layout", "multi"}, []string{"--layout", "did you mean multi-node?"}},
		"no config file":             {[]string{"e2e", "--config", "/nowhere.yaml"}, []string{"--config", "/nowhere.yaml"}},
		"a wrong word in the config": {[]string{"e2e", "--config", file(t, "c.yaml", "relase: blog\n")}, []string{"--config", "relase"}},
		"a wrong value there":        {[]string{"e2e", "--config", file(t, "c.yaml", "release: bolg\n")}, []string{"--release", "did you mean blog?"}},
		"no value file":              {[]string{"e2e", "--values", "/nowhere.yaml"}, []string{"--values", "/nowhere.yaml"}},
		"a value file that is none":  {[]string{"e2e", "--values", file(t, "v.yaml", "msb: [")}, []string{"--values", "v.yaml"}},
		"a value of another type":    {[]string{"e2e", "--values", file(t, "v.yaml", "msb: {msb-iag: {service: 5}}\n")}, []string{"--values"}},
		"a setting without a value":  {[]string{"up", "--set", "msb.msb-iag"}, []string{"--set", "msb.msb-iag"}},
		"no kubeconfig":              {[]string{"e2e", "--kubeconfig", "/nowhere"}, []string{"--kubeconfig", "/nowhere"}},
		"a kubeconfig that is none":  {[]string{"e2e", "--kubeconfig", file(t, "k", "}{")}, []string{"--kubeconfig", "name a readable"}},
		"context without kubeconfig": {[]string{"down", "--context", "c"}, []string{"--context", "needs --kubeconfig"}},
		"unknown context":            {[]string{"run", "--kubeconfig", kubeconfig, "--context", "d"}, []string{"--context", `"d"`, "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			runs := t.TempDir()
			if slices.Contains([]string{"e2e", "up", "run", "down", "doctor"}, c.args[0]) {
				c.args = slices.Insert(slices.Clone(c.args), 1, "--out", runs)
			}
			got, home := meshcert(t, c.args...)
			if got.status != exitUsage || got.out != "" {
				t.Errorf("status %d, output %q", got.status, got.out)
			}
			for _, part := range c.parts {
				if !strings.Contains(got.err, part) {
					t.Errorf("%q is not in: %s", part, got.err)
				}
			}
			if !strings.HasPrefix(got.err, "meshcert: ") || strings.Count(got.err, "meshcert: ") > 1 || strings.Contains(got.err, "\n\n") {
				t.Errorf("not one message: %q", got.err)
			}
			if made := files(t, home, runs); len(made) > 0 {
				t.Errorf("something was made: %v", made)
			}
		})
	}
}

func TestList(t *testing.T) {
	got, home := meshcert(t, "list", "-o", "json")
	var listed []entry
	if err := json.Unmarshal([]byte(got.out), &listed); err != nil || got.status != 0 || got.err != "" {
		t.Fatalf("status %d, %v, %s", got.status, err, got.err)
	}
	want, err := entriesOf(all.Specs())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if made := files(t, home); len(made) > 0 {
		t.Errorf("something was made: %v", made)
	}
	got, _ = meshcert(t, "list")
	if got.status != 0 {
		t.Fatal(got)
	}
	for _, s := range all.Specs() {
		_, row, found := strings.Cut(got.out, s.ID+" ")
		row, _, _ = strings.Cut(row, "├")
		if !found || strings.Contains(row, "(disruptive)") != s.Disruptive {
			t.Errorf("%s is not in the table, or disruptive %t not as it is: %s", s.ID, s.Disruptive, row)
		}
	}
	for _, line := range strings.Split(got.out, "\n") {
		if width := len([]rune(line)); width > 100 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

func TestListSelects(t *testing.T) {
	for want, args := range map[string][]string{
		"sidecar.ready sidecar.proxies":      {"--focus", "sidecar"},
		"metrics.vfc-db metrics.connections": {"--focus", "metrics", "--label-filter", "vfc && !msb"},
		"msb.portal":                         {"--focus", "msb.p*l"},
	} {
		got, _ := meshcert(t, append([]string{"list", "-o", "json"}, args...)...)
		var listed []entry
		if err := json.Unmarshal([]byte(got.out), &listed); err != nil {
			t.Fatalf("%v: %s", err, got.err)
		}
		var ids []string
		for _, e := range listed {
			ids = append(ids, e.ID)
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%v lists %v, want %s", args, ids, want)
		}
	}
}

func TestExplain(t *testing.T) {
	faults, err := fault.Load()
	if err != nil {
		t.Fatal(err)
	}
	bySpec := fault.BySpec(faults)
	for _, s := range all.Specs() {
		got, _ := meshcert(t, "explain", s.ID)
		words := strings.Join(strings.Fields(got.out), " ") // lines are wrapped
		for _, part := range append([]string{s.ID + " proves", s.Proves, s.FailsIf, "make e2e FOCUS=" + s.ID + " REUSE=1"}, bySpec[s.ID]...) {
			if got.status != 0 || !strings.Contains(words, part) {
				t.Errorf("status %d, %q is not in:\n%s", got.status, part, got.out)
			}
		}
		if strings.Contains(words, "--allow-disruptive") != s.Disruptive {
			t.Errorf("%s is disruptive: %t, and it says:\n%s", s.ID, s.Disruptive, got.out)
		}
	}
	got, home := meshcert(t, "explain", "tracing.multicloud-to-vio", "-o", "json")
	var e entry
	if err := json.Unmarshal([]byte(got.out), &e); err != nil || e.ID != "tracing.multicloud-to-vio" || len(e.Faults) == 0 {
		t.Errorf("%v: %s", err, got.out)
	}
	if made := files(t, home); len(made) > 0 {
		t.Errorf("something was made: %v", made)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"images"}, {"e2e", "--help"}, {"--version"}} {
		got, home := meshcert(t, args...)
		if got.status != 0 || got.out == "" || got.err != "" {
			t.Errorf("%v: %+v", args, got)
		}
		if strings.Contains(got.out, "stage") && strings.Contains(got.out, "order on standard input") {
			t.Errorf("%v shows commands that are for meshcert itself:\n%s", args, got.out)
		}
		if made := files(t, home); len(made) > 0 {
			t.Errorf("%v made %v", args, made)
		}
	}
}

// TestUnreachableCluster: inconclusive, what is wrong and what to do, and
// nothing but the run's folder and the lock is there.
func TestUnreachableCluster(t *testing.T) {
	for name, args := range map[string][]string{
		"e2e": {"e2e"}, "e2e, one spec": {"e2e", "--focus", "tracing.multicloud-to-vio"}, "up": {"up"}, "run": {"run"},
	} {
		t.Run(name, func(t *testing.T) {
			runs := t.TempDir()
			got, home := meshcert(t, append(args, "--kubeconfig", file(t, "kubeconfig", unreachable), "--out", runs)...)
			if got.status != report.ExitInconclusive {
				t.Errorf("status %d", got.status)
			}
			text := got.out + got.err
			if !strings.Contains(text, "connect: connection refused; check --kubeconfig and --context, and that the cluster runs") {
				t.Errorf("nobody reads what to do:\n%s", text)
			}
			for _, path := range files(t, home) {
				if name := filepath.Base(path); !slices.Contains([]string{".local", "state", "meshcert", "lock"}, name) {
					t.Errorf("%s was made", path)
				}
			}
		})
	}
}

func TestDoctorOfAnUnreachableCluster(t *testing.T) {
	got, home := meshcert(t, "doctor", "-o", "json", "--kubeconfig", file(t, "kubeconfig", unreachable))
	var checks []map[string]any
	if err := json.Unmarshal([]byte(got.out), &checks); err != nil || len(checks) == 0 {
		t.Fatalf("%v: %s%s", err, got.out, got.err)
	}
	if got.status != report.ExitInconclusive || !strings.Contains(got.out, "does not answer") {
		t.Errorf("status %d: %s", got.status, got.out)
	}
	if made := files(t, home); len(made) > 0 {
		t.Errorf("something was made: %v", made)
	}
}

func TestDownOfNothing(t *testing.T) {
	runs := t.TempDir()
	got, _ := meshcert(t, "down", "--out", runs)
	if got.status != 0 || got.err != "" {
		t.Errorf("%+v", got)
	}
	if left := files(t, runs); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestFlagsWinOverTheFile: what is said twice is taken from the command line.
func TestFlagsWinOverTheFile(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	path := file(t, "c.yaml", "release: blog\nsidecars: classic\nset: [a=1]\nreuse: true\nfocus: msb\n")
	for name, c := range map[string]struct {
		args []string
		want config.Config
	}{
		"the file alone": {nil, config.Config{Release: "blog", Sidecars: "classic", Set: []string{"a=1"}, Reuse: true, Focus: "msb"}},
		"flags beside it": {
			[]string{"--layout", "multi-node", "--open-egress"},
			config.Config{Release: "blog", Sidecars: "classic", Set: []string{"a=1"}, Reuse: true, Focus: "msb", Layout: "multi-node", OpenEgress: true},
		},
		"flags against it": {
			[]string{"--release", "casablanca", "--sidecars", "native", "--set", "b=1,c=2", "--set", "d=3", "--reuse=false", "--focus", "tracing"},
			config.Config{Release: "casablanca", Sidecars: "native", Set: []string{"b=1,c=2", "d=3"}, Focus: "tracing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s settings
			cmd := &cobra.Command{}
			s.bind(cmd)
			s.bindSelection(cmd)
			if err := cmd.ParseFlags(append(c.args, "--config", path, "--out", "/runs")); err != nil {
				t.Fatal(err)
			}
			got, err := s.resolve(cmd)
			if err != nil {
				t.Fatal(err)
			}
			if got.Places.Runs != "/runs" {
				t.Errorf("runs go to %s", got.Places.Runs)
			}
			got.Places = config.Places{}
			if diff := cmp.Diff(c.want.WithDefaults(), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

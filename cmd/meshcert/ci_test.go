package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mattn/go-shellwords"
	"github.com/rhysd/actionlint"
	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// jobFiles are the ready-made job files.
func jobFiles(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../docs/ci/*.y*ml")
	if err != nil || len(names) != 3 {
		t.Fatalf("job files %v (%v)", names, err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if all[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestJobFilesAreYAML: no key is there twice.
func TestJobFilesAreYAML(t *testing.T) {
	for name, text := range jobFiles(t) {
		var value any
		if err := yaml.UnmarshalStrict(text, &value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWorkflowOfGitHub: actionlint knows the workflow's syntax, its expressions and
// the inputs of the actions.
func TestWorkflowOfGitHub(t *testing.T) {
	lint := func(text []byte) []*actionlint.Error {
		linter, err := actionlint.NewLinter(&bytes.Buffer{}, &actionlint.LinterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		found, err := linter.Lint("github-actions.yml", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	text := jobFiles(t)["github-actions.yml"]
	for _, e := range lint(text) {
		t.Errorf("%v", e)
	}
	for _, wrong := range [][2]string{{"runs-on:", "run-on:"}, {"github.event_name", "github.event_nam"}, {"fetch-depth:", "fetch-dept:"}} {
		if len(lint(bytes.Replace(text, []byte(wrong[0]), []byte(wrong[1]), 1))) == 0 {
			t.Errorf("%s instead of %s is no error", wrong[1], wrong[0])
		}
	}
}

// TestJobsOfOthers: the programs that know the syntax of GitLab and of Jenkins Job
// Builder take the files, where they are installed.
func TestJobsOfOthers(t *testing.T) {
	for name, command := range map[string][]string{
		"GitLab": {"check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "../../docs/ci/gitlab-ci.yml"},
		"GitHub": {"check-jsonschema", "--builtin-schema", "vendor.github-workflows", "../../docs/ci/github-actions.yml"},
		"JJB":    {"jenkins-jobs", "test", "../../docs/ci/jenkins-job-builder.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := exec.LookPath(command[0])
			if errors.Is(err, exec.ErrNotFound) {
				t.Skipf("needs %s: pip install check-jsonschema jenkins-job-builder", command[0])
			}
			out, err := exec.CommandContext(t.Context(), program, command[1:]...).CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, out)
			}
			for _, job := range []string{"oom-casablanca-msb-meshcert-gate", "oom-casablanca-multicloud-meshcert-gate", "oom-casablanca-vfc-meshcert-gate"} {
				if name == "JJB" && !bytes.Contains(out, []byte(job)) {
					t.Errorf("there is no job %s:\n%s", job, out)
				}
			}
		})
	}
}

// calls are the command lines of meshcert in a text: of its binary, or lines that
// begin with it.
var calls = regexp.MustCompile(`(?m)(?:bin/meshcert"?|^ *meshcert) ([a-z][^\n]*)`)

// continued is the end of a line that goes on in the next.
var continued = regexp.MustCompile(`\\\n\s*`)

// inner is what a shell puts in: $(…) in which a flag may be said.
var inner = regexp.MustCompile(`\$\(\[ [^\]]* \] && echo ([^)]*)\)`)

// checkCalls runs every call of meshcert in the text past Cobra, and returns the commands.
func checkCalls(t *testing.T, name, text string) []string {
	t.Helper()
	text = inner.ReplaceAllString(continued.ReplaceAllString(text, " "), "$1")
	var commands []string
	for _, m := range calls.FindAllStringSubmatch(text, -1) {
		line := strings.TrimSuffix(strings.SplitN(m[1], " || ", 2)[0], "`")
		words, err := shellwords.Parse(line)
		if err != nil {
			t.Errorf("%s: %s: %v", name, line, err)
			continue
		}
		cmd, rest, err := rootCommand().Find(words)
		if err != nil || cmd.Name() == "meshcert" {
			t.Errorf("%s: %s: there is no such command (%v)", name, line, err)
			continue
		}
		cmd.InitDefaultHelpFlag()
		if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("%s: %s: %v", name, line, err)
		} else if err := argsOf(cmd); err != nil {
			t.Errorf("%s: %s: %v", name, line, err)
		}
		commands = append(commands, cmd.Name())
	}
	return commands
}

func argsOf(cmd *cobra.Command) error { return cmd.ValidateArgs(cmd.Flags().Args()) }

// TestCommandsOfJobFiles: what the files call is there, with each flag.
func TestCommandsOfJobFiles(t *testing.T) {
	for name, text := range jobFiles(t) {
		if got := checkCalls(t, name, string(text)); !slices.Contains(got, "gate") {
			t.Errorf("%s calls %v, and no gate", name, got)
		}
	}
}

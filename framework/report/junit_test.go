package report

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/verdict"
)

// invalid says what xmllint has against a JUnit file; "" when nothing.
func invalid(t *testing.T, text []byte) string {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not there (Debian: libxml2-utils)")
	}
	cmd := exec.CommandContext(t.Context(), program, "--noout", "--nonet", "--relaxng", "testdata/junit.rng", "-")
	cmd.Stdin = bytes.NewReader(text)
	said, err := cmd.CombinedOutput()
	if err == nil {
		return ""
	}
	return string(said)
}

// TestJUnitIsWhatJenkinsTakes: every kind of run makes a file that the schema allows.
func TestJUnitIsWhatJenkinsTakes(t *testing.T) {
	evil := sampleRun()
	evil[6].Spec.Findings = []verdict.Finding{{Kind: "k\"<&>", Verdict: verdict.Fail, Summary: "]]> <b> & \x00\x1b \xff", Got: "]]>"}}
	evil[6].Spec.Verdict, evil[6].Spec.Proves = verdict.Fail, "<a> & \x01"
	for name, records := range map[string][]Record{
		"everything": sampleRun(), "green": passing(), "killed at once": passing()[:1], "killed": passing()[:3],
		"nothing judged": run(verdict.Skip), "any text": evil,
	} {
		text, err := JUnit(assembled(t, records))
		if err != nil {
			t.Fatal(err)
		}
		if why := invalid(t, text); why != "" {
			t.Errorf("%s: %s\n%s", name, why, text)
		}
	}
}

// TestJUnitSchemaBites: what Jenkins would refuse is refused.
func TestJUnitSchemaBites(t *testing.T) {
	text, err := JUnit(assembled(t, sampleRun()))
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	for name, change := range map[string][2]string{
		"a case with properties":  {"<testcase ", "<testcase><properties/></testcase><testcase "},
		"skipped cases at root":   {"<testsuites ", "<testsuites skipped=\"1\" "},
		"a case without a name":   {` name="portal"`, ""},
		"a suite without a count": {`<testsuite name="run" tests="1"`, `<testsuite name="run"`},
		"a time in words":         {`time="0.200"`, `time="soon"`},
		"an unknown element":      {"<skipped ", "<ignored/><skipped "},
		"cut off":                 {"</testsuites>", ""},
	} {
		if !strings.Contains(whole, change[0]) {
			t.Fatalf("%s: the file has no %s", name, change[0])
		}
		if invalid(t, []byte(strings.Replace(whole, change[0], change[1], 1))) == "" {
			t.Errorf("%s: the schema allows it", name)
		}
	}
}

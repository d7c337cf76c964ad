package fault

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// spoilt puts the program into one of two pieces of evidence, and returns what
// became of it without white space.
func spoilt(t *testing.T, program, text string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	spec := filepath.Join(folder, "sidecar.ready")
	if err := os.Mkdir(spec, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"pods": text, "before": `{"evidence": {"at": 1}}`} {
		if err := os.WriteFile(filepath.Join(spec, name+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := Spoil(folder, Fault{Evidence: []Edit{{Spec: "sidecar.ready", Name: "pods", With: program}}})
	got, readErr := os.ReadFile(filepath.Join(spec, "pods.json"))
	if readErr != nil {
		t.Fatal(readErr)
	}
	var compact bytes.Buffer
	if json.Compact(&compact, got) != nil {
		return string(got), err
	}
	return compact.String(), err
}

func TestSpoil(t *testing.T) {
	const text = `{"evidence": {"at": 1700000000000000001, "ratio": 1.10, "pods": [{"name": "a"}, {"name": "b"}], "text": "<&>"}}`
	for program, want := range map[string]string{
		`.evidence.pods = []`:                   `{"evidence":{"at":1700000000000000001,"pods":[],"ratio":1.10,"text":"<&>"}}`,
		`del(.evidence.pods[0])`:                `{"evidence":{"at":1700000000000000001,"pods":[{"name":"b"}],"ratio":1.10,"text":"<&>"}}`,
		`.evidence |= {at: .at+1}`:              `{"evidence":{"at":1700000000000000002}}`,
		`.evidence = null | .error = "gone"`:    `{"error":"gone","evidence":null}`,
		`.evidence = $kept["before"].evidence`:  `{"evidence":{"at":1}}`,
		`.evidence = ($kept | keys | join(""))`: `{"evidence":"beforepods"}`,
	} {
		if got, err := spoilt(t, program, text); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", program, got, err, want)
		}
	}
	for program, want := range map[string]string{
		`.`: `jq program "." changes nothing, so nothing is broken`,
		`.evidence.pods |= map(select(.name != "c"))`: "changes nothing, so nothing is broken",
		`.evidence.at = 1700000000000000001`:          "changes nothing, so nothing is broken",
		`empty`:                                       `jq program "empty": has no output, one is wanted`,
		`.evidence.pods[]`:                            "has more than one output, one is wanted",
		`1, error("late")`:                            "error: late",
		`.evidence.text.name`:                         "expected an object",
		`.evidence |=`:                                "unexpected EOF",
		`range(infinite)`:                             "has more than one output, one is wanted",
		`$others`:                                     "variable not defined",
	} {
		got, err := spoilt(t, program, text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "change evidence pods of sidecar.ready: ") {
			t.Errorf("%s: got %s, %v", program, got, err)
		}
	}
	for _, bad := range []string{"", "{", "nonsense"} {
		if got, err := spoilt(t, ".a = 1", bad); err == nil {
			t.Errorf("%q became %s", bad, got)
		}
	}
}

func TestSpoilWhatWasNotKept(t *testing.T) {
	err := Spoil(t.TempDir(), Fault{Evidence: []Edit{{Spec: "sidecar.ready", Name: "pods", With: ".a = 1"}}})
	if err == nil || !strings.Contains(err.Error(), "the run kept no such evidence") {
		t.Errorf("got %v", err)
	}
}

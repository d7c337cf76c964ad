package fault

import (
	"strings"
	"testing"
)

func TestSpoil(t *testing.T) {
	const text = `{"evidence": {"at": 1700000000000000001, "ratio": 1.10, "pods": [{"name": "a"}, {"name": "b"}], "text": "<&>"}}`
	for program, want := range map[string]string{
		`.evidence.pods = []`:                `{"evidence":{"at":1700000000000000001,"pods":[],"ratio":1.10,"text":"<&>"}}`,
		`del(.evidence.pods[0])`:             `{"evidence":{"at":1700000000000000001,"pods":[{"name":"b"}],"ratio":1.10,"text":"<&>"}}`,
		`.evidence |= {at: .at+1}`:           `{"evidence":{"at":1700000000000000002}}`,
		`.evidence = null | .error = "gone"`: `{"error":"gone","evidence":null}`,
	} {
		got, err := Spoil(Edit{Spec: "sidecar.ready", Name: "pods", With: program}, []byte(text))
		if err != nil || string(got) != want {
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
	} {
		got, err := Spoil(Edit{Spec: "sidecar.ready", Name: "pods", With: program}, []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "change evidence pods of sidecar.ready: ") {
			t.Errorf("%s: got %s, %v", program, got, err)
		}
	}
	for _, bad := range []string{"", "{", "nonsense"} {
		if got, err := Spoil(Edit{With: ".a = 1"}, []byte(bad)); err == nil {
			t.Errorf("%q became %s", bad, got)
		}
	}
}

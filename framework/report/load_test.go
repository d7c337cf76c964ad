package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/verdict"
)

func encoded(t testing.TB, records []Record) []byte {
	t.Helper()
	r, err := Assemble(records)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestLoadReadsWhatSaveWrote(t *testing.T) {
	folder := t.TempDir()
	want := assembled(t, sampleRun())
	if err := Save(folder, want); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, filepath.Join(folder, ReportFile)} {
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the report differs (-written +read):\n%s", path, diff)
		}
	}
}

// TestCanonical: names in order, one line, and numbers as RFC 8785 has them.
func TestCanonical(t *testing.T) {
	text := encoded(t, sampleRun())
	if bytes.ContainsAny(text, "\n") || !bytes.HasPrefix(text, []byte(`{"counts":{"fail":1,"inconclusive":1,"pass":2,"skip":1,"specs":5},"ended":`)) {
		t.Errorf("not one line with its names in order: %.120s", text)
	}
	for _, part := range []string{`"load":[0.5,0.25,0.1]`, `"memoryBytes":8589934592`, `"value":0.0031`, "msb-iag → vfc-nslcm"} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("%s is missing", part)
		}
	}
}

func TestLoadNamesWhatIsMissing(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "none")} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error that names %s", err, path)
		}
	}
	file := filepath.Join(folder, ReportFile)
	if err := os.WriteFile(file, []byte(`{"schema":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "meshcert report RUN") {
		t.Errorf("got %v, want an error that names %s and what to do", err, file)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := string(encoded(t, passing()))
	swap := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("the report has no %s", old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                 {"", "not JSON"},
		"another value":           {"[]", "schema"},
		"half":                    {whole[:len(whole)/2], "not JSON"},
		"twice":                   {whole + whole, "not JSON"},
		"a name twice":            {swap(`"exit":0`, `"exit":1,"exit":0`), "exit"},
		"another case":            {swap(`"exit":0`, `"Exit":0`), "schema"},
		"no UTF-8":                {swap(`"profile":"`, "\"profile\":\"\xff"), "UTF-8"},
		"a field nobody knows":    {swap(`"exit":0`, `"exit":0,"extra":1`), "extra"},
		"a null":                  {swap(`"phases":[`, `"notes":null,"phases":[`), "notes"},
		"a count that is not so":  {swap(`"pass":2`, `"pass":3`), "counts"},
		"a number that is none":   {swap(`"exit":0`, `"exit":1e999`), "not JSON"},
		"a selected that says no": {swap(`"selected":3`, `"selected":4`), "verdict"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestParseRefusesWhatDoesNotFollow: what is derived must be what its specs say.
func TestParseRefusesWhatDoesNotFollow(t *testing.T) {
	for name, change := range map[string]func(*Report){
		"exit":         func(r *Report) { r.Exit = ExitFail },
		"verdict":      func(r *Report) { r.Verdict = verdict.Inconclusive },
		"counts":       func(r *Report) { r.Counts.Pass-- },
		"topics":       func(r *Report) { r.Topics = r.Topics[1:] },
		"ready":        func(r *Report) { r.Ready[0].Text = "29/29" },
		"gaps":         func(r *Report) { r.Gaps = nil },
		"specs":        func(r *Report) { r.Specs[0], r.Specs[1] = r.Specs[1], r.Specs[0] },
		"judged twice": func(r *Report) { r.Specs = append(r.Specs, r.Specs[len(r.Specs)-1]) },
		"verdict fail, but its findings": func(r *Report) {
			for i := range r.Specs {
				r.Specs[i].Verdict = map[verdict.Verdict]verdict.Verdict{"fail": "inconclusive"}[r.Specs[i].Verdict]
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := assembled(t, sampleRun())
			change(r)
			text, err := r.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Parse(text); err == nil {
				t.Error("it is taken for a report")
			}
		})
	}
}

// TestParseTakesAnyLayout: only a verifier demands the canonical bytes.
func TestParseTakesAnyLayout(t *testing.T) {
	text := encoded(t, sampleRun())
	var spread bytes.Buffer
	if err := json.Indent(&spread, text, "", "\t"); err != nil {
		t.Fatal(err)
	}
	r, err := Parse(spread.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("read and written again (-before +after):\n%s", diff)
	}
}

func TestFocused(t *testing.T) {
	list := []string{"casablanca/sidecar.ready", "casablanca/msb.portal"}
	for _, c := range []struct {
		run  Run
		want bool
	}{
		{Run{Selected: 2, SpecList: list}, false},
		{Run{Selected: 1, SpecList: list}, true},
		{Run{Selected: 2, SpecList: list, Settings: Settings{Focus: "sidecar,msb"}}, true},
		{Run{Selected: 2, SpecList: list, Settings: Settings{LabelFilter: "core"}}, true},
	} {
		if got := c.run.Focused(); got != c.want {
			t.Errorf("%+v: focused %t, want %t", c.run, got, c.want)
		}
	}
}

// document reads a report; what is taken can be written and read again.
func document(text string) (refused, broken error) {
	r, err := Parse([]byte(text))
	if err != nil {
		return err, nil
	}
	again, broken := r.JSON()
	if broken == nil {
		_, broken = Parse(again)
	}
	return nil, broken
}

func TestReportMalformed(t *testing.T) {
	attack.Parser(t, document, []string{string(encoded(t, passing()))})
}

func FuzzReport(f *testing.F) {
	attack.FuzzParser(f, document, string(encoded(f, sampleRun())))
}

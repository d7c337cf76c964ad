package diff

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/reports/schema"
)

var update = flag.Bool("update", false, "write the texts in testdata anew")

// rich is a difference with something in every section, and every field.
func rich(t testing.TB) Diff {
	return compared(made(t, nil), made(t, func(s *sample) {
		s.run.ID, s.run.Version, s.run.Settings.Sidecars = "20261124T020000Z-casablanca", "1.1", "classic"
		s.spec("sidecar.ready").Verdict, s.spec("sidecar.ready").Findings = verdict.Fail, []verdict.Finding{split("7a01…")}
		s.spec("tracing.nslcm-to-catalog").Findings = nil
		s.spec("tracing.header-survey").Headers.Rows[1].States[1] = evidence.Forwarded
		s.spec("metrics.load").Figures[0].Value = 140
		s.spec("graph.edges").Seconds = 45
		s.graph.Edges = append(s.graph.Edges, evidence.Edge{From: "msb-msb-eag", To: "vfc-vfc-nslcm", Rate: 1, Unit: "reqs/sec"})
		s.series.Items = nil
		s.after.Requests.Items[2].Labels["connection_security_policy"] = "none"
		s.env.Istio, s.env.Images[0].Digest, s.env.Charts[0].ValuesDigest, s.env.Images = "1.32.0", digestB, digestB, s.env.Images[:1]
		for i := range most + 2 {
			s.env.Changes = append(s.env.Changes, report.Change{Object: fmt.Sprintf("Deployment onap/w%02d", i), By: "repair", Rule: "port-name", Field: "name", From: "a", To: "http-a"})
		}
	}))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, -want +got (go test ./framework/report/diff -update):\n%s", path, diff)
	}
}

func TestTexts(t *testing.T) {
	good := made(t, nil)
	golden(t, "worse.txt", rich(t).Text(false))
	golden(t, "better.txt", compared(made(t, func(s *sample) { s.spec("sidecar.ready").Verdict = verdict.Fail }), good).Text(false))
	golden(t, "killed.txt", compared(good, made(t, func(s *sample) { s.killed = true })).Text(false))
	golden(t, "nothing.txt", compared(good, good).Text(false))
	golden(t, "unseen.txt", compared(Run{Report: good.Report}, Run{Report: good.Report}).Text(false))
	for _, s := range rich(t).Sections {
		if s.Title() == "" {
			t.Errorf("section %s has no title", s.Topic)
		}
	}
}

func TestColour(t *testing.T) {
	plain, coloured := rich(t).Text(false), rich(t).Text(true)
	if strings.Contains(plain, "\x1b") {
		t.Error("there are colours in what is no terminal's")
	}
	const red = "\x1b[31m+ msb-msb-eag → vfc-vfc-nslcm"
	if !strings.Contains(coloured, red) {
		t.Errorf("what is worse is not red:\n%s", coloured)
	}
}

// TestPage: the page tells all there is, and asks no network.
func TestPage(t *testing.T) {
	d := rich(t)
	var page bytes.Buffer
	if err := d.Page(&page); err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Sections {
		if !strings.Contains(page.String(), `<section id="`+string(s.Topic)+`">`) {
			t.Errorf("the page has no section %s", s.Topic)
		}
	}
	if got, want := strings.Count(page.String(), "<tr><td"), d.changes(); got != want {
		t.Errorf("%d lines in the page, %d changes", got, want)
	}
	for _, outside := range []string{"http://", "https://", "src=", "href=", "@import", "url("} {
		if strings.Contains(page.String(), outside) {
			t.Errorf("the page holds %q", outside)
		}
	}
}

func validate(t *testing.T, text []byte) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(schema.Diff()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schema.DiffID, document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schema.DiffID)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(value)
}

func encoded(t *testing.T, d Diff) []byte {
	t.Helper()
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSchemaKnowsEveryField: the schema allows no field it does not name, so a
// sample with every field proves that it names them all.
func TestSchemaKnowsEveryField(t *testing.T) {
	for name, c := range cases() {
		if err := validate(t, encoded(t, compared(made(t, nil), made(t, c.change)))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := validate(t, encoded(t, compared(Run{}, Run{}))); err != nil {
		t.Errorf("no reports: %v", err)
	}
	killed := compared(made(t, nil), made(t, func(s *sample) { s.killed = true }))
	filled := map[string]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Name() + "." + v.Type().Field(i).Name
				filled[name] = filled[name] || !v.Field(i).IsZero()
				walk(v.Field(i))
			}
		}
	}
	better := compared(made(t, func(s *sample) { s.spec("sidecar.ready").Verdict = verdict.Inconclusive }), made(t, func(s *sample) {
		s.spec("graph.edges").Verdict = verdict.Skip
	}))
	for _, d := range []Diff{rich(t), killed, better} {
		if err := validate(t, encoded(t, d)); err != nil {
			t.Error(err)
		}
		walk(reflect.ValueOf(d))
	}
	for name, is := range filled {
		if !is {
			t.Errorf("no sample has a value for %s", name)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	good := encoded(t, rich(t))
	section := func(d map[string]any) map[string]any { return d["sections"].([]any)[0].(map[string]any) }
	change := func(d map[string]any) map[string]any { return section(d)["changes"].([]any)[0].(map[string]any) }
	for name, spoil := range map[string]func(map[string]any){
		"an unknown field":         func(d map[string]any) { d["extra"] = 1 },
		"another schema":           func(d map[string]any) { d["schema"] = "x" },
		"exit 2":                   func(d map[string]any) { d["exit"] = 2 },
		"worse, and exit 0":        func(d map[string]any) { d["exit"] = 0 },
		"incomparable and exit 1":  func(d map[string]any) { d["incomparable"] = []any{"killed"} },
		"nothing worse and exit 1": func(d map[string]any) { d["worse"] = 0 },
		"an unknown topic":         func(d map[string]any) { section(d)["topic"] = "weather" },
		"a section of nothing":     func(d map[string]any) { section(d)["changes"] = []any{} },
		"an unknown way":           func(d map[string]any) { change(d)["way"] = "moved" },
		"an unknown effect":        func(d map[string]any) { change(d)["effect"] = "bad" },
		"a change of nothing":      func(d map[string]any) { delete(change(d), "subject") },
		"an unknown verdict":       func(d map[string]any) { d["a"].(map[string]any)["verdict"] = "green" },
	} {
		t.Run(name, func(t *testing.T) {
			var document map[string]any
			if err := json.Unmarshal(good, &document); err != nil {
				t.Fatal(err)
			}
			spoil(document)
			text, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			if validate(t, text) == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}

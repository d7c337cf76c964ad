package selftest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onap/meshcert/reports/schema"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for id, text := range map[string]string{schema.ID: schema.Report(), schema.SelftestID: schema.Selftest()} {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource(id, document); err != nil {
			t.Fatal(err)
		}
	}
	s, err := compiler.Compile(schema.SelftestID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, d *Document) {
	t.Helper()
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := check(t, text); err != nil {
		t.Errorf("the document does not follow its schema: %v\n%s", err, text)
	}
}

func check(t *testing.T, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return compiled(t).Validate(value)
}

// everything is documents that together have a value in every field.
func everything(t *testing.T) []*Document {
	gap := missing
	gap.Why, gap.Gap, gap.Waiver, gap.Verdict = "w", "g", "o", "pass"
	rich := changed(vioJudged, func(r *Record) { r.Judged.Cells[0].Findings = append(r.Judged.Cells[0].Findings, gap) })
	var out []*Document
	for _, records := range [][]Record{rich, survivor(), wrongReason(), falseAlarm(), notBack(), notApplied(), notCleared(),
		killed(), nothingPlanned(), interrupted(), rare()} {
		out = append(out, assembled(t, records))
	}
	return out
}

// The schema allows no field it does not name, so samples with every field
// prove that it names them all.
func TestSchemaKnowsEveryField(t *testing.T) {
	known, filled := map[string]bool{}, map[string]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				field := v.Type().Field(i)
				if !field.IsExported() {
					continue
				}
				name := v.Type().Name() + "." + field.Name
				known[name] = true
				filled[name] = filled[name] || !v.Field(i).IsZero()
				walk(v.Field(i))
			}
		}
	}
	for _, d := range everything(t) {
		validate(t, d)
		walk(reflect.ValueOf(*d))
	}
	for name := range known {
		if !filled[name] {
			t.Errorf("no sample has a value for %s", name)
		}
	}
	if id := schema.SelftestID; !strings.Contains(schema.Selftest(), `"$id": "`+id+`"`) {
		t.Errorf("the schema's id is not %q", id)
	}
}

func TestSchemaRefuses(t *testing.T) {
	good, err := assembled(t, noticed()).JSON()
	if err != nil {
		t.Fatal(err)
	}
	fault := func(d map[string]any) map[string]any { return d["faults"].([]any)[0].(map[string]any) }
	for name, change := range map[string]func(map[string]any){
		"an unknown field":            func(d map[string]any) { d["extra"] = 1 },
		"an unknown verdict":          func(d map[string]any) { d["verdict"] = "green" },
		"another schema":              func(d map[string]any) { d["schema"] = "x" },
		"exit 2, no selftest's":       func(d map[string]any) { d["exit"] = 2 },
		"a score above 1":             func(d map[string]any) { d["score"].(map[string]any)["score"] = 1.1 },
		"green and unfinished":        func(d map[string]any) { d["finished"] = false },
		"green and a lower score":     func(d map[string]any) { d["score"].(map[string]any)["score"] = 0.5 },
		"green with a survivor":       func(d map[string]any) { d["survivors"] = []any{vio} },
		"green without faults":        func(d map[string]any) { d["faults"] = []any{} },
		"green without a healthy run": func(d map[string]any) { d["healthy"] = []any{} },
		"green with a survived fault": func(d map[string]any) { fault(d)["outcome"] = "survived" },
		"green and not back":          func(d map[string]any) { fault(d)["back"] = "red" },
		"green with a false alarm": func(d map[string]any) {
			d["falseAlarms"] = []any{map[string]any{"run": 1, "spec": ready, "verdict": "fail"}}
		},
		"exit 0 and another verdict":   func(d map[string]any) { d["verdict"] = "fail" },
		"an unknown outcome":           func(d map[string]any) { fault(d)["outcome"] = "found" },
		"a fault without specs":        func(d map[string]any) { fault(d)["specs"] = []any{} },
		"a spec that is no TOPIC.SLUG": func(d map[string]any) { d["specs"] = []any{"ready"} },
	} {
		t.Run(name, func(t *testing.T) {
			var document map[string]any
			if err := json.Unmarshal(good, &document); err != nil {
				t.Fatal(err)
			}
			change(document)
			text, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			if check(t, text) == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}

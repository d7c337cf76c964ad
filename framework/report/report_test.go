package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/reports/schema"
)

func assembled(t *testing.T, records []Record) *Report {
	t.Helper()
	r, err := Assemble(records)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAssembleCountsAndOrders(t *testing.T) {
	r := assembled(t, sampleRun())
	var specs []string
	for _, s := range r.Specs {
		specs = append(specs, s.Release+" "+s.ID)
	}
	want := []string{"blog msb.portal", "blog sidecar.ready", "casablanca metrics.requests", "casablanca sidecar.ready", "casablanca tracing.nslcm-to-catalog"}
	if diff := cmp.Diff(want, specs); diff != "" {
		t.Errorf("specs differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Counts{Specs: 5, Pass: 2, Fail: 1, Inconclusive: 1, Skip: 1}, r.Counts); diff != "" {
		t.Errorf("counts differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Ready{{"blog", "sidecar.ready", "26/26"}, {"casablanca", "sidecar.ready", "29/29"}}, r.Ready); diff != "" {
		t.Errorf("READY differs (-want +got):\n%s", diff)
	}
	if got := r.Specs[4].Findings[2].Gap; got != "check-vim-capacity-drops-headers" {
		t.Errorf("the last finding has gap %q: findings are not gravest first", got)
	}
	if r.Verdict != verdict.Fail || r.Exit != ExitInterrupted || !r.Finished || r.Seconds != 106 {
		t.Errorf("got verdict %s, exit %d, finished %t, %g s; want fail, 130, true, 106 s", r.Verdict, r.Exit, r.Finished, r.Seconds)
	}
}

func TestAssembleDoesNotDependOnTheOrderOfSpecs(t *testing.T) {
	records := sampleRun()
	want, err := assembled(t, records).JSON()
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(records[5:10]) // the specs
	got, err := assembled(t, records).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the report depends on which spec ended first:\n%s", diff)
	}
}

func TestAssembleLeavesTheRecordsAlone(t *testing.T) {
	records := sampleRun()
	assembled(t, records)
	if diff := cmp.Diff(sampleRun(), records); diff != "" {
		t.Errorf("Assemble changed the records:\n%s", diff)
	}
}

func TestAssembleRefuses(t *testing.T) {
	all := sampleRun()
	for name, c := range map[string]struct {
		records []Record
		want    string
	}{
		"nothing":            {nil, "no run"},
		"no beginning":       {all[1:], "the first record is not runStarted"},
		"two runs":           {[]Record{all[0], all[0]}, "a second run"},
		"a spec twice":       {[]Record{all[0], all[6], all[6]}, "sidecar.ready was judged twice on release casablanca"},
		"an invalid verdict": {[]Record{all[0], {Time: at(1), Spec: &Spec{ID: "a.b", Topic: "a", Verdict: "ok"}}}, "record 2: spec a.b"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Assemble(c.records); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

// A run may be killed after any record, and that must never look like success.
func TestEveryKilledRunMakesAnUnfinishedValidReport(t *testing.T) {
	records := passing()
	for n := 1; n < len(records); n++ {
		r := assembled(t, records[:n])
		valid(t, r)
		if r.Finished || r.Verdict == verdict.Pass || r.Exit != ExitInconclusive {
			t.Errorf("killed after %d records: finished %t, verdict %s, exit %d; want an unfinished, inconclusive report and exit 3", n, r.Finished, r.Verdict, r.Exit)
		}
	}
	if r := assembled(t, records); r.Exit != ExitPass || r.Verdict != verdict.Pass {
		t.Errorf("the whole run: verdict %s, exit %d; want pass and 0", r.Verdict, r.Exit)
	}
}

func valid(t *testing.T, r *Report) {
	t.Helper()
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(text); err != nil {
		t.Errorf("the report does not follow its schema: %v\n%s", err, text)
	}
}

func TestFullReportFollowsTheSchema(t *testing.T) {
	r := assembled(t, sampleRun())
	valid(t, r)
	if id := schema.ID; r.Schema != id || !strings.Contains(schema.Report(), `"$id": "`+id+`"`) {
		t.Errorf("report names schema %q, the package %q, and the file another one", r.Schema, id)
	}
}

// The schema allows no field it does not name, so a sample with every field
// proves that it names them all.
func TestSampleHasEveryField(t *testing.T) {
	zero := map[string]bool{}
	seen := map[string]bool{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(path, v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				field := v.Type().Field(i)
				if !field.IsExported() {
					continue
				}
				name := v.Type().Name() + "." + field.Name
				seen[name] = seen[name] || !v.Field(i).IsZero()
				zero[name] = true
				walk(name, v.Field(i))
			}
		}
	}
	walk("", reflect.ValueOf(assembled(t, sampleRun())))
	for name := range zero {
		if !seen[name] {
			t.Errorf("no sample has a value for %s", name)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	green, err := assembled(t, passing()).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(green); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(map[string]any){
		"an unknown field":              func(r map[string]any) { r["extra"] = 1 },
		"an unknown verdict":            func(r map[string]any) { r["verdict"] = "green" },
		"skip as verdict of a run":      func(r map[string]any) { r["verdict"] = "skip" },
		"no specs":                      func(r map[string]any) { delete(r, "specs") },
		"green and unfinished":          func(r map[string]any) { r["finished"] = false },
		"green without a pass":          func(r map[string]any) { r["counts"].(map[string]any)["pass"] = 0 },
		"green with a failure counted":  func(r map[string]any) { r["counts"].(map[string]any)["fail"] = 1 },
		"green with a failed spec":      func(r map[string]any) { r["specs"].([]any)[0].(map[string]any)["verdict"] = "fail" },
		"exit 0 and another verdict":    func(r map[string]any) { r["verdict"] = "inconclusive" },
		"exit 2, which no run comes to": func(r map[string]any) { r["exit"] = 2 },
		"a time that is none":           func(r map[string]any) { r["started"] = "yesterdayZ" },
		"another schema":                func(r map[string]any) { r["schema"] = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			var document map[string]any
			if err := json.Unmarshal(green, &document); err != nil {
				t.Fatal(err)
			}
			change(document)
			text, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			if validate(text) == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}

func TestSaveWritesBothFilesWholeAndAgain(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		if err := Save(folder, assembled(t, sampleRun())); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{JUnitFile, ReportFile}, names); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(folder, ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(text); err != nil {
		t.Error(err)
	}
}

func TestSaveNamesTheFolderThatIsMissing(t *testing.T) {
	if err := Save("/nowhere/run", assembled(t, sampleRun())); err == nil || !strings.Contains(err.Error(), "/nowhere/run/report.json") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

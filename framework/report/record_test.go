package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/verdict"
)

func TestRecordsComeBackAsTheyWereWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), RecordsFile)
	for _, r := range sampleRun() {
		if err := NewWriter(path).Append(r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleRun(), got); diff != "" {
		t.Errorf("records differ (-written +read):\n%s", diff)
	}
}

func TestAppendSetsTheTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), RecordsFile)
	if err := NewWriter(path).Append(Record{Note: &Note{Text: "x"}}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || len(got) != 1 || got[0].Time.IsZero() {
		t.Fatalf("got %v, %v; want one record with a time", got, err)
	}
}

func TestAppendRefuses(t *testing.T) {
	spec := func(change func(*Spec)) Record {
		s := Spec{ID: "msb.portal", Topic: "msb", Release: "blog", Verdict: verdict.Pass}
		change(&s)
		return Record{Spec: &s}
	}
	for name, c := range map[string]struct {
		record Record
		want   string
	}{
		"no kind":                {Record{}, "holds 0"},
		"two kinds":              {Record{Note: &Note{}, RunEnded: &End{}}, "holds 2"},
		"id of another topic":    {spec(func(s *Spec) { s.Topic = "tracing" }), `spec id "msb.portal" is not TOPIC.SLUG of topic "tracing"`},
		"id without a slug":      {spec(func(s *Spec) { s.ID = "msb." }), "is not TOPIC.SLUG"},
		"unknown verdict":        {spec(func(s *Spec) { s.Verdict = "green" }), `verdict "green" is none of`},
		"no verdict":             {spec(func(s *Spec) { s.Verdict = "" }), `verdict "" is none of`},
		"finding without one":    {spec(func(s *Spec) { s.Findings = []verdict.Finding{{Kind: "k"}} }), "finding k"},
		"pass with a failure":    {spec(func(s *Spec) { s.Findings = []verdict.Finding{split} }), "verdict pass, but its findings say fail"},
		"skip with a failure":    {spec(func(s *Spec) { s.Verdict = verdict.Skip; s.Findings = []verdict.Finding{split} }), "verdict skip, but"},
		"time that is no number": {Record{Phase: &Phase{Name: "x", Seconds: nan()}}, "unsupported value"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), RecordsFile)
			err := NewWriter(path).Append(c.record)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("a refused record made the file")
			}
		})
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestWritersOfOneFileDoNotMixLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), RecordsFile)
	long := strings.Repeat("x", 20_000)
	var group sync.WaitGroup
	for writer := range 4 {
		w := NewWriter(path)
		for line := range 10 {
			group.Go(func() {
				if err := w.Append(Record{Note: &Note{Text: fmt.Sprintf("%d.%d %s", writer, line, long)}}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range got {
		seen[r.Note.Text] = true
	}
	if len(got) != 40 || len(seen) != 40 {
		t.Errorf("got %d records, %d different ones; want 40", len(got), len(seen))
	}
}

const (
	goodLine = `{"time":"2026-11-23T15:00:00Z","note":{"text":"a"}}`
	halfLine = `{"time":"2026-11-23T15:00:00Z","note":{"te`
)

func TestReadOfADamagedFile(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		notes []string
		err   string
	}{
		"empty":                     {"", nil, ""},
		"whole":                     {goodLine + "\n", []string{"a"}, ""},
		"only the line end missing": {goodLine, []string{"a"}, ""},
		"last line cut":             {goodLine + "\n" + halfLine, []string{"a", CutOff}, ""},
		"first line cut":            {halfLine, []string{CutOff}, ""},
		"a line cut in the middle":  {goodLine + "\n" + halfLine + "\n" + goodLine + "\n", nil, "line 2: not a record"},
		"garbage at the end":        {goodLine + "\n" + "garbage\n", nil, "line 2: not a record"},
		"an empty line":             {goodLine + "\n\n" + goodLine + "\n", nil, "line 2: not a record"},
		"two values in a line":      {goodLine + goodLine + "\n", nil, "line 1: not a record: more than one"},
		"an unknown field":          {`{"time":"2026-11-23T15:00:00Z","verdict":"pass"}` + "\n", nil, `line 1: not a record: json: unknown field "verdict"`},
		"a record of no kind":       {`{"time":"2026-11-23T15:00:00Z"}` + "\n", nil, "line 1: a record holds exactly one"},
		"no time":                   {`{"note":{"text":"a"}}` + "\n", nil, "line 1: time is missing"},
		"an invented verdict":       {`{"time":"2026-11-23T15:00:00Z","spec":{"id":"a.b","topic":"a","release":"","verdict":"ok","started":"2026-11-23T15:00:00Z","seconds":0}}` + "\n", nil, `verdict "ok"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), RecordsFile)
			if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path)
			if (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("got error %v, want one with %q", err, c.err)
			}
			var notes []string
			for _, r := range got {
				notes = append(notes, r.Note.Text)
			}
			if diff := cmp.Diff(c.notes, notes); diff != "" {
				t.Errorf("notes differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadNamesAMissingFile(t *testing.T) {
	if _, err := Read("/nowhere/records.jsonl"); err == nil || !strings.Contains(err.Error(), "/nowhere/records.jsonl") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestAppendRemovesWhatAKilledWriterLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), RecordsFile)
	if err := os.WriteFile(path, []byte(goodLine+"\n"+halfLine), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := NewWriter(path).Append(Record{Note: &Note{Text: "b"}}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || len(got) != 2 || got[1].Note.Text != "b" {
		t.Errorf("got %v, %v; want the whole line and the new one", got, err)
	}
}

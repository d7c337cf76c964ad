package report

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/report/internal/file"
	"github.com/onap/meshcert/framework/verdict"
)

// lines are the records of a run, one a line.
func lines(t testing.TB) string {
	t.Helper()
	var out strings.Builder
	for _, record := range sampleRun() {
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(text, '\n'))
	}
	return out.String()
}

// reader reads records and makes their report, which must be whole.
func reader(text string) (refused, broken error) {
	records, err := finished(file.Parse([]byte(text), Record.check))
	if err != nil {
		return err, nil
	}
	r, err := Assemble(records)
	if err != nil {
		return err, nil
	}
	if r.Counts.Pass == 0 && (r.Verdict == verdict.Pass || r.Exit == 0) {
		return nil, errors.New("a run in which nothing passed is green")
	}
	_, broken = r.JSON()
	return nil, broken
}

func TestRecordsMalformed(t *testing.T) { attack.Parser(t, reader, []string{lines(t)}) }

func FuzzRecords(f *testing.F) { attack.FuzzParser(f, reader, lines(f)) }

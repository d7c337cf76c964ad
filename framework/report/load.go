package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gowebpki/jcs"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onap/meshcert/reports/schema"
)

// Load reads a report: a file, or the ReportFile of a run's folder. What it
// returns follows the schema, and its counts, verdict, exit status and order are
// what Assemble would make of its parts. Anything else is an error that names
// the file and the field.
func Load(path string) (*Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, ReportFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	r, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read report %s: %w", path, err)
	}
	return r, nil
}

// Parse is Load of a text. The text need not be canonical: who demands that
// compares it with JSON of the result.
func Parse(text []byte) (*Report, error) {
	// It refuses what encoding/json takes: a name that is there twice, and texts
	// that are not UTF-8.
	text, err := jcs.Transform(text)
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if err := validate(text); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	r := &Report{}
	if err := decoder.Decode(r); err != nil {
		return nil, fmt.Errorf("not a report: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a report: more than one JSON value")
	}
	return r, r.consistent()
}

// compiled is the schema of reports, made ready once a process.
var compiled = sync.OnceValues(compile)

func compile() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(schema.Report()))
	if err != nil {
		return nil, fmt.Errorf("read the schema of reports: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schema.ID, document); err != nil {
		return nil, fmt.Errorf("take in the schema of reports: %w", err)
	}
	return compiler.Compile(schema.ID)
}

// validate demands that the text follows the schema.
func validate(text []byte) error {
	schema, err := compiled()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("it does not follow the schema of this meshcert (was it made by another version? meshcert report RUN makes it anew from the run's records): %w", err)
	}
	return nil
}

// consistent demands that what follows from the report's parts is what it says.
func (r *Report) consistent() error {
	for i := range r.Specs {
		if err := r.Specs[i].check(); err != nil {
			return err
		}
	}
	again := *r
	again.Specs = append([]Spec{}, r.Specs...)
	again.Counts, again.Topics, again.Ready, again.Gaps = Counts{}, []Topic{}, nil, nil
	again.order()
	if err := again.refuseTwice(); err != nil {
		return err
	}
	again.derive()
	sameOrder := slices.EqualFunc(r.Specs, again.Specs, func(a, b Spec) bool { return a.ID == b.ID && a.Release == b.Release })
	for _, c := range []struct {
		name    string
		follows bool
	}{
		{"specs", sameOrder}, {"counts", r.Counts == again.Counts}, {"topics", slices.Equal(r.Topics, again.Topics)},
		{"ready", slices.Equal(r.Ready, again.Ready)}, {"gaps", slices.Equal(r.Gaps, again.Gaps)},
		{"verdict", r.Verdict == again.Verdict}, {"exit", r.Exit == again.Exit},
	} {
		if !c.follows {
			return fmt.Errorf("%s is not what follows from its specs: it was changed by hand; meshcert report RUN makes it anew from the run's records", c.name)
		}
	}
	return nil
}

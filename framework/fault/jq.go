package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"github.com/onap/meshcert/framework/evidence/store"
)

// Spoil puts a fault of recorded evidence into what a run has kept below the
// folder, in SPEC/NAME.json each.
func Spoil(folder string, f Fault) error {
	for _, e := range f.Evidence {
		memory := store.Open(filepath.Join(folder, e.Spec))
		kept, err := readAll(memory)
		if err != nil {
			return fmt.Errorf("change evidence %s of %s: %w", e.Name, e.Spec, err)
		}
		spoilt, err := e.spoil(kept)
		if err == nil {
			err = memory.Put(e.Name, json.RawMessage(spoilt))
		}
		if err != nil {
			return fmt.Errorf("change evidence %s of %s: %w", e.Name, e.Spec, err)
		}
	}
	return nil
}

// readAll returns everything that is kept of a spec, by name.
func readAll(memory *store.Store) (map[string]json.RawMessage, error) {
	names, err := memory.Names()
	if err != nil {
		return nil, err
	}
	kept := map[string]json.RawMessage{}
	for _, name := range names {
		var text json.RawMessage
		if err := memory.Get(name, &text); err != nil {
			return nil, err
		}
		kept[name] = text
	}
	return kept, nil
}

// keptVariable holds, for a program over evidence, all evidence of its spec by name.
const keptVariable = "$kept"

// spoil runs the program over one of the spec's pieces of evidence. It must give
// exactly one output; one that changes nothing is an error, since it breaks nothing.
func (e Edit) spoil(kept map[string]json.RawMessage) ([]byte, error) {
	text, ok := kept[e.Name]
	if !ok {
		return nil, fmt.Errorf("the run kept no such evidence; it kept %s", strings.Join(slices.Sorted(maps.Keys(kept)), ", "))
	}
	all, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("read what was kept: %w", err)
	}
	return transform(context.Background(), e.With, text, variable{keptVariable, all})
}

// variable is a JSON document that a program knows by name.
type variable struct {
	name string
	text []byte
}

func compile(program string, variables ...string) (*gojq.Code, error) {
	query, err := gojq.Parse(program)
	if err != nil {
		return nil, fmt.Errorf("jq program %q: %w", program, err)
	}
	code, err := gojq.Compile(query, gojq.WithVariables(variables))
	if err != nil {
		return nil, fmt.Errorf("jq program %q: %w", program, err)
	}
	return code, nil
}

// transform runs a jq program over one JSON document. Numbers that the program
// leaves alone keep every digit.
func transform(ctx context.Context, program string, text []byte, variables ...variable) ([]byte, error) {
	var names []string
	var values []any
	for _, v := range variables {
		value, err := decode(v.text)
		if err != nil {
			return nil, err
		}
		names, values = append(names, v.name), append(values, value)
	}
	code, err := compile(program, names...)
	if err != nil {
		return nil, err
	}
	input, err := decode(text)
	if err != nil {
		return nil, err
	}
	output, err := one(code.RunWithContext(ctx, input, values...))
	if err != nil {
		return nil, fmt.Errorf("jq program %q: %w", program, err)
	}
	if gojq.Compare(input, output) == 0 {
		return nil, fmt.Errorf("jq program %q changes nothing, so nothing is broken", program)
	}
	return gojq.Marshal(output)
}

func decode(text []byte) (any, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return value, nil
}

// one returns the only output.
func one(outputs gojq.Iter) (any, error) {
	output, ok := outputs.Next()
	if !ok {
		return nil, errors.New("has no output, one is wanted")
	}
	if err, failed := output.(error); failed {
		return nil, err
	}
	second, more := outputs.Next()
	if err, failed := second.(error); failed {
		return nil, err
	}
	if more {
		return nil, errors.New("has more than one output, one is wanted")
	}
	return output, nil
}

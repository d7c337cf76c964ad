package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// Spoil changes the text of a stored piece of evidence. The program must give
// exactly one output; one that changes nothing is an error, since it breaks nothing.
func Spoil(e Edit, text []byte) ([]byte, error) {
	spoilt, err := transform(context.Background(), e.With, text)
	if err != nil {
		return nil, fmt.Errorf("change evidence %s of %s: %w", e.Name, e.Spec, err)
	}
	return spoilt, nil
}

func compile(program string) (*gojq.Code, error) {
	query, err := gojq.Parse(program)
	if err != nil {
		return nil, fmt.Errorf("jq program %q: %w", program, err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, fmt.Errorf("jq program %q: %w", program, err)
	}
	return code, nil
}

// transform runs a jq program over one JSON document. Numbers that the program
// leaves alone keep every digit.
func transform(ctx context.Context, program string, text []byte) ([]byte, error) {
	code, err := compile(program)
	if err != nil {
		return nil, err
	}
	var input any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&input); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	output, err := one(code.RunWithContext(ctx, input))
	if err != nil {
		return nil, fmt.Errorf("jq program %q: %w", program, err)
	}
	if gojq.Compare(input, output) == 0 {
		return nil, fmt.Errorf("jq program %q changes nothing, so nothing is broken", program)
	}
	return gojq.Marshal(output)
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

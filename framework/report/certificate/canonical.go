package certificate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gowebpki/jcs"
)

// canonical is the one form of a value's JSON (RFC 8785).
func canonical(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(text)
}

// errForm is about a text that means the same as the canonical one and is not it.
var errForm = errors.New("not in canonical form (RFC 8785): somebody has written it anew, or names something twice")

// strict reads a text that must be the canonical JSON of its value: so it holds no
// name twice, no unknown name, nothing behind its end and no other spelling.
func strict(text []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return fmt.Errorf("not what it should be: %w", err)
	}
	same, err := canonical(value)
	if err != nil {
		return err
	}
	if !bytes.Equal(same, text) {
		return errForm
	}
	return nil
}

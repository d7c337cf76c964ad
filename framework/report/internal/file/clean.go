package file

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/onap/meshcert/framework/evidence/store"
)

// Clean returns the record without the secrets in its texts. Its other fields
// stay as they are.
func Clean[R any](record R) (R, error) {
	var clean R
	text, err := Encode(record, "")
	if err != nil {
		return clean, err
	}
	decoder := json.NewDecoder(bytes.NewReader(store.Redact(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&clean); err != nil {
		return clean, fmt.Errorf("take secrets out of a record: %w", err)
	}
	return clean, nil
}

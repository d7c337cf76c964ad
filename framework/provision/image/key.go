package image

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
)

// format is part of every key: raised when this package makes other bytes from
// the same inputs.
const format = "1"

// keyed collects what a piece of work depends on. Every part has a name and a
// length, so that no two lists of parts run into the same bytes.
type keyed struct {
	sha hash.Hash
	err error
}

func newKey(kind string) *keyed {
	return (&keyed{sha: sha256.New()}).text("kind", kind).text("format", format)
}

func (k *keyed) text(name, value string) *keyed {
	fmt.Fprintf(k.sha, "%s %d\n%s\n", name, len(value), value)
	return k
}

// file adds a file's content under the name.
func (k *keyed) file(name, path string) *keyed {
	content, err := os.ReadFile(path)
	if err != nil {
		k.err = fmt.Errorf("read an input of an image: %w", err)
		return k
	}
	return k.text(name, string(content))
}

func (k *keyed) sum() string { return hex.EncodeToString(k.sha.Sum(nil)) }

// result is the key, or the first input that could not be read.
func (k *keyed) result() (string, error) {
	if k.err != nil {
		return "", k.err
	}
	return k.sum(), nil
}

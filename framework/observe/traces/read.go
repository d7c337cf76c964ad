package traces

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/observe"
)

// bufferSize is how much of an answer is in memory at once.
const bufferSize = 64 << 10

// Get reads the JSON answer to one GET while it comes. The decoder reads one
// value from the iterator; its error, else the iterator's, makes the answer a
// *observe.MalformedError.
func Get(ctx context.Context, client *http.Client, address string, decode func(*jsoniter.Iterator) error) error {
	return observe.Stream(ctx, client, address, func(body io.Reader) error { return Decode(body, decode) })
}

// Decode reads one JSON value and demands that nothing follows it. What ends
// before the value does is io.ErrUnexpectedEOF.
func Decode(body io.Reader, decode func(*jsoniter.Iterator) error) error {
	it := jsoniter.Parse(jsoniter.ConfigDefault, body, bufferSize)
	err := decode(it)
	switch ended := errors.Is(it.Error, io.EOF); {
	case it.Error != nil && !ended:
		return atEnd(it)
	case err != nil:
		return err
	case ended:
		return fmt.Errorf("%w within the value", io.ErrUnexpectedEOF)
	}
	if it.WhatIsNext(); !errors.Is(it.Error, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// atEnd is the iterator's error; it is io.ErrUnexpectedEOF when nothing is left to
// read, be it that the last character is the wrong one.
func atEnd(it *jsoniter.Iterator) error {
	syntax := it.Error
	it.Error = nil
	if it.WhatIsNext(); errors.Is(it.Error, io.EOF) {
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, syntax)
	}
	return syntax
}

// Fields calls what reads the value of each field of an object; null has none.
// It ends early when that returns an error or the text is not JSON.
func Fields(it *jsoniter.Iterator, field func(name string) error) error {
	var failed error
	it.ReadMapCB(func(it *jsoniter.Iterator, name string) bool {
		failed = field(name)
		return failed == nil && it.Error == nil
	})
	return failed
}

// Items calls what reads each item of an array; null has none. It ends early as
// Fields does.
func Items(it *jsoniter.Iterator, item func() error) error {
	var failed error
	it.ReadArrayCB(func(it *jsoniter.Iterator) bool {
		failed = item()
		return failed == nil && it.Error == nil
	})
	return failed
}

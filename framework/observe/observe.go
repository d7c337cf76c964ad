// Package observe is what all observers share: one GET whose answer is either
// whole and of the wanted form, or a typed error. It guarantees that an empty,
// truncated or foreign answer (an HTML page of a proxy, say) never becomes
// empty evidence, and that an error's type says what looking again is worth (Absent).
package observe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limit bounds one request of an observer.
const Limit = 15 * time.Second

// maxBody bounds an answer; a bigger one is an error, not cut.
const maxBody = 64 << 20

// StatusError is an answer with another status than 200.
type StatusError struct {
	URL    string
	Status int
	Body   string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("GET %s answers %d: %s", e.URL, e.Status, cut(e.Body))
}

// MalformedError is an answer that is not what the server is to say.
type MalformedError struct {
	URL    string
	Reason string
	Body   string
	// Cut tells that the answer ends before it is whole: the next one may not.
	Cut bool
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("GET %s answers what cannot be read (%s): %s", e.URL, e.Reason, cut(e.Body))
}

// At joins a base URL, its path included, with a path and a query.
func At(base *url.URL, path string, query url.Values) string {
	u := base.JoinPath(path)
	u.RawQuery = query.Encode()
	return u.String()
}

// Get returns the body of the answer to one GET. The errors are *StatusError,
// *MalformedError for a body that is empty or breaks off, and the client's.
func Get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	response, err := get(ctx, client, address)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, &MalformedError{URL: address, Reason: "the body breaks off: " + err.Error(), Body: string(body), Cut: true}
	case response.StatusCode != http.StatusOK:
		return nil, &StatusError{URL: address, Status: response.StatusCode, Body: string(body)}
	case len(body) > maxBody:
		return nil, &MalformedError{URL: address, Reason: fmt.Sprintf("more than %d bytes", maxBody), Body: string(body)}
	case len(bytes.TrimSpace(body)) == 0:
		return nil, &MalformedError{URL: address, Reason: "empty", Cut: true}
	}
	return body, nil
}

func get(ctx context.Context, client *http.Client, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("make request GET %s: %w", address, err)
	}
	return client.Do(request)
}

// GetJSON decodes the answer to one GET. What is no JSON, and what follows the
// first value, is a *MalformedError.
func GetJSON(ctx context.Context, client *http.Client, address string, into any) error {
	body, err := Get(ctx, client, address)
	if err != nil {
		return err
	}
	return DecodeJSON(address, body, into)
}

// DecodeJSON decodes a body that came from the address.
func DecodeJSON(address string, body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return &MalformedError{URL: address, Reason: "empty", Cut: true}
	}
	if body[0] == '<' {
		return &MalformedError{URL: address, Reason: "HTML, not JSON", Body: string(body)}
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return &MalformedError{URL: address, Reason: err.Error(), Body: string(body), Cut: errors.Is(err, io.ErrUnexpectedEOF)}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &MalformedError{URL: address, Reason: "more than one JSON value", Body: string(body)}
	}
	return nil
}

func cut(body string) string {
	const limit = 200
	body = strings.Join(strings.Fields(body), " ")
	if len(body) > limit {
		return strings.ToValidUTF8(body[:limit], "") + "…"
	}
	return body
}

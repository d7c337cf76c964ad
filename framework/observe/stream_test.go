package observe_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

func TestStream(t *testing.T) {
	all := func(r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	early := func(io.Reader) error { return io.ErrUnexpectedEOF }
	wrong := func(io.Reader) error { return errors.New("no field data") }
	for name, c := range map[string]struct {
		answer    http.HandlerFunc
		decode    func(io.Reader) error
		malformed string // a part of the reason
		cut       bool
		status    int
	}{
		"read":          {answer: text("[]"), decode: all},
		"left unread":   {answer: text("[]"), decode: func(io.Reader) error { return nil }},
		"not right":     {answer: text("[]"), decode: func(r io.Reader) error { return errors.Join(all(r), wrong(r)) }, malformed: "no field data"},
		"ends early":    {answer: text("[1"), decode: func(r io.Reader) error { return errors.Join(all(r), early(r)) }, malformed: "unexpected EOF", cut: true},
		"empty":         {answer: text(""), decode: wrong, malformed: "empty", cut: true},
		"HTML":          {answer: text("\n<!DOCTYPE html>"), decode: func(r io.Reader) error { return errors.Join(all(r), wrong(r)) }, malformed: "HTML"},
		"cut by length": {answer: short, decode: all, malformed: "breaks off", cut: true},
		"too big":       {answer: endless, decode: all, malformed: "more than 67108864 bytes"},
		"not found":     {answer: http.NotFound, decode: all, status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			err := observe.Stream(t.Context(), server.Client(), server.URL, c.decode)
			var malformed *observe.MalformedError
			var status *observe.StatusError
			switch {
			case c.malformed != "":
				if !errors.As(err, &malformed) || !strings.Contains(malformed.Reason, c.malformed) || malformed.Cut != c.cut {
					t.Errorf("want a malformed answer (%s, cut: %v), got %v", c.malformed, c.cut, err)
				}
				if final := evidence.AbsenceOf(observe.Absent(err)) == evidence.Final; final == c.cut {
					t.Errorf("final: %v, although cut: %v", final, c.cut)
				}
			case c.status != 0:
				if !errors.As(err, &status) || status.Status != c.status || !strings.Contains(status.Body, "not found") {
					t.Errorf("want status %d, got %v", c.status, err)
				}
			case err != nil:
				t.Error(err)
			}
		})
	}
}

// endless sends until nobody listens.
func endless(w http.ResponseWriter, _ *http.Request) {
	chunk := []byte(strings.Repeat(" ", 1<<20))
	for range 200 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

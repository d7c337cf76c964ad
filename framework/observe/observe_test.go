package observe_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/observe"
)

func TestGetJSON(t *testing.T) {
	for name, c := range map[string]struct {
		answer    http.HandlerFunc
		malformed string // a part of the reason
		status    int
	}{
		"JSON":          {answer: text(`{"a": 1}`)},
		"JSON, spaces":  {answer: text(" {\"a\": 1}\n")},
		"empty":         {answer: text(""), malformed: "empty"},
		"blank":         {answer: text(" \n "), malformed: "empty"},
		"HTML":          {answer: text("<!DOCTYPE html><title>Jaeger UI</title>"), malformed: "HTML"},
		"cut":           {answer: text(`{"a": `), malformed: "unexpected EOF"},
		"another type":  {answer: text(`[1]`), malformed: "cannot unmarshal"},
		"two values":    {answer: text(`{"a":1}{"a":2}`), malformed: "more than one"},
		"words behind":  {answer: text(`{"a":1} and so on`), malformed: "more than one"},
		"not found":     {answer: http.NotFound, status: 404},
		"cut by length": {answer: short, malformed: "breaks off"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			var into struct{ A int }
			err := observe.GetJSON(t.Context(), server.Client(), server.URL, &into)
			var malformed *observe.MalformedError
			var status *observe.StatusError
			switch {
			case c.malformed != "":
				if !errors.As(err, &malformed) || !strings.Contains(malformed.Reason, c.malformed) {
					t.Errorf("want a malformed answer (%s), got %v", c.malformed, err)
				}
			case c.status != 0:
				if !errors.As(err, &status) || status.Status != c.status {
					t.Errorf("want status %d, got %v", c.status, err)
				}
			case err != nil || into.A != 1:
				t.Errorf("got %d, %v", into.A, err)
			}
		})
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

// short promises more than it sends.
func short(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"a": 1}`))
}

func TestNoServer(t *testing.T) {
	if _, err := observe.Get(t.Context(), http.DefaultClient, "http://127.0.0.1:1/"); err == nil {
		t.Error("no error from a server that is not there")
	}
}

func TestAt(t *testing.T) {
	base, _ := url.Parse("https://10.0.0.1:6443/api/v1/namespaces/x/services/y:1/proxy")
	got := observe.At(base, "api/traces", url.Values{"service": {"a.b"}})
	if want := base.String() + "/api/traces?service=a.b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFingerprint(t *testing.T) {
	root, err := answers.FS.ReadFile("envoy/root-cert.pem")
	if err != nil {
		t.Fatal(err)
	}
	// As openssl says: openssl x509 -in root-cert.pem -outform der | sha256sum.
	const want = "421d134a9403be380652f6a3ab689b786265cd0a074f422ae994c586486fd697"
	if got, err := observe.Fingerprint(root); got != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	for name, text := range map[string]string{
		"empty": "", "no PEM": "abc", "a key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"not a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	} {
		if got, err := observe.Fingerprint([]byte(text)); err == nil {
			t.Errorf("%s: fingerprint %s", name, got)
		}
	}
}

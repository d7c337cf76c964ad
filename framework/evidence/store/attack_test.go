package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/internal/malform"
)

// secrets are texts with all the forms that secrets come in.
func secrets() []string {
	return []string{
		"export MYSQL_ROOT_PASSWORD=\"" + canary + " x\" DB_PASS=" + canary + " # token=" + canary + "\nAuthorization: Bearer " + token + "\n> Cookie: a=b\n",
		"  password: |\n    " + canary + "\n    two\n  user: a\n- name: API_KEY\n  value: '" + canary + "'\nredis://default:" + canary + "@vfc-redis:6379/0\n",
		"a\n" + privateKey() + "data " + b64("password="+canary) + " --api-token=" + canary + "\n",
		`{"kind":"Secret","data":{"a":"` + b64(canary) + `"},"env":[{"name":"DB_PASSWORD","value":"` + canary + `"}],"args":["--password","` + canary + `"]}`,
		`got {"user":"a","password":"` + canary + `\\","n":1} and msg="{\"token\":\"` + canary + `\",\"n\":1}"`,
	}
}

// redacted is no parser, but has promises to keep for any text.
func redacted(text string) (refused, broken error) {
	once := Redact([]byte(text))
	if twice := Redact(once); !bytes.Equal(once, twice) {
		return nil, errors.New("redacting twice changes " + string(once) + "\nto " + string(twice))
	}
	if trimmed := strings.TrimSpace(text); json.Valid([]byte(trimmed)) && strings.HasPrefix(trimmed, "{") && !json.Valid(once) {
		return nil, errors.New("JSON became " + string(once))
	}
	return nil, nil
}

func TestRedactMalformed(t *testing.T) { attack.Parser(t, redacted, secrets(), malform.Foreign()...) }

func kept(t testing.TB) string {
	t.Helper()
	text, err := json.Marshal(evidence.Traces{Wanted: &evidence.Trace{ID: "1", Spans: []evidence.Span{
		{ID: "2", TraceID: "1", Kind: evidence.Server, Service: "a.onap", Start: time.Unix(1795430000, 0).UTC(), Duration: 7, Tags: map[string]string{"k": "v"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reader reads a text that stands in the place of evidence; what it takes can be kept again.
func reader(text string) (refused, broken error) {
	return attack.JSON(func(text string) (evidence.Traces, error) {
		var traces evidence.Traces
		return traces, read([]byte(text), &traces)
	})(text)
}

// TestGetMalformed: an empty object is evidence without anything, which judges know.
func TestGetMalformed(t *testing.T) { attack.Parser(t, reader, []string{kept(t)}, "{}") }

func FuzzGet(f *testing.F) { attack.FuzzParser(f, reader, kept(f)) }

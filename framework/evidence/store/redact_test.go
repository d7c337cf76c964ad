package store

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	canary = "c4nary-S3cret"
	token  = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl-c4nary_x"
)

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// privateKey is put together here so that no file holds what looks like a key.
func privateKey() string {
	line := strings.Repeat("c4naryKEY", 7) + "A\n"
	return "-----BEGIN RSA PRIVATE" + " KEY-----\n" + line + line + "-----END RSA PRIVATE" + " KEY-----\n"
}

func TestRedactText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"environment":              {"MYSQL_ROOT_PASSWORD=" + canary + " next=1", "MYSQL_ROOT_PASSWORD=[redacted] next=1"},
		"environment, quoted":      {`export TOKEN="` + canary + ` with space" x`, `export TOKEN="[redacted]" x`},
		"short for password":       {"DB_PASS=" + canary, "DB_PASS=[redacted]"},
		"YAML":                     {"  password: " + canary + " two words\n  user: root\n", "  password: [redacted]\n  user: root\n"},
		"YAML, quoted":             {"clientSecret: '" + canary + "'\n", "clientSecret: '[redacted]'\n"},
		"YAML block":               {"  secret: |\n    " + canary + "\n    " + canary + "\n  user: a\n", "  secret: |\n    [redacted]\n  user: a\n"},
		"YAML block in a list":     {"- token: >-\n    " + canary + "\n- user: a\n", "- token: >-\n    [redacted]\n- user: a\n"},
		"YAML environment":         {"- name: DB_PASSWORD\n  value: " + canary + "\n- name: DB_HOST\n  value: db\n", "- name: DB_PASSWORD\n  value: [redacted]\n- name: DB_HOST\n  value: db\n"},
		"JSON in a log":            {`got {"user":"a","password":"` + canary + `","n":1}`, `got {"user":"a","password":"[redacted]","n":1}`},
		"JSON with a quote":        {`got {"password":"a\"` + canary + `","n":1}`, `got {"password":"[redacted]","n":1}`},
		"JSON, last backslash":     {`{"password":"` + canary + `\\","n":"x"} end`, `{"password":"[redacted]","n":"x"} end`},
		"JSON, escaped":            {`msg="{\"token\":\"` + canary + `\",\"n\":1}"`, `msg="{\"token\":\"[redacted]\",\"n\":1}"`},
		"JSON, escaped, a quote":   {`msg="{\"token\":\"a\\\"` + canary + `\",\"n\":1}"`, `msg="{\"token\":\"[redacted]\",\"n\":1}"`},
		"JSON environment":         {`x {"name":"API_KEY","value":"` + canary + `"}`, `x {"name":"API_KEY","value":"[redacted]"}`},
		"quotes that do not close": {`password="` + canary + "\nnext line", `password="[redacted]"` + "\nnext line"},
		"command line":             {"mysqladmin --user root --password " + canary + " ping", "mysqladmin --user root --password [redacted] ping"},
		"command line with =":      {"run --api-token=" + canary + " --n=1", "run --api-token=[redacted] --n=1"},
		"query":                    {"GET /a?access_token=" + canary + "&n=1 200", "GET /a?access_token=[redacted]&n=1 200"},
		"authorization":            {"Authorization: Basic " + b64("a:"+canary) + "\nHost: a", "Authorization: [redacted]\nHost: a"},
		"authorization in curl":    {`curl -H "Authorization: Token ` + canary + `" http://a`, `curl -H "Authorization: [redacted]" http://a`},
		"cookies":                  {"> Cookie: a=" + canary + "; b=" + canary + "\n> Host: a", "> Cookie: [redacted]\n> Host: a"},
		"Keystone":                 {"x-subject-token: " + canary, "x-subject-token: [redacted]"},
		"bearer":                   {"sent bearer " + canary + " to a", "sent bearer [redacted] to a"},
		"JSON web token":           {"istio-token is " + token + ", 900 s", "istio-token is [redacted], 900 s"},
		"private key":              {"a\n" + privateKey() + "b", "a\n[redacted]\nb"},
		"private key, escaped":     {`"` + strings.ReplaceAll(privateKey(), "\n", `\n`) + `"`, `"[redacted]\n"`},
		"private key, cut":         {privateKey()[:120], "[redacted]"},
		"private key, its end":     {privateKey()[40:] + "b", "[redacted]\nb"},
		"user in a URL":            {"redis://default:" + canary + "@vfc-redis:6379/0", "redis://[redacted]@vfc-redis:6379/0"},
		"password alone in a URL":  {"redis://:" + canary + "@vfc-redis:6379", "redis://[redacted]@vfc-redis:6379"},
		"password with an @":       {"http://a:b@" + canary + "@host/x", "http://[redacted]@host/x"},
		"base64 of a login":        {"data " + b64(`{"auths":{"a":{"password":"`+canary+`"}}}`) + " end", "data [redacted] end"},
		"base64 of base64":         {"data " + b64("data "+b64("password="+canary)) + " end", "data [redacted] end"},
		"base64 of a key":          {"key: " + b64(privateKey()), "key: [redacted]"},
		"base64 of a key in lines": {"key:\n" + lines(b64(privateKey())) + "\nend", "key:\n[redacted]\nend"},
		"escaped in a URL":         {"POST /a?x=1&y=" + url.QueryEscape("password="+canary) + "&z=2", "POST /a?x=1&[redacted]&z=2"},
		"escaped JSON":             {"body " + url.QueryEscape(`{"token":"`+canary+`"}`) + " sent", "body [redacted] sent"},
		"escaped key":              {"key=" + url.QueryEscape(privateKey()), "[redacted]"},
		".dockerconfigjson":        {".dockerconfigjson: " + canary, ".dockerconfigjson: [redacted]"},
		"go map":                   {"map[password:" + canary + " user:a]", "map[password:[redacted] user:a]"},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(Redact([]byte(c.text)))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
			if again := string(Redact([]byte(got))); again != got {
				t.Errorf("redacted again it becomes %q", again)
			}
		})
	}
}

func TestRedactKeepsWhatIsNoSecret(t *testing.T) {
	for _, text := range []string{
		"x-b3-traceid: 463ac35c9f6413ad48485a3953bb6124",
		"x-b3-spanid=a2fb4a1d1a96d312 x-b3-sampled=1",
		"traceparent: 00-463ac35c9f6413ad48485a3953bb6124-a2fb4a1d1a96d312-01",
		"x-request-id: 0242ac11-0002-4b2e-9a0e-8d7c3c2f1a10",
		"docker.io/istio/pilot@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"/api/multicloud/v0/vmware_fake/identity/v3/auth/tokens",
		"spiffe://cluster.local/ns/onap/sa/msb",
		"outbound|9411||jaeger-collector.istio-system.svc.cluster.local",
		"secretName: istio-ca-root-cert\n",
		"tokenPath=/var/run/secrets/tokens/istio-token",
		"automountServiceAccountToken: true\n",
		"imagePullSecrets: []\n",
		"max_tokens: 100, tokens_per_fill: 10",
		"publicKey: abc, public_key=abc, keyword: a",
		"pass: 12, fail: 0, bypass=1",
		"password:\n",
		"token: null\n",
		"the bearer authentication and basic settings are off",
		"http://msb-iag:80/a@b and user@host:22",
		"-----BEGIN CERTIFICATE-----\nTUlJQ3pqQ0NBYmFnQXdJQkFnSVJB\n-----END CERTIFICATE-----\n",
		"root certificate " + b64("-----BEGIN CERTIFICATE-----\nTUlJQ3pqQ0NBYmFnQXdJQkFnSVJB\n-----END CERTIFICATE-----\n"),
		"/api/v1/query?query=sum%28rate%28istio_requests_total%7Bcode%3D%22200%22%7D%5B5m%5D%29%29&time=1",
		"100%25 of 20%ff and %zz",
		strings.Repeat("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n", 3),
		"",
		"\xff\xfe not UTF-8 \x00",
	} {
		if got := string(Redact([]byte(text))); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestRedactJSON(t *testing.T) {
	in := `{
	  "kind": "List",
	  "items": [
	    {"kind": "Secret", "metadata": {"name": "db"}, "data": {"any": "YzRuYXJ5"}, "stringData": {"n": {"m": ["c4nary"]}}},
	    {"kind": "ConfigMap", "data": {"any": "kept", "password": "c4nary"}},
	    {"env": [{"value": "c4nary", "name": "MYSQL_ROOT_PASSWORD"}, {"name": "HOST", "value": "db"},
	             {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}],
	     "args": ["--user", "root", "--password", "c4nary", "--token", "-v", "--secret=c4nary"]},
	    {"private_key": {"inline_bytes": "YzRuYXJ5"}, "certificate_chain": {"inline_bytes": "a2VwdA=="}},
	    {"password": 12345678, "token": 12345678, "big": 12345678901234567890, "float": 1.50},
	    {"passwords": "many", "secret": "", "token": ["c4nary"], "secretName": "kept"},
	    {"note": "{\"password\":\"c4nary\",\"user\":\"a\"}", "url": "http://a:c4nary@b/"}
	  ]
	}`
	got := Redact([]byte(in))
	if strings.Contains(string(got), "c4nary") || strings.Contains(string(got), "YzRuYXJ5") {
		t.Errorf("a canary is left:\n%s", got)
	}
	want := `{
	  "kind": "List",
	  "items": [
	    {"kind": "Secret", "metadata": {"name": "db"}, "data": {"any": "[redacted]"}, "stringData": {"n": {"m": ["[redacted]"]}}},
	    {"kind": "ConfigMap", "data": {"any": "kept", "password": "[redacted]"}},
	    {"env": [{"value": "[redacted]", "name": "MYSQL_ROOT_PASSWORD"}, {"name": "HOST", "value": "db"},
	             {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}],
	     "args": ["--user", "root", "--password", "[redacted]", "--token", "-v", "--secret=[redacted]"]},
	    {"private_key": {"inline_bytes": "[redacted]"}, "certificate_chain": {"inline_bytes": "a2VwdA=="}},
	    {"password": "[redacted]", "token": 12345678, "big": 12345678901234567890, "float": 1.50},
	    {"passwords": "many", "secret": "", "token": ["[redacted]"], "secretName": "kept"},
	    {"note": "{\"password\":\"[redacted]\",\"user\":\"a\"}", "url": "http://[redacted]@b/"}
	  ]
	}`
	value, ok := parse([]byte(want))
	if !ok {
		t.Fatal("the wanted text is no JSON")
	}
	wanted, err := encode(value)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wanted), string(got)); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if again := Redact(got); string(again) != string(got) {
		t.Errorf("redacted again it differs:\n%s", cmp.Diff(string(got), string(again)))
	}
}

func TestSecretKey(t *testing.T) {
	for name, want := range map[string]bool{
		"password": true, "MYSQL_ROOT_PASSWORD": true, "rootPassword": true, "X-Auth-Token": true, "client_secret": true,
		"apiKey": true, "api-key": true, "apikey": true, "AWS_SECRET_ACCESS_KEY": true, "Proxy-Authorization": true, "Set-Cookie": true,
		".dockercfg": true, "db.pwd": true, "dbPass": true,
		"": false, "pass": false, "secretName": false, "tokenPath": false, "key": false, "publicKey": false, "traceid": false,
		"tokens": false, "passwordFile": false, "compass": false, "--": false,
	} {
		if got := secretKey(name); got != want {
			t.Errorf("secretKey(%q) = %t, want %t", name, got, want)
		}
	}
}

// Time must not grow faster than the text: a log may hold anything, often.
func TestRedactIsLinear(t *testing.T) {
	for _, piece := range []string{"a:", "password: x\n", "name: A value: ", "-----BEGIN PRIVATE" + " KEY-----", "QUFB", "QUFB ", "a", `\`,
		"a://b:", `password="`, "token: |\n a\n", "token: |\n", "password=\\\"a", "name: ", "bearer ", "eyJabcde.", " "} {
		text := []byte(strings.Repeat(piece, 100_000/len(piece)))
		began := time.Now()
		Redact(text)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%d kB of %q took %s", len(text)/1000, piece, took)
		}
	}
}

// Whatever comes in: no panic, JSON stays JSON, and a second pass changes
// nothing but the form of what only redaction made JSON.
func FuzzRedact(f *testing.F) {
	for _, seed := range []string{`{"password":"a\"b"}`, "token: |\n  a\n b", `password=\"x`, `\\"secret\\":\\"x\\"`, privateKey()[:90], token,
		"name: TOKEN\nvalue: x", "secret: [redacted] x", "a://b:c@d", "--token  --token x", "basic 12345678 authorization: basic"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once := Redact(text)
		if json.Valid(text) && !json.Valid(once) {
			t.Errorf("JSON became %q", once)
		}
		twice := Redact(once)
		if value, ok := parse(once); ok {
			once, _ = encode(value)
		}
		if value, ok := parse(twice); ok {
			twice, _ = encode(value)
		}
		if string(twice) != string(once) {
			t.Errorf("%q redacted is %q and again %q", text, once, twice)
		}
	})
}

// lines breaks a text as openssl does.
func lines(text string) string {
	var out []string
	for text != "" {
		n := min(76, len(text))
		out, text = append(out, text[:n]), text[n:]
	}
	return strings.Join(out, "\n")
}

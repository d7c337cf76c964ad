package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// Redact returns the text without its secrets: passwords, tokens and keys by
// the name they are given (JSON, YAML, environment, command lines, headers,
// queries), bearer tokens, JSON web tokens, PEM private keys, user
// information in URLs, the data of Kubernetes Secrets, and base64 and URL
// escapes of any of these. JSON objects and arrays stay JSON with the same shape and are
// indented; any other text keeps its lines. Redacting twice changes nothing.
func Redact(text []byte) []byte {
	if out, ok := redactJSON(text); ok {
		return out
	}
	text = []byte(redactText(string(text), 0))
	// What was no JSON may be some without its secrets.
	if out, ok := redactJSON(text); ok {
		return out
	}
	return text
}

func redactJSON(text []byte) ([]byte, bool) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || (trimmed[0] != '{' && trimmed[0] != '[') {
		return nil, false
	}
	value, ok := parse(trimmed)
	if !ok {
		return nil, false
	}
	out, err := encode(redactValue("", value))
	return out, err == nil
}

func parse(text []byte) (any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return value, err == io.EOF
}

func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return out.Bytes(), err
}

// redactValue walks JSON; key is the name the value was found under.
func redactValue(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		return redactObject(key, v)
	case []any:
		return redactList(key, v)
	case string:
		if v != "" && secretKey(key) {
			return Redacted
		}
		return redactText(v, 0)
	case json.Number:
		if passwordKey(key) {
			return Redacted
		}
	}
	return value
}

// redactObject also knows three shapes in which the secret's name is not its
// key: a Kubernetes Secret, name and value side by side, and Envoy's data source.
func redactObject(key string, object map[string]any) map[string]any {
	name, _ := object["name"].(string)
	out := make(map[string]any, len(object))
	for k, v := range object {
		switch {
		case object["kind"] == "Secret" && (k == "data" || k == "stringData"):
			out[k] = redactAll(v)
		case k == "value" && secretKey(name):
			out[k] = redactValue(name, v)
		case (k == "inline_bytes" || k == "inline_string") && secretKey(key):
			out[k] = Redacted
		default:
			out[k] = redactValue(k, v)
		}
	}
	return out
}

// redactList redacts each item, and the argument that follows a flag like --password.
func redactList(key string, list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = redactValue(key, v)
		text, isText := v.(string)
		if i == 0 || !isText || text == "" || strings.HasPrefix(text, "-") {
			continue
		}
		if flag, ok := list[i-1].(string); ok && strings.HasPrefix(flag, "-") && secretKey(strings.TrimLeft(flag, "-")) {
			out[i] = Redacted
		}
	}
	return out
}

// redactAll replaces every string, whatever it is called.
func redactAll(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = redactAll(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = redactAll(item)
		}
		return out
	case string:
		return Redacted
	}
	return value
}

var (
	// pemKey takes a key that was cut at its end, too; its body holds no two dashes in a row.
	pemKey = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\:,]|-[A-Za-z0-9])*(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?`)
	// pemTail is what a log cut at its beginning leaves of a key.
	pemTail = regexp.MustCompile(`(?:[A-Za-z0-9+/=]{16,}(?:\s|\\n)+)+-----END [A-Z0-9 ]*PRIVATE KEY-----`)
	jwt     = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*`)
	bearer  = regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)([A-Za-z0-9._~+/=-]{8,})`)
	userURL = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/:@"'<>]*:[^\s/"'<>]+@`)
	encoded = regexp.MustCompile(`[A-Za-z0-9+/_-]{24,}={0,2}`)
	// wrapped is base64 in lines, as PEM and MIME break it, also inside JSON.
	wrapped = regexp.MustCompile(`(?:[A-Za-z0-9+/]{60,76}(?:\r?\n|\\n)[ \t]*)+[A-Za-z0-9+/]+={0,2}`)
	breaks  = regexp.MustCompile(`\r?\n[ \t]*|\\n`)
	// escaped is a word of a URL or form with something written as %XX.
	escaped = regexp.MustCompile(`[^\s"'<>&?\\]*%[0-9A-Fa-f]{2}[^\s"'<>&?\\]*`)
	digit   = regexp.MustCompile(`[0-9]`)
)

// maxDepth is how many layers of base64 are looked into.
const maxDepth = 2

func redactText(text string, depth int) string {
	text = pemKey.ReplaceAllString(text, Redacted)
	text = pemTail.ReplaceAllString(text, Redacted)
	text = jwt.ReplaceAllString(text, Redacted)
	text = userURL.ReplaceAllString(text, "${1}"+Redacted+"@")
	text = bearer.ReplaceAllStringFunc(text, func(match string) string {
		part := bearer.FindStringSubmatch(match)
		if len(part[3]) < 20 && !digit.MatchString(part[3]) {
			return match // "bearer authentication" is prose
		}
		return part[1] + part[2] + Redacted
	})
	text = redactNamed(text)
	if depth == maxDepth {
		return text
	}
	text = wrapped.ReplaceAllStringFunc(text, func(match string) string {
		return hide(match, breaks.ReplaceAllString(match, ""), depth, decode)
	})
	text = encoded.ReplaceAllStringFunc(text, func(match string) string { return hide(match, match, depth, decode) })
	return escaped.ReplaceAllStringFunc(text, func(match string) string { return hide(match, match, depth, unescape) })
}

// hide returns the match, or what stands in its place when its content has a secret.
func hide(match, content string, depth int, read func(string) (string, bool)) string {
	if plain, ok := read(content); ok && redactText(plain, depth+1) != plain {
		return Redacted
	}
	return match
}

// unescape reads a part of a URL.
func unescape(text string) (string, bool) {
	plain, err := url.QueryUnescape(text)
	return plain, err == nil && utf8.ValidString(plain)
}

// decode reads base64 that holds text.
func decode(text string) (string, bool) {
	text = strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if plain, err := encoding.DecodeString(text); err == nil && utf8.Valid(plain) {
			return string(plain), true
		}
	}
	return "", false
}

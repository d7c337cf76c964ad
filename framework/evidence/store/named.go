package store

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// passwordWords end the name of something that is a secret whatever its type;
// secretWords of something that is one when it is text.
var (
	passwordWords = []string{"password", "passwd", "pwd", "passphrase"}
	secretWords   = []string{"token", "secret", "authorization", "cookie", "dockercfg", "dockerconfigjson", "apikey"}
	// beforeKey and beforePass make a secret of a name that ends in "key" or "pass".
	beforeKey = []string{"api", "access", "secret", "private", "encryption", "signing", "auth"}
)

// passwordKey tells whether the name ends in a word for a password.
func passwordKey(name string) bool {
	words := split(name)
	return len(words) > 0 && slices.Contains(passwordWords, words[len(words)-1])
}

// secretKey tells whether the name is one of a secret's value: its last word
// says so ("MYSQL_ROOT_PASSWORD", "X-Auth-Token", "clientSecret"), while
// "secretName", "tokenPath" and "public key" only speak about one.
func secretKey(name string) bool {
	words := split(name)
	if len(words) == 0 {
		return false
	}
	last, before := words[len(words)-1], ""
	if len(words) > 1 {
		before = words[len(words)-2]
	}
	switch last {
	case "key":
		return slices.Contains(beforeKey, before)
	case "pass":
		return before != ""
	}
	return slices.Contains(passwordWords, last) || slices.Contains(secretWords, last)
}

// split cuts a name into lower case words at punctuation and capitals.
func split(name string) []string {
	var words []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	lower := false
	for _, c := range name {
		letter := unicode.IsLetter(c) || unicode.IsDigit(c)
		if !letter || (unicode.IsUpper(c) && lower) {
			flush()
		}
		if letter {
			word.WriteRune(unicode.ToLower(c))
		}
		lower = unicode.IsLower(c) || unicode.IsDigit(c)
	}
	flush()
	return words
}

var (
	// named finds a name and the sign that gives it a value; in an environment
	// of Kubernetes the name is itself a value, with "value" behind it.
	named = regexp.MustCompile(`(?:\\*["']?name\\*["']?\s*:\s*\\*["']?([A-Za-z_][\w.-]*)\\*["']?\s*,?\s*\\*["']?value\\*["']?\s*:[ \t]*)` +
		`|(?:([.A-Za-z_][\w.-]*)\\*["']?[ \t]*(?:=>|[:=])[ \t]*)|(?:--([A-Za-z][\w-]*)[ \t]+)`)
	opening = regexp.MustCompile(`^\\*["']`)
	block   = regexp.MustCompile(`^[|>][-+0-9]*[ \t]*\n`)
	// A value without quotes is one word, a header's reaches to the end of its
	// quotes or line, and that of a YAML key to the end of the line.
	plain       = regexp.MustCompile(`^[^\s,;&"'\\(){}\[\]<>]+`)
	header      = regexp.MustCompile(`^[^\n"'\\]+`)
	line        = regexp.MustCompile(`^[^\n]+`)
	headerWords = []string{"authorization", "cookie"}
	harmless    = []string{"true", "false", "null", "nil", "none", "<none>", "{}"}
)

// redactNamed replaces the values that are given to the names of secrets.
func redactNamed(text string) string {
	var out strings.Builder
	for {
		at := named.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		name := ""
		for group := 2; group < len(at); group += 2 {
			if at[group] >= 0 {
				name = text[at[group]:at[group+1]]
			}
		}
		begin := text[:at[1]]
		out.WriteString(begin)
		rest := text[at[1]:]
		if secretKey(name) {
			size, kept := valueOf(name, begin[:at[0]], begin[at[0]:], rest)
			out.WriteString(kept)
			rest = rest[size:]
		}
		text = rest
	}
	out.WriteString(text)
	return out.String()
}

// valueOf measures the value at the beginning of rest and says what stands in
// its place. before is the text ahead of the name, sign the name with its sign.
func valueOf(name, before, sign, rest string) (size int, kept string) {
	if quote := opening.FindString(rest); quote != "" {
		return quoted(quote, rest)
	}
	if head := block.FindString(rest); head != "" {
		return blockOf(before, head, rest)
	}
	value := plain
	switch words := split(name); {
	case slices.Contains(headerWords, words[len(words)-1]):
		value = header
	case strings.Trim(lastLine(before), " \t-") == "" && strings.Contains(sign, ":"):
		value = line
	}
	found := value.FindString(rest)
	trimmed := strings.TrimSpace(found)
	if trimmed == "" || slices.Contains(harmless, trimmed) || strings.HasPrefix(trimmed, Redacted) {
		return 0, ""
	}
	return len(found), Redacted
}

// quoted measures a value up to the quote that closes it, on the same line.
// Inside n layers of escapes a quote has 2^n-1 backslashes before it.
func quoted(quote, rest string) (size int, kept string) {
	escapes, mark := len(quote)-1, quote[len(quote)-1]
	run := 0
	for at := len(quote); at < len(rest) && rest[at] != '\n'; at++ {
		if rest[at] == '\\' {
			run++
			continue
		}
		if rest[at] == mark && run%(2*(escapes+1)) == escapes {
			if at == 2*len(quote)-1 {
				return at + 1, rest[:at+1] // empty
			}
			return at + 1, quote + Redacted + quote
		}
		run = 0
	}
	return len(line.FindString(rest)), quote + Redacted + quote
}

// blockOf measures a YAML block: the lines indented deeper than its name.
func blockOf(before, head, rest string) (size int, kept string) {
	own := lastLine(before)
	indent := len(own) - len(strings.TrimLeft(own, " -"))
	size = len(head)
	pad := ""
	for l := range strings.Lines(rest[size:]) {
		content := strings.TrimLeft(l, " ")
		if strings.TrimSpace(l) != "" && len(l)-len(content) <= indent {
			break
		}
		if pad == "" {
			pad = l[:len(l)-len(content)]
		}
		size += len(l)
	}
	if size == len(head) {
		return 0, ""
	}
	return size, head + pad + Redacted + "\n"
}

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

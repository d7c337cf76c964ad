// Package malform makes malformed inputs out of good ones, for the tests of
// parsers and judges: what a failing server, a proxy on the way or a half
// written file could hand in, and worse. It guarantees that the same seed gives
// the same inputs, so that a failure can be looked at again.
package malform

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// Foreign are answers of somebody else: no server of ours says one of them for
// a good answer.
func Foreign() []string {
	return []string{
		"", " \n", "null", "true", "7", `"ok"`, "<!doctype html><html><body>Sign in</body></html>",
		"<html><head><title>502 Bad Gateway</title></head></html>", "404 page not found\n", "upstream connect error or disconnect/reset before headers",
		`{"error":"unavailable"}`, `{"status":"error","errorType":"internal","error":"storage is away"}`,
		`{"data":null,"errors":[{"code":500,"msg":"storage is away"}]}`, `{"kind":"Status","status":"Failure","code":503}`,
		"{}", "[null]", "[[]]", "{", "]", "\x00\x01\x02", "\xff\xfe{}", strings.Repeat("[", 100_000), strings.Repeat(`{"data":`, 20_000),
	}
}

// Texts derives n texts from the good ones. Few of them are good by chance.
func Texts(seed uint64, n int, good ...string) iter.Seq[string] {
	return func(yield func(string) bool) {
		m := &maker{Rand: rand.New(rand.NewPCG(seed, seed)), good: good}
		for _, text := range good {
			m.trees = append(m.trees, tree(text))
		}
		for range n {
			if !yield(m.text()) {
				return
			}
		}
	}
}

func tree(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil
	}
	return value
}

type maker struct {
	*rand.Rand
	good  []string
	trees []any
}

func (m *maker) text() string {
	i := m.IntN(len(m.good))
	if m.trees[i] == nil || m.IntN(2) == 0 {
		return m.edited(m.good[i])
	}
	return m.reshaped(&m.trees[i])
}

// numbers are those that a field of another type, or size, would hold.
var numbers = []string{"NaN", "Infinity", "-Infinity", "1e999", "-1", "0", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "0.1", "1e-320"}

var number = regexp.MustCompile(`-?\d+(\.\d+)?`)

// edited changes the text as text, up to three times.
func (m *maker) edited(text string) string {
	for range 1 + m.IntN(3) {
		if len(text) < 2 {
			return text
		}
		from, to := m.span(len(text))
		switch m.IntN(9) {
		case 0:
			text = text[:from]
		case 1:
			text = text[from:]
		case 2:
			text = text[:from] + text[to:]
		case 3:
			text = text[:to] + text[from:]
		case 4:
			text = text[:from] + text[to:] + text[from:to]
		case 5:
			flipped := []byte(text)
			flipped[from] ^= 1 << m.IntN(8)
			text = string(flipped)
		case 6:
			text = text[:from] + pick(m, Foreign()[:len(Foreign())-2]) + text[from:]
		case 7:
			text = m.renumbered(text, from)
		case 8:
			lines := strings.SplitAfter(text, "\n")
			at := m.IntN(len(lines))
			text = strings.Join(slices.Insert(lines, at, pick(m, lines)), "")
		}
	}
	return text
}

// span is a part of a text of the size, mostly a short one.
func (m *maker) span(size int) (from, to int) {
	from = m.IntN(size)
	return from, min(size, from+1+m.IntN(1+size/(1+m.IntN(20))))
}

// renumbered puts another number in the place of the first one behind from.
func (m *maker) renumbered(text string, from int) string {
	at := number.FindStringIndex(text[from:])
	if at == nil {
		return text
	}
	return text[:from+at[0]] + pick(m, numbers) + text[from+at[1]:]
}

// reshaped changes the JSON document in up to three places, writes it, and
// takes the changes back.
func (m *maker) reshaped(document *any) string {
	var back []func()
	for range 1 + m.IntN(3) {
		back = append(back, m.reshape(*document, func(v any) { *document = v }))
	}
	text, err := json.Marshal(*document)
	for _, undo := range slices.Backward(back) {
		undo()
	}
	if err != nil {
		panic("a tree of JSON values is no JSON: " + err.Error())
	}
	return string(text)
}

// reshape goes down a random way and changes the value it ends at.
func (m *maker) reshape(value any, set func(any)) (undo func()) {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 || m.IntN(8) == 0 {
			break
		}
		key := pick(m, slices.Sorted(maps.Keys(v)))
		if old := v[key]; m.IntN(6) == 0 {
			delete(v, key)
			return func() { v[key] = old }
		}
		return m.reshape(v[key], func(x any) { v[key] = x })
	case []any:
		if len(v) == 0 || m.IntN(8) == 0 {
			break
		}
		at := m.IntN(len(v))
		switch m.IntN(6) {
		case 0:
			set(slices.Delete(slices.Clone(v), at, at+1))
			return func() { set(v) }
		case 1:
			set(slices.Insert(slices.Clone(v), m.IntN(len(v)), v[at]))
			return func() { set(v) }
		}
		return m.reshape(v[at], func(x any) { v[at] = x })
	}
	set(m.other(value))
	return func() { set(value) }
}

// other is a value of another type or size.
func (m *maker) other(value any) any {
	switch m.IntN(10) {
	case 0:
		return nil
	case 1:
		return []any{value}
	case 2:
		return map[string]any{"value": value}
	case 3:
		return json.Number(pick(m, numbers[3:]))
	case 4:
		return pick(m, numbers)
	case 5:
		return ""
	case 6:
		return m.IntN(2) == 0
	case 7:
		return pick(m, Foreign()[:15])
	case 8:
		return []any{}
	}
	return json.RawMessage(strings.Repeat("[", 500) + strings.Repeat("]", 500))
}

func pick[T any](m *maker, all []T) T { return all[m.IntN(len(all))] }

// JSON tells whether the text is one whole JSON document.
func JSON(text string) bool { return json.Valid(bytes.TrimSpace([]byte(text))) }

package review

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a text fit to be shown: UTF-8, and without control characters,
// which a terminal would obey, or marks that turn the direction of writing.
func clean(text string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' {
			return c
		}
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == utf8.RuneError {
			return utf8.RuneError
		}
		return c
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// cutMark ends a text that was cut.
const cutMark = " … (cut)"

// cut shortens a text to at most so many bytes, at the end of a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := max(limit-len(cutMark), 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + cutMark
}

// leftOut says that only some could be told.
func leftOut(n int, of string) string {
	return fmt.Sprintf("%d more %s left out: the report of the run has all", n, of)
}

// Shown is a text of somebody else on one line of a terminal.
func Shown(text string) string { return oneLine(text) }

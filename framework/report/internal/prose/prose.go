// Package prose holds what all texts of the reports share, so that a duration,
// a number of things, a verdict's colour and a table look the same in each.
package prose

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/onap/meshcert/framework/verdict"
)

// OneLine joins the lines of a text.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Plural says "1 spec", "2 specs".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Duration is for people: "1.2 s", "2 min 05 s".
func Duration(seconds float64) string {
	if seconds < 59.95 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	whole := int(seconds + 0.5)
	return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
}

// digits is how many of a number are shown that mean something.
const digits = 4

// Number is for people: whole above 1,000, and below it with the digits
// that mean something.
func Number(value float64) string {
	size := math.Abs(value)
	switch {
	case size >= 1e12 || size < 1e-6 && size > 0:
		return strconv.FormatFloat(value, 'g', digits, 64)
	case size >= 1000:
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', digits, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// Paint colours a word by a verdict.
func Paint(word string, v verdict.Verdict, colour bool) string {
	if !colour {
		return word
	}
	switch v {
	case verdict.Pass:
		return text.FgGreen.Sprint(word)
	case verdict.Fail:
		return text.Colors{text.Bold, text.FgRed}.Sprint(word)
	case verdict.Inconclusive:
		return text.FgYellow.Sprint(word)
	}
	return text.Faint.Sprint(word)
}

// NewTable returns a table without lines whose header stays as it is written.
func NewTable() table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header, t.Style().Format.Footer = text.FormatDefault, text.FormatDefault
	t.Style().Box.PaddingLeft, t.Style().Box.PaddingRight = "", "  "
	return t
}

// Rows are the lines of a table, without spaces at their ends.
func Rows(t table.Writer) []string { return trimmed(t.Render()) }

// Wrap breaks a text between words, so that no line is wider.
func Wrap(words string, width int) string {
	return strings.Join(trimmed(text.WrapSoft(words, width)), "\n")
}

// trimmed are the lines of a text, without spaces at their ends.
func trimmed(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, strings.TrimRight(line, " \n"))
	}
	return out
}

package review

import (
	"fmt"
	"io"
	"strings"

	"github.com/onap/meshcert/framework/report/internal/prose"
)

// Text writes the review for people: each problem in full, and what it all means
// in the last line.
func (r *Review) Text(out io.Writer, colour bool) error {
	var text strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&text, "%s on %s (%s)", prose.Paint(p.Standing.says(), p.Finding.Verdict, colour), p.Release, oneLine(p.Because))
		if p.Place.File != "" {
			fmt.Fprintf(&text, "\n  line  %s", clean(p.Place.File))
		}
		if p.Place.Line > 0 {
			fmt.Fprintf(&text, ":%d", p.Place.Line)
		}
		fmt.Fprintf(&text, "\n%s\n", clean(p.Text))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&text, "note  %s\n", oneLine(n))
	}
	word := prose.Paint(strings.ToUpper(string(r.Verdict)), r.Verdict, colour)
	fmt.Fprintf(&text, "gate of %s: %s: %s (exit %d)\n", r.Project, word, oneLine(r.Sentence()), r.Exit)
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("print the review: %w", err)
	}
	return nil
}

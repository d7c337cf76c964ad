package report

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"github.com/onap/meshcert/framework/verdict"
)

// Live prints one line a spec while specs run. It is safe for concurrent use.
type Live struct {
	out    io.Writer
	colour bool
	mu     sync.Mutex
}

// NewLive prints to out, in colours when asked to (see Terminal).
func NewLive(out io.Writer, colour bool) *Live { return &Live{out: out, colour: colour} }

// Terminal tells whether out is a terminal, where colours make sense.
func Terminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Spec prints the line of a spec that ended: "pass  tracing.multicloud-to-vio
// 1.2 s", and what is wrong or why it was skipped.
func (l *Live) Spec(s Spec) error {
	line := fmt.Sprintf("%s  %s  %s", paint(string(s.Verdict), s.Verdict, l.colour), s.ID, duration(s.Seconds))
	if all := blamed(s); len(all) > 0 {
		line += "  " + headline(all)
	} else if s.Reason != "" {
		line += "  " + oneLine(s.Reason)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := fmt.Fprintln(l.out, line)
	return err
}

// headline is the first finding's summary and how many more there are.
func headline(all []verdict.Finding) string {
	line := oneLine(all[0].Summary)
	if len(all) > 1 {
		line += fmt.Sprintf(" (and %d more)", len(all)-1)
	}
	return line
}

// duration is for people: "1.2 s", "2 min 05 s".
func duration(seconds float64) string {
	if seconds < 59.95 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	whole := int(seconds + 0.5)
	return fmt.Sprintf("%d min %02d s", whole/60, whole%60)
}

// paint colours a word by a verdict.
func paint(word string, v verdict.Verdict, colour bool) string {
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

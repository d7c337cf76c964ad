package report

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/onap/meshcert/framework/report/internal/prose"
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

// Terminal tells whether out is a terminal that can do more than write lines:
// TERM=dumb says that it cannot. Whether it gets colours is also up to NO_COLOR.
func Terminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// Spec prints the line of a spec that ended: "pass  tracing.multicloud-to-vio
// 1.2 s", and what is wrong or why it was skipped.
func (l *Live) Spec(s Spec) error {
	line := fmt.Sprintf("%s  %s  %s", prose.Paint(string(s.Verdict), s.Verdict, l.colour), s.ID, prose.Duration(s.Seconds))
	if all := Blamed(s); len(all) > 0 {
		line += "  " + headline(all)
	} else if s.Reason != "" {
		line += "  " + prose.OneLine(s.Reason)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := fmt.Fprintln(l.out, line)
	return err
}

// headline is the first finding's summary and how many more there are.
func headline(all []verdict.Finding) string {
	line := prose.OneLine(all[0].Summary)
	if len(all) > 1 {
		line += fmt.Sprintf(" (and %d more)", len(all)-1)
	}
	return line
}

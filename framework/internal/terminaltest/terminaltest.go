// Package terminaltest runs a program on a pseudo terminal and tells what a
// person in front of it would see.
package terminaltest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a terminal with one program on it.
type Terminal struct {
	Cmd   *exec.Cmd
	file  *os.File
	ended chan struct{}

	// mu guards what the program wrote, as it is and as it is shown.
	mu       sync.Mutex
	emulator *vt.Emulator
	raw      []byte
}

// Start runs the program on a new terminal of that size. What the caller has not
// directed elsewhere of its standard input, output and error is the terminal.
// It is killed at the test's end.
func Start(t *testing.T, cmd *exec.Cmd, columns, rows int) *Terminal {
	t.Helper()
	file, err := pty.StartWithSize(cmd, size(columns, rows))
	if err != nil {
		t.Fatalf("start %s on a terminal: %v", cmd.Path, err)
	}
	term := &Terminal{Cmd: cmd, file: file, emulator: vt.NewEmulator(columns, rows), ended: make(chan struct{})}
	// What the emulator answers to questions of the program.
	go func() { _, _ = io.Copy(file, term.emulator) }()
	go term.read()
	t.Cleanup(func() {
		// It has ended already, as a rule.
		_ = cmd.Process.Kill()
		<-term.ended
		_ = file.Close()
	})
	return term
}

func size(columns, rows int) *pty.Winsize {
	return &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}
}

// read shows what the program writes until it has ended: Linux says EIO then.
func (t *Terminal) read() {
	defer close(t.ended)
	buffer := make([]byte, 4096)
	for {
		n, err := t.file.Read(buffer)
		t.mu.Lock()
		t.raw = append(t.raw, buffer[:n]...)
		_, _ = t.emulator.Write(buffer[:n])
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Resize gives the terminal another size, and tells the program.
func (t *Terminal) Resize(columns, rows int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.emulator.Resize(columns, rows)
	return pty.Setsize(t.file, size(columns, rows))
}

// Screen is what is on the screen: its lines without spaces at their ends, down
// to the last that is not empty.
func (t *Terminal) Screen() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen()
}

func (t *Terminal) screen() []string {
	var lines []string
	for y := range t.emulator.Height() {
		lines = append(lines, line(t.emulator.Width(), func(x int) string {
			if c := t.emulator.CellAt(x, y); c != nil {
				return c.Content
			}
			return " "
		}))
	}
	return trimmed(lines)
}

// All is what has scrolled off the screen's top, and the screen.
func (t *Terminal) All() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for y := range t.emulator.ScrollbackLen() {
		lines = append(lines, line(t.emulator.Width(), func(x int) string {
			if c := t.emulator.ScrollbackCellAt(x, y); c != nil {
				return c.Content
			}
			return " "
		}))
	}
	return append(lines, t.screen()...)
}

func line(width int, cell func(x int) string) string {
	var text strings.Builder
	for x := range width {
		text.WriteString(cell(x))
	}
	return strings.TrimRight(text.String(), " ")
}

func trimmed(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// Raw is every byte that the program wrote.
func (t *Terminal) Raw() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.raw)
}

// CursorHidden tells whether the cursor cannot be seen.
func (t *Terminal) CursorHidden() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.emulator.CursorHidden()
}

// Wait waits until the program has ended and all it wrote is shown, and returns
// its exit status; -1 when a signal ended it.
func (t *Terminal) Wait() (int, error) {
	err := t.Cmd.Wait()
	<-t.ended
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// Interrupt is Ctrl-C.
func (t *Terminal) Interrupt() error { return t.Cmd.Process.Signal(syscall.SIGINT) }

package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/internal/terminaltest"
	"github.com/onap/meshcert/framework/kube"
)

// stage is a scene on a terminal.
type stage struct {
	*terminaltest.Terminal
	t       *testing.T
	control *os.File
}

func play(t *testing.T, scene string, columns, rows int, env ...string) *stage {
	t.Helper()
	return playOn(t, scene, columns, rows, nil, env...)
}

// playOn plays the scene with its standard output at out; nil for the terminal.
func playOn(t *testing.T, scene string, columns, rows int, out *bytes.Buffer, env ...string) *stage {
	t.Helper()
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", sceneVariable+"="+scene, folderVariable+"="+t.TempDir()), env...)
	cmd.ExtraFiles = []*os.File{theirs}
	if out != nil {
		cmd.Stdout = out
	}
	s := &stage{terminaltest.Start(t, cmd, columns, rows), t, ours}
	t.Cleanup(func() { _ = errors.Join(theirs.Close(), ours.Close()) })
	return s
}

// goOn lets the scene go on to its next part.
func (s *stage) goOn() {
	if _, err := s.control.WriteString("\n"); err != nil {
		s.t.Error(err)
	}
}

// bar is the bar, which moves where nothing is counted.
var bar = regexp.MustCompile(`\[[#.<>]+\]`)

// seconds are those that everything has gone on for: an hour, and a bit.
var seconds = regexp.MustCompile(`60 min( \d\d s)?`)

// short is a time that began when the test did.
var short = regexp.MustCompile(`(?m)  \d+ s$`)

// look is what a person sees, without what changes by itself.
func look(lines []string) string {
	text := bar.ReplaceAllString(strings.Join(lines, "\n"), "[bar]")
	return short.ReplaceAllString(seconds.ReplaceAllString(text, "an hour"), "  N s") + "\n"
}

// sees waits until a person sees this screen.
func (s *stage) sees(want string) {
	s.t.Helper()
	want = strings.TrimPrefix(want, "\n")
	err := kube.Until(s.t.Context(), "the screen", 20*time.Second, func(context.Context) error {
		if diff := cmp.Diff(want, look(s.Screen())); diff != "" {
			return fmt.Errorf("-want +got:\n%s", diff)
		}
		return nil
	})
	if err != nil {
		s.t.Errorf("%v\nall of it:\n%s", err, strings.Join(s.All(), "\n"))
	}
}

// ends demands the status, and that the terminal is left as it was.
func (s *stage) ends(status int) {
	s.t.Helper()
	if got, err := s.Wait(); got != status || err != nil {
		s.t.Errorf("ended with %d, %v; want %d", got, err, status)
	}
	if s.CursorHidden() {
		s.t.Error("the cursor is left hidden")
	}
	if strings.Contains(s.Raw(), "\x1b[?") {
		s.t.Errorf("a mode of the terminal was changed: %q", s.Raw())
	}
}

const drawn = `
✓ engine  3600.0 s
pass  sidecar.ready  an hour
 [bar] 1 of 3 specs: 1 passed
· specs casablanca  an hour
· tracing.multicloud-to-vio  an hour
├ trace from Deployment istio-system/jaeger  an hour of 120 min
│ last saw: the trace splits at hop 2 of 3
`

const whole = `
✓ engine  3600.0 s
pass  sidecar.ready  an hour
fail  tracing.multicloud-to-vio  an hour  the trace splits at hop 2 of 3
skip  msb.portal  an hour
✓ specs casablanca  3600.0 s

3 specs: the summary
`

func TestScreen(t *testing.T) {
	s := play(t, "run", 80, 24)
	s.sees(drawn)
	if !strings.Contains(s.Raw(), "\x1b[32m") {
		t.Errorf("no verdict has a colour: %q", s.Raw())
	}
	s.goOn()
	s.goOn()
	s.sees(whole)
	s.ends(0)
}

// TestResize: what is drawn follows the terminal's width. What stood there when it
// became narrower is broken by the terminal itself.
func TestResize(t *testing.T) {
	s := play(t, "run", 80, 24)
	s.sees(drawn)
	if err := s.Resize(40, 12); err != nil {
		t.Fatal(err)
	}
	s.seesLast(`
 [bar] 1 of 3 specs: 1 passed
· specs casablanca  an hour
· tracing.multicloud-to-vio  an hour
├ trace from Deployment istio-system/j…
│ last saw: the trace splits at hop 2 …
`)
	if err := s.Resize(120, 24); err != nil {
		t.Fatal(err)
	}
	s.seesLast(strings.Join(strings.SplitAfter(drawn, "\n")[3:], ""))
	s.goOn()
	s.goOn()
	s.ends(0)
}

// seesLast waits until the screen ends with this.
func (s *stage) seesLast(want string) {
	s.t.Helper()
	want = strings.TrimPrefix(want, "\n")
	err := kube.Until(s.t.Context(), "the screen", 20*time.Second, func(context.Context) error {
		if got := look(s.Screen()); !strings.HasSuffix(got, want) {
			return errors.New(got)
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}

// TestNarrow: nothing that is drawn is wider than the terminal.
func TestNarrow(t *testing.T) {
	s := play(t, "long texts", 30, 10)
	s.sees(`
  said [2Jand not obeyed
 [bar]
· onap long long long long l…
├ a  N s
│ last saw: Ein 日本語のテキ…
├ b  N s
│ last saw: [2Jnot obeyed
`)
	s.goOn()
	s.ends(0)
}

// TestLow: what is drawn fits in the terminal's rows, and says what it leaves out.
func TestLow(t *testing.T) {
	s := play(t, "up", 90, 10)
	s.sees(`
  removing release blog
text of a library, in two parts
 [bar]
· istio and add-ons  an hour
├ 00 Deployments of namespace istio-system  an hour of 120 min
│ last saw: 1 of 2 are, without jaeger
├ 01 Deployments of namespace istio-system  an hour of 120 min
│ last saw: 1 of 2 are, without jaeger
… and 18 more
`)
	s.goOn()
	s.ends(0)
}

// TestScrolling: lines that are wider than the terminal and more than it has rows
// leave no rest of what was drawn.
func TestScrolling(t *testing.T) {
	s := play(t, "long lines", 80, 24)
	s.seesLast(strings.Join(strings.SplitAfter(drawn, "\n")[3:], ""))
	s.goOn()
	s.ends(0)
	all := strings.Join(s.All(), "\n")
	if n := strings.Count(all, "├"); n > 0 {
		t.Errorf("%d rests of what was drawn are left:\n%s", n, all)
	}
	for i := range 100 {
		if n := strings.Count(all, fmt.Sprintf("line %d ", i)); n != 1 {
			t.Errorf("line %d is there %d times", i, n)
		}
	}
}

func TestInterrupted(t *testing.T) {
	s := play(t, "interrupt", 80, 24)
	s.sees(drawn)
	if err := s.Interrupt(); err != nil {
		t.Fatal(err)
	}
	s.ends(130)
	s.sees(`
✓ engine  3600.0 s
pass  sidecar.ready  an hour
interrupted: cleaning up, please wait
✓ down  3600.0 s

3 specs: the summary
`)
}

// TestKilled: nobody can restore a terminal then, so nothing may need it.
func TestKilled(t *testing.T) {
	s := play(t, "interrupt", 80, 24)
	s.sees(drawn)
	if err := s.Cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.ends(-1)
}

func TestNoColour(t *testing.T) {
	s := play(t, "run", 80, 24, "NO_COLOR=1")
	s.sees(drawn)
	s.goOn()
	s.goOn()
	s.sees(whole)
	s.ends(0)
	if sgr := regexp.MustCompile(`\x1b\[[\d;]*m`).FindString(s.Raw()); sgr != "" {
		t.Errorf("a colour although NO_COLOR is set: %q", s.Raw())
	}
}

// plainRun is scene run as lines.
const plainRun = `· engine
✓ engine  3600.0 s
· specs casablanca
pass  sidecar.ready  60 min 00 s
fail  tracing.multicloud-to-vio  60 min 00 s  the trace splits at hop 2 of 3
skip  msb.portal  60 min 00 s
✓ specs casablanca  3600.0 s
3 specs: the summary
`

// TestDumb: a terminal that cannot do more gets lines.
func TestDumb(t *testing.T) {
	s := play(t, "run", 80, 24, "TERM=dumb")
	s.goOn()
	s.goOn()
	s.ends(0)
	if diff := cmp.Diff(plainRun, strings.ReplaceAll(s.Raw(), "\r\n", "\n")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestHalfRedirected: standard output is a pipe, so nothing is drawn, on no terminal.
func TestHalfRedirected(t *testing.T) {
	var out bytes.Buffer
	s := playOn(t, "run", 80, 24, &out)
	s.goOn()
	s.goOn()
	s.ends(0)
	if diff := cmp.Diff(plainRun, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if s.Raw() != "" {
		t.Errorf("on the terminal: %q", s.Raw())
	}
}

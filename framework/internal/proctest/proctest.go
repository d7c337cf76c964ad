// Package proctest runs real programs for tests: those that `make images` built,
// on loopback ports, with all their files in a folder of the test. It guarantees
// that a program is gone when its test ends, also when the test is killed, and
// that one that cannot run fails its test at once, with its last words.
package proctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// Program finds what a step of the image builds has left in the cache. Where it
// was never built the test is skipped.
func Program(t *testing.T, step, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("needs a real %s, and there is no cache folder it could be in: %v", name, err)
	}
	found, err := filepath.Glob(filepath.Join(cache, "meshcert", "steps", step, "*", name))
	if err != nil || len(found) == 0 {
		t.Skipf("needs a real %s, and step %s is not in %s: run `make images` once", name, step, cache)
	}
	return found[0]
}

// Addresses are n addresses of the loopback interface, host:port, that nobody
// listens on.
func Addresses(t *testing.T, n int) []string {
	t.Helper()
	var free []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		free = append(free, listener.Addr().String())
	}
	return free
}

// Process is a program that runs.
type Process struct {
	name, log string
	process   *os.Process
	// running is done when the program has ended; the cause is how.
	running context.Context
}

// Start starts a program in the folder, its output in a file there, and ends it
// with the test.
func Start(t *testing.T, folder, path string, args ...string) *Process {
	t.Helper()
	p := &Process{name: filepath.Base(path)}
	p.log = filepath.Join(folder, p.name+".log")
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	running, end := context.WithCancelCause(context.Background())
	p.running = running
	started := make(chan error, 1)
	go func() {
		// The signal comes when the thread that started the program ends, so the
		// thread stays as long as the program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the state says it all
			end(fmt.Errorf("%s has ended: %s", p.name, cmd.ProcessState))
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	p.process = cmd.Process
	t.Cleanup(func() { p.Stop(t) })
	return p
}

// Stop ends the program, if it still runs. Nothing is to be kept, so nothing
// has to be written down first.
func (p *Process) Stop(t *testing.T) {
	t.Helper()
	if err := p.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("end %s: %v", p.name, err)
	}
	<-p.running.Done()
}

// startLimit is how long a program may take to be ready, on a busy machine.
const startLimit = time.Minute

// Ready waits until the check, which asks the program, returns nil.
func (p *Process) Ready(t *testing.T, check func(context.Context) error) {
	t.Helper()
	if err := p.ready(check); err != nil {
		t.Fatal(err)
	}
}

func (p *Process) ready(check func(context.Context) error) error {
	err := kube.Until(p.running, p.name+" to be ready", startLimit, check)
	if err == nil {
		return nil
	}
	if p.running.Err() != nil {
		err = context.Cause(p.running)
	}
	said, reading := os.ReadFile(p.log)
	return errors.Join(fmt.Errorf("%w; its last words:\n%s", err, tail(said)), reading)
}

// Serves is a check that asks for a page.
func Serves(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := observe.Get(ctx, http.DefaultClient, url)
		return err
	}
}

// tail is the end of a text, in whole lines.
func tail(text []byte) []byte {
	const limit = 4 << 10
	if len(text) <= limit {
		return text
	}
	_, whole, _ := bytes.Cut(text[len(text)-limit:], []byte("\n"))
	return whole
}

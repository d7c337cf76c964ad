package image

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// grace is how long a process that was asked to stop may clean up.
const grace = 3 * time.Second

// lastLines is how much of a failed command's output goes into its error.
const lastLines = 12

// command is a program to run. It runs in a process group of its own, which is
// ended as a whole with the context.
type command struct {
	args []string
	dir  string
	env  []string // added to the environment of this process
	in   io.Reader
	// contained runs the program in process and mount name spaces of its own
	// (root only): its mounts and all its descendants end with it.
	contained bool
	// root is the folder the program takes for "/"; empty for the real one.
	root string
}

// run runs the command and returns its standard output. The error of a failed
// command holds its last lines of output.
func (c command) run(ctx context.Context) ([]byte, error) {
	var stdout bytes.Buffer
	tail := &tailBuffer{limit: 16 << 10}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir, cmd.Stdin = c.dir, c.in
	cmd.Env = append(cmd.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&stdout, tail), tail
	// A kill of this process that lets nothing clean up ends the command too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Chroot: c.root, Pdeathsig: syscall.SIGKILL}
	stop := syscall.SIGINT // go and pip remove their temporary files on it
	if c.contained {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWPID
		cmd.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
		stop = syscall.SIGKILL // the first process of a name space hears nothing else
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, stop) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if cmd.Process != nil && ctx.Err() != nil {
		// Whatever of the group did not stop in time. An empty group is no error.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return nil, &commandError{args: c.args, err: err, output: tail.lines(lastLines)}
	}
}

// commandError says which command failed and what it said last.
type commandError struct {
	args   []string
	err    error
	output string
}

func (e *commandError) Unwrap() error { return e.err }

func (e *commandError) Error() string {
	said := "it said nothing"
	if e.output != "" {
		said = "it said:\n" + e.output
	}
	return fmt.Sprintf("%s: %v; %s", strings.Join(e.args, " "), e.err, said)
}

// need is an error with what to do when a program is not on this machine.
func need(program, advice string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%s is not on this machine: %s", program, advice)
	}
	return nil
}

// tries is how often a download is begun at most.
const tries = 4

// download tries f until it succeeds, tries have been made or the context
// ends; what names the download in the error. failed hears of each failure
// that is followed by another try. Errors marked permanent are not tried again.
func download(ctx context.Context, what string, failed func(error), f func() error) error {
	n := 0
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		n++
		return struct{}{}, f()
	}, backoff.WithMaxTries(tries), backoff.WithNotify(func(err error, _ time.Duration) {
		failed(fmt.Errorf("download %s: %w", what, err))
	}))
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("download %s, tried %d times: %w", what, n, err)
}

// permanent marks an error that another try would meet again.
func permanent(err error) error { return backoff.Permanent(err) }

// tailBuffer keeps the last bytes written.
type tailBuffer struct {
	limit int
	kept  []byte
}

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - t.limit; extra > 0 {
		t.kept = t.kept[extra:]
	}
	return len(p), nil
}

func (t *tailBuffer) lines(n int) string {
	all := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	return strings.Join(all[max(0, len(all)-n):], "\n")
}

package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// process is one process, told apart from a later one with the same number by its start.
type process struct {
	pid    int
	parent int
	// start is when it began, in clock ticks since the machine did (proc(5), field 22 of stat).
	start uint64
	args  []string
}

// parseStat reads parent, state and start from the text of /proc/PID/stat. The
// name in brackets may hold spaces and brackets, so counting starts behind the last one.
func parseStat(text string) (state byte, parent int, start uint64, err error) {
	_, rest, ok := lastCut(text, ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return 0, 0, 0, fmt.Errorf("process state %q is not in the form of proc(5)", text)
	}
	parent, err = strconv.Atoi(fields[1])
	if err != nil {
		return 0, 0, 0, fmt.Errorf("parent of a process: %w", err)
	}
	start, err = strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("start of a process: %w", err)
	}
	return fields[0][0], parent, start, nil
}

func lastCut(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// readProcess returns the process with the number, or an error when it is gone or only waits to be reaped.
func readProcess(pid int) (process, error) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return process{}, err
	}
	state, parent, start, err := parseStat(string(stat))
	if err != nil {
		return process{}, err
	}
	if state == 'Z' || state == 'X' {
		return process{}, os.ErrProcessDone
	}
	line, err := os.ReadFile(filepath.Join(folder, "cmdline"))
	if err != nil {
		return process{}, err
	}
	args := strings.Split(string(bytes.TrimSuffix(line, []byte{0})), "\x00")
	return process{pid: pid, parent: parent, start: start, args: args}, nil
}

// processes returns all that run now, without those that ended while it looked.
func processes() ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var all []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, err := readProcess(pid); err == nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// is says whether the process was started as program (its base name) with the argument.
func (p process) is(program, argument string) bool {
	return len(p.args) > 0 && filepath.Base(p.args[0]) == program && slices.Contains(p.args[1:], argument)
}

// runs says whether this very process still runs.
func (p process) runs() bool {
	now, err := readProcess(p.pid)
	return err == nil && now.start == p.start
}

// end sends the signal to this very process and waits until it is gone or the limit is over.
func (p process) end(ctx context.Context, signal syscall.Signal, limit time.Duration) error {
	// FindProcess holds the process by a descriptor, so the check after it cannot be overtaken by a reused number.
	handle, err := os.FindProcess(p.pid)
	if err != nil || !p.runs() {
		return nil
	}
	defer func() { _ = handle.Release() }()
	if err := handle.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %v to process %d: %w", signal, p.pid, err)
	}
	gone := func(context.Context) (bool, error) { return !p.runs(), nil }
	if err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, limit, true, gone); err != nil {
		return fmt.Errorf("process %d still runs %v after %v: %w", p.pid, limit, signal, err)
	}
	return nil
}

// descendants returns the children of the processes, their children, and so on.
func descendants(all []process, of []process) []process {
	var found []process
	for next := of; len(next) > 0; {
		var children []process
		for _, p := range all {
			if slices.ContainsFunc(next, func(q process) bool { return p.parent == q.pid }) {
				children = append(children, p)
			}
		}
		found = append(found, children...)
		next = children
	}
	return found
}

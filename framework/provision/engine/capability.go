package engine

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// bounded says whether this machine withholds a capability from its root, so
// that runc cannot start a privileged container ("unable to apply caps") and
// the runtime wrapper runc-bounded is needed.
func bounded() (bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, fmt.Errorf("read the capability bounding set: %w", err)
	}
	last, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		return false, fmt.Errorf("read the kernel's last capability: %w", err)
	}
	missing, err := withheld(string(status), string(last))
	return len(missing) > 0, err
}

// withheld returns the numbers (capabilities(7)) of the capabilities that the
// kernel knows and the bounding set lacks. status is the text of
// /proc/self/status, last that of /proc/sys/kernel/cap_last_cap.
func withheld(status, last string) ([]int, error) {
	top, err := strconv.Atoi(strings.TrimSpace(last))
	if err != nil || top < 0 || top > 63 {
		return nil, fmt.Errorf("the kernel's last capability is %q, want a number from 0 to 63", strings.TrimSpace(last))
	}
	for line := range strings.Lines(status) {
		value, ok := strings.CutPrefix(line, "CapBnd:")
		if !ok {
			continue
		}
		set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		if err != nil {
			return nil, fmt.Errorf("capability bounding set: %w", err)
		}
		var missing []int
		for n := range top + 1 {
			if set>>n&1 == 0 {
				missing = append(missing, n)
			}
		}
		return missing, nil
	}
	return nil, fmt.Errorf("process status has no line CapBnd")
}

package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/journal"
)

// Raise raises the limit of inotify instances a user to what the sidecars need,
// records it first, and returns the limit that holds now. A limit that is high
// enough stays. Without root a low one is an error that says what to do.
func Raise(j *journal.Journal, sidecars int) (int, error) {
	return raise(j, inotifyPath, readInotify(), sidecars)
}

func raise(j *journal.Journal, path string, now Inotify, sidecars int) (int, error) {
	if now.Err != nil {
		return 0, fmt.Errorf("read the limit of inotify instances: %w", now.Err)
	}
	need := InotifyNeed(now.Used, sidecars)
	if need <= now.Limit {
		return now.Limit, nil
	}
	before, err := firstBefore(j, path, now.Limit)
	if err != nil {
		return 0, err
	}
	err = j.Intend(journal.Entry{Kind: journal.Limit, Name: filepath.Base(path), Data: map[string]string{
		"path": path, "before": strconv.Itoa(before), "raised": strconv.Itoa(need),
	}})
	if err != nil {
		return 0, err
	}
	if err := writeLimit(path, need); err != nil {
		return 0, fmt.Errorf("raise the limit of inotify instances (as root: sysctl -w fs.inotify.max_user_instances=%d): %w", need, err)
	}
	return need, nil
}

// firstBefore is the limit from before the first raise: a second one must not take ours for the machine's.
func firstBefore(j *journal.Journal, path string, limit int) (int, error) {
	all, err := j.Entries()
	if err != nil {
		return 0, err
	}
	for _, e := range all {
		if e.Kind == journal.Limit && e.Data["path"] == path {
			before, err := strconv.Atoi(e.Data["before"])
			if err != nil {
				return 0, fmt.Errorf("journal entry of limit %s: before: %w", path, err)
			}
			return before, nil
		}
	}
	return limit, nil
}

// Restore gives a limit that Raise raised its former value back. One that
// somebody else has changed since is left as it is.
func Restore(entry journal.Entry) error {
	path := entry.Data["path"]
	before, err := strconv.Atoi(entry.Data["before"])
	if entry.Kind != journal.Limit || path == "" || err != nil {
		return fmt.Errorf("journal entry %s %q is not a raised limit with its path and former value", entry.Kind, entry.Name)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read limit %s: %w", path, err)
	}
	if strings.TrimSpace(string(text)) != entry.Data["raised"] {
		return nil
	}
	if err := writeLimit(path, before); err != nil {
		return fmt.Errorf("restore limit %s: %w", path, err)
	}
	return nil
}

// writeLimit writes a kernel setting; such a file is never made, only written.
func writeLimit(path string, value int) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.Itoa(value))
	return errors.Join(err, f.Close())
}

// Package doctor looks at a machine, or at a real cluster, before anything is
// made there, and says what would go wrong and what to do. Readers fill small
// structs of facts; pure functions decide over them. A check that could not be
// made is a warning, never silently fine. It changes nothing, with one
// exception that is asked for: Raise, which Restore takes back.
package doctor

import (
	"fmt"
	"strings"
)

// Status is the result of one check.
type Status string

const (
	OK Status = "ok"
	// Warn is what may go wrong, or could not be looked at.
	Warn Status = "warn"
	// Fail is what will go wrong.
	Fail Status = "fail"
)

// Check is one line for a person.
type Check struct {
	// Category groups checks: "engine", "machine", "source", "network", "cluster".
	Category string `json:"category"`
	Name     string `json:"name"`
	Status   Status `json:"status"`
	// Text is what was found.
	Text string `json:"text"`
	// Do is what to do about it; empty when Status is OK.
	Do string `json:"do,omitempty"`
}

// Worst returns the gravest status; OK for no checks.
func Worst(checks []Check) Status {
	worst := OK
	for _, c := range checks {
		if c.Status == Fail {
			return Fail
		}
		if c.Status == Warn {
			worst = Warn
		}
	}
	return worst
}

// Err returns one error with every check that fails and what to do; nil when none does.
func Err(checks []Check) error {
	var lines []string
	for _, c := range checks {
		if c.Status == Fail {
			lines = append(lines, fmt.Sprintf("%s: %s; %s", c.Name, c.Text, c.Do))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// bytes is a size as people write it.
func bytes(n int64) string {
	const giga, mega = 1 << 30, 1 << 20
	if n < giga {
		return fmt.Sprintf("%d MB", n/mega)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/giga)
}

package progress

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Board keeps what is waited for at present. It is safe for concurrent use; the
// zero Board is empty.
type Board struct {
	mu    sync.Mutex
	waits []Wait
}

// Hear is the board's Listener.
func (b *Board) Hear(e Event) {
	if e.Wait == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.waits, func(w Wait) bool { return w.is(*e.Wait) })
	switch {
	case i < 0 && !e.Wait.Over:
		b.waits = append(b.waits, *e.Wait)
	case i >= 0 && e.Wait.Over:
		b.waits = slices.Delete(b.waits, i, i+1)
	case i >= 0:
		b.waits[i] = *e.Wait
	}
}

// is tells whether the two are the same wait.
func (w Wait) is(other Wait) bool { return w.What == other.What && w.Began.Equal(other.Began) }

// Clear forgets what is waited for: who waited is no more.
func (b *Board) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = nil
}

// Waits is what is waited for, what began first first.
func (b *Board) Waits() []Wait {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.waits)
}

// String is a line for each wait, as it is now.
func (b *Board) String() string {
	var lines []string
	for _, w := range b.Waits() {
		lines = append(lines, w.Line(time.Now()))
	}
	return strings.Join(lines, "\n")
}

// Line says what is waited for, since when and for how long at most, and what
// was seen last: "pods from the API server: 12 s of 30 s, last saw: 3 of 29 are not ready".
func (w Wait) Line(now time.Time) string {
	line := w.What + ": " + w.Elapsed(now)
	if w.Seen == "" {
		return line
	}
	return line + ", last saw: " + w.Seen
}

// Elapsed says how long it has been waited for, and for how long at most: "12 s of 2 min".
func (w Wait) Elapsed(now time.Time) string {
	line := Rough(now.Sub(w.Began))
	if w.LimitSeconds > 0 {
		line += " of " + Rough(time.Duration(w.LimitSeconds*float64(time.Second)))
	}
	return line
}

// Rough is a duration in whole seconds for people: "12 s", "2 min", "2 min 05 s".
func Rough(d time.Duration) string {
	seconds := int(max(0, d).Seconds())
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds%60 == 0:
		return fmt.Sprintf("%d min", seconds/60)
	}
	return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
}

package progress

import (
	"context"
	"sync"
	"time"
)

// Waiting is a wait under way. Its methods may be called by several goroutines,
// and do nothing on nil.
type Waiting struct {
	to   Listener
	mu   sync.Mutex
	wait Wait
	// quoted is what was seen last as it was given.
	quoted string
}

// Begin tells the context's listener that something is waited for, for limit at
// most (0: for no time of its own). End it.
func Begin(ctx context.Context, what string, limit time.Duration) *Waiting {
	to := Of(ctx)
	if to == nil {
		return nil
	}
	now := time.Now()
	w := &Waiting{to: to, wait: Wait{What: oneLine(what), Began: now.UTC(), LimitSeconds: limit.Seconds()}}
	w.tell()
	return w
}

// Saw tells what was seen, when it is something else than before.
func (w *Waiting) Saw(text string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if text == w.quoted || w.wait.Over {
		return
	}
	w.quoted, w.wait.Seen = text, oneLine(text)
	w.tell()
}

// End tells that it is not waited for any more.
func (w *Waiting) End() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wait.Over {
		return
	}
	w.wait.Over = true
	w.tell()
}

// tell tells the wait as it is; the listener gets a copy of its own.
func (w *Waiting) tell() {
	wait := w.wait
	w.to.tell(Event{Wait: &wait})
}

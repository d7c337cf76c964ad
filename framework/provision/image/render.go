package image

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Renderer shows progress to a person. Close ends it with one line that sums up.
type Renderer interface {
	Progress
	Close()
}

// summary counts what has ended.
type summary struct {
	cached, made, failed int
}

func (s *summary) add(e Event) {
	switch e.State {
	case Cached:
		s.cached++
	case Done:
		s.made++
	case Failed:
		s.failed++
	}
}

// line is empty when nothing happened.
func (s summary) line() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{s.cached, "found in the cache"}, {s.made, "made"}, {s.failed, "failed"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "images and their inputs: " + strings.Join(parts, ", ") + "\n"
}

// NewLines writes one line when work begins and one when it ends, for logs.
// What was found in the cache is counted, not listed.
func NewLines(w io.Writer) Renderer { return &lines{w: w} }

type lines struct {
	w   io.Writer
	mu  sync.Mutex
	sum summary
}

// Report ignores what the writer answers: progress is not worth failing for.
func (l *lines) Report(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum.add(e)
	if text := describe(e); text != "" {
		fmt.Fprintf(l.w, "[%*d/%d] %s\n", len(fmt.Sprint(e.Total)), e.Done, e.Total, text)
	}
}

func (l *lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprint(l.w, l.sum.line())
}

// describe is the event in words; empty for what a log need not have.
func describe(e Event) string {
	switch e.State {
	case Building:
		return e.What + ": started"
	case Done:
		return fmt.Sprintf("%s: done in %s", e.What, short(e.Took))
	case Failed:
		return fmt.Sprintf("%s: failed after %s: %v", e.What, short(e.Took), e.Err)
	case Retrying:
		return fmt.Sprintf("%s: trying again: %v", e.What, e.Err)
	case Stopped:
		return fmt.Sprintf("%s: stopped after %s", e.What, short(e.Took))
	default:
		return ""
	}
}

// short is a duration that a person reads at once: 0.4s, 12.3s, 3m12s.
func short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

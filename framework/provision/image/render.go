package image

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
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

// NewTerminal draws the work that is under way, and logs what ended above it.
func NewTerminal(w io.Writer) Renderer {
	p := progress.NewWriter()
	p.SetOutputWriter(w)
	p.SetAutoStop(true)
	p.SetStyle(progress.StyleDefault)
	p.SetUpdateFrequency(200 * time.Millisecond)
	p.SetMessageLength(56)
	p.SetTrackerLength(12)
	p.SetTrackerPosition(progress.PositionRight)
	p.Style().Visibility.Value, p.Style().Visibility.Percentage = false, false
	// Drawing ends by itself when nothing runs any more; whole runs until Close.
	whole := &progress.Tracker{Message: wholeMessage(Event{}), RemoveOnCompletion: true}
	p.AppendTracker(whole)
	t := &terminal{w: w, screen: p, whole: whole, running: map[string]*progress.Tracker{}, ended: make(chan struct{})}
	go func() {
		defer close(t.ended)
		p.Render()
	}()
	return t
}

type terminal struct {
	w       io.Writer
	screen  progress.Writer
	whole   *progress.Tracker
	ended   chan struct{}
	mu      sync.Mutex
	running map[string]*progress.Tracker
	sum     summary
}

func (t *terminal) Report(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.add(e)
	t.whole.UpdateMessage(wholeMessage(e))
	switch e.State {
	case Building:
		bar := &progress.Tracker{Message: e.What, RemoveOnCompletion: true} // no total: a moving mark
		t.running[e.What] = bar
		t.screen.AppendTracker(bar)
	case Done, Failed, Stopped:
		if bar := t.running[e.What]; bar != nil {
			bar.MarkAsDone()
			delete(t.running, e.What)
		}
		t.screen.Log("%s", describe(e))
	case Retrying:
		t.screen.Log("%s", describe(e))
	}
}

func wholeMessage(e Event) string {
	return fmt.Sprintf("images and their inputs: %d of %d", e.Done, e.Total)
}

func (t *terminal) Close() {
	t.mu.Lock()
	for what, bar := range t.running {
		bar.MarkAsDone()
		delete(t.running, what)
	}
	t.whole.MarkAsDone()
	t.mu.Unlock()
	<-t.ended
	fmt.Fprint(t.w, t.sum.line())
}

package image

import (
	"context"
	"errors"
	"sync"
	"time"
)

// State says how far a piece of work is.
type State string

const (
	// Queued work waits for its inputs or for a free core.
	Queued State = "queued"
	// Building work has begun.
	Building State = "building"
	// Cached work was found made already.
	Cached State = "cached"
	// Done work was made now.
	Done State = "done"
	// Failed work ended with an error.
	Failed State = "failed"
	// Stopped work ended because other work failed or the user interrupted.
	Stopped State = "stopped"
	// Retrying work failed to download and starts again.
	Retrying State = "retrying"
)

// Event is one change in the state of one piece of work.
type Event struct {
	// What names the work: "image docker.io/istio/pilot:1.31.0", "go build of istio".
	What  string
	State State
	// Done and Total count pieces of work: ended until now, and in all.
	Done, Total int
	// Took is how long the work lasted; set when it ended.
	Took time.Duration
	// Err is why the work failed or is tried again.
	Err error
}

// Progress hears what happens while images are made. Report is called from
// several goroutines.
type Progress interface {
	Report(Event)
}

// tracker counts the pieces of work of one call and reports their states.
type tracker struct {
	to    Progress
	mu    sync.Mutex
	done  int
	total int
}

// work reports that the piece of work begins, what f tells of failed downloads,
// and how it ended.
func (t *tracker) work(what string, f func(say func(error)) error) error {
	start := time.Now()
	t.report(Event{What: what, State: Building})
	err := f(func(err error) { t.report(Event{What: what, State: Retrying, Err: err}) })
	e := Event{What: what, State: Done, Took: time.Since(start), Err: err}
	switch {
	case errors.Is(err, context.Canceled):
		e.State, e.Err = Stopped, nil
	case err != nil:
		e.State = Failed
	}
	t.report(e)
	return err
}

// cached reports a piece of work that nobody had to do.
func (t *tracker) cached(what string) { t.report(Event{What: what, State: Cached}) }

// expect adds pieces of work that are to come.
func (t *tracker) expect(what string) {
	t.mu.Lock()
	t.total++
	t.mu.Unlock()
	t.report(Event{What: what, State: Queued})
}

func (t *tracker) report(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.State == Cached || e.State == Done {
		t.done++
	}
	e.Done, e.Total = t.done, t.total
	t.to.Report(e)
}

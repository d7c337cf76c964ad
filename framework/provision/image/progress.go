package image

import "time"

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

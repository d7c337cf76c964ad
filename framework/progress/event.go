// Package progress is how what goes on in a run reaches who shows it: the work
// tells a listener that its context carries, in this process, or through a pipe
// in another one. It guarantees that nobody has to listen, that telling does not
// fail the work, and that what was seen is told in one short line without
// control characters, whoever's answer it quotes.
//
// Progress is for the eye and is forgotten: what a report is made of is in the
// records.
package progress

import (
	"context"
	"strings"
	"time"
	"unicode"
)

// Event is something that goes on: when it was, and at most one of the other
// fields, whose JSON name is the event's kind. One without any says that
// something was written into the records.
type Event struct {
	Time time.Time `json:"time"`
	// Phase is a step of the run that begins; that it ended is in the records.
	Phase *Phase `json:"phaseBegan,omitempty"`
	// Spec is a spec that begins; that it ended is in the records.
	Spec *Spec `json:"specBegan,omitempty"`
	// Wait is something that is waited for, at its begin, its end, and whenever
	// something else was seen.
	Wait *Wait `json:"waiting,omitempty"`
	// Said is a line for people.
	Said *Said `json:"said,omitempty"`
}

// Phase is a step of a run that begins.
type Phase struct {
	// Name is the one of its record: "cluster", "specs casablanca".
	Name string `json:"name"`
}

// Spec is a spec that begins.
type Spec struct {
	ID      string `json:"id"`
	Release string `json:"release,omitempty"`
	// Fault is the one that was put into the spec's evidence.
	Fault string `json:"fault,omitempty"`
	// Number counts from 1 to Of, the specs that this process runs.
	Number int `json:"number"`
	Of     int `json:"of"`
}

// Wait is something that is waited for. What and Began together are its identity.
type Wait struct {
	// What is the object: "3 Deployments of namespace onap", "pods from the API server".
	What string `json:"what"`
	// Seen is what was seen last, empty for nothing yet.
	Seen string `json:"seen,omitempty"`
	// Began is when the waiting began; it ends after LimitSeconds, 0 for no limit of its own.
	Began        time.Time `json:"began"`
	LimitSeconds float64   `json:"limitSeconds,omitempty"`
	// Over tells that it is not waited for any more.
	Over bool `json:"over,omitempty"`
}

// Said is a line for people.
type Said struct {
	Text string `json:"text"`
}

// Listener hears events. It is called by several goroutines at once and must
// return at once.
type Listener func(Event)

type key struct{}

// With is a context whose work tells the listener, nil for nobody.
func With(ctx context.Context, to Listener) context.Context {
	return context.WithValue(ctx, key{}, to)
}

// Of is the listener of the context, nil for none.
func Of(ctx context.Context) Listener {
	to, _ := ctx.Value(key{}).(Listener)
	return to
}

// Tell tells the context's listener, if there is one. An event without a time
// gets the current one.
func Tell(ctx context.Context, e Event) { Of(ctx).tell(e) }

// Say tells the context's listener a line for people.
func Say(ctx context.Context, line string) { Tell(ctx, Event{Said: &Said{Text: line}}) }

func (to Listener) tell(e Event) {
	if to == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	to(e)
}

// longest is how many runes of what was seen are told: more than a line of any terminal.
const longest = 400

// oneLine is the text in one line, cut, without what a terminal would obey.
func oneLine(text string) string {
	if len(text) > 8*longest {
		text = strings.ToValidUTF8(text[:8*longest], "")
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d'
	}), " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}

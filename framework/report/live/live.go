// Package live shows a run while it goes on: on a terminal what is under way is
// drawn below the lines of what came of it; elsewhere there are only lines, and
// one now and then when nothing has come for long; for machines there is one
// JSON object a line.
//
// It guarantees that every record of the run is shown once, in the order of the
// file, also those of a child process that was killed: they are read from the
// file, and what children tell beside them (package progress) is only ever about
// what has not ended. A terminal is left as it was: nothing is hidden, no input
// is read, and no mode is changed.
package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
)

// Format is how a run is shown: Text or JSON.
type Format string

// The formats.
const (
	// Text is for people.
	Text Format = "text"
	// JSON is the records as they are written, and what goes on, one object a line
	// (reports/schema/live.schema.json).
	JSON Format = "json"
)

// Options say how a run is shown, and where.
type Options struct {
	Out    io.Writer
	Format Format
	// Terminal tells that Out is a terminal (see report.Terminal).
	Terminal bool
}

// firstQuiet is how long a run may say nothing before a line tells what it waits for.
// Each further line without another between takes twice as long, to at most longestQuiet.
const (
	firstQuiet   = 30 * time.Second
	longestQuiet = 5 * time.Minute
)

// View shows one run. It is safe for concurrent use.
type View struct {
	mu      sync.Mutex
	options Options
	printer printer
	drawn   bool
	state   state
	files   []*follower
	// part is text that was written without a line's end.
	part    []byte
	problem error
	// spoke is when the last line was written, quiet how long after it the next
	// heartbeat comes.
	spoke time.Time
	quiet time.Duration

	quit, ended chan struct{}
}

// printer is where text goes.
type printer interface {
	// line writes one whole line.
	line(text string) error
	// show says what is under way, at least once a second.
	show(s *state, now time.Time)
	// close ends the showing; what was written stays.
	close()
}

// Open begins to show a run. Close it.
func Open(o Options) *View {
	v := &View{options: o, spoke: time.Now(), quiet: firstQuiet, quit: make(chan struct{}), ended: make(chan struct{})}
	v.state.counts = map[string]int{}
	file, isFile := o.Out.(*os.File)
	if v.drawn = o.Format != JSON && o.Terminal && isFile; v.drawn {
		v.printer = newScreen(file)
	} else {
		v.printer = lines{o.Out}
	}
	go v.tick()
	return v
}

// often is how often the screen follows what goes on.
const often = 200 * time.Millisecond

func (v *View) tick() {
	defer close(v.ended)
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	for {
		select {
		case <-v.quit:
			return
		case now := <-ticker.C:
			v.mu.Lock()
			v.follow(now)
			v.printer.show(&v.state, now)
			v.beat(now)
			v.mu.Unlock()
		}
	}
}

// beat writes a line when there was none for long; a screen shows it anyway, and
// machines get what changes.
func (v *View) beat(now time.Time) {
	if v.drawn || v.options.Format == JSON || now.Sub(v.spoke) < v.quiet {
		return
	}
	text := v.state.sentence(now)
	if text == "" {
		return
	}
	longer := min(2*v.quiet, longestQuiet)
	v.line("… " + text)
	v.spoke, v.quiet = now, longer
}

// Follow shows what is appended to a file of records from now on. tell gets each
// line that is text for people, with where to write; nil for what is no record
// of the report. In JSON the line is shown as it is.
func (v *View) Follow(path string, tell func(line []byte, out io.Writer) error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.files = append(v.files, &follower{path: path, tell: tell})
}

// FollowReport follows the records that the report is made of.
func (v *View) FollowReport(path string) { v.Follow(path, v.record) }

// follow shows the records that were written until then.
func (v *View) follow(until time.Time) {
	for _, f := range v.files {
		v.note(f.read(until, func(line []byte) error {
			err := f.tell(line, v.out())
			if v.options.Format == JSON {
				return errors.Join(err, v.write(slices.Concat(line, []byte("\n"))))
			}
			return err
		}))
	}
}

// record takes over a record of the report: the end of a phase or a spec.
func (v *View) record(line []byte, out io.Writer) error {
	var r report.Record
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("show a record: %w", err)
	}
	v.state.record(r)
	switch {
	case r.Phase != nil:
		mark := "✓"
		if r.Phase.Error != "" {
			mark = "✗"
		}
		_, err := fmt.Fprintf(out, "%s %s  %.1f s\n", mark, r.Phase.Name, r.Phase.Seconds)
		return err
	case r.Spec != nil:
		return report.NewLive(out, v.options.Terminal).Spec(*r.Spec)
	}
	return nil
}

// Tell shows what goes on; it is a progress.Listener.
func (v *View) Tell(e progress.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.follow(e.Time)
	v.state.event(e)
	switch {
	case v.options.Format == JSON:
		if e.Phase != nil || e.Spec != nil || e.Wait != nil || e.Said != nil {
			e.Time = e.Time.UTC()
			v.object(e)
		}
	case e.Said != nil:
		v.line("  " + harmless(e.Said.Text))
	case e.Phase != nil && !v.drawn:
		v.line("· " + e.Phase.Name)
	}
}

// harmless is a text of others without what a terminal would obey.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// Hear shows what a child process tells through a pipe, until it has closed it.
// What the child had begun and not ended is under way no more then.
func (v *View) Hear(from io.Reader) error {
	v.mu.Lock()
	before := len(v.state.phases)
	v.mu.Unlock()
	err := progress.Hear(from, v.Tell)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.follow(time.Now())
	v.state.abandon(before)
	return err
}

// Write shows text for people, line by line. It never fails: what could not be
// written is the error of Close.
func (v *View) Write(text []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.follow(time.Now())
	v.part = append(v.part, text...)
	for {
		line, rest, whole := bytes.Cut(v.part, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		v.say(string(line))
		v.part = rest
	}
}

// say shows a line for people that came as text.
func (v *View) say(line string) {
	if v.options.Format != JSON {
		v.line(line)
		return
	}
	if line = strings.TrimSpace(line); line != "" {
		v.object(progress.Event{Time: time.Now().UTC(), Said: &progress.Said{Text: line}})
	}
}

// Ask writes down at once what is under way, for a person who asks.
func (v *View) Ask() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if text := v.state.sentence(time.Now()); text != "" && v.options.Format != JSON {
		v.line("… " + text)
	}
}

// Ended is the last object of a run in JSON.
type Ended struct {
	// Status is the exit status.
	Status int `json:"status"`
	// Folder is the run's folder, with its report.
	Folder string `json:"folder,omitempty"`
}

// End tells machines how the run ended; people read the summary.
func (v *View) End(e Ended) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.options.Format == JSON {
		v.follow(time.Time{})
		v.object(struct {
			Time  time.Time `json:"time"`
			Ended Ended     `json:"exited"`
		}{time.Now().UTC(), e})
	}
}

// Close shows the rest of the records and ends the showing. The error is what
// could not be read or written.
func (v *View) Close() error {
	close(v.quit)
	<-v.ended
	v.mu.Lock()
	defer v.mu.Unlock()
	v.follow(time.Time{})
	if len(v.part) > 0 {
		v.say(string(v.part))
	}
	v.printer.close()
	// What is written later still comes, below.
	v.printer, v.drawn = lines{v.options.Out}, false
	for _, f := range v.files {
		v.note(f.close())
	}
	return v.problem
}

// object writes one JSON object.
func (v *View) object(value any) {
	line, err := json.Marshal(value)
	v.note(errors.Join(err, v.write(append(line, '\n'))))
}

func (v *View) write(text []byte) error {
	if _, err := v.options.Out.Write(text); err != nil {
		return fmt.Errorf("show the run: %w", err)
	}
	return nil
}

// line writes a line for people.
func (v *View) line(text string) {
	v.spoke, v.quiet = time.Now(), firstQuiet
	if err := v.printer.line(text); err != nil {
		v.note(fmt.Errorf("show the run: %w", err))
	}
}

// note keeps the first thing that went wrong.
func (v *View) note(err error) {
	if v.problem == nil {
		v.problem = err
	}
}

// out is where the text of records goes: nowhere in JSON, which shows them as they are.
func (v *View) out() io.Writer {
	if v.options.Format == JSON {
		return io.Discard
	}
	return liner{v}
}

// liner writes whole lines while the view is locked.
type liner struct{ v *View }

func (l liner) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		l.v.line(strings.TrimSuffix(line, "\n"))
	}
	return len(text), nil
}

// lines is a printer that draws nothing.
type lines struct{ out io.Writer }

func (l lines) line(text string) error {
	_, err := fmt.Fprintln(l.out, text)
	return err
}

func (lines) show(*state, time.Time) {}

func (lines) close() {}

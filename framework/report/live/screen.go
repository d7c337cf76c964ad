package live

import (
	"os"
	"time"

	bars "github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// screen draws what is under way in the last rows of a terminal; lines go above.
type screen struct {
	out   *os.File
	bars  bars.Writer
	bar   *bars.Tracker
	ended chan struct{}
}

// usual is the size of a terminal that does not tell its own.
const (
	usualColumns = 80
	usualRows    = 24
)

// mostRows bounds what is drawn on a high terminal.
const mostRows = 12

func newScreen(out *os.File) *screen {
	s := &screen{out: out, bars: bars.NewWriter(), ended: make(chan struct{})}
	s.bars.SetOutputWriter(out)
	s.bars.SetUpdateFrequency(often)
	s.bars.SetTrackerLength(14)
	s.bars.SetTrackerPosition(bars.PositionLeft)
	// The drawing ends when the bar is done, after it has shown what came before.
	s.bars.SetAutoStop(true)
	style := bars.StyleDefault
	style.Visibility = bars.StyleVisibility{Pinned: true, Tracker: true}
	style.Options.Separator, style.Options.DoneString = " ", ""
	// Lines come above what is drawn, the last ones too.
	style.Options.KeepTrackersTogether = true
	s.bars.SetStyle(style)
	s.bar = &bars.Tracker{}
	s.bars.AppendTracker(s.bar)
	go func() {
		defer close(s.ended)
		s.bars.Render()
	}()
	return s
}

func (s *screen) line(text string) error {
	s.bars.Log("%s", text)
	return nil
}

// show draws what is under way, within the terminal as wide and high as it is now.
func (s *screen) show(state *state, now time.Time) {
	columns, height, err := term.GetSize(int(s.out.Fd()))
	if err != nil || columns <= 0 || height <= 0 {
		columns, height = usualColumns, usualRows
	}
	// A row below stays free for the cursor, one for the bar.
	rows := state.rows(now, max(1, min(mostRows, height-3)))
	for i := range rows {
		rows[i] = text.Snip(rows[i], max(1, columns-1), "…")
	}
	s.bars.SetPinnedMessages(rows...)
	ended, of := state.done()
	if of > 0 {
		// One more than there are: a full bar would end the drawing.
		s.bar.UpdateTotal(int64(of) + 1)
		s.bar.SetValue(int64(ended))
	}
	s.bar.UpdateMessage(text.Snip(state.tally(), max(1, columns-18), "…"))
}

// close takes away what is drawn, to an empty line; what was written stays.
func (s *screen) close() {
	s.bar.UpdateMessage("")
	s.bar.MarkAsDone()
	<-s.ended
}

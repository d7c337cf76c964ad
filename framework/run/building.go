package run

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/image"
)

// building tells who watches which images are being made: lines of what came of
// each, and what is under way as what is waited for. Close it.
type building struct {
	lines image.Renderer
	ctx   context.Context //nolint:containedctx // who watches is in it
	// drawn tells that what has begun is drawn, so that it needs no line.
	drawn bool

	mu      sync.Mutex
	all     *progress.Waiting
	running map[string]*progress.Waiting
}

func watchImages(ctx context.Context, drawn bool) *building {
	return &building{
		lines: image.NewLines(saying{ctx}), ctx: ctx, drawn: drawn,
		all: progress.Begin(ctx, "images and their inputs", 0), running: map[string]*progress.Waiting{},
	}
}

// Report is image.Progress.
func (b *building) Report(e image.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all.Saw(fmt.Sprintf("%d of %d", e.Done, e.Total))
	switch e.State {
	case image.Building:
		b.running[e.What] = progress.Begin(b.ctx, e.What, 0)
	case image.Retrying:
		b.running[e.What].Saw("trying again: " + e.Err.Error())
	case image.Done, image.Failed, image.Stopped:
		b.running[e.What].End()
		delete(b.running, e.What)
	}
	if e.State != image.Building || !b.drawn {
		b.lines.Report(e)
	}
}

// Close ends the telling with a line that sums up.
func (b *building) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.running {
		w.End()
	}
	b.all.End()
	b.lines.Close()
}

// saying tells the context's listener each line as it is written.
type saying struct{ ctx context.Context } //nolint:containedctx // who listens is in it

func (s saying) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		progress.Say(s.ctx, strings.TrimSuffix(line, "\n"))
	}
	return len(text), nil
}

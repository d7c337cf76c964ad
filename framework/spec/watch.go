package spec

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/onap/meshcert/framework/progress"
)

// watched is the spec's context with somebody who listens to what it waits for:
// the Env's listener; Ginkgo's writer, whose lines are in the log when the spec
// fails; and Ginkgo's progress reports, which say what is waited for when they
// are asked for (SIGUSR1) or when the spec is ended from outside.
func (c Case) watched(ctx ginkgo.SpecContext) (context.Context, func()) {
	var board progress.Board
	stop := ctx.AttachProgressReporter(board.String)
	return progress.With(ctx, func(e progress.Event) {
		board.Hear(e)
		if e.Wait != nil {
			fmt.Fprintln(ginkgo.GinkgoWriter, logged(*e.Wait, e.Time))
		}
		if c.Progress != nil {
			c.Progress(e)
		}
	}), stop
}

// logged is the wait as a line of a log.
func logged(w progress.Wait, now time.Time) string {
	if w.Over {
		return "waited for " + w.Line(now)
	}
	return "waiting for " + w.Line(now)
}

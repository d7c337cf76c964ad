package chart

import (
	"bytes"
	"io"
	"log"
	"strings"
	"sync"
)

// standardLog is held while Helm's warnings are caught: its library writes them to
// the program's standard log and has no other way to tell them.
var standardLog sync.Mutex

// warned runs do and returns what Helm warned of meanwhile, each warning once.
// Everything else that is logged goes where it went before.
func warned(do func() error) ([]string, error) {
	standardLog.Lock()
	defer standardLog.Unlock()
	before := log.Default().Writer()
	caught := &catcher{rest: before}
	log.SetOutput(caught)
	defer log.SetOutput(before)
	err := do()
	return caught.found, err
}

// catcher keeps lines with a warning.
type catcher struct {
	rest  io.Writer
	found []string
	seen  sync.Map
}

func (c *catcher) Write(line []byte) (int, error) {
	_, warning, is := bytes.Cut(line, []byte("warning: "))
	if !is {
		return c.rest.Write(line)
	}
	text := strings.TrimSpace(string(warning))
	if _, known := c.seen.LoadOrStore(text, true); !known {
		c.found = append(c.found, text)
	}
	return len(line), nil
}

package chart

import (
	"bytes"
	"io"
	"log"
	"slices"
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
	caught := &catcher{rest: log.Default().Writer()}
	err := caught.during(do)
	return caught.found, err
}

// catcher keeps lines with a warning. The log writes one line at a time.
type catcher struct {
	rest  io.Writer
	found []string
}

// during has the standard log write to the catcher while do runs.
func (c *catcher) during(do func() error) error {
	log.SetOutput(c)
	defer log.SetOutput(c.rest)
	return do()
}

func (c *catcher) Write(line []byte) (int, error) {
	_, warning, is := bytes.Cut(line, []byte("warning: "))
	if !is {
		return c.rest.Write(line)
	}
	if text := strings.TrimSpace(string(warning)); !slices.Contains(c.found, text) {
		c.found = append(c.found, text)
	}
	return len(line), nil
}

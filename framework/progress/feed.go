package progress

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Feed writes what it hears to a pipe, one JSON value a line, for Hear at its
// other end. What cannot be written is dropped: nobody listens any more.
func Feed(to io.Writer) Listener {
	var mu sync.Mutex
	return func(e Event) {
		e.Time = e.Time.UTC()
		line, err := json.Marshal(e)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = to.Write(append(line, '\n'))
	}
}

// Hear tells what comes through a pipe until its writers have closed it. What
// follows on something that is no event is read, so that no writer waits, and
// the error; a last event that a killed writer left unfinished is not.
func Hear(from io.Reader, to Listener) error {
	decoder := json.NewDecoder(from)
	for {
		var e Event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			_, copyErr := io.Copy(io.Discard, from)
			return errors.Join(fmt.Errorf("hear what goes on: %w", err), copyErr)
		}
		to.tell(e)
	}
}

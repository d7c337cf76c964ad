package store

import (
	"bytes"
	"io"
	"sync"
)

// keyLines is how many lines of a private key are waited for: the longest that
// are in use have about a hundred.
const keyLines = 200

// Log is a writer that redacts a log line by line. A private key is held back
// until its end, so that none of its lines is written alone. It is safe for
// concurrent use.
type Log struct {
	mu  sync.Mutex
	to  io.Writer
	buf []byte
}

// NewLog returns a log that is written to the writer.
func NewLog(to io.Writer) *Log { return &Log{to: to} }

// Write takes any part of the log; what makes no whole line waits for the rest.
func (l *Log) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, text...)
	end := bytes.LastIndexByte(l.buf, '\n') + 1
	if begin := openKey(l.buf[:end]); begin >= 0 {
		end = begin
	}
	if err := l.write(end); err != nil {
		return 0, err
	}
	return len(text), nil
}

// openKey is where the line begins in which a private key begins that does not
// end; -1 when there is none that is worth waiting for.
func openKey(text []byte) int {
	begin := bytes.LastIndex(text, []byte("-----BEGIN "))
	if begin < 0 || bytes.Contains(text[begin:], []byte("-----END ")) || bytes.Count(text[begin:], []byte("\n")) > keyLines {
		return -1
	}
	return bytes.LastIndexByte(text[:begin], '\n') + 1
}

func (l *Log) write(end int) error {
	if end == 0 {
		return nil
	}
	_, err := l.to.Write([]byte(redactText(string(l.buf[:end]), 0)))
	l.buf = append([]byte{}, l.buf[end:]...)
	return err
}

// Close writes what is left. It does not close the writer below.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(len(l.buf))
}

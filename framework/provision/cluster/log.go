package cluster

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"sigs.k8s.io/kind/pkg/log"
)

// kindLog hands kind's messages for people on, and keeps the last of all of
// them for the error. It is safe for concurrent use: kind logs from many goroutines.
type kindLog struct {
	out  func(string)
	mu   sync.Mutex
	last []string
}

// kept is how many messages an error can show; the interesting ones come last.
const kept = 40

func (l *kindLog) keep(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			l.last = append(l.last, line)
		}
	}
	l.last = l.last[max(0, len(l.last)-kept):]
}

// tail is what kind said last.
func (l *kindLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}

func (l *kindLog) say(text string) {
	l.keep(text)
	if text = plain(text); text != "" {
		l.out(text)
	}
}

// plain is a message as a line of text without kind's pictures; "" for what
// says nothing new: that a step has ended well, as the next one begins, and the
// two warnings that we gave kind a network, which it prints at every call.
func plain(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "✓") || strings.Contains(text, networkVariable) || strings.Contains(text, "Here be dragons") {
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, strings.TrimSuffix(text, "..."))
	return strings.Join(strings.Fields(text), " ")
}

func (l *kindLog) Warn(message string)               { l.say("warning: " + message) }
func (l *kindLog) Warnf(format string, args ...any)  { l.Warn(fmt.Sprintf(format, args...)) }
func (l *kindLog) Error(message string)              { l.say("error: " + message) }
func (l *kindLog) Errorf(format string, args ...any) { l.Error(fmt.Sprintf(format, args...)) }

// V returns where messages of a level go: 0 is for people, 1 for the error, the rest nowhere.
func (l *kindLog) V(level log.Level) log.InfoLogger { return kindLevel{l, level} }

type kindLevel struct {
	to    *kindLog
	level log.Level
}

func (l kindLevel) Enabled() bool { return l.level <= 1 }

func (l kindLevel) Info(message string) {
	switch {
	case l.level == 0:
		l.to.say(message)
	case l.Enabled():
		l.to.keep(message)
	}
}

func (l kindLevel) Infof(format string, args ...any) { l.Info(fmt.Sprintf(format, args...)) }

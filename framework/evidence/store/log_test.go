package store

import (
	"bytes"
	"strings"
	"testing"
)

// TestLog: however the log is cut into writes, the same comes out, without secrets.
func TestLog(t *testing.T) {
	text := "begin\nDB_PASSWORD=" + canary + "\n" + privateKey() + "\nsent bearer " + canary + "123\nno line end " + token
	want := "begin\nDB_PASSWORD=[redacted]\n[redacted]\n\nsent bearer [redacted]\nno line end [redacted]"
	for _, size := range []int{1, 7, 64, len(text)} {
		var out bytes.Buffer
		log := NewLog(&out)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if wrote, err := log.Write([]byte(rest[:n])); wrote != n || err != nil {
				t.Fatalf("wrote %d of %d, %v", wrote, n, err)
			}
			rest = rest[n:]
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != strings.ReplaceAll(want, "\n\n\n", "\n\n") {
			t.Errorf("in parts of %d bytes:\n%q, want\n%q", size, got, want)
		}
	}
}

// TestLogDoesNotWaitForEver: lines are written as they come, also after a key
// that never ends.
func TestLogDoesNotWaitForEver(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out)
	write := func(text string) {
		t.Helper()
		if _, err := log.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	write("one\ntwo")
	if out.String() != "one\n" {
		t.Errorf("a whole line waits: %q", out.String())
	}
	write("\n-----BEGIN PRIVATE KEY-----\n" + canary + "\n")
	if out.String() != "one\ntwo\n" {
		t.Errorf("a key without its end is written: %q", out.String())
	}
	write(strings.Repeat("-- a line\n", keyLines))
	if !strings.HasSuffix(out.String(), "-- a line\n") {
		t.Errorf("%d lines wait for the end of a key", keyLines)
	}
}

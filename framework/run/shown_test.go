package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/live"
)

// TestShownAsJSON: what machines are shown of a run, and of its replay, is the
// records of the folder and what goes on, nothing else.
func TestShownAsJSON(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		has    string
	}{
		"healthy":                     {report.ExitPass, "specBegan"},
		"a query without samples":     {report.ExitInconclusive, "waiting"},
		"the child dies":              {report.ExitInconclusive, "specBegan"},
		"msb-iag without its sidecar": {report.ExitFail, "waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conductor, out := conductor(t, name)
			conductor.Format = live.JSON
			status, err := conductor.Run(t.Context())
			if err != nil || status != c.status {
				t.Errorf("status %d, %v; want %d", status, err, c.status)
			}
			folder := folderOf(t, conductor)
			shownLike(t, out, folder, c.has, status)
			if name == "the child dies" {
				return
			}
			out.Reset()
			if status, err = conductor.Replay(t.Context(), folder); err != nil || status != c.status {
				t.Errorf("replay: status %d, %v; want %d", status, err, c.status)
			}
			shownLike(t, out, folder+"-replay", "specBegan", status)
		})
	}
}

func shownLike(t *testing.T, out *bytes.Buffer, folder, has string, status int) {
	t.Helper()
	records, err := os.ReadFile(filepath.Join(folder, report.RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	going := []string{"phaseBegan", "specBegan", "waiting", "said", "exited"}
	var kinds []string
	var recorded strings.Builder
	for line := range strings.Lines(out.String()) {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &object); err != nil || len(object) != 2 {
			t.Fatalf("%v: no object of a time and a kind: %s", err, line)
		}
		for kind := range object {
			if kind != "time" {
				kinds = append(kinds, kind)
			}
		}
		if !slices.Contains(going, kinds[len(kinds)-1]) {
			recorded.WriteString(line)
		}
	}
	if recorded.String() != string(records) {
		t.Errorf("the records that are shown are not those of the folder:\n%s\n%s", recorded.String(), records)
	}
	if !slices.Contains(kinds, has) || kinds[len(kinds)-1] != "exited" {
		t.Errorf("shown: %s; want also %s, and exited at the end", kinds, has)
	}
	var last struct{ Exited live.Ended }
	lines := slices.Collect(strings.Lines(out.String()))
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Exited != (live.Ended{Status: status, Folder: folder}) {
		t.Errorf("%v; the last line is %+v, want status %d of %s", err, last, status, folder)
	}
}

// TestAsked: SIGUSR1 does not end a run, and is answered with what is under way.
func TestAsked(t *testing.T) {
	c, out := conductor(t, "interrupted")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	shown := &locked{Buffer: out}
	c.Out = shown
	ended := make(chan error, 1)
	go func() {
		_, err := c.Run(ctx)
		ended <- err
	}()
	until(t, "an answer", func() error {
		if strings.Contains(shown.text(), "pass  sidecar.ready") {
			if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
				return err
			}
		}
		if !strings.Contains(shown.text(), "… msb.waits: ") {
			return errors.New(shown.text())
		}
		return nil
	})
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// locked is a buffer that is read while it is written.
type locked struct {
	mu sync.Mutex
	*bytes.Buffer
}

func (l *locked) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(text)
}

func (l *locked) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.String()
}

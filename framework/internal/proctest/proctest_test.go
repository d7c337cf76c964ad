package proctest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func shell(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("sh")
	if err != nil {
		t.Skipf("needs a shell: %v", err)
	}
	return path
}

func TestAProgramThatCannotRun(t *testing.T) {
	p := Start(t, t.TempDir(), shell(t), "-c", "echo no such setting >&2; exit 3")
	asked := errors.New("nobody listens")
	err := p.ready(func(context.Context) error { return asked })
	if err == nil || !strings.Contains(err.Error(), "sh has ended: exit status 3; its last words:\nno such setting") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramEndsWithItsTest(t *testing.T) {
	var p *Process
	folder := t.TempDir()
	t.Run("inner", func(t *testing.T) {
		p = Start(t, folder, shell(t), "-c", "echo up > state; exec sleep 600")
		p.Ready(t, func(context.Context) error { _, err := os.Stat(filepath.Join(folder, "state")); return err })
		if p.running.Err() != nil {
			t.Errorf("it does not run: %v", context.Cause(p.running))
		}
	})
	if err := p.process.Signal(os.Interrupt); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("it still runs: %v", err)
	}
	p.Stop(t) // again is no error
}

func TestAProgramThatWasNotBuilt(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	find := func() (path string, skipped bool) {
		t.Run("find", func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			path = Program(t, "go-jaeger", "jaeger")
		})
		return path, skipped
	}
	if path, skipped := find(); !skipped {
		t.Errorf("found %q in an empty cache", path)
	}
	built := filepath.Join(cache, "meshcert", "steps", "go-jaeger", "78d5a601", "jaeger")
	if err := errors.Join(os.MkdirAll(filepath.Dir(built), 0o755), os.WriteFile(built, nil, 0o755)); err != nil {
		t.Fatal(err)
	}
	if path, skipped := find(); skipped || path != built {
		t.Errorf("found %q (skipped: %v), want %s", path, skipped, built)
	}
}

func TestTail(t *testing.T) {
	long := strings.Repeat("0123456789\n", 1000)
	if got := string(tail([]byte(long))); !strings.HasSuffix(long, got) || !strings.HasPrefix(got, "0123456789\n") || len(got) > 4<<10 {
		t.Errorf("got %d bytes that begin with %q", len(got), got[:20])
	}
	if got := string(tail([]byte("short"))); got != "short" {
		t.Errorf("got %q", got)
	}
}

package engine

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneEngineForOneDataRoot: the data is held while anything runs that got the
// lock, also when who took it is gone.
func TestOneEngineForOneDataRoot(t *testing.T) {
	p := places{folder: t.TempDir(), data: filepath.Join(t.TempDir(), "cache", "engine")}
	held, err := hold(p)
	if err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("sleep", "60")
	daemon.ExtraFiles = append(daemon.ExtraFiles, held)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	other := places{folder: t.TempDir(), data: p.data}
	if again, err := hold(other); err == nil {
		t.Errorf("a second engine got the data: %v", again.Name())
	} else if !strings.Contains(err.Error(), "is in use") || !strings.Contains(err.Error(), "XDG_CACHE_HOME") {
		t.Errorf("got %v", err)
	}
	if err := daemon.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = daemon.Wait()
	again, err := hold(other)
	if err != nil {
		t.Fatalf("the data is not free after the engine ended: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

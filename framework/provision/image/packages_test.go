package image

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var bothRefs = []string{"example.com/two:1", "example.com/one:1"}

func TestProvide(t *testing.T) {
	c, ctx := newCheckout(t), context.Background()
	h := &heard{}
	made, err := c.packages().Provide(ctx, bothRefs, h)
	if err != nil {
		t.Fatal(err)
	}
	for i, img := range made {
		if img.Ref != bothRefs[i] || img.Source != "packages" || img.Size == 0 {
			t.Errorf("image %d is %+v, want %s", i, img, bothRefs[i])
		}
	}
	last := h.events[len(h.events)-1]
	if last.Done != 4 || last.Total != 4 {
		t.Errorf("the last event counts %d of %d, want 4 of 4 (two images, two builds)", last.Done, last.Total)
	}
	if got := c.builds(); !cmp.Equal(slices.Sorted(slices.Values(got)), []string{"apps", "tools"}) {
		t.Errorf("built in %v", got)
	}
	noFolder(t, filepath.Join(c.cache, "tmp"))

	h = &heard{}
	again, err := c.packages().Provide(ctx, bothRefs, h)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, again); diff != "" {
		t.Errorf("second time (-first +second):\n%s", diff)
	}
	if got := c.builds(); len(got) != 2 {
		t.Errorf("the second time built again: %v", got)
	}
	if got := h.states(Cached); len(got) != 2 {
		t.Errorf("cached: %v, want both images", got)
	}
}

func TestProvideRebuildsWhatChanged(t *testing.T) {
	c, ctx := newCheckout(t), context.Background()
	before, err := c.packages().Provide(ctx, bothRefs, &heard{})
	if err != nil {
		t.Fatal(err)
	}
	c.write("fixtures/apps/cmd/one/main.go", "package main // other\n\nfunc main() {}\n")
	after, err := c.packages().Provide(ctx, bothRefs, &heard{})
	if err != nil {
		t.Fatal(err)
	}
	if after[0] != before[0] || after[1].Digest == before[1].Digest {
		t.Errorf("before %v, after %v: only the second may change", before, after)
	}
	kept, err := os.ReadDir(filepath.Join(c.cache, "steps", "app-one"))
	if err != nil || len(kept) != 1 {
		t.Errorf("%d results of one step are kept, %v, want the newest only", len(kept), err)
	}
}

func TestProgramKeepsItsPath(t *testing.T) {
	c, ctx := newCheckout(t), context.Background()
	first, err := c.packages().Program(ctx, "one", &heard{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.packages().Program(ctx, "one", &heard{})
	if err != nil || again != first || len(c.builds()) != 1 {
		t.Errorf("second time %s, %v, built in %v", again, err, c.builds())
	}
	c.write("fixtures/apps/cmd/one/main.go", "package main // other\n\nfunc main() {}\n")
	changed, err := c.packages().Program(ctx, "one", &heard{})
	if err != nil || changed != first {
		t.Errorf("changed program is at %s, %v, want %s", changed, err, first)
	}
	if text, err := os.ReadFile(first); err != nil || !strings.HasPrefix(string(text), "package main // other") {
		t.Errorf("%s holds %q, %v", first, text, err)
	}
}

func TestProvideUnknown(t *testing.T) {
	_, err := newCheckout(t).packages().Provide(context.Background(), []string{"example.com/three:1"}, &heard{})
	wantError(t, err, "no recipe makes the image example.com/three:1; there are recipes for example.com/base:1, ")
}

func TestResumeAfterFailure(t *testing.T) {
	c, ctx := newCheckout(t), context.Background()
	if _, err := c.packages().Provide(ctx, bothRefs[1:], &heard{}); err != nil {
		t.Fatal(err)
	}
	c.set("fail-build", "tools")
	h := &heard{}
	_, err := c.packages().Provide(ctx, bothRefs, h)
	wantError(t, err, "build image example.com/two:1: go build of tools: ")
	wantError(t, err, "./main.go:3: undefined: nothing")
	if got := h.states(Failed); !cmp.Equal(got, []string{"go build of tools"}) {
		t.Errorf("failed: %v", got)
	}
	noFolder(t, filepath.Join(c.cache, "tmp"))
	noFolder(t, filepath.Join(c.cache, "steps", "go-tools"))
	if _, ok, err := c.packages().Store().Get(bothRefs[0]); ok || err != nil {
		t.Errorf("the image that failed is in the store: %v, %v", ok, err)
	}

	c.set("fail-build", "")
	if _, err := c.packages().Provide(ctx, bothRefs, &heard{}); err != nil {
		t.Fatal(err)
	}
	if got := c.builds(); !cmp.Equal(got, []string{"apps", "tools", "tools"}) {
		t.Errorf("built in %v: what was made before the failure must be kept", got)
	}
}

func TestLeftoverOfKilledBuild(t *testing.T) {
	c := newCheckout(t)
	half := filepath.Join(c.cache, "tmp", "go-tools-1", "result")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "tool"), []byte("half"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := c.packages().Provide(context.Background(), bothRefs, &heard{}); err != nil {
		t.Fatal(err)
	}
	noFolder(t, filepath.Join(c.cache, "tmp"))
	if got := c.builds(); len(got) != 2 {
		t.Errorf("built in %v: the half-made result must not count", got)
	}
}

func TestDownloadIsTriedAgain(t *testing.T) {
	c := newCheckout(t)
	c.set("fail-list", "1\n2\n")
	h := &heard{}
	if _, err := c.packages().Provide(context.Background(), bothRefs[:1], h); err != nil {
		t.Fatal(err)
	}
	if got := h.states(Retrying); !cmp.Equal(got, []string{"go build of tools", "go build of tools"}) {
		t.Errorf("tried again: %v, want twice", got)
	}
}

func TestDownloadFailsWithItsName(t *testing.T) {
	c := newCheckout(t)
	c.set("fail-list", strings.Repeat("x\n", 50))
	_, err := c.packages().Provide(context.Background(), bothRefs[:1], &heard{})
	wantError(t, err, "download the Go modules of tools, tried 4 times: ")
	wantError(t, err, `go: example.com/x@v1.2.3: Get "https://proxy.example": connection refused`)
	if got := c.builds(); len(got) != 0 {
		t.Errorf("built in %v without its inputs", got)
	}
}

func TestCancelEndsProcesses(t *testing.T) {
	c := newCheckout(t)
	c.set("hang", "not yet")
	p := c.packages()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h, ended := &heard{}, make(chan error, 1)
	go func() {
		_, err := p.Provide(ctx, bothRefs[:1], h)
		ended <- err
	}()
	pid := awaitPid(t, filepath.Join(c.bin, "hang"))
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the build did not stop")
	}
	awaitEnd(t, pid)
	noFolder(t, filepath.Join(c.cache, "tmp"))
	if got := h.states(Failed); len(got) != 0 {
		t.Errorf("reported as failed: %v, want stopped", got)
	}
}

// awaitPid waits until the file holds the process id that the go command wrote.
func awaitPid(t *testing.T, file string) int {
	t.Helper()
	limit := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-limit:
			t.Fatal("the build did not begin")
		case <-tick.C:
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
				return pid
			}
		}
	}
}

// awaitEnd waits until the process is gone: a kill returns before its process is.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || isZombie(pid) {
			return
		}
	}
	t.Errorf("the process %d that the build started still runs", pid)
}

// isZombie says that the process has ended and only waits for whoever adopted it.
func isZombie(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestNewPackagesRefuses(t *testing.T) {
	ctx := context.Background()
	_, err := NewPackages(ctx, Options{Cache: t.TempDir()})
	wantError(t, err, "run inside a checkout")
	c := newCheckout(t)
	_, err = NewPackages(ctx, Options{Checkout: c.dir, Cache: c.cache, Go: "no-such-go"})
	wantError(t, err, "install Go 1.26")
	c.write("fixtures/images/node/recipe.yaml", strings.Split(smallTree["fixtures/images/node/recipe.yaml"], "node:\n")[0])
	_, err = NewPackages(ctx, Options{Checkout: c.dir, Cache: c.cache, Go: filepath.Join(c.bin, "go")})
	wantError(t, err, "0 recipes have the field node")
}

func noFolder(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s was left behind: %v", path, err)
	}
}

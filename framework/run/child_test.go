package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/verdict"
)

// parent is a job whose children get a second to end.
func parent(t *testing.T) (*job, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	j := &job{Conductor: &Conductor{Out: &out}, folder: t.TempDir(), grace: time.Second}
	j.show()
	t.Cleanup(func() {
		if err := j.view.Close(); err != nil {
			t.Error(err)
		}
	})
	return j, &out
}

func (j *job) order(act string) Order {
	return Order{Stage: "test", Config: config.Config{Context: act}, Folder: j.folder}
}

// wrote reads what an act wrote into the run's folder.
func wrote[T any](t *testing.T, j *job, name string) (value T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(j.folder, name))
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestChildGetsItsOrder(t *testing.T) {
	j, out := parent(t)
	want := j.order("fine")
	want.Places, want.Ideal, want.Stages = config.Places{Cache: "/c", State: "/s", Runs: "/r"}, true, []verdict.Stage{{Release: "blog"}, {Release: "casablanca"}}
	want.Run = verdict.Stage{Release: "blog", Topics: []string{"sidecar"}}
	want.Config.Set, want.Config.Values = []string{"a=b,c"}, []string{"/v.yaml"}
	if err := j.child(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, wrote[Order](t, j, "order")); diff != "" {
		t.Errorf("the order, -given +got:\n%s", diff)
	}
	log, err := os.ReadFile(filepath.Join(j.folder, "test.log"))
	if err != nil || string(log) != "to the log\n" {
		t.Errorf("log %q, %v", log, err)
	}
	if out.String() != "to people\n" {
		t.Errorf("people read %q", out)
	}
}

func TestChildFails(t *testing.T) {
	for act, want := range map[string][]string{
		"says":   {"no room on the disk"},
		"dies":   {"stage test ended without a word", "exit status 7", "test.log"},
		"killed": {"stage test ended without a word", "signal: killed", "test.log"},
	} {
		t.Run(act, func(t *testing.T) {
			j, _ := parent(t)
			err := j.child(t.Context(), j.order(act))
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
		})
	}
}

// TestInterrupt: one that cleans up has the time for it, one that does not heed
// is ended, and so is what it started.
func TestInterrupt(t *testing.T) {
	for _, act := range []string{"obedient", "stubborn", "stubborn with a grandchild"} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			j, _ := parent(t)
			if act == "obedient" {
				j.grace = time.Minute
			}
			ctx, interrupt := context.WithCancelCause(t.Context())
			done := make(chan error, 1)
			go func() { done <- j.child(ctx, j.order(act)) }()
			until(t, "the child is ready", func() error {
				_, err := os.Stat(filepath.Join(j.folder, "ready"))
				return err
			})
			interrupt(errors.New("Ctrl-C"))
			select {
			case err := <-done:
				if err == nil || !strings.Contains(err.Error(), "stage test was interrupted: Ctrl-C") {
					t.Errorf("got %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("the parent still waits for its child")
			}
			gone(t, wrote[int](t, j, "ready"))
			_, err := os.Stat(filepath.Join(j.folder, "cleaned"))
			if cleaned := err == nil; cleaned != (act == "obedient") {
				t.Errorf("cleaned up: %t", cleaned)
			}
		})
	}
}

func TestNothingOfAChildIsLeft(t *testing.T) {
	j, _ := parent(t)
	done := make(chan error, 1)
	go func() { done <- j.child(t.Context(), j.order("leaves a grandchild")) }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the parent waits for a grandchild")
	}
	gone(t, wrote[int](t, j, "ready"))
}

// gone waits until the process does not exist or is only waited for.
func gone(t *testing.T, pid int) {
	t.Helper()
	until(t, "the process is gone", func() error {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if errors.Is(err, fs.ErrNotExist) || strings.Contains(string(stat), ") Z ") {
			return nil
		}
		return errors.Join(err, errors.New("it runs"))
	})
}

func until(t *testing.T, what string, check func() error) {
	t.Helper()
	if err := kube.Until(t.Context(), what, 20*time.Second, func(context.Context) error { return check() }); err != nil {
		t.Fatal(err)
	}
}

func TestChildEnv(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///the-users-own.sock")
	j, _ := parent(t)
	order := j.order("environment")
	order.Engine = &engine.Engine{Host: "unix:///ours.sock"}
	if err := j.child(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	env := wrote[[]string](t, j, "environment")
	if !slices.Contains(env, "DOCKER_HOST=unix:///ours.sock") || slices.Contains(env, "DOCKER_HOST=unix:///the-users-own.sock") {
		t.Errorf("the child's engine is not ours: %q", env)
	}
	if !slices.Contains(env, "KIND_EXPERIMENTAL_DOCKER_NETWORK="+ClusterName) {
		t.Errorf("kind would use its shared network: %q", env)
	}
	if got := childEnv(nil); !slices.Contains(got, "DOCKER_HOST=unix:///the-users-own.sock") {
		t.Error("without an engine of ours the user's environment is changed")
	}
}

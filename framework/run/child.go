package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/cluster"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/verdict"
)

// Order is what the parent asks a child process to do, as JSON on its standard input.
type Order struct {
	// Stage is one of the stages below.
	Stage  string        `json:"stage"`
	Config config.Config `json:"config"`
	Places config.Places `json:"places"`
	// Folder is the run's folder.
	Folder string         `json:"folder"`
	Engine *engine.Engine `json:"engine,omitempty"`
	// Run is the part of the profile to make or to judge; Ideal the profile's demand.
	Run   verdict.Stage `json:"run"`
	Ideal bool          `json:"ideal,omitempty"`
	// Stages are all stages of the run: their images are made at once.
	Stages []verdict.Stage `json:"stages"`
	// Date is when the run began, for what expires.
	Date time.Time `json:"date,omitzero"`
	// Source is the folder of the run whose evidence is judged again.
	Source string `json:"source,omitempty"`
	// Trial is the step of a selftest, or names the faults that are applied or cleared.
	Trial    Trial `json:"trial,omitzero"`
	Terminal bool  `json:"terminal,omitempty"`
}

// The stages a child process can be asked for.
const (
	StageImages = "images"
	StageUp     = "up"
	StageSpecs  = "specs"
	StageDown   = "down"
	StageReplay = "replay"
	// The steps of a selftest.
	StageHealthy  = "healthy"
	StageRecorded = "recorded"
	StageBreak    = "break"
	StageBack     = "back"
	// Faults by hand.
	StageApply = "apply"
	StageClear = "clear"
)

// grace is how long a child may take to end after it was asked to. A child in
// the middle of kind's library cannot stop by itself and is ended after it.
const grace = 15 * time.Second

// The file descriptors on which a child says what went wrong, and tells what
// goes on (package progress).
const (
	parentPipe = 3
	feedPipe   = 4
)

// child runs one stage in a process of its own, in a process group of its own,
// so that a Ctrl-C at the terminal reaches the parent alone. The child's
// standard output goes to log; its standard error, and what it tells of what goes
// on, to who watches. The error is the child's own.
func (j *job) child(ctx context.Context, order Order) error {
	input, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("give stage %s its order: %w", order.Stage, err)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find our own program: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(j.folder, order.Stage+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the log of stage %s: %w", order.Stage, err)
	}
	defer log.Close()
	clean := store.NewLog(log)
	said, saying, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe for stage %s: %w", order.Stage, err)
	}
	defer said.Close()
	told, telling, err := os.Pipe()
	if err != nil {
		return errors.Join(fmt.Errorf("make a pipe for stage %s: %w", order.Stage, err), saying.Close())
	}
	defer told.Close()

	cmd := exec.CommandContext(ctx, program, "stage")
	cmd.Stdin = strings.NewReader(string(input))
	cmd.Stdout, cmd.Stderr = clean, j.view
	cmd.ExtraFiles = []*os.File{saying, telling}
	cmd.Env = childEnv(order.Engine)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = j.grace
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("start stage %s: %w", order.Stage, err), saying.Close(), telling.Close())
	}
	if err := errors.Join(saying.Close(), telling.Close()); err != nil {
		return fmt.Errorf("start stage %s: %w", order.Stage, err)
	}
	var problem []byte
	reading := errgroup.Group{}
	reading.Go(func() (err error) {
		problem, err = io.ReadAll(said)
		return err
	})
	reading.Go(func() error { return j.view.Hear(told) })
	waitErr := cmd.Wait()
	// What is left of the group may hold the pipe open.
	endGroup(cmd.Process.Pid)
	readErr := errors.Join(reading.Wait(), clean.Close())
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("stage %s was interrupted: %w", order.Stage, context.Cause(ctx))
	case len(problem) > 0:
		return heard(problem)
	case waitErr != nil:
		return fmt.Errorf("stage %s ended without a word: %w (its log is %s)", order.Stage, waitErr, log.Name())
	case readErr != nil:
		return fmt.Errorf("hear from stage %s: %w", order.Stage, readErr)
	}
	return nil
}

// endGroup ends what a child may have left running in its process group.
func endGroup(group int) {
	// ESRCH, the usual answer, says that nothing is left.
	_ = syscall.Kill(-group, syscall.SIGKILL)
}

// childEnv is our environment with what kind reads of engine and network.
func childEnv(e *engine.Engine) []string {
	env := os.Environ()
	if e == nil {
		return env
	}
	return append(env, cluster.Env(e, ClusterName)...)
}

// outlive keeps a child whose parent was killed from ending with its next line
// for it: it is to clean up and to write its records first.
func outlive() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

// Stage does what the order on in says; it is the whole life of a child
// process. What went wrong is also written to the parent.
func (c *Conductor) Stage(ctx context.Context, in io.Reader) error {
	// The parent reads until the last holder of a pipe has closed it: what we
	// start must not be one.
	syscall.CloseOnExec(parentPipe)
	outlive()
	syscall.CloseOnExec(feedPipe)
	feed := os.NewFile(feedPipe, "feed")
	defer feed.Close()
	ctx = progress.With(ctx, progress.Feed(feed))
	var order Order
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	c.Config, c.Terminal = order.Config, order.Terminal
	c.Config.Places = order.Places
	err := c.stage(ctx, order)
	if err == nil {
		return nil
	}
	parent := os.NewFile(parentPipe, "parent")
	return errors.Join(err, json.NewEncoder(parent).Encode(complaintOf(err)), parent.Close())
}

// complaint is the error that a child tells its parent of.
type complaint struct {
	Text string `json:"text"`
	// Usage is set when what went wrong is how meshcert was called.
	Usage *config.UsageError `json:"usage,omitempty"`
}

func (c *complaint) Error() string { return c.Text }

// Unwrap lets the parent see wrong use as such.
func (c *complaint) Unwrap() error {
	if c.Usage == nil {
		return nil
	}
	return c.Usage
}

func complaintOf(err error) *complaint {
	c := &complaint{Text: err.Error()}
	errors.As(err, &c.Usage)
	return c
}

// heard is the error that a child complained of.
func heard(text []byte) error {
	c := &complaint{}
	if err := json.Unmarshal(text, c); err != nil {
		return fmt.Errorf("a child's complaint cannot be read (%w): %s", err, text)
	}
	return c
}

func (c *Conductor) stage(ctx context.Context, order Order) error {
	switch order.Stage {
	case StageImages, StageUp:
		return c.stageUp(ctx, order)
	case StageSpecs:
		return c.stageSpecs(ctx, order)
	case StageDown:
		return c.stageDown(ctx, order)
	case StageReplay:
		return c.stageReplay(ctx, order)
	case StageHealthy, StageRecorded, StageBreak, StageBack:
		return c.stageTrial(ctx, order)
	case StageApply, StageClear:
		return c.stageFaults(ctx, order)
	}
	return fmt.Errorf("stage %q does not exist", order.Stage)
}

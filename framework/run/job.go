package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/live"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Conductor leads runs for one command line.
type Conductor struct {
	// Config is checked and complete.
	Config config.Config
	// Specs is the whole spec list.
	Specs []spec.Spec
	// Version is meshcert's own.
	Version string
	// Out is what people read while and after it runs.
	Out io.Writer
	// EngineHost is the user's own DOCKER_HOST.
	EngineHost string
	// Terminal tells that Out is a terminal (see report.Terminal).
	Terminal bool
	// Format is how a run is shown while it goes on, live.Text without it.
	Format live.Format

	// plans are what is installed for each stage, by its name.
	plans map[string]*onap.Plan
	// folder is the folder of the run that was led last.
	folder string
}

// job is one run under way in the parent process.
type job struct {
	*Conductor
	profile verdict.Profile
	// folder is the run's folder; id its name.
	folder, id string
	records    *report.Writer
	// view shows the run; what people are told goes through it.
	view    *live.View
	journal *journal.Journal
	lock    *flock.Flock
	// touched tells that stage up was begun, so that a real cluster may hold
	// something of ours.
	touched bool
	// date is when the run began.
	date time.Time
	// grace is how long a child may take to end after it was asked to.
	grace time.Duration
}

// begin takes the lock of the state folder, makes the run's folder and writes
// the first record. selected is the number of specs to be run, list all that the
// profile has.
func (c *Conductor) begin(ctx context.Context, profile verdict.Profile, selected int, list []string) (*job, error) {
	lock, err := c.takeLock()
	if err != nil {
		return nil, err
	}
	j := &job{Conductor: c, profile: profile, lock: lock, journal: journal.Open(c.Config.Places.State), grace: grace, date: time.Now().UTC()}
	if err := j.makeFolder(j.date.Format("20060102T150405Z") + "-" + profile.Name); err != nil {
		return nil, errors.Join(fmt.Errorf("make the run's folder (another place can be given with --out): %w", err), lock.Unlock())
	}
	c.folder = j.folder
	j.show()
	err = j.records.Append(report.Record{RunStarted: &report.Run{
		ID: j.id, Profile: profile.Name, Stages: profile.Stages, Version: c.Version, Selected: selected, SpecList: list,
		Settings: report.Settings{
			Focus: c.Config.Focus, LabelFilter: c.Config.LabelFilter, Images: c.Config.Images,
			ONAPImages: c.Config.ONAPImages, Sidecars: c.Config.Sidecars, Tracer: c.Config.Tracer, TraceProtocol: c.Config.TraceProtocol, Layout: c.Config.Layout,
			Policy: c.Config.Policy, Charts: c.Config.Charts, Repair: c.Config.Repair, ExtraCharts: c.Config.ExtraCharts, Without: c.Config.Without,
			Waivers: c.Config.Waivers, Values: c.Config.Values, Set: redacted(c.Config.Set), OpenEgress: c.Config.OpenEgress,
			Context: c.Config.Context, Reuse: c.Config.Reuse,
		},
	}})
	if err == nil {
		err = j.keep(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, j.close(), os.RemoveAll(j.folder))
	}
	return j, nil
}

// show begins to write records down, and to show them to who watches.
func (j *job) show() {
	path := filepath.Join(j.folder, report.RecordsFile)
	j.records = report.NewWriter(path)
	j.view = live.Open(live.Options{Out: j.Out, Format: j.Format, Terminal: j.Terminal})
	j.view.FollowReport(path)
}

// watched is the context with the view as its listener.
func (j *job) watched(ctx context.Context) context.Context {
	return progress.With(ctx, j.view.Tell)
}

// answer writes down what is under way whenever a person asks with SIGUSR1, which
// Ginkgo answers in a process of its own. The function it returns ends that.
func (j *job) answer() func() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	var answering sync.WaitGroup
	answering.Go(func() {
		for range asked {
			j.view.Ask()
		}
	})
	return func() {
		signal.Stop(asked)
		close(asked)
		answering.Wait()
	}
}

// summary is where the text goes that sums a run up: machines read the report.
func (j *job) summary() io.Writer {
	if j.Format == live.JSON {
		return io.Discard
	}
	return j.view
}

// close ends the showing and lets the next meshcert in.
func (j *job) close() error {
	return errors.Join(j.view.Close(), j.lock.Unlock())
}

// makeFolder makes a new folder for the run; a second run of that name gets a number.
func (j *job) makeFolder(name string) error {
	runs := j.Config.Places.Runs
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return err
	}
	for number := 1; ; number++ {
		j.id = name
		if number > 1 {
			j.id = fmt.Sprintf("%s-%d", name, number)
		}
		j.folder = filepath.Join(runs, j.id)
		if err := os.Mkdir(j.folder, 0o755); !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

// redacted are the texts without what looks like a secret.
func redacted(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, string(store.Redact([]byte(text))))
	}
	return out
}

// takeLock makes sure that one meshcert at a time works with the state folder.
func (c *Conductor) takeLock() (*flock.Flock, error) {
	if err := os.MkdirAll(c.Config.Places.State, 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder (another place can be given with XDG_STATE_HOME): %w", err)
	}
	lock := flock.New(filepath.Join(c.Config.Places.State, "lock"))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	if !got {
		return nil, fmt.Errorf("another meshcert is at work (it holds %s): wait for it, or stop it with Ctrl-C", lock.Path())
	}
	return lock, nil
}

// phase does one step of a run, tells the context's listener that it begins, and
// writes it down.
func phase(ctx context.Context, records *report.Writer, name string, do func(context.Context) error) error {
	started := time.Now()
	progress.Tell(ctx, progress.Event{Time: started, Phase: &progress.Phase{Name: name}})
	defer func() { progress.Tell(ctx, progress.Event{}) }()
	err := do(ctx)
	p := &report.Phase{Name: name, Started: started.UTC(), Seconds: time.Since(started).Seconds()}
	if err != nil {
		p.Error = err.Error()
	}
	if appendErr := records.Append(report.Record{Phase: p}); appendErr != nil {
		return errors.Join(err, appendErr)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

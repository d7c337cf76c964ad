package live

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// A screen needs a terminal, so the test binary runs itself on one: with this
// variable set it is the program that shows the named scene.
const (
	sceneVariable  = "MESHCERT_TEST_SCENE"
	folderVariable = "MESHCERT_TEST_FOLDER"
)

// controlPipe is where a scene is told to go on.
const controlPipe = 3

func TestMain(m *testing.M) {
	if name := os.Getenv(sceneVariable); name != "" {
		os.Exit(show(name))
	}
	os.Exit(m.Run())
}

// scene is a run that is shown.
type scene struct {
	view    *View
	records *report.Writer
	ctx     context.Context
	// next waits until the test has looked.
	next func()
}

// anHourAgo is when everything in a scene begins: longer ago than any test takes to
// come to the next second.
var anHourAgo = time.Now().Add(-time.Hour)

func show(name string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	records := filepath.Join(os.Getenv(folderVariable), report.RecordsFile)
	view := Open(Options{Out: os.Stdout, Terminal: report.Terminal(os.Stdout), Format: Text})
	view.FollowReport(records)
	control := bufio.NewScanner(os.NewFile(controlPipe, "control"))
	s := &scene{
		view: view, records: report.NewWriter(records), ctx: progress.With(ctx, view.Tell),
		next: func() { control.Scan() },
	}
	scenes()[name](s)
	if err := view.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("3 specs: the summary")
	if ctx.Err() != nil {
		return 130
	}
	return 0
}

func (s *scene) record(r report.Record) {
	if err := s.records.Append(r); err != nil {
		panic(err)
	}
	progress.Tell(s.ctx, progress.Event{})
}

func (s *scene) phase(name string) {
	progress.Tell(s.ctx, progress.Event{Time: anHourAgo, Phase: &progress.Phase{Name: name}})
}

func (s *scene) ended(name string) {
	s.record(report.Record{Phase: &report.Phase{Name: name, Started: anHourAgo, Seconds: 3600}})
}

func (s *scene) spec(id string, number int) {
	progress.Tell(s.ctx, progress.Event{Time: anHourAgo, Spec: &progress.Spec{ID: id, Release: "casablanca", Number: number, Of: 3}})
}

func (s *scene) wait(what, seen string, over bool) {
	progress.Tell(s.ctx, progress.Event{Wait: &progress.Wait{What: what, Seen: seen, Began: anHourAgo, LimitSeconds: 7200, Over: over}})
}

func (s *scene) judged(id string, v verdict.Verdict) {
	topic, _, _ := strings.Cut(id, ".")
	spec := &report.Spec{ID: id, Topic: topic, Release: "casablanca", Verdict: v, Seconds: 3600}
	if v == verdict.Fail {
		spec.Findings = []verdict.Finding{{Kind: "split", Verdict: v, Summary: "the trace splits at hop 2 of 3"}}
	}
	s.record(report.Record{Spec: spec})
}

// begin is a run with three specs whose first has passed, in the middle of the second.
func (s *scene) begin() {
	s.record(report.Record{RunStarted: &report.Run{ID: "20260101T000000Z-casablanca", Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}}, Version: "test", Selected: 3}})
	s.phase("engine")
	s.ended("engine")
	s.phase("specs casablanca")
	s.spec("sidecar.ready", 1)
	s.judged("sidecar.ready", verdict.Pass)
	s.spec("tracing.multicloud-to-vio", 2)
	s.wait("trace from Deployment istio-system/jaeger", "the trace splits at hop 2 of 3", false)
}

// finish is what comes of it.
func (s *scene) finish() {
	s.wait("trace from Deployment istio-system/jaeger", "", true)
	s.judged("tracing.multicloud-to-vio", verdict.Fail)
	s.spec("msb.portal", 3)
	s.judged("msb.portal", verdict.Skip)
	s.ended("specs casablanca")
}

const wide = "Ein 日本語のテキスト mit 🎉 und é: "

func scenes() map[string]func(*scene) {
	return map[string]func(*scene){
		"run": func(s *scene) {
			s.begin()
			s.next()
			s.finish()
			s.next()
		},
		"up": func(s *scene) {
			s.phase("istio and add-ons")
			progress.Say(s.ctx, "removing release blog")
			_, _ = fmt.Fprint(s.view, "text of a library,")
			for i := range 20 {
				s.wait(fmt.Sprintf("%02d Deployments of namespace istio-system", i), "1 of 2 are, without jaeger", false)
			}
			_, _ = fmt.Fprint(s.view, " in two parts\n")
			s.next()
			s.ended("istio and add-ons")
		},
		"long texts": func(s *scene) {
			s.phase("onap " + strings.Repeat("long ", 100))
			progress.Say(s.ctx, "said \x1b[2Jand not obeyed")
			progress.Begin(s.ctx, "a", 0).Saw(strings.Repeat(wide, 20))
			progress.Begin(s.ctx, "b", 0).Saw("\x1b[2Jnot obeyed")
			s.next()
		},
		"long lines": func(s *scene) {
			s.begin()
			for i := range 100 {
				progress.Say(s.ctx, fmt.Sprintf("line %d %s", i, strings.Repeat("0123456789", 20)))
			}
			s.next()
			s.finish()
		},
		"interrupt": func(s *scene) {
			s.begin()
			<-s.ctx.Done()
			fmt.Fprintln(s.view, "interrupted: cleaning up, please wait")
			s.phase("down")
			s.ended("down")
		},
	}
}

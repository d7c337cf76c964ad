package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/reports/schema"
)

// shown is a run that is shown in a buffer.
func shown(t *testing.T, format Format) (*scene, *bytes.Buffer, string) {
	t.Helper()
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), report.RecordsFile)
	view := Open(Options{Out: &out, Format: format})
	view.FollowReport(path)
	return &scene{view: view, records: report.NewWriter(path), ctx: progress.With(t.Context(), view.Tell)}, &out, path
}

func (s *scene) close(t *testing.T) {
	t.Helper()
	if err := s.view.Close(); err != nil {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	s, out, _ := shown(t, Text)
	s.begin()
	progress.Say(s.ctx, "12 images \x1b[2J")
	_, _ = fmt.Fprint(s.view, "not a whole")
	s.finish()
	_, _ = fmt.Fprint(s.view, " line\nand a last one")
	s.view.End(Ended{Status: 1})
	s.close(t)
	want := strings.Replace(strings.TrimSuffix(plainRun, "3 specs: the summary\n"), "60 min 00 s\nfail", "60 min 00 s\n  12 images [2J\nfail", 1) +
		"not a whole line\nand a last one\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestHeartbeat: a line only after long silence, and then ever less often; it
// says what is waited for and what was seen last.
func TestHeartbeat(t *testing.T) {
	s, out, _ := shown(t, Text)
	s.begin()
	s.close(t) // time goes as the test has it
	v := s.view
	v.state.phases[0].since, v.state.since = v.spoke, v.spoke
	began := v.spoke
	wait := v.state.board.Waits()[0]
	wait.Began, wait.LimitSeconds = began, 1200
	v.state.board.Clear()
	v.state.board.Hear(progress.Event{Wait: &wait})
	out.Reset()
	for second := range 1000 {
		v.beat(began.Add(time.Duration(second) * time.Second))
	}
	const line = "… specs casablanca: tracing.multicloud-to-vio: trace from Deployment istio-system/jaeger: %s of 20 min, last saw: the trace splits at hop 2 of 3\n"
	var want string
	for _, at := range []string{"30 s", "1 min 30 s", "3 min 30 s", "7 min 30 s", "12 min 30 s"} {
		want += fmt.Sprintf(line, at)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	out.Reset()
	v.spoke, v.quiet = began, firstQuiet
	v.state.board.Clear()
	v.beat(began.Add(40 * time.Second))
	v.state.abandon(0)
	v.beat(began.Add(time.Hour))
	if diff := cmp.Diff("… specs casablanca: tracing.multicloud-to-vio: 40 s\n", out.String()); diff != "" {
		t.Errorf("nothing is waited for, then nothing is under way, -want +got:\n%s", diff)
	}
}

// TestAsk: who asks need not wait for the heartbeat.
func TestAsk(t *testing.T) {
	s, out, _ := shown(t, Text)
	s.view.Ask()
	s.begin()
	s.wait("pods", "", false)
	out.Reset()
	s.view.Ask()
	s.close(t)
	want := "… specs casablanca: tracing.multicloud-to-vio: trace from Deployment istio-system/jaeger: an hour of 120 min, last saw: the trace splits at hop 2 of 3 (and waiting for 1 more)\n"
	if got := seconds.ReplaceAllString(out.String(), "an hour"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// liveSchema is the one of a line in JSON.
func liveSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for id, text := range map[string]string{schema.ID: schema.Report(), schema.LiveID: schema.Live()} {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err == nil {
			err = compiler.AddResource(id, document)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	compiled, err := compiler.Compile(schema.LiveID)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// TestJSON: each line is an object of the schema, the records as they are in the file.
func TestJSON(t *testing.T) {
	s, out, path := shown(t, JSON)
	s.begin()
	progress.Say(s.ctx, "12 images")
	_, _ = fmt.Fprint(s.view, "\n  a library's line\n")
	s.view.Ask()
	s.finish()
	s.record(report.Record{RunEnded: &report.End{Error: "no room"}})
	s.view.End(Ended{Status: 3, Folder: "/runs/x"})
	s.close(t)
	compiled := liveSchema(t)
	var kinds, records []string
	for line := range strings.Lines(out.String()) {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = compiled.Validate(document)
		}
		if err != nil {
			t.Errorf("%v in %s", err, line)
			continue
		}
		object := document.(map[string]any)
		for kind := range object {
			if kind == "time" {
				continue
			}
			kinds = append(kinds, kind)
			if strings.Contains("runStarted phase spec runEnded", kind) {
				records = append(records, line)
			}
		}
	}
	want := "runStarted phaseBegan phase phaseBegan specBegan spec specBegan waiting said said waiting spec specBegan spec phase runEnded exited"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	file, err := os.ReadFile(path)
	if err != nil || strings.Join(records, "") != string(file) {
		t.Errorf("%v; the records are not those of the file:\n%s\n%s", err, strings.Join(records, ""), file)
	}
	if !strings.Contains(out.String(), `"said":{"text":"a library's line"}`) || !strings.HasSuffix(out.String(), `"exited":{"status":3,"folder":"/runs/x"}}`+"\n") {
		t.Error(out)
	}
}

func TestSchemaRefuses(t *testing.T) {
	compiled := liveSchema(t)
	for _, line := range []string{
		`{"time":"2026-01-01T00:00:00Z"}`, `{"said":{"text":"a"}}`, `{"time":"now","said":{"text":"a"}}`,
		`{"time":"2026-01-01T00:00:00Z","said":{"text":"a"},"waiting":{"what":"a","began":"2026-01-01T00:00:00Z"}}`,
		`{"time":"2026-01-01T00:00:00Z","waiting":{"what":"a"}}`, `{"time":"2026-01-01T00:00:00Z","told":{}}`,
		`{"time":"2026-01-01T00:00:00Z","specBegan":{"id":"a.b","number":0,"of":1}}`,
		`{"time":"2026-01-01T00:00:00Z","exited":{"status":-1}}`, `{"time":"2026-01-01T00:00:00Z","spec":{"id":"a.b"}}`,
	} {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if compiled.Validate(document) == nil {
			t.Errorf("taken: %s", line)
		}
	}
}

// TestKilledChild: a child that was killed in the middle of a record and of an
// event costs no record, and nothing of it is under way any more.
func TestKilledChild(t *testing.T) {
	s, out, path := shown(t, Text)
	s.phase("healthy-1")
	from, to := io.Pipe()
	heard := make(chan error, 1)
	go func() { heard <- s.view.Hear(from) }()
	child := &scene{records: s.records, ctx: progress.With(t.Context(), progress.Feed(to))}
	child.begin()
	child.judged("tracing.multicloud-to-vio", verdict.Fail)
	child.wait("pods", "nothing", false)
	child.judged("msb.portal", verdict.Pass)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(`{"time":"2026-01-01T00:00:00Z","spec":{"id":"lost.`)
	_, toErr := to.Write([]byte(`{"time":"2026-01-01T00:0`))
	if err := errors.Join(err, toErr, file.Close(), to.Close(), <-heard); err != nil {
		t.Fatal(err)
	}
	s.view.mu.Lock()
	if got := s.view.state.sentence(anHourAgo.Add(time.Second)); got != "healthy-1: 1 s" {
		t.Errorf("under way: %q", got)
	}
	s.view.mu.Unlock()
	s.ended("healthy-1")
	s.close(t)
	want := `· healthy-1
· engine
✓ engine  3600.0 s
· specs casablanca
pass  sidecar.ready  60 min 00 s
fail  tracing.multicloud-to-vio  60 min 00 s  the trace splits at hop 2 of 3
pass  msb.portal  60 min 00 s
✓ healthy-1  3600.0 s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFollow: each line comes once and whole, however it is written and however
// often it is looked.
func TestFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	f := &follower{path: path}
	defer func() { _ = f.close() }()
	var got []string
	read := func() {
		if err := f.read(time.Time{}, func(line []byte) error { got = append(got, string(line)); return nil }); err != nil {
			t.Error(err)
		}
	}
	read()
	var want []string
	var text strings.Builder
	for i := range 50 {
		line := fmt.Sprintf(`{"time":"2026-01-01T00:00:%02dZ","said":{"text":%q}}`, i, strings.Repeat("é", i*7))
		want = append(want, line)
		text.WriteString(line + "\n")
	}
	all := text.String()
	for size := 1; len(all) > 0; size = size%97 + 1 {
		chunk := all[:min(size, len(all))]
		all = all[len(chunk):]
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = file.WriteString(chunk)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		read()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFollowUntil: what was written after an event comes after it.
func TestFollowUntil(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	text := `{"time":"2026-01-01T00:00:01Z"}` + "\n" + `{"time":"2026-01-01T00:00:03Z"}` + "\n" + `{"time":"2026-01-01T00:00:02Z"}` + "\n" + "no JSON\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &follower{path: path}
	defer func() { _ = f.close() }()
	n := 0
	count := func([]byte) error { n++; return nil }
	if err := f.read(time.Date(2026, 1, 1, 0, 0, 2, 0, time.UTC), count); err != nil || n != 1 {
		t.Errorf("%d lines, %v; want 1", n, err)
	}
	if err := f.read(time.Time{}, count); err == nil || !strings.Contains(err.Error(), path) || n != 3 {
		t.Errorf("%d lines, %v; want 3, and an error about the last", n, err)
	}
	if err := f.read(time.Time{}, count); err != nil || n != 3 {
		t.Errorf("%d lines, %v: told twice", n, err)
	}
}

// TestAtOnce: several tell, write and append at the same time.
func TestAtOnce(t *testing.T) {
	for _, format := range []Format{Text, JSON} {
		s, out, _ := shown(t, format)
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				for n := range 10 {
					s.judged(fmt.Sprintf("a.%d-%d", i, n), verdict.Pass)
					w := progress.Begin(s.ctx, "pods", 0)
					_, _ = fmt.Fprintf(s.view, "text %d-%d\n", i, n)
					w.End()
				}
			})
		}
		group.Wait()
		s.close(t)
		for i := range 8 {
			for n := range 10 {
				for _, part := range []string{fmt.Sprintf("a.%d-%d", i, n), fmt.Sprintf("text %d-%d", i, n)} {
					if got := strings.Count(out.String(), part+" ") + strings.Count(out.String(), part+"\"") + strings.Count(out.String(), part+"\n"); got != 1 {
						t.Errorf("%s: %s is there %d times", format, part, got)
					}
				}
			}
		}
	}
}

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestCannotBeWritten(t *testing.T) {
	for _, format := range []Format{Text, JSON} {
		v := Open(Options{Out: full{}, Format: format})
		progress.Say(progress.With(context.Background(), v.Tell), "hello")
		if err := v.Close(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

// BenchmarkEvent is what one event of a child costs the parent.
func BenchmarkEvent(b *testing.B) {
	path := filepath.Join(b.TempDir(), report.RecordsFile)
	for _, format := range []Format{Text, JSON} {
		b.Run(string(format), func(b *testing.B) {
			view := Open(Options{Out: io.Discard, Format: format})
			view.FollowReport(path)
			line, err := json.Marshal(progress.Event{Time: time.Now(), Wait: &progress.Wait{What: "pods", Seen: "3 of 29 are not ready", Began: time.Now()}})
			if err != nil {
				b.Fatal(err)
			}
			from := bytes.NewReader(bytes.Repeat(append(line, '\n'), b.N))
			b.ResetTimer()
			if err := view.Hear(from); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := view.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

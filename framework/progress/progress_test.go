package progress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// heard collects events.
type heard struct {
	mu     sync.Mutex
	events []Event
}

func (h *heard) hear(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func TestNobodyListens(t *testing.T) {
	w := Begin(t.Context(), "pods", time.Second)
	w.Saw("nothing")
	w.End()
	Say(t.Context(), "hello")
	Say(With(t.Context(), nil), "hello")
	if w != nil || Of(t.Context()) != nil {
		t.Error("there is a wait although nobody listens")
	}
}

func TestWait(t *testing.T) {
	var h heard
	ctx := With(t.Context(), h.hear)
	w := Begin(ctx, "3 Deployments\nof namespace onap", time.Minute)
	w.Saw("1 of 3")
	w.Saw("1 of 3") // nothing new
	w.Saw("2 of 3")
	w.End()
	w.End()
	w.Saw("too late")
	var got []Wait
	for _, e := range h.events {
		if e.Time.IsZero() || e.Wait.Began.IsZero() || !e.Wait.Began.Equal(h.events[0].Wait.Began) {
			t.Errorf("times of %+v", e.Wait)
		}
		wait := *e.Wait
		wait.Began = time.Time{}
		got = append(got, wait)
	}
	base := Wait{What: "3 Deployments of namespace onap", LimitSeconds: 60}
	want := []Wait{base, base, base, base}
	want[1].Seen, want[2].Seen, want[3].Seen, want[3].Over = "1 of 3", "2 of 3", "2 of 3", true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOneLine: what a server answered does not reach a terminal as it is.
func TestOneLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain":           {"29 of 29 are ready", "29 of 29 are ready"},
		"lines":           {" a\r\n\tb\n\n c ", "a b c"},
		"escape":          {"\x1b[2J\x1b]0;title\x07gone", "[2J ]0;title gone"},
		"C1 and override": {"a\u009bb\u202ec", "a b c"},
		"wide":            {"日本 🎉", "日本 🎉"},
		"emoji joined":    {"👩\u200d💻", "👩\u200d💻"},
		"long":            {strings.Repeat("é", 2*longest), strings.Repeat("é", longest-1) + "…"},
		"very long":       {strings.Repeat("é", 1<<20), strings.Repeat("é", longest-1) + "…"},
		"empty":           {"\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := oneLine(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestFeed: what one process tells, the other hears, in order.
func TestFeed(t *testing.T) {
	from, to := io.Pipe()
	want := []Event{
		{Phase: &Phase{Name: "cluster"}},
		{Spec: &Spec{ID: "tracing.identity", Release: "blog", Number: 2, Of: 3}},
		{Said: &Said{Text: "two\nlines"}},
		{Wait: &Wait{What: "a", Began: time.Now().UTC(), LimitSeconds: 0.5}},
		{},
	}
	go func() {
		ctx := With(context.Background(), Feed(to))
		for _, e := range want {
			Tell(ctx, e)
		}
		_, _ = to.Write([]byte(`{"time":"2026-01-0`)) // killed here
		_ = to.Close()
	}()
	var h heard
	if err := Hear(from, h.hear); err != nil {
		t.Fatal(err)
	}
	for i := range h.events {
		if h.events[i].Time.IsZero() {
			t.Errorf("event %d has no time", i)
		}
		h.events[i].Time = time.Time{}
	}
	if diff := cmp.Diff(want, h.events); diff != "" {
		t.Errorf("-told +heard:\n%s", diff)
	}
}

// TestHearGarbage: a writer that writes something else is read to its end.
func TestHearGarbage(t *testing.T) {
	from := strings.NewReader(`{"said":{"text":"a"}}` + "\nnot JSON\n" + strings.Repeat("x", 1<<20))
	var h heard
	if err := Hear(from, h.hear); err == nil {
		t.Error("no error")
	}
	if len(h.events) != 1 || from.Len() != 0 {
		t.Errorf("heard %d events, %d bytes are left", len(h.events), from.Len())
	}
}

// TestFeedToNobody: a parent that was killed does not end its child's work.
func TestFeedToNobody(t *testing.T) {
	from, to := io.Pipe()
	if err := from.CloseWithError(errors.New("killed")); err != nil {
		t.Fatal(err)
	}
	w := Begin(With(t.Context(), Feed(to)), "pods", 0)
	w.Saw("x")
	w.End()
}

func TestBoard(t *testing.T) {
	var b Board
	ctx := With(t.Context(), b.Hear)
	first, second := Begin(ctx, "pods", 2*time.Minute), Begin(ctx, "trace", 0)
	first.Saw("3 of 29 are not ready")
	now := b.Waits()[0].Began.Add(65 * time.Second)
	if got, want := b.Waits()[0].Line(now), "pods: 1 min 05 s of 2 min, last saw: 3 of 29 are not ready"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := b.Waits()[1].Line(b.Waits()[1].Began), "trace: 0 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	first.End()
	if got := b.String(); !strings.HasPrefix(got, "trace: ") || strings.Contains(got, "pods") {
		t.Errorf("got %q", got)
	}
	second.End()
	if len(b.Waits()) != 0 {
		t.Errorf("left: %v", b.Waits())
	}
	Begin(ctx, "pods", 0)
	b.Clear()
	if b.String() != "" {
		t.Errorf("left: %v", b.Waits())
	}
}

// TestAtOnce: several wait at the same time, for things of the same name.
func TestAtOnce(t *testing.T) {
	var b Board
	var out bytes.Buffer
	feed := Feed(&out)
	ctx := With(t.Context(), func(e Event) { b.Hear(e); feed(e) })
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			w := Begin(ctx, "the same", time.Second)
			w.Saw("a")
			w.End()
		})
	}
	group.Wait()
	var h heard
	if err := Hear(&out, h.hear); err != nil || len(h.events) != 150 {
		t.Errorf("heard %d events, %v", len(h.events), err)
	}
	if left := b.Waits(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func BenchmarkNobodyListens(b *testing.B) {
	ctx := b.Context()
	for b.Loop() {
		w := Begin(ctx, "pods", time.Second)
		w.Saw("x")
		w.End()
	}
}

func BenchmarkSawTheSame(b *testing.B) {
	w := Begin(With(b.Context(), Feed(io.Discard)), "pods", time.Second)
	for b.Loop() {
		w.Saw("3 of 29 are not ready")
	}
}

func BenchmarkSawAnother(b *testing.B) {
	w := Begin(With(b.Context(), Feed(io.Discard)), "pods", time.Second)
	for n := 0; b.Loop(); n++ {
		w.Saw([]string{"3 of 29 are not ready", "2 of 29 are not ready"}[n%2])
	}
}

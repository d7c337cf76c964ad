package jaeger_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/jaeger"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/observe/traces/tracestest"
	"github.com/onap/meshcert/framework/verdict"
)

// began is when the traces began.
var began = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// TestRealJaeger runs everything that needs a real Jaeger on one. Each test has
// an hour of its own, so that no search finds another's traces.
func TestRealJaeger(t *testing.T) {
	r := start(t)
	for hour, test := range []struct {
		name string
		run  func(*testing.T, *realJaeger, time.Time)
	}{
		{"a whole trace", wholeTrace},
		{"a split trace", splitTrace},
		{"a trace that grows", growingTrace},
		{"a search", search},
		{"ids it has not", unknownTraces},
		{"it is away", away},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, r, began.Add(time.Duration(hour)*time.Hour)) })
	}
}

func wholeTrace(t *testing.T, r *realJaeger, at time.Time) {
	const id = "0a35a47c48520d0dc5adb923542aff20"
	sent := tracestest.Chain(id, "b3b3b3b3b3b3b3b3", at,
		"server msb-iag", "client msb-iag", "server multicloud", "client multicloud", "server msb-iag", "client msb-iag", "server multicloud-vio")
	sent[6].Tags["error"] = "true"
	r.SendZipkin(t, sent...)
	r.shows(t, id, sent...)
	got := r.judged(t, "identity", id, at)
	if len(got) > 0 {
		t.Errorf("findings about a whole trace: %+v", got)
	}
}

// splitTrace: multicloud sends no headers, so its sidecar starts a new trace.
func splitTrace(t *testing.T, r *realJaeger, at time.Time) {
	const id, lost = "1cdb98f75443e8222b670ccc43a72252", "270594b67922c8264033581782c36de8"
	r.SendZipkin(t, tracestest.Chain(id, "b3b3b3b3b3b3b3b3", at, "server msb-iag", "client msb-iag", "server multicloud")...)
	r.SendZipkin(t, tracestest.Chain(lost, "", at.Add(10*time.Millisecond), "client multicloud", "server msb-iag", "client msb-iag", "server multicloud-vio")...)
	r.has(t, id, 3)
	r.has(t, lost, 4)
	got := r.judged(t, "check-vim-capacity", id, at)
	if len(got) != 1 || got[0].Kind != "headers-dropped" || got[0].Object != "Deployment onap/multicloud-multicloud" ||
		!strings.Contains(got[0].Why, "the application multicloud drops the headers") {
		t.Errorf("findings %+v, want one that names multicloud as the one that dropped the headers", got)
	}
}

// growingTrace: sidecars send their spans at different times.
func growingTrace(t *testing.T, r *realJaeger, at time.Time) {
	const id = "2a96e553895ebf6e09be2f9b96339e40"
	all := tracestest.Chain(id, "b3b3b3b3b3b3b3b3", at,
		"server msb-iag", "client msb-iag", "server multicloud", "client multicloud", "server msb-iag", "client msb-iag", "server multicloud-vio")
	r.SendZipkin(t, all[:3]...)
	r.shows(t, id, all[:3]...)
	if got := r.judged(t, "identity", id, at); len(got) != 1 || got[0].Kind != "trace-incomplete" {
		t.Errorf("findings about half a trace: %+v", got)
	}
	r.SendZipkin(t, all[5:]...)
	r.SendZipkin(t, all[3:5]...)
	r.shows(t, id, all...)
	if got := r.judged(t, "identity", id, at); len(got) > 0 {
		t.Errorf("findings about the whole trace: %+v", got)
	}
}

// search: of the services, traces with a span of theirs in the window, by start.
func search(t *testing.T, r *realJaeger, at time.Time) {
	id := func(n int) string { return fmt.Sprintf("3e8200b50208ed35c0ce3417b02dac%02x", n) }
	second := func(n int) time.Time { return at.Add(time.Duration(n) * time.Second) }
	r.SendZipkin(t, tracestest.Chain(id(0), "", second(10), "server msb-iag", "client msb-iag", "server multicloud")...)
	for n, root := range []struct {
		second  int
		service string
	}{
		1: {12, "multicloud"}, 2: {11, "multicloud"}, 3: {13, "multicloud-vio"}, // in the window
		4: {9, "multicloud"}, 5: {15, "multicloud"}, // before and after it
		6: {12, "vfc-nslcm"}, // somebody else's
	} {
		if n > 0 {
			r.SendZipkin(t, tracestest.Chain(id(n), "", second(root.second), "server "+root.service, "client "+root.service)...)
		}
	}
	early := tracestest.Chain(id(7), "", second(9), "server vfc-nslcm", "client vfc-nslcm", "server multicloud")
	early[2].Start = second(12) // began before, but has a span of a service in the window
	r.SendZipkin(t, early...)
	r.has(t, id(0), 3)
	r.has(t, id(7), 3)
	for n := 1; n < 7; n++ {
		r.has(t, id(n), 2)
	}
	got, err := traces.Find(t.Context(), r.observer, traces.Search{
		TraceID: id(0), Services: []string{"msb-iag.onap", "multicloud.onap", "multicloud-vio.onap", "never-seen.onap"},
		Start: second(10), End: second(14),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Wanted == nil || got.Wanted.ID != id(0) {
		t.Errorf("wanted: %+v", got.Wanted)
	}
	var others []string
	for _, o := range got.Others {
		others = append(others, fmt.Sprintf("%s %d", o.ID, len(o.Spans)))
	}
	want := []string{id(7) + " 3", id(2) + " 2", id(1) + " 2", id(3) + " 2"}
	if diff := cmp.Diff(want, others); diff != "" {
		t.Errorf("others, -want +got:\n%s", diff)
	}
}

func unknownTraces(t *testing.T, r *realJaeger, _ time.Time) {
	if got, err := r.observer.Trace(t.Context(), "4fffffffffffffffffffffffffffffff"); got != nil || err != nil {
		t.Errorf("an id that was never sent: %+v, %v", got, err)
	}
	if got, err := r.observer.Trace(t.Context(), "no-id"); err == nil || !strings.Contains(err.Error(), "ask Jaeger for trace no-id") {
		t.Errorf("what is no id: %+v, %v", got, err)
	}
}

// away comes last: a Jaeger that does not answer has not said that there is no trace.
func away(t *testing.T, r *realJaeger, at time.Time) {
	r.Process.Stop(t)
	if got, err := r.observer.Trace(t.Context(), "5fffffffffffffffffffffffffffffff"); err == nil {
		t.Errorf("got %+v", got)
	}
	if got, err := traces.Find(t.Context(), r.observer, traces.Search{TraceID: "5fffffffffffffffffffffffffffffff", Start: at, End: at}); err == nil {
		t.Errorf("got %+v", got)
	}
}

// realJaeger is a Jaeger that runs with the add-on's configuration.
type realJaeger struct {
	*tracestest.Server
	observer *jaeger.Observer
}

func start(t *testing.T) *realJaeger {
	t.Helper()
	server := tracestest.Jaeger(t)
	return &realJaeger{Server: server, observer: jaeger.At(server.Query, http.DefaultClient)}
}

// shows waits until Jaeger shows exactly these spans as the trace.
func (r *realJaeger) shows(t *testing.T, id string, spans ...evidence.Span) {
	t.Helper()
	r.until(t, id, func(got *evidence.Trace) string { return cmp.Diff(&evidence.Trace{ID: id, Spans: spans}, got) })
}

// has waits until the trace has n spans.
func (r *realJaeger) has(t *testing.T, id string, n int) {
	t.Helper()
	r.until(t, id, func(got *evidence.Trace) string {
		if got == nil || len(got.Spans) != n {
			return fmt.Sprintf("want %d spans, got %+v", n, got)
		}
		return ""
	})
}

// until waits until nothing is wrong with the trace; nil is one that is not there.
func (r *realJaeger) until(t *testing.T, id string, wrong func(*evidence.Trace) string) {
	t.Helper()
	err := kube.Until(t.Context(), "trace "+id, 30*time.Second, func(ctx context.Context) error {
		got, err := r.observer.Trace(ctx, id)
		if err != nil {
			return err
		}
		if text := wrong(got); text != "" {
			return fmt.Errorf("%s", text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// judged is what the tracing judge says of the path's request of that time.
func (r *realJaeger) judged(t *testing.T, path, id string, at time.Time) []verdict.Finding {
	t.Helper()
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	p, ok := release.Path(path)
	if !ok {
		t.Fatalf("no path %s", path)
	}
	pods := evidence.Pods{Namespace: "onap"}
	for _, w := range release.Workloads {
		pods.Items = append(pods.Items, evidence.Pod{Workload: w.Name, Containers: []evidence.Container{{Name: catalogue.Proxy}}})
	}
	found, err := traces.Find(t.Context(), r.observer, traces.Search{
		TraceID: id, Services: tracing.Services(p, pods.Namespace), Start: at, End: at.Add(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	return tracing.Judge(release, p, tracing.Seen{Pods: pods, Traces: found})
}

package prometheus_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

// served is an observer of a server that answers every request so.
func served(t *testing.T, answer http.HandlerFunc, limit time.Duration) *prometheus.Observer {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o, err := prometheus.At(base, &http.Client{Timeout: limit})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// asks are all ways in which the observer asks.
func asks(o *prometheus.Observer) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"query":   func(ctx context.Context) error { _, err := o.Query(ctx, "up"); return err },
		"targets": func(ctx context.Context) error { _, err := o.Targets(ctx); return err },
		"draw": func(ctx context.Context) error {
			_, err := o.Draw(ctx, "up", prometheus.Span{From: time.Unix(0, 0), To: time.Unix(60, 0), Step: time.Second})
			return err
		},
	}
}

// TestEndlessAnswer: a server that never stops costs a bounded amount of memory,
// and is not asked again.
func TestEndlessAnswer(t *testing.T) {
	row := strings.Repeat(`{"metric":{"a":"b"},"value":[1,"1"]},`, 1000)
	o := served(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`)
		for err == nil {
			_, err = io.WriteString(w, row)
		}
	}, time.Minute)
	for name, ask := range asks(o) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := ask(t.Context())
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "more than 33554432 bytes") || evidence.AbsenceOf(err) != evidence.Final {
			t.Errorf("%s: %v (%s)", name, err, evidence.AbsenceOf(err))
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 512<<20 {
			t.Errorf("%s: %d bytes for an answer of at most 32 MiB", name, took)
		}
	}
}

// TestBigAnswer: one that is just within the bound is taken whole.
func TestBigAnswer(t *testing.T) {
	const series = 200_000
	o := served(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[`)
		for i := range series {
			comma := ","
			if i == series-1 {
				comma = ""
			}
			_, _ = fmt.Fprintf(w, `{"metric":{"n":"%d"},"value":[1,"1"]}%s`, i, comma)
		}
		_, _ = io.WriteString(w, `]}}`)
	}, time.Minute)
	if seen, err := o.Query(t.Context(), "up"); err != nil || len(seen.Items) != series {
		t.Errorf("%d samples, %v, want %d", len(seen.Items), err, series)
	}
}

// TestSlowAnswer: a server that sends a byte now and then, or none at all, ends
// with the client's limit; the next look may be luckier.
func TestSlowAnswer(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	for name, answer := range map[string]http.HandlerFunc{"a byte now and then": drip, "nothing": silent} {
		for how, ask := range asks(served(t, answer, 300*time.Millisecond)) {
			if err := ask(t.Context()); err == nil || evidence.AbsenceOf(err) != evidence.Transient {
				t.Errorf("%s, %s: %v (%s)", name, how, err, evidence.AbsenceOf(err))
			}
		}
	}
}

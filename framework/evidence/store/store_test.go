package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
)

func TestEvidenceComesBackAsItWasJudged(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "sidecar.ready"))
	pods := evidence.Pods{Namespace: "onap", Observed: time.Date(2026, 11, 23, 15, 0, 0, 123, time.UTC), Items: []evidence.Pod{{
		Name: "msb-iag-6d4cf56db6-9zxvk", Workload: "msb-iag", Phase: "Running", Ready: true,
		Labels:      map[string]string{"app": "msb-iag", "pod-template-hash": "6d4cf56db6"},
		Annotations: map[string]string{"sidecar.istio.io/inject": "true"},
		Containers:  []evidence.Container{{Name: "istio-proxy", Image: "docker.io/istio/proxyv2:1.31.0", Ready: true, State: "running"}},
	}}}
	trace := evidence.Traces{Wanted: &evidence.Trace{ID: "463ac35c9f6413ad48485a3953bb6124", Spans: []evidence.Span{{
		ID: "a2fb4a1d1a96d312", TraceID: "463ac35c9f6413ad48485a3953bb6124", Kind: evidence.Server, Service: "msb-iag.onap",
		Duration: 11 * time.Millisecond, Tags: map[string]string{"guid:x-request-id": "0242ac11-0002-4b2e-9a0e-8d7c3c2f1a10", "http.url": "http://msb-iag/api?a=1"},
	}}}}
	if err := errors.Join(s.Put("pods", pods), s.Put("traces.after", trace), s.Put("pods", pods)); err != nil {
		t.Fatal(err)
	}
	var gotPods evidence.Pods
	var gotTrace evidence.Traces
	if err := errors.Join(s.Get("pods", &gotPods), s.Get("traces.after", &gotTrace)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pods, gotPods) + cmp.Diff(trace, gotTrace); diff != "" {
		t.Errorf("evidence differs (-kept +read):\n%s", diff)
	}
	names, err := s.Names()
	if diff := cmp.Diff([]string{"pods", "traces.after"}, names); diff != "" || err != nil {
		t.Errorf("names differ (-want +got), error %v:\n%s", err, diff)
	}
}

func TestPutRedacts(t *testing.T) {
	folder := t.TempDir()
	response := evidence.Response{URL: "http://admin:canary-1@msb-iag/", Header: "X-Subject-Token: canary-2", Body: `{"password": "canary-3"}`}
	if err := Open(folder).Put("response", response); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "response.json"))
	if err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("a canary is on disk (error %v):\n%s", err, text)
	}
}

func TestStoreRefuses(t *testing.T) {
	folder := t.TempDir()
	s := Open(folder)
	for _, name := range []string{"", "../x", "a/b", "A", ".hidden", strings.Repeat("a", 101)} {
		if err := errors.Join(s.Put(name, 1)); err == nil || !strings.Contains(err.Error(), "evidence name") {
			t.Errorf("Put(%q): got %v, want an error about the name", name, err)
		}
		if err := s.Get(name, new(int)); err == nil || !strings.Contains(err.Error(), "evidence name") {
			t.Errorf("Get(%q): got %v, want an error about the name", name, err)
		}
	}
	if err := s.Put("channel", make(chan int)); err == nil {
		t.Error("Put of a channel: no error")
	}
	if err := s.Get("never-kept", new(int)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of what was never kept: got %v, want fs.ErrNotExist", err)
	}
	for name, text := range map[string]string{"unknown-field": `{"nodes": [], "verdict": "pass"}`, "other-type": `[1]`, "two-values": `{} {}`, "a-brace-too-many": `{}}`, "null": ` null`, "cut": `{"nodes": [`} {
		if err := os.WriteFile(filepath.Join(folder, name+".json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := s.Get(name, &evidence.Cluster{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Get of %s: got %v, want an error that names it", text, err)
		}
	}
}

func TestNamesOfNothing(t *testing.T) {
	if names, err := Open(filepath.Join(t.TempDir(), "missing")).Names(); len(names) != 0 || err != nil {
		t.Errorf("got %v, %v; want nothing", names, err)
	}
}

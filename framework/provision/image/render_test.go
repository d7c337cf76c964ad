package image

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var someEvents = []Event{
	{What: "image example.com/a:1", State: Queued, Total: 12},
	{What: "image example.com/b:1", State: Cached, Done: 1, Total: 12},
	{What: "wheel envoy", State: Building, Done: 1, Total: 12},
	{What: "wheel envoy", State: Retrying, Err: errors.New("download the wheel: connection refused"), Done: 1, Total: 12},
	{What: "wheel envoy", State: Done, Took: 12340 * time.Millisecond, Done: 2, Total: 12},
	{What: "go build of kubernetes", State: Done, Took: 192 * time.Second, Done: 10, Total: 12},
	{What: "go build of istio", State: Failed, Took: 400 * time.Millisecond, Err: errors.New("exit status 1"), Done: 10, Total: 12},
	{What: "go build of jaeger", State: Stopped, Took: time.Second, Done: 10, Total: 12},
}

func TestLines(t *testing.T) {
	var b bytes.Buffer
	r := NewLines(&b)
	for _, e := range someEvents {
		r.Report(e)
	}
	r.Close()
	want := `[ 1/12] wheel envoy: started
[ 1/12] wheel envoy: trying again: download the wheel: connection refused
[ 2/12] wheel envoy: done in 12.3s
[10/12] go build of kubernetes: done in 3m12s
[10/12] go build of istio: failed after 0.4s: exit status 1
[10/12] go build of jaeger: stopped after 1.0s
images and their inputs: 1 found in the cache, 2 made, 1 failed
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLinesWithoutWork(t *testing.T) {
	var b bytes.Buffer
	r := NewLines(&b)
	r.Close()
	if b.String() != "" {
		t.Errorf("wrote %q", b.String())
	}
}

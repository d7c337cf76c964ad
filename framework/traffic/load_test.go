package traffic

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// loaded is a load to a server that answers so.
func loaded(t *testing.T, answer http.HandlerFunc) *Load {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL + "/proxy")
	if err != nil {
		t.Fatal(err)
	}
	return &Load{base: base, client: server.Client()}
}

func TestLoad(t *testing.T) {
	var mutex sync.Mutex
	seen := map[string]string{}
	load := loaded(t, func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		if r.URL.Path != "/proxy/" || r.Header.Get("X-B3-SpanId") == "" {
			t.Errorf("asked %s with %v", r.URL.Path, r.Header)
		}
		id, sampled := r.Header.Get("X-B3-TraceId"), r.Header.Get("X-B3-Sampled")
		seen[id] = sampled
		parent, forced := "00-"+id+"-"+r.Header.Get("X-B3-SpanId")+"-0"+cmp.Or(sampled, "1"), ""
		if sampled == "1" {
			forced = id
		}
		if r.Header.Get("Traceparent") != parent || r.Header.Get("X-Client-Trace-Id") != forced {
			t.Errorf("decision %q: traceparent %q, want %q; x-client-trace-id %q, want %q", sampled, r.Header.Get("Traceparent"), parent, r.Header.Get("X-Client-Trace-Id"), forced)
		}
		if len(seen)%5 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("too much"))
		}
	})
	batch, err := load.Send(t.Context(), 50, "1")
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 50 || len(batch.Answered) != 40 || batch.Failed != 10 || !strings.Contains(batch.Problem, "status 503: too much") {
		t.Errorf("%d asked, %d answered, %d failed: %s", len(seen), len(batch.Answered), batch.Failed, batch.Problem)
	}
	for _, id := range batch.Answered {
		if decision, asked := seen[id]; !asked || decision != "1" {
			t.Errorf("trace %s was not asked for with our decision: %q", id, decision)
		}
	}
	clear(seen)
	if _, err := load.Send(t.Context(), 1, ""); err != nil {
		t.Fatal(err)
	}
	for id, decision := range seen {
		if decision != "" {
			t.Errorf("trace %s came with the decision %q, want none", id, decision)
		}
	}
}

// TestLoadToNobody: requests without an answer are counted, not an error.
func TestLoadToNobody(t *testing.T) {
	load := &Load{base: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, client: http.DefaultClient}
	batch, err := load.Send(t.Context(), 3, "0")
	if err != nil || len(batch.Answered) != 0 || batch.Failed != 3 || batch.Problem == "" {
		t.Errorf("%+v, %v", batch, err)
	}
}

package fault

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/kube"
)

func TestSend(t *testing.T) {
	var got []string
	answers := map[string][]int{"/late": {503, 502, 504, 204}, "/dead": {503}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, strings.TrimSpace(r.Method+" "+r.URL.String()+" "+r.Header.Get("Content-Type")+" "+string(body)))
		for path, statuses := range answers {
			if strings.HasSuffix(r.URL.Path, path) {
				w.WriteHeader(statuses[0])
				answers[path] = statuses[min(1, len(statuses)-1):]
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, strings.Repeat("x", 1000))
	}))
	defer server.Close()
	client, err := kube.FromConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	b := New(client, nil, nil)
	b.Answer = 5 * time.Second
	const proxy = "/api/v1/namespaces/onap/services/consul:8500/proxy"
	for _, c := range []struct {
		request Request
		asked   []string
		want    string
	}{
		{Request{Method: "PUT", Service: "onap/consul:8500", Path: "/v1/a?b=c", Body: `{"d": 1}`, Status: 404},
			[]string{"PUT " + proxy + `/v1/a?b=c application/json {"d": 1}`}, ""},
		{Request{Method: "GET", Service: "onap/consul:8500", Path: "/a%2Fb/", Status: 200},
			[]string{"GET " + proxy + "/a%2Fb/"}, "send GET onap/consul:8500/a%2Fb/: status 404, 200 is wanted: " + strings.Repeat("x", 300)},
		{Request{Method: "DELETE", Service: "onap/consul:8500", Path: "/gone", Status: 204}, []string{"DELETE " + proxy + "/gone"}, ""},
		{Request{Method: "DELETE", Service: "onap/consul:8500", Path: "/late", Status: 204},
			[]string{"DELETE " + proxy + "/late", "DELETE " + proxy + "/late", "DELETE " + proxy + "/late", "DELETE " + proxy + "/late"}, ""},
		{Request{Method: "GET", Service: "onap/consul:8500", Path: "/dead", Status: 503}, []string{"GET " + proxy + "/dead"}, ""},
		{Request{Method: "GET", Service: "onap", Path: "/", Status: 200}, nil, `"onap" is not NAMESPACE/NAME:PORT`},
	} {
		got = nil
		if diff := cmp.Diff(c.want, message(b.send(t.Context(), c.request))); diff != "" {
			t.Errorf("%s, -want +got:\n%s", c.request, diff)
		}
		if diff := cmp.Diff(c.asked, got); diff != "" {
			t.Errorf("%s, -want +got:\n%s", c.request, diff)
		}
	}
	b.Answer = 300 * time.Millisecond
	if err := b.send(t.Context(), Request{Method: "GET", Service: "onap/consul:8500", Path: "/dead", Status: 200}); err == nil || !strings.Contains(err.Error(), "status 503, 200 is wanted") {
		t.Errorf("nobody answers: %v", err)
	}
}

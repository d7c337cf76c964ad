package msb_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/msb"
	"github.com/onap/meshcert/framework/traffic"
)

// at serves every path with its own name, the list with one service.
func at(t *testing.T, name, list string) *url.URL {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/microservices/v1/services" {
			_, _ = w.Write([]byte(list))
			return
		}
		if r.URL.Path == "/long" {
			_, _ = w.Write([]byte(strings.Repeat("é", 5000)))
			return
		}
		_, _ = w.Write([]byte(name + " " + r.URL.Path))
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func TestRouting(t *testing.T) {
	discovery, inside, outside := at(t, "discovery", recorded(t, "services.json")), at(t, "iag", ""), at(t, "eag", "")
	o := msb.At(discovery, http.DefaultClient, traffic.To(inside), traffic.To(outside))
	got, err := o.Routing(t.Context(), []string{"/a", "/b", "/a"}, []string{"/c"})
	if err != nil || len(got.Registrations.Items) != 2 || got.Observed.Before(got.Registrations.Observed) {
		t.Fatalf("%+v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"iag /a", "iag /b", "iag /a"}, bodies(got.Answers)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"eag /c"}, bodies(got.External)); diff != "" {
		t.Error(diff)
	}
	if got, err = o.Routing(t.Context(), []string{"/long"}, nil); err != nil || got.External != nil {
		t.Fatalf("%+v, %v", got.External, err)
	}
	if body := got.Answers[0].Body; len(body) != 4096 || strings.Trim(body, "é") != "" {
		t.Errorf("%d bytes are kept, want 4096 and whole letters", len(body))
	}
}

func bodies(all []evidence.Response) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.Body)
	}
	return out
}

func TestRoutingWithoutEvidence(t *testing.T) {
	discovery, nowhere := at(t, "discovery", recorded(t, "services.json")), &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	o := msb.At(nowhere, http.DefaultClient, traffic.To(discovery), traffic.To(discovery))
	if got, err := o.Routing(t.Context(), []string{"/a"}, nil); err == nil {
		t.Errorf("no discovery: %+v", got)
	}
	o = msb.At(discovery, http.DefaultClient, traffic.To(nowhere), traffic.To(nowhere))
	got, err := o.Routing(t.Context(), []string{"/a"}, []string{"/b"})
	if err != nil || got.Answers[0].Status != 0 || got.Answers[0].Error == "" || got.External[0].Status != 0 {
		t.Errorf("no gateway: %+v, %v", got, err)
	}
	if got, err := o.Routing(t.Context(), []string{"/%zz"}, nil); evidence.AbsenceOf(err) != evidence.Final {
		t.Errorf("a path that cannot be read: %+v, %v", got, err)
	}
}

func TestAsk(t *testing.T) {
	inside := at(t, "iag", "")
	got, err := msb.At(inside, http.DefaultClient, traffic.To(inside), nil).Ask(t.Context(), []string{"/x", "/y"})
	if diff := cmp.Diff([]string{"iag /x", "iag /y"}, bodies(got)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

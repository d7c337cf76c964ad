package msb_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/msb"
	"github.com/onap/meshcert/framework/traffic"
)

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("msb/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// serve is discovery and gateway in one.
func serve(t *testing.T, status int, body string) *msb.Observer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/microservices/v1/services", "/iui/microservices/default.html":
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		default:
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("No route found for " + r.URL.Path))
		}
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return msb.At(base, server.Client(), traffic.To(base), nil)
}

func TestRegistrations(t *testing.T) {
	got, err := serve(t, 200, recorded(t, "services.json")).Registrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.Registration{
		{Name: "multicloud", Version: "v0", URL: "/api/multicloud/v0", Protocol: "REST", Range: "1", Nodes: []string{"10.96.11.2:9001"}},
		{Name: "nslcm", Version: "v1", URL: "/api/nslcm/v1", Protocol: "REST", Range: "1", Nodes: []string{"10.96.43.52:8403"}},
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Error(diff)
	}
	none, err := serve(t, 200, "[]").Registrations(t.Context())
	if err != nil || len(none.Items) != 0 {
		t.Errorf("no services: %+v, %v", none, err)
	}
}

func TestMalformedRegistrations(t *testing.T) {
	whole := recorded(t, "services.json")
	for name, body := range map[string]string{
		"empty": "", "HTML": "<html>", "null": "null", "an object": "{}", "cut": whole[:100],
		"a node without address":   strings.Replace(whole, `"ip": "10.96.43.52"`, `"ip": ""`, 1),
		"a node without port":      strings.Replace(whole, `"port": "8403"`, `"port": "0"`, 1),
		"a port out of range":      strings.Replace(whole, `"port": "8403"`, `"port": "84030"`, 1),
		"a service without a name": strings.Replace(whole, `"serviceName": "nslcm"`, `"serviceName": ""`, 1),
	} {
		var malformed *observe.MalformedError
		got, err := serve(t, 200, body).Registrations(t.Context())
		if !errors.As(err, &malformed) || (evidence.AbsenceOf(err) == evidence.Final) == malformed.Cut {
			t.Errorf("%s: got %+v, %s: %v", name, got, evidence.AbsenceOf(err), err)
		}
	}
	var status *observe.StatusError
	if got, err := serve(t, 500, "Consul is away").Registrations(t.Context()); !errors.As(err, &status) || evidence.AbsenceOf(err) != evidence.Transient {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := serve(t, 403, "RBAC: access denied").Registrations(t.Context()); evidence.AbsenceOf(err) != evidence.Final {
		t.Errorf("got %+v, %s: %v", got, evidence.AbsenceOf(err), err)
	}
}

func TestPortal(t *testing.T) {
	got, err := serve(t, 200, recorded(t, "portal.html")).Portal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"microservices", "msdiscover", "multicloud", "nslcm"}, got.Services); diff != "" {
		t.Error(diff)
	}
	none, err := serve(t, 200, "<html><table></table></html>").Portal(t.Context())
	if err != nil || len(none.Services) != 0 {
		t.Errorf("no rows: %+v, %v", none, err)
	}
}

func TestMalformedPortal(t *testing.T) {
	whole := recorded(t, "portal.html")
	for name, body := range map[string]string{
		"empty": "", "text": "hello", "another page": "<html><body>Welcome</body></html>", "cut": whole[:len(whole)-60],
		"a row without name": strings.Replace(whole, `data-service="nslcm"`, `data-service=""`, 1), "more behind its end": whole + whole[:200],
	} {
		var malformed *observe.MalformedError
		got, err := serve(t, 200, body).Portal(t.Context())
		if !errors.As(err, &malformed) || (evidence.AbsenceOf(err) == evidence.Final) == malformed.Cut {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	var status *observe.StatusError
	if got, err := serve(t, 502, whole).Portal(t.Context()); !errors.As(err, &status) {
		t.Errorf("got %+v, %v", got, err)
	}
	nowhere, _ := url.Parse("http://127.0.0.1:1")
	if got, err := msb.At(nowhere, http.DefaultClient, traffic.To(nowhere), nil).Portal(t.Context()); err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestEndpoints(t *testing.T) {
	got, err := serve(t, 200, "[]").Endpoints(t.Context(), []catalogue.Endpoint{{URL: "/api/microservices/v1/services"}, {URL: "/api/x"}})
	if err != nil || len(got) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got[0].Status != 200 || got[0].Body != "[]" || got[1].Status != 502 || got[1].Body != "No route found for /api/x" {
		t.Errorf("got %+v", got)
	}
}

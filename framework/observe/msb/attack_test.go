package msb

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
)

func good(t testing.TB, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("msb/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answered is a server that answers everything with itself.
type answered string

func (a answered) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(a))), Request: request}, nil
}

func services(text string) (refused, broken error) {
	var taken evidence.Registrations
	refused, broken = attack.JSON(func(text string) (_ evidence.Registrations, err error) {
		o := At(&url.URL{Scheme: "http", Host: "discovery"}, &http.Client{Transport: answered(text)}, nil, nil)
		taken, err = o.Registrations(context.Background())
		return taken, err
	})(text)
	for _, r := range taken.Items {
		if r.Name == "" || slices.ContainsFunc(r.Nodes, func(n string) bool { return strings.HasPrefix(n, ":") || strings.HasSuffix(n, ":") }) {
			broken = errors.Join(broken, errors.New("a registration without name, or at no address"))
		}
	}
	return refused, broken
}

func portal(text string) (refused, broken error) {
	names, err := readPortal("http://msb-iag/iui/microservices/default.html", text)
	if err == nil && slices.Contains(names, "") {
		broken = errors.New("a service without name")
	}
	return err, broken
}

func TestServicesMalformed(t *testing.T) {
	attack.Parser(t, services, []string{good(t, "services.json"), "[]"})
}

func TestPortalMalformed(t *testing.T) { attack.Parser(t, portal, []string{good(t, "portal.html")}) }

func FuzzServices(f *testing.F) { attack.FuzzParser(f, services, good(f, "services.json")) }

func FuzzPortal(f *testing.F) { attack.FuzzParser(f, portal, good(f, "portal.html")) }

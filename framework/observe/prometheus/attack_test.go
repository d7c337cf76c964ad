package prometheus_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

func good(t testing.TB, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("prometheus/" + name + ".json")
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

// asked is a parser: what the observer makes of a text that Prometheus answers.
func asked[E any](ask func(context.Context, *prometheus.Observer) (E, error), whole func(E) error) attack.Parse {
	return func(text string) (refused, broken error) {
		var taken E
		refused, broken = attack.JSON(func(text string) (E, error) {
			o, err := prometheus.At(&url.URL{Scheme: "http", Host: "prometheus"}, &http.Client{Transport: answered(text)})
			if err != nil {
				return taken, err
			}
			taken, err = ask(context.Background(), o)
			return taken, err
		})(text)
		return refused, errors.Join(broken, whole(taken))
	}
}

func query() attack.Parse {
	return asked(func(ctx context.Context, o *prometheus.Observer) (evidence.Samples, error) { return o.Query(ctx, "up") },
		func(s evidence.Samples) error {
			for _, item := range s.Items {
				if math.IsNaN(item.Value) || math.IsInf(item.Value, 0) || item.Labels == nil {
					return errors.New("a sample without number or labels")
				}
			}
			return nil
		})
}

func targets() attack.Parse {
	return asked(func(ctx context.Context, o *prometheus.Observer) (evidence.Targets, error) { return o.Targets(ctx) },
		func(evidence.Targets) error { return nil })
}

func TestQueryMalformed(t *testing.T) {
	attack.Parser(t, query(), []string{good(t, "requests"), good(t, "empty")})
}

func TestTargetsMalformed(t *testing.T) {
	attack.Parser(t, targets(), []string{good(t, "targets")})
}

func FuzzQuery(f *testing.F) {
	attack.FuzzParser(f, query(), good(f, "requests"), good(f, "empty"), good(f, "error"), good(f, "scalar"))
}

func FuzzTargets(f *testing.F) {
	attack.FuzzParser(f, targets(), good(f, "targets"), good(f, "empty"))
}

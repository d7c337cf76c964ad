package jaeger

import (
	"errors"
	"slices"
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
)

func good(t testing.TB, names ...string) []string {
	t.Helper()
	var all []string
	for _, name := range names {
		text, err := answers.FS.ReadFile("jaeger/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

func whole(all []evidence.Trace) error {
	for _, t := range all {
		if t.ID == "" || len(t.Spans) == 0 {
			return errors.New("a trace without id or spans")
		}
		for _, s := range t.Spans {
			if s.ID == "" || s.TraceID != t.ID || s.Service == "" || s.Start.Unix() < 0 || s.Start.Year() > 9999 || s.Duration < 0 {
				return errors.New("a span without id, trace, service or time")
			}
		}
		if !slices.IsSortedFunc(t.Spans, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) }) {
			return errors.New("spans out of order")
		}
	}
	return nil
}

// traces reads traces; what it takes must be whole.
func traces(text string) (refused, broken error) {
	var taken []evidence.Trace
	refused, broken = attack.JSON(func(text string) (_ []evidence.Trace, err error) {
		taken, err = decode("http://jaeger/api/traces", []byte(text))
		return taken, err
	})(text)
	return refused, errors.Join(broken, whole(taken))
}

func TestTracesMalformed(t *testing.T) {
	attack.Parser(t, traces, good(t, "check-vim-capacity", "nslcm-to-catalog", "search-nothing"))
}

func FuzzTraces(f *testing.F) {
	attack.FuzzParser(f, traces, good(f, "check-vim-capacity", "nslcm-to-catalog", "identity", "not-found", "search-nothing")...)
}

package jaeger

import (
	"errors"
	"slices"
	"strings"
	"testing"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/traces"
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

// reads reads traces; what it takes must be whole.
func reads(a *api) func(text string) (refused, broken error) {
	return func(text string) (refused, broken error) {
		var taken []evidence.Trace
		refused, broken = attack.JSON(func(text string) ([]evidence.Trace, error) {
			taken = nil
			err := traces.Decode(strings.NewReader(text), func(it *jsoniter.Iterator) (err error) {
				taken, err = a.spans(it)
				return err
			})
			return taken, err
		})(text)
		if refused != nil {
			return refused, broken
		}
		return refused, errors.Join(broken, whole(taken))
	}
}

func TestTracesMalformed(t *testing.T) {
	attack.Parser(t, reads(&v1), good(t, "check-vim-capacity", "nslcm-to-catalog", "search-nothing"))
}

func TestV3Malformed(t *testing.T) {
	attack.Parser(t, reads(&v3), good(t, "v3-identity", "v3-search-multicloud"))
}

func FuzzV3(f *testing.F) {
	attack.FuzzParser(f, reads(&v3), good(f, "v3-identity", "v3-search-multicloud", "v3-not-found")...)
}

func FuzzTraces(f *testing.F) {
	attack.FuzzParser(f, reads(&v1), good(f, "check-vim-capacity", "nslcm-to-catalog", "identity", "not-found", "search-nothing")...)
}

package zipkin

import (
	"testing"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/observe/traces/tracestest"
)

func good(t testing.TB, names ...string) []string {
	t.Helper()
	var all []string
	for _, name := range names {
		text, err := answers.FS.ReadFile("zipkin/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

func one(it *jsoniter.Iterator) ([]evidence.Trace, error) {
	var spans traces.Spans
	if err := list(it, &spans); err != nil || it.Error != nil {
		return nil, err
	}
	return spans.Traces()
}

func TestTraceMalformed(t *testing.T) {
	attack.Parser(t, tracestest.Reads(one), good(t, "identity", "shared"))
}

// A search that finds nothing is an empty list.
func TestSearchMalformed(t *testing.T) {
	attack.Parser(t, tracestest.Reads(search), good(t, "search-multicloud"), "[]")
}

func FuzzTrace(f *testing.F) {
	attack.FuzzParser(f, tracestest.Reads(one), good(f, "identity", "shared")...)
}

func FuzzSearch(f *testing.F) {
	attack.FuzzParser(f, tracestest.Reads(search), good(f, "search-multicloud")...)
}

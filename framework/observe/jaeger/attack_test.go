package jaeger

import (
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/traces/tracestest"
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

func TestTracesMalformed(t *testing.T) {
	attack.Parser(t, tracestest.Reads(v1.spans), good(t, "check-vim-capacity", "nslcm-to-catalog", "search-nothing"))
}

func TestV3Malformed(t *testing.T) {
	attack.Parser(t, tracestest.Reads(v3.spans), good(t, "v3-identity", "v3-search-multicloud"))
}

func FuzzV3(f *testing.F) {
	attack.FuzzParser(f, tracestest.Reads(v3.spans), good(f, "v3-identity", "v3-search-multicloud", "v3-not-found")...)
}

func FuzzTraces(f *testing.F) {
	attack.FuzzParser(f, tracestest.Reads(v1.spans), good(f, "check-vim-capacity", "nslcm-to-catalog", "identity", "not-found", "search-nothing")...)
}

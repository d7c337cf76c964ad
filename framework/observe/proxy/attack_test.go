package proxy

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
)

func good(t testing.TB, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func status(text string) (refused, broken error) {
	var taken []evidence.Proxy
	refused, broken = attack.JSON(func(text string) (_ []evidence.Proxy, err error) {
		taken, err = decodeSync([]byte(text))
		return taken, err
	})(text)
	for _, p := range taken {
		if p.Pod == "" || p.Namespace == "" || len(p.Sync) != 4 {
			broken = errors.Join(broken, errors.New("a proxy without pod, namespace or state"))
		}
	}
	return refused, broken
}

func rejects(text string) (refused, broken error) {
	counts := map[string]float64{}
	refused = addRejects(text, counts)
	for _, n := range counts {
		if refused == nil && (n < 0 || math.IsNaN(n) || math.IsInf(n, 0)) {
			broken = errors.New("a count that is none")
		}
	}
	return refused, broken
}

func certificates(text string) (refused, broken error) {
	p := evidence.Proxy{}
	refused = decodeSecrets([]byte(answer(text)), &p)
	if refused == nil && (p.Root == "" || p.NotAfter.IsZero()) {
		broken = errors.New("a proxy without certificates")
	}
	return refused, errors.Join(broken, attack.Storable(p))
}

func TestSyncMalformed(t *testing.T) {
	attack.Parser(t, status, []string{good(t, "istiod/syncz.json"), "[]"})
}

func TestMetricsMalformed(t *testing.T) {
	attack.Parser(t, rejects, []string{good(t, "istiod/metrics.txt")})
}

func TestSecretsMalformed(t *testing.T) {
	whole := good(t, "envoy/secrets.json")
	attack.Parser(t, certificates, []string{whole, "2026-11-23T15:00:00Z info a line of pilot-agent\n" + whole, strings.TrimSpace(whole)})
}

func FuzzSync(f *testing.F) { attack.FuzzParser(f, status, good(f, "istiod/syncz.json")) }

func FuzzMetrics(f *testing.F) { attack.FuzzParser(f, rejects, good(f, "istiod/metrics.txt")) }

func FuzzSecrets(f *testing.F) { attack.FuzzParser(f, certificates, good(f, "envoy/secrets.json")) }

package run

import (
	"testing"
	"time"

	"github.com/onap/meshcert/framework/evidence"
)

// TestRetraced: what was told before is over when every sidecar traces as wanted and
// has done so for as long as connections of before are served.
func TestRetraced(t *testing.T) {
	now := time.Date(2026, time.November, 24, 4, 0, 0, 0, time.UTC)
	is := func(provider string, ago time.Duration, problem string) evidence.Tracer {
		return evidence.Tracer{Pod: "iag", Provider: provider, Since: now.Add(-ago), Error: problem}
	}
	for name, c := range map[string]struct {
		tracer evidence.Tracer
		want   string
	}{
		"long ago":   {is("zipkin", time.Minute, ""), ""},
		"just now":   {is("zipkin", 5*time.Second, ""), "the sidecar of pod iag serves connections as before for 40s more"},
		"not yet":    {is("opentelemetry", time.Minute, ""), `the sidecar of pod iag traces by "opentelemetry", not by zipkin`},
		"not at all": {is("", time.Minute, ""), `the sidecar of pod iag traces by "", not by zipkin`},
		"no answer":  {is("", time.Minute, "exec refused"), "exec refused"},
	} {
		got := ""
		fine := is("zipkin", time.Hour, "")
		if err := retraced(evidence.Tracers{Observed: now, Items: []evidence.Tracer{fine, c.tracer}}, "zipkin"); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

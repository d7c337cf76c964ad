package tracing_test

import (
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

const parent = "00-a9996e553895ebf6e09be2f9b96339e4-b7ad6b7169203331-01"

// noted are the spans of whole, each with the header value that is given for it; "" for none.
func noted(values ...string) string {
	lines := strings.Split(strings.TrimSpace(whole), "\n")
	for i, v := range values {
		if v != "" {
			lines[i] += " w3c=" + v
		}
	}
	return strings.Join(lines[:len(values)], "\n")
}

func TestCarried(t *testing.T) {
	const p, other = parent, "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
	for name, c := range map[string]struct {
		spans   string
		kind    verdict.Kind
		verdict verdict.Verdict
		object  string
		where   string
	}{
		"carried to the end":         {spans: noted(p, p, p, p, p, p, p)},
		"dropped by multicloud":      {noted(p, p, p, "", "", "", ""), "header-dropped", verdict.Fail, "Deployment onap/multicloud-multicloud", "server span 3 of multicloud has it, its client span 4 has none"},
		"changed by multicloud":      {noted(p, p, p, other, other, other, other), "header-changed", verdict.Fail, "Deployment onap/multicloud-multicloud", "its client span 4 has " + other},
		"dropped by the gateway":     {noted(p, "", "", "", "", "", ""), "header-dropped", verdict.Fail, "Deployment onap/msb-msb-iag", "msb-iag → multicloud"},
		"lost between sidecars":      {noted(p, p, p, p, "", "", ""), "header-lost", verdict.Fail, "Deployment onap/msb-msb-iag", "client span 4 of multicloud has it, server span 5 of msb-iag has none"},
		"not noted by the mesh":      {noted("", "", "", "", "", "", ""), "header-not-noted", verdict.Inconclusive, "Telemetry istio-system/mesh-default", "server span 1"},
		"seen up to multicloud":      {noted(p, p, p), "path-incomplete", verdict.Inconclusive, "Deployment onap/multicloud-multicloud", "trace"},
		"nothing seen":               {"", "trace-missing", verdict.Inconclusive, "Deployment istio-system/jaeger", "the trace by its id"},
		"the last sidecar lacks one": {noted(p, p, p, p, p, p, ""), "header-lost", verdict.Fail, "Deployment onap/multicloud-multicloud-vio", "server span 7 of multicloud-vio has none"},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			path, _ := release.Path("identity")
			var traces evidence.Traces
			if c.spans != "" {
				seen := trace(t, wanted, c.spans)
				traces.Wanted = &seen
			}
			findings := tracing.JudgeCarried(release, path, tracing.Seen{Pods: sample.Pods(release, catalogue.Enabled), Traces: traces}, "traceparent", parent)
			if c.kind == "" {
				if len(findings) > 0 {
					t.Errorf("got %+v, want nothing", findings)
				}
				return
			}
			if len(findings) != 1 {
				t.Fatalf("got %+v, want one finding", findings)
			}
			f := findings[0]
			if f.Kind != c.kind || f.Verdict != c.verdict || f.Object != c.object || !strings.Contains(f.Where, c.where) {
				t.Errorf("got %+v, want %+v", f, c)
			}
			if missing := f.Incomplete(); len(missing) > 0 {
				t.Errorf("the finding does not say %q", missing)
			}
		})
	}
}

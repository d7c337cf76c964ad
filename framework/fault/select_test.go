package fault

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
)

func TestSelect(t *testing.T) {
	faults := []Fault{
		{ID: "istiod-gone", Layer: Mesh, Quick: true}, {ID: "jaeger-gone", Layer: Telemetry}, {ID: "jaeger-empty", Layer: Telemetry, Quick: true},
	}
	for name, c := range map[string]struct {
		focus string
		quick bool
		want  []string
	}{
		"all":                {"", false, []string{"istiod-gone", "jaeger-gone", "jaeger-empty"}},
		"quick":              {"", true, []string{"istiod-gone", "jaeger-empty"}},
		"an id":              {"jaeger-gone", false, []string{"jaeger-gone"}},
		"a layer":            {"telemetry", false, []string{"jaeger-gone", "jaeger-empty"}},
		"a layer, quick":     {"telemetry", true, []string{"jaeger-empty"}},
		"slow alone, quick":  {"jaeger-gone", true, nil},
		"what is not known":  {"prometheus-gone", false, nil},
		"several in a focus": {"jaeger-gone,mesh", false, []string{"istiod-gone", "jaeger-gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Select(faults, c.focus, c.quick)
			if c.want == nil {
				var usage *config.UsageError
				if !errors.As(err, &usage) || usage.Field != "--focus" {
					t.Errorf("no usage error of --focus: %v, %v", ids(got), err)
				}
				return
			}
			if diff := cmp.Diff(c.want, ids(got)); err != nil || diff != "" {
				t.Errorf("%v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestLacks(t *testing.T) {
	for name, c := range map[string]struct {
		needs tracer.Tracing
		want  string
	}{
		"nothing":        {tracer.Tracing{}, ""},
		"what there is":  {tracer.Tracing{Backend: tracer.Zipkin, Protocol: tracer.ZipkinSpans}, ""},
		"another tracer": {tracer.Tracing{Backend: tracer.Jaeger}, "--tracer jaeger"},
		"both others":    {tracer.Tracing{Backend: tracer.Jaeger, Protocol: tracer.OpenTelemetry}, "--tracer jaeger --trace-protocol opentelemetry"},
	} {
		if got := (Fault{Needs: c.needs}).Lacks(tracer.Tracing{Backend: tracer.Zipkin, Protocol: tracer.ZipkinSpans}); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestBackendIsNeeded: a fault of the catalogue that changes a back end, or whose
// finding names one, needs it.
func TestBackendIsNeeded(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, f := range all {
		objects := f.touches()
		for _, r := range f.Red {
			objects = append(objects, r.Object)
		}
		for _, backend := range []tracer.Backend{tracer.Jaeger, tracer.Zipkin} {
			if !slices.ContainsFunc(objects, func(o string) bool { return strings.Contains(o, " istio-system/"+string(backend)) }) {
				continue
			}
			named++
			if f.Needs.Backend != backend {
				t.Errorf("%s.yaml: needs: {backend: %s} is wanted, since it names an object of it: %q", f.ID, backend, objects)
			}
		}
	}
	if named == 0 {
		t.Error("no fault of the catalogue names a back end")
	}
}

func TestMustBeLive(t *testing.T) {
	if err := (Fault{ID: "a", Apply: []Action{{}}}).MustBeLive(); err != nil {
		t.Error(err)
	}
	want := "ID: a is a fault of recorded evidence, which no cluster can have: try it with meshcert selftest --focus a"
	if err := (Fault{ID: "a", Evidence: []Edit{{}}}).MustBeLive(); message(err) != want {
		t.Errorf("got %v", err)
	}
}

func TestRedIn(t *testing.T) {
	red := Red{Spec: "s", Kind: "k", Object: "o"}
	for name, c := range map[string]struct {
		finding verdict.Finding
		want    bool
	}{
		"fails":           {verdict.Finding{Verdict: verdict.Fail, Kind: "k", Object: "o"}, true},
		"is inconclusive": {verdict.Finding{Verdict: verdict.Inconclusive, Kind: "k", Object: "o"}, true},
		"leaves it green": {verdict.Finding{Verdict: verdict.Pass, Kind: "k", Object: "o"}, false},
		"another kind":    {verdict.Finding{Verdict: verdict.Fail, Kind: "l", Object: "o"}, false},
		"another object":  {verdict.Finding{Verdict: verdict.Fail, Kind: "k", Object: "p"}, false},
	} {
		if got := red.In([]verdict.Finding{{}, c.finding}); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
	f := Fault{Red: []Red{{Spec: "r", Kind: "k"}, red, {Spec: "s", Kind: "l"}}}
	if diff := cmp.Diff([]Red{red, {Spec: "s", Kind: "l"}}, f.Of("s")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

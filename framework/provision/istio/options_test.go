package istio

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/tracer"
)

func TestDefaults(t *testing.T) {
	got, err := Options{Policy: catalogue.Disabled, DataPlane: Upstream}.complete()
	if err != nil {
		t.Fatal(err)
	}
	want := Options{
		Policy: catalogue.Disabled, DataPlane: Upstream, Sidecars: Native, Tracing: tracer.Tracing{Backend: tracer.Jaeger, Protocol: tracer.ZipkinSpans},
		Hub: "docker.io/istio", Tag: "1.31.0", Timeout: 4 * time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestWrongOptions(t *testing.T) {
	good := Options{Policy: catalogue.Disabled, DataPlane: Upstream}
	for _, test := range []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) { o.Policy = "" }, `injector policy is "": use disabled or enabled`},
		{func(o *Options) { o.Policy = "on" }, `injector policy is "on": use disabled or enabled`},
		{func(o *Options) { o.DataPlane = "" }, `data plane is "": use upstream or istio`},
		{func(o *Options) { o.Sidecars = "ambient" }, `sidecars is "ambient": use native or classic`},
		{func(o *Options) { o.Tracing.Backend = "tempo" }, `istio: tracing: no tracing is "zipkin to tempo": use zipkin to jaeger`},
		{func(o *Options) { o.Timeout = -time.Second }, `timeout is -1s: give a positive duration`},
	} {
		o := good
		test.change(&o)
		if _, err := Images(o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got error %v, want %q", o, err, test.want)
		}
	}
}

// TestDataPlaneOf: nothing is guessed of images that may carry either Envoy.
func TestDataPlaneOf(t *testing.T) {
	for source, want := range map[string]struct {
		plane DataPlane
		lacks bool
	}{"packages": {Upstream, true}, "registry": {IstioProxy, false}} {
		got, err := DataPlaneOf(source)
		if err != nil || got != want.plane || got.LacksStats() != want.lacks {
			t.Errorf("%s: %q, lacks stats %t (%v), want %+v", source, got, got.LacksStats(), err, want)
		}
	}
	for _, source := range []string{"", "auto", "bundle:x.tar"} {
		if got, err := DataPlaneOf(source); err == nil || got != "" {
			t.Errorf("%q: %q, want an error", source, got)
		}
	}
}

package environment

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/report"
)

// TestSight: how containerd names an image that it pulled, and ones that were imported.
func TestSight(t *testing.T) {
	for _, c := range []struct {
		ref, id string
		want    sighting
		ok      bool
	}{
		{"prom/prometheus:v3", "docker.io/prom/prometheus@" + digest("a"), sighting{"docker.io/prom/prometheus:v3", digest("a"), true}, true},
		{"redis", "docker.io/library/redis@" + digest("a"), sighting{"docker.io/library/redis:latest", digest("a"), true}, true},
		{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", "nexus3.onap.org:10001/onap/vfc/nslcm@" + digest("a"), sighting{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", digest("a"), true}, true},
		{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", "docker.io/library/import-2026-11-24@" + digest("a"), sighting{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", digest("a"), false}, true},
		{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", digest("a"), sighting{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", digest("a"), false}, true},
		{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", "nexus3.onap.org:10001/onap/vfc/vnflcm@" + digest("a"), sighting{"nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", digest("a"), false}, true},
		{"prom/prometheus:v3", "", sighting{}, false}, // it has not begun
		{"Not A Reference", digest("a"), sighting{}, false},
	} {
		got, ok := sight(c.ref, c.id)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s as %s: %+v, %t; want %+v, %t", c.ref, c.id, got, ok, c.want, c.ok)
		}
	}
}

// TestSources: an image of ONAP's that nobody knows is not taken for ONAP's.
func TestSources(t *testing.T) {
	const onapImage, other = "nexus3.onap.org:10001/onap/vfc/nslcm:1.2.1", "docker.io/prom/prometheus:v3"
	own := []image.Image{{Ref: onapImage, Digest: digest("a"), Source: image.SourcePackages}, {Ref: other, Digest: digest("b"), Source: image.SourcePackages}}
	standins := map[string]bool{onapImage: true}
	for name, c := range map[string]struct {
		seen   []sighting
		want   []report.Image
		source string
	}{
		"a stand-in of ours": {
			[]sighting{{onapImage, digest("a"), false}}, []report.Image{{Ref: onapImage, Digest: digest("a"), Source: "packages", Standin: true}}, "packages",
		},
		"a stand-in that was built anew since": {
			[]sighting{{onapImage, digest("c"), false}}, []report.Image{{Ref: onapImage, Digest: digest("c"), Source: "loaded", Standin: true}}, "",
		},
		"ONAP's own": {
			[]sighting{{onapImage, digest("c"), true}}, []report.Image{{Ref: onapImage, Digest: digest("c"), Source: "registry"}}, "registry",
		},
		"both sources": {
			[]sighting{{other, digest("b"), false}, {other, digest("d"), true}},
			[]report.Image{{Ref: other, Digest: digest("b"), Source: "packages"}, {Ref: other, Digest: digest("d"), Source: "registry"}}, "packages, registry",
		},
		"nothing": {nil, nil, ""},
	} {
		got, source := sources(c.seen, own, standins)
		if diff := cmp.Diff(c.want, got); diff != "" || source != c.source {
			t.Errorf("%s: source %q, want %q; images (-want +got):\n%s", name, source, c.source, diff)
		}
	}
}

func TestRunningAndUnused(t *testing.T) {
	a := evidence.Container{Name: "a", Image: "prom/prometheus:v3", ImageID: digest("a")}
	b := evidence.Container{Name: "b", Image: "istio/proxyv2:1", ImageID: digest("b")}
	one := pod("one", true, a)
	one.InitContainers = []evidence.Container{b}
	seen := running([]evidence.Pods{{Items: []evidence.Pod{one}}, {Items: []evidence.Pod{pod("two", true, a)}}})
	want := []sighting{{"docker.io/istio/proxyv2:1", digest("b"), false}, {"docker.io/prom/prometheus:v3", digest("a"), false}}
	if diff := cmp.Diff(want, seen, cmp.AllowUnexported(sighting{})); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	more := unused(map[string][]string{
		"docker.io/prom/prometheus:v3": {digest("a"), digest("c")}, "docker.io/fortio/fortio:1": {digest("d")},
	}, seen)
	want = []sighting{{"docker.io/fortio/fortio:1", digest("d"), false}, {"docker.io/prom/prometheus:v3", digest("c"), false}}
	if diff := cmp.Diff(want, more, cmp.AllowUnexported(sighting{})); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
}

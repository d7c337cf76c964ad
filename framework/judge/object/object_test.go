package object_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/judge/object"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 spans", 1: "1 span", 2: "2 spans"} {
		if got := object.Count(n, "span"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// TestKinds: a workload is named as Kubernetes names it, by app and by name.
func TestKinds(t *testing.T) {
	release := &catalogue.Release{Workloads: []catalogue.Workload{
		{Name: "msb-msb-iag", App: "msb-iag"}, {Kind: catalogue.StatefulSet, Name: "multicloud-etcd", App: "etcd"},
	}}
	for _, c := range []struct{ app, name, want string }{
		{"msb-iag", "msb-msb-iag", "Deployment onap/msb-msb-iag"},
		{"etcd", "multicloud-etcd", "StatefulSet onap/multicloud-etcd"},
		{"unknown", "unknown", "Deployment onap/unknown"},
	} {
		if got := object.App(release, "onap", c.app); got != c.want {
			t.Errorf("app %s: %s, want %s", c.app, got, c.want)
		}
		if got := object.Workload(release, "onap", c.name); got != c.want {
			t.Errorf("workload %s: %s, want %s", c.name, got, c.want)
		}
	}
}

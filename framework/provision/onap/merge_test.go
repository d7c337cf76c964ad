package onap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/onap"
)

func standIn(env ...string) onap.StandIn {
	out := onap.StandIn{Ref: "x:1", Base: onap.ProgramImage, Env: map[string]string{}}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		out.Env["MESHCERT_"+name] = value
	}
	return out
}

// TestMergeJoins: what two releases make of one image is joined, in any order.
func TestMergeJoins(t *testing.T) {
	for name, c := range map[string]struct{ one, two, want onap.StandIn }{
		"the same":   {standIn("ROLE=vfc", "PORTS=80"), standIn("ROLE=vfc", "PORTS=80"), standIn("ROLE=vfc", "PORTS=80")},
		"ports":      {standIn("ROLE=vfc", "PORTS=443,8080"), standIn("ROLE=vfc", "PORTS=80"), standIn("ROLE=vfc", "PORTS=80,443,8080")},
		"bases":      {standIn("ROLE=vfc", "BASES=/b,/c"), standIn("ROLE=vfc", "BASES=/a,/b"), standIn("ROLE=vfc", "BASES=/a,/b,/c")},
		"one has no": {standIn("ROLE=vfc", "PORTS=80", "BASES=/a"), standIn("ROLE=vfc"), standIn("ROLE=vfc", "PORTS=80", "BASES=/a")},
		"names":      {standIn("ROLE=vfc", "NAME=a"), standIn("ROLE=vfc", "NAME=b"), standIn("ROLE=vfc")},
	} {
		for _, sets := range [][2]onap.StandIn{{c.one, c.two}, {c.two, c.one}} {
			got, err := onap.Merge([]onap.StandIn{sets[0]}, []onap.StandIn{sets[1]})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]onap.StandIn{c.want}, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
	}
	one, two := standIn("ROLE=vfc"), standIn("ROLE=vfc")
	one.Links, two.Links, one.Generic = map[string]string{"/a": onap.Program}, map[string]string{"/b": onap.Program}, true
	one.Mounts, two.Mounts = []string{"/log", "/x"}, []string{"/log", "/c"}
	got, err := onap.Merge([]onap.StandIn{one}, []onap.StandIn{two})
	if err != nil {
		t.Fatal(err)
	}
	want := standIn("ROLE=vfc")
	want.Links = map[string]string{"/a": onap.Program, "/b": onap.Program}
	want.Mounts = []string{"/c", "/log", "/x"}
	if diff := cmp.Diff([]onap.StandIn{want}, got); diff != "" {
		t.Errorf("links: -want +got:\n%s", diff)
	}
}

// TestMergeRefuses: a node can hold one image of a name, and an image is one thing.
func TestMergeRefuses(t *testing.T) {
	other := standIn("ROLE=vfc")
	other.Base = "meshcert.local/other:dev"
	for want, two := range map[string]onap.StandIn{
		`stand-in for image x:1: two releases want it differently: MESHCERT_ROLE is "vfc" and "db"`: standIn("ROLE=db"),
		`MESHCERT_HOST_MODE is "" and "client"`:                                                     standIn("ROLE=vfc", "HOST_MODE=client"),
		"made of meshcert.local/canary:dev and of meshcert.local/other:dev":                         other,
	} {
		if _, err := onap.Merge([]onap.StandIn{standIn("ROLE=vfc")}, []onap.StandIn{two}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// TestMergeOverMount: a mount of one release would follow the other's link.
func TestMergeOverMount(t *testing.T) {
	linked, mounted := standIn("ROLE=vfc"), standIn("ROLE=vfc")
	linked.Links, mounted.Mounts = map[string]string{"/opt/run.sh": onap.Program}, []string{"/opt/run.sh"}
	for _, sets := range [][2]onap.StandIn{{linked, mounted}, {mounted, linked}} {
		_, err := onap.Merge([]onap.StandIn{sets[0]}, []onap.StandIn{sets[1]})
		if want := "stand-in for image x:1: one container calls a program at /opt/run.sh, and another mounts something over it"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// TestMergeReleases: the images of all releases of the catalogue fit on one cluster.
func TestMergeReleases(t *testing.T) {
	var sets [][]onap.StandIn
	for _, name := range catalogue.Names() {
		plan, err := onap.NewPlan(t.Context(), onap.Options{Release: load(t, name), StandIns: true})
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, plan.StandIns)
	}
	all, err := onap.Merge(sets...)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		for _, s := range set {
			joined := find(all, s.Ref)
			for key, value := range s.Env {
				if key == "MESHCERT_NAME" {
					continue
				}
				for _, entry := range strings.Split(value, ",") {
					if !strings.Contains(","+joined.Env[key]+",", ","+entry+",") {
						t.Errorf("%s: %s is %q, which lacks %s", s.Ref, key, joined.Env[key], entry)
					}
				}
			}
		}
	}
}

func find(set []onap.StandIn, ref string) onap.StandIn {
	for _, s := range set {
		if s.Ref == ref {
			return s
		}
	}
	return onap.StandIn{}
}

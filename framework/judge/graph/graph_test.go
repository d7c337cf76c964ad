package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// drawn is a graph of the edges "FROM TO RATE", HTTP unless "tcp" follows.
func drawn(t *testing.T, release *catalogue.Release, lines ...string) evidence.Graph {
	t.Helper()
	g := evidence.Graph{Source: "servicegraph", Observed: sample.Now, Horizon: time.Minute}
	name := func(app string) string {
		if w, ok := release.Workload(app); ok {
			return w.Name
		}
		return app
	}
	rates := map[string]float64{"0": 0, "1": 0.1, "2": 0.2}
	for _, line := range lines {
		f := strings.Fields(line)
		rate, ok := rates[f[2]]
		if !ok {
			t.Fatalf("rate %q", f[2])
		}
		e := evidence.Edge{From: name(f[0]), To: name(f[1]), FromApp: f[0], ToApp: f[1], Rate: rate, Unit: "reqs/sec"}
		if len(f) > 3 {
			e.Unit = "bytes/sec"
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

var background = []string{"msb-eag msb-consul 1", "msb-iag msb-consul 1"}

var registration = []string{"kube2msb msb-discovery 1", "msb-discovery msb-consul 1"}

var identity = []string{"unknown msb-iag 1", "msb-iag multicloud 1", "multicloud msb-iag 1", "msb-iag multicloud-vio 1"}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		paths  []string
		policy catalogue.Policy
		before []string
		after  []string
		want   []string
		object string
		text   string
	}{
		"background alone":         {before: background, after: background},
		"the path that was called": {paths: []string{"identity"}, before: background, after: slices.Concat(background, identity)},
		"old edges live on": {paths: []string{"identity"}, before: slices.Concat(background, []string{"msb-iag vfc-nslcm 2"}),
			after: slices.Concat(background, identity, []string{"msb-iag vfc-nslcm 1"})},
		"what happens sometimes": {before: background, after: slices.Concat(background, []string{"vfc-nslcm vfc-db 1 tcp", "msb-iag msb-discovery 1", "kube2msb msb-discovery 2"})},
		"edges of others":        {before: background, after: slices.Concat(background, []string{"unknown jaeger 1"})},
		"a risen edge was there before": {paths: []string{"identity"}, before: slices.Concat(background, identity),
			after: slices.Concat(background, []string{"unknown msb-iag 2", "msb-iag multicloud 2", "multicloud msb-iag 2", "msb-iag multicloud-vio 2"})},
		"a registration": {paths: []string{"registration"}, before: background, after: slices.Concat(background, registration)},

		"a registration that leaves no edge": {paths: []string{"registration"}, before: background, after: slices.Concat(background, registration[:1]),
			want: []string{"missing-edge"}, text: "registration was changed"},
		"no edges before": {after: background, want: []string{"no-evidence"}, text: "before"},
		"no edges after":  {before: background, want: []string{"no-evidence"}, text: "after"},
		"nothing at all":  {want: []string{"no-evidence"}},
		"an unknown path": {paths: []string{"idenity"}, before: background, after: background, want: []string{"unknown-path"}},
		"another namespace": {paths: []string{"identity"}, before: background, after: []string{"other-eag other-consul 1", "unknown other-iag 1"},
			want: []string{"foreign-graph"}, object: "Deployment istio-system/servicegraph", text: "draws something else"},
		"old edges without traffic": {paths: []string{"identity"}, before: background, after: []string{"msb-eag msb-consul 0", "msb-iag multicloud 0"},
			want: []string{"foreign-graph"}, object: "Deployment istio-system/servicegraph"},
		"another namespace and one edge of ours": {before: background, after: []string{"other-eag other-consul 1", "msb-eag msb-consul 1"},
			want: []string{"missing-edge"}, object: "Deployment onap/msb-msb-consul"},
		"nothing expected and a call of ours": {before: background, after: []string{"other-eag other-consul 1", "msb-iag vfc-nslcm 1"},
			want: []string{"missing-edge", "missing-edge", "forbidden-edge"}},
		"no background":         {before: background, after: background[1:], want: []string{"missing-edge"}, object: "Deployment onap/msb-msb-consul", text: "msb-msb-iag → msb-msb-consul (0.1 reqs/sec)"},
		"one edge twice":        {paths: []string{"registration"}, before: slices.Concat(background, registration), after: slices.Concat(background, registration, registration)},
		"an old edge as it was": {before: slices.Concat(background, []string{"msb-iag vfc-nslcm 1"}), after: slices.Concat(background, []string{"msb-iag vfc-nslcm 1"})},
		"an old edge in two parts": {before: slices.Concat(background, []string{"msb-iag vfc-nslcm 1", "msb-iag vfc-nslcm 1"}),
			after: slices.Concat(background, []string{"msb-iag vfc-nslcm 2"})},
		"two expected and none drawn": {before: background, after: slices.Repeat([]string{"other-eag other-consul 1"}, 5),
			want: []string{"foreign-graph"}, text: "(0.1 reqs/sec); workloads"},
		"many drawn and none of ours": {before: background, after: slices.Repeat([]string{"other-eag other-consul 1"}, 7),
			want: []string{"foreign-graph"}, text: "(0.1 reqs/sec), and 2 more"},
		"the callee has no edge": {paths: []string{"registration"}, before: background, after: slices.Concat(background, registration[1:]),
			want: []string{"missing-edge"}, text: "no edge to msb-discovery"},
		"background ended": {before: background, after: slices.Concat(background[1:], []string{"msb-eag msb-consul 0"}), want: []string{"missing-edge"}},
		"the path leaves no edge": {paths: []string{"identity"}, before: background, after: slices.Concat(background, identity[:3]),
			want: []string{"missing-edge"}, object: "Deployment onap/multicloud-multicloud-vio", text: "path identity was called"},
		"the caller is not named": {paths: []string{"identity"}, before: background,
			after: slices.Concat(background, identity[:3], []string{"unknown multicloud-vio 1"}),
			want:  []string{"forbidden-edge", "missing-edge"}, text: "the caller is unknown"},
		"HTTP is seen as TCP": {paths: []string{"identity"}, before: background, after: slices.Concat(background, identity[:3], []string{"msb-iag multicloud-vio 1 tcp"}),
			want: []string{"forbidden-edge", "missing-edge"}},
		"the rate did not rise": {paths: []string{"identity"}, before: slices.Concat(background, identity), after: slices.Concat(background, identity),
			want: []string{"edge-not-risen", "edge-not-risen", "edge-not-risen", "edge-not-risen"}},
		"a workload nobody called": {before: background, after: slices.Concat(background, []string{"msb-iag vfc-nslcm 1"}),
			want: []string{"forbidden-edge"}, object: "Deployment onap/vfc-vfc-nslcm", text: "knows no such call"},
		"an old edge that rose": {before: slices.Concat(background, []string{"msb-iag vfc-nslcm 1"}), after: slices.Concat(background, []string{"msb-iag vfc-nslcm 2"}),
			want: []string{"forbidden-edge"}},
		"another path was called": {paths: []string{"nslcm-to-catalog"}, before: background,
			after: slices.Concat(background, identity, []string{"msb-iag vfc-nslcm 1", "vfc-nslcm msb-iag 1", "msb-iag vfc-catalog 1", "vfc-catalog vfc-db 1 tcp", "vfc-nslcm vfc-db 1 tcp"}),
			want:  []string{"forbidden-edge", "forbidden-edge", "forbidden-edge"}},
		"a call to nobody": {before: background, after: slices.Concat(background, []string{"msb-iag unknown 1"}),
			want: []string{"forbidden-edge"}, object: "Deployment onap/msb-msb-iag", text: "the callee is unknown"},
		"callees without a sidecar are not expected": {policy: catalogue.Disabled, paths: []string{"nslcm-to-catalog"}, before: background,
			after: slices.Concat(background, []string{"unknown msb-iag 1", "vfc-nslcm msb-iag 1", "msb-iag vfc-nslcm 1", "msb-iag vfc-catalog 1"})},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			policy := c.policy
			if policy == "" {
				policy = catalogue.Enabled
			}
			findings := graph.Judge(release, policy, c.paths, drawn(t, release, c.before...), drawn(t, release, c.after...))
			if diff := cmp.Diff(c.want, sample.Kinds(findings)); diff != "" {
				t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
			}
			sample.Complete(t, findings)
			if len(findings) == 0 {
				return
			}
			if f := findings[0]; c.object != "" && f.Object != c.object {
				t.Errorf("object %q, want %q", f.Object, c.object)
			}
			if f := findings[0]; !strings.Contains(strings.Join([]string{f.Summary, f.Got, f.Why}, "; "), c.text) {
				t.Errorf("%q not in %+v", c.text, f)
			}
		})
	}
}

func TestGolden(t *testing.T) {
	release := sample.Release(t, "casablanca")
	before := drawn(t, release, background...)
	findings := graph.Judge(release, catalogue.Enabled, nil, before, drawn(t, release, append(slices.Clone(background), "msb-iag vfc-nslcm 1")...))
	want := []verdict.Finding{{
		Kind: "forbidden-edge", Verdict: verdict.Fail,
		Summary: "the graph shows msb-msb-iag → vfc-vfc-nslcm, which was not called",
		Object:  "Deployment onap/vfc-vfc-nslcm",
		Want:    "no new traffic besides the background",
		Got:     "0.1 reqs/sec, before 0",
		Where:   "servicegraph, horizon 1m0s",
		Why:     "the catalogue of casablanca knows no such call here",
		Next:    "see who sent these requests: the access log of the callee's proxy names the peer",
	}}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Error(diff)
	}
}

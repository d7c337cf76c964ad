package graph_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
)

// span is a span of a trace: the tags are peer.address, upstream_cluster and http.url.
func span(id, parent string, kind evidence.SpanKind, service string, tags ...string) evidence.Span {
	s := evidence.Span{ID: id, TraceID: "t", Parent: parent, Kind: kind, Service: service, Start: sample.Now, Tags: map[string]string{}}
	for i, key := range []string{"peer.address", "upstream_cluster", "http.url"}[:len(tags)] {
		s.Tags[key] = tags[i]
	}
	return s
}

func pods(release *catalogue.Release) evidence.Pods {
	seen := sample.Pods(release, catalogue.Enabled)
	seen.Items = append(seen.Items, evidence.Pod{Name: "stranger", IP: "10.244.9.9"})
	return seen
}

func traces(release *catalogue.Release) graph.Traces {
	late := span("9", "", evidence.Server, "multicloud.onap", "10.244.9.9")
	late.Start = sample.Now.Add(time.Hour)
	early := late
	early.ID, early.Start = "8", sample.Now.Add(-time.Hour)
	split := evidence.Trace{ID: "u", Spans: []evidence.Span{
		span("1", "", evidence.Client, "vfc-nslcm.onap", "", "outbound|80||msb-iag.onap.svc.cluster.local"),
		span("2", "1", evidence.Server, "msb-iag.onap"),
		span("3", "2", evidence.Client, "msb-iag.onap", "", "outbound|9001||multicloud-framework.onap.svc.cluster.local"),
		late, early,
	}}
	return graph.Traces{Pods: pods(release), From: sample.Now.Add(-time.Second), To: sample.Now.Add(time.Minute), All: []evidence.Trace{
		{ID: "t", Spans: []evidence.Span{
			span("1", "sent", evidence.Server, "msb-iag.onap", node, "", "http://172.30.0.2:30280/api"),
			span("2", "1", evidence.Client, "msb-iag.onap", "", "outbound|8403||vfc-nslcm.onap.svc.cluster.local"),
			span("3", "2", evidence.Server, "vfc-nslcm.onap"),
			span("4", "", evidence.Server, "vfc-nslcm.onap", "10.244.9.9", "", "http://vfc-nslcm:8403/x"),
		}}, split, split, // a trace that came twice
	}}
}

func TestOfTraces(t *testing.T) {
	release := sample.Release(t, "casablanca")
	drawn, halves := graph.OfTraces(release, traces(release), 10*time.Second)
	edge := func(from, to, fromApp, toApp string) evidence.Edge {
		return evidence.Edge{From: from, To: to, FromApp: fromApp, ToApp: toApp, Rate: 0.1, Unit: "reqs/sec"}
	}
	want := evidence.Graph{Source: "traces", Horizon: 10 * time.Second, Edges: []evidence.Edge{
		edge("msb-msb-iag", "vfc-vfc-nslcm", "msb-iag", "vfc-nslcm"),
		edge("stranger", "vfc-vfc-nslcm", "stranger", "vfc-nslcm"),
		edge("unknown", "msb-msb-iag", "unknown", "msb-iag"),
		edge("vfc-vfc-nslcm", "msb-msb-iag", "vfc-nslcm", "msb-iag"),
	}}
	if diff := cmp.Diff(want, drawn); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]evidence.Edge{edge("msb-msb-iag", "multicloud-multicloud", "msb-iag", "multicloud")}, halves); diff != "" {
		t.Error(diff)
	}
}

func TestArrivals(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := traces(release)
	// A call past the mesh's routes has a client span and asks for an address.
	seen.All = append(seen.All, evidence.Trace{ID: "v", Spans: []evidence.Span{
		span("1", "", evidence.Client, "vfc-nslcm.onap", "", "PassthroughCluster"),
		span("2", "1", evidence.Server, "msb-iag.onap", sample.Pod(t, seen.Pods, "vfc-vfc-nslcm").IP, "", "http://10.244.0.22/x"),
	}})
	want := []evidence.Arrival{
		{To: "msb-iag.onap", Peer: node, Host: "172.30.0.2:30280", Requests: 1},
		{To: "msb-iag.onap", Peer: sample.Pod(t, seen.Pods, "vfc-vfc-nslcm").IP, Host: "10.244.0.22", Requests: 1,
			Pod: &evidence.Peer{Namespace: "onap", Pod: sample.Pod(t, seen.Pods, "vfc-vfc-nslcm").Name, Workload: "vfc-vfc-nslcm", Sidecar: true}},
		{To: "vfc-nslcm.onap", Peer: "10.244.9.9", Host: "vfc-nslcm:8403", Requests: 1, Pod: &evidence.Peer{Namespace: "onap", Pod: "stranger"}},
	}
	if diff := cmp.Diff(want, graph.Arrivals(seen, []evidence.Pods{seen.Pods})); diff != "" {
		t.Error(diff)
	}
}

func TestServices(t *testing.T) {
	got := graph.Services(sample.Release(t, "casablanca"))
	if len(got) != 9 || got[0] != "msb-iag.onap" || got[1] != "multicloud.onap" {
		t.Errorf("got %q", got)
	}
}

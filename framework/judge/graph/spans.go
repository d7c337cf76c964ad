package graph

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
)

// Traces is what the graph of traces is drawn from.
type Traces struct {
	All []evidence.Trace
	// Pods say whose address a caller has that reported no span.
	Pods evidence.Pods
	// From and To are when the calls that count began.
	From, To time.Time
}

// traces is the source of graphs drawn by OfTraces.
const traces = "traces"

// OfTraces draws who called whom from spans. A server span is one call, as the
// destination's report is in metrics: by the workload whose client span is its
// parent, else by the pod that has the peer's address, else by nobody known. A
// trace that an application split shows all its calls, each in its part, so
// nothing is joined. Rates are calls over the horizon. Halves are calls whose
// client span has no server span below it; their callee is read off the cluster.
func OfTraces(release *catalogue.Release, seen Traces, horizon time.Duration) (drawn evidence.Graph, halves []evidence.Edge) {
	counts, half := map[evidence.Edge]int{}, map[evidence.Edge]int{}
	once := map[string]bool{}
	for _, t := range seen.All {
		parents := clientSpans(t)
		answered := map[string]bool{}
		for _, s := range t.Spans {
			if s.Kind == evidence.Server {
				answered[s.Parent] = true
			}
		}
		for _, s := range t.Spans {
			key := t.ID + s.ID
			if once[key] || s.Start.Before(seen.From) || s.Start.After(seen.To) {
				continue
			}
			once[key] = true
			switch {
			case s.Kind == evidence.Server:
				counts[between(release, caller(release, seen.Pods, parents, s), s.Service)]++
			case s.Kind == evidence.Client && !answered[s.ID]:
				half[between(release, s.Service, called(s))]++
			}
		}
	}
	drawn = evidence.Graph{Source: traces, Horizon: horizon, Edges: rates(counts, horizon)}
	return drawn, rates(half, horizon)
}

func clientSpans(t evidence.Trace) map[string]evidence.Span {
	clients := map[string]evidence.Span{}
	for _, s := range t.Spans {
		if s.Kind == evidence.Client {
			clients[s.ID] = s
		}
	}
	return clients
}

// caller is who made the call that arrived with the span, as spans name services.
func caller(release *catalogue.Release, pods evidence.Pods, clients map[string]evidence.Span, s evidence.Span) string {
	if parent, ok := clients[s.Parent]; ok {
		return parent.Service
	}
	for _, p := range pods.Items {
		if p.IP == "" || p.IP != s.Tags["peer.address"] {
			continue
		}
		for _, w := range release.Workloads {
			if w.Name == p.Workload {
				return w.App + "." + object.Namespace
			}
		}
		return cmp.Or(p.Workload, p.Name) + "." + pods.Namespace
	}
	return unknown
}

// called is the callee of a client span, as spans name services: the host in the
// name of Envoy's cluster, outbound|PORT|SUBSET|HOST.
func called(s evidence.Span) string {
	parts := strings.Split(s.Tags["upstream_cluster"], "|")
	if len(parts) != 4 {
		return unknown
	}
	return strings.TrimSuffix(parts[3], ".svc.cluster.local")
}

// between is the edge of two services; what is no workload's app or Service of
// the release keeps its name.
func between(release *catalogue.Release, from, to string) evidence.Edge {
	e := evidence.Edge{Unit: units["http"]}
	e.From, e.FromApp = end(release, from)
	e.To, e.ToApp = end(release, to)
	return e
}

func end(release *catalogue.Release, service string) (workload, app string) {
	name, namespace, _ := strings.Cut(service, ".")
	if w, ok := release.Workload(name); ok && namespace == object.Namespace {
		return w.Name, w.App
	}
	if w, ok := serving(release, service); ok {
		return w.Name, w.App
	}
	return name, name
}

func rates(counts map[evidence.Edge]int, horizon time.Duration) []evidence.Edge {
	var edges []evidence.Edge
	for e, n := range counts {
		e.Rate = float64(n) / horizon.Seconds()
		edges = append(edges, e)
	}
	slices.SortFunc(edges, func(a, b evidence.Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.FromApp, b.FromApp), cmp.Compare(a.ToApp, b.ToApp))
	})
	return edges
}

// Services are the names under which the callees of all requests report spans.
func Services(release *catalogue.Release) []string {
	var names []string
	for _, path := range release.Requests() {
		for _, app := range path.Hops {
			if name := app + "." + object.Namespace; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Arrivals are the requests that came to the services from callers that
// reported no span, or one of a call past the mesh's routes (by Pod IP), with the
// pod that has the peer's address.
func Arrivals(seen Traces, peers []evidence.Pods) []evidence.Arrival {
	counts := map[evidence.Arrival]int{}
	once := map[string]bool{}
	for _, t := range seen.All {
		clients := clientSpans(t)
		for _, s := range t.Spans {
			parent, known := clients[s.Parent]
			known = known && strings.HasPrefix(parent.Tags["upstream_cluster"], "outbound|")
			key := t.ID + s.ID
			if known || once[key] || s.Kind != evidence.Server || s.Start.Before(seen.From) || s.Start.After(seen.To) {
				continue
			}
			once[key] = true
			arrival := evidence.Arrival{To: s.Service, Peer: s.Tags["peer.address"]}
			if asked, err := url.Parse(s.Tags["http.url"]); err == nil {
				arrival.Host = asked.Host
			}
			counts[arrival]++
		}
	}
	var all []evidence.Arrival
	for a, n := range counts {
		a.Requests, a.Pod = n, peer(peers, a.Peer)
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b evidence.Arrival) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Host, b.Host))
	})
	return all
}

func peer(namespaces []evidence.Pods, address string) *evidence.Peer {
	for _, pods := range namespaces {
		for _, p := range pods.Items {
			if p.IP == "" || p.IP != address {
				continue
			}
			proxy := func(c evidence.Container) bool { return c.Name == catalogue.Proxy }
			return &evidence.Peer{
				Namespace: pods.Namespace, Pod: p.Name, Workload: p.Workload,
				Sidecar: slices.ContainsFunc(p.Containers, proxy) || slices.ContainsFunc(p.InitContainers, proxy),
			}
		}
	}
	return nil
}

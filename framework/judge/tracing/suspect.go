package tracing

import (
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
)

// goesOn finds where the path goes on after the segment. A request that was
// tried again was served more than once: the segment then ends at the try that
// the rest continues.
func (j *judge) goesOn(at *segment) (segment, bool) {
	next, found := j.continuation(*at)
	for _, other := range j.tries(*at) {
		if found {
			return next, true
		}
		if next, found = j.continuation(other); found {
			*at, j.segments[len(j.segments)-1] = other, other
		}
	}
	return next, found
}

// tries are the segment with each other server span, without a child, that may
// stand at its end: of the same caller, or of the caller's other tries.
func (j *judge) tries(at segment) []segment {
	last, end := at.last(), at.end()
	if end.Kind != evidence.Server {
		return nil
	}
	callers := map[string]bool{end.Parent: true}
	if before, ok := at.spans[last-1]; ok {
		for _, s := range at.tree.spans {
			if j.slots[last-1].fits(s) && s.Parent == before.Parent {
				callers[s.ID] = true
			}
		}
	}
	var all []segment
	for _, s := range at.tree.spans {
		if len(all) == named {
			break
		}
		if s.ID != end.ID && callers[s.Parent] && j.slots[last].fits(s) && len(at.tree.childrenOf(s.ID)) == 0 {
			other := at
			other.spans = maps.Clone(at.spans)
			other.spans[last] = s
			all = append(all, other)
		}
	}
	return all
}

// continuation finds where the path goes on after the segment: under another
// root of the same trace, or in a trace of its own that began while the
// segment's last span was under way. Whether the segment is the only one that
// the trace can continue is for rivals to say.
func (j *judge) continuation(at segment) (segment, bool) {
	under := slices.DeleteFunc(j.unused(at.tree), func(root int) bool { return j.ofAnother(at, at.tree.spans[root]) })
	if s := bestChain(at.tree, under, at.last()+1); !s.empty() {
		return s, true
	}
	var best segment
	for _, t := range j.others {
		if j.stoodOn(t) {
			continue
		}
		var heads []int
		for _, root := range t.roots {
			if begins(t, t.spans[root]) && j.continues(at, t.spans[root]) && j.reaches(t, t.spans[root], at.last()+1) {
				heads = append(heads, root)
			}
		}
		if s := bestChain(t, heads, at.last()+1); !s.empty() && (best.empty() || s.better(best.shown)) {
			best = s
		}
	}
	return best, !best.empty()
}

// ofAnother tells whether the root is a call that the segment's last workload made
// while it was not serving the segment's last request: an earlier try of its own, on
// a path that leads over it twice. One sidecar reported both, so there is one clock.
func (j *judge) ofAnother(at segment, root evidence.Span) bool {
	end := at.end()
	return end.Kind == evidence.Server && j.slots[at.last()+1].fits(root) &&
		podIP(end) != "" && podIP(end) == podIP(root) && !during(end, root)
}

// stoodOn tells whether a segment stands on the trace.
func (j *judge) stoodOn(t *tree) bool {
	return slices.ContainsFunc(j.segments, func(s segment) bool { return s.tree.id == t.id })
}

// unused are the roots of the trace that no segment stands on.
func (j *judge) unused(t *tree) []int {
	return slices.DeleteFunc(slices.Clone(t.roots), func(root int) bool {
		return slices.ContainsFunc(j.segments, func(s segment) bool { return s.tree == t && s.root.ID == t.spans[root].ID })
	})
}

// begins tells whether the trace began with the root: it has no parent, or all
// roots name the same one, since a call may be tried again. A root whose parent is
// missing beside roots of others is the middle of another request, of which a span
// was lost.
func begins(t *tree, root evidence.Span) bool {
	return root.Parent == "" || t.oneParent
}

// continues tells whether a root of another trace is the next span after the
// segment: the next slot's span, made while the last one was under way, by the
// same sidecar (a client span) or called from the pod of the segment's last
// workload (a server span).
func (j *judge) continues(at segment, root evidence.Span) bool {
	end := at.end()
	if !during(end, root) {
		return false
	}
	next := j.slots[at.last()+1]
	switch {
	case next.kind == evidence.Server:
		// The caller's sidecar wrote headers. A callee that took some names them as parent.
		return next.fits(root) && root.Parent == "" && j.calledFrom(end, root, next.hop-1)
	case next.fits(root):
		return samePod(end, root)
	}
	// Two sidecars need not have one clock: only a call that lies whole within is taken.
	return j.slots[at.last()+2].fits(root) && within(end, root) && j.calledFrom(end, root, next.hop)
}

// reaches tells whether a root at slot i leads where the path does: its child is
// the next slot's span, or a later one's when the callee has no sidecar. A
// client span without a child must say so by its cluster: it may be any other
// call of the same workload.
func (j *judge) reaches(t *tree, root evidence.Span, i int) bool {
	if root.Kind != evidence.Client {
		return true
	}
	if below := t.childrenOf(root.ID); len(below) > 0 {
		next := j.slots[i+1 : i+2]
		if j.withoutSidecar(j.path.Hops[next[0].hop]) {
			next = j.slots[i+1:]
		}
		return slices.ContainsFunc(next, func(s slot) bool { return slices.ContainsFunc(below, s.fits) })
	}
	// "outbound|80||msb-iag.onap.svc.cluster.local", as Istio names clusters.
	cluster := strings.Split(root.Tags["upstream_cluster"], "|")
	service, _, _ := strings.Cut(cluster[len(cluster)-1], ".")
	callee, _ := j.release.Workload(j.path.Hops[j.slots[i].hop+1])
	for _, s := range callee.Services {
		if len(cluster) > 1 && s.Name == service {
			return true
		}
	}
	return false
}

// rivals are server spans of other requests that were under way at the same
// workload when the head began, and have no child either: the head may as well
// be the continuation of one of them.
func (j *judge) rivals(at, next segment) []evidence.Span {
	if j.slots[at.last()].kind != evidence.Server || sameRequest(at.end(), next.root) {
		return nil
	}
	var all []evidence.Span
	for _, t := range j.others {
		if t == next.tree || j.stoodOn(t) {
			continue
		}
		for _, s := range t.spans {
			if j.slots[at.last()].fits(s) && during(s, next.root) && samePod(s, at.end()) && len(t.childrenOf(s.ID)) == 0 {
				all = append(all, s)
			}
		}
	}
	return all
}

// sameRequest tells whether the spans noted the same id of a request, or the same
// W3C header: of formats that the tracer does not use, what the application passed on.
func sameRequest(a, b evidence.Span) bool {
	id := requestID(a)
	if id != "" && id == requestID(b) {
		return true
	}
	parent := a.Tags["traceparent"]
	return parent != "" && parent == b.Tags["traceparent"]
}

// requestID is the span's request id without the digit in which a proxy keeps
// whether the request is traced.
func requestID(s evidence.Span) string {
	const digit = 14
	id := s.Tags["guid:x-request-id"]
	if len(id) <= digit {
		return ""
	}
	return id[:digit] + id[digit+1:]
}

// calledFrom tells whether the server span's peer is the pod that reported the
// caller's span: the only one with its address, and one of the hop's workload.
func (j *judge) calledFrom(caller, span evidence.Span, hop int) bool {
	peer := span.Tags["peer.address"]
	if own := podIP(caller); peer == "" || own != "" && own != peer {
		return false
	}
	w, _ := j.release.Workload(j.path.Hops[hop])
	found := false
	for _, p := range j.Pods.Items {
		if p.IP != peer {
			continue
		}
		if p.Workload != w.Name {
			return false
		}
		found = true
	}
	return found
}

// samePod tells whether one sidecar may have reported both spans of a service.
// Spans that name no node may be of any of its pods.
func samePod(a, b evidence.Span) bool {
	x, y := podIP(a), podIP(b)
	return x == "" || y == "" || x == y
}

// podIP is the address of the pod whose sidecar reported the span: node ids are
// "sidecar~10.244.0.11~POD.NAMESPACE~DOMAIN". "" when there is none.
func podIP(s evidence.Span) string {
	parts := strings.Split(s.Tags["node_id"], "~")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// within tells whether b lies whole within the time of a.
func within(a, b evidence.Span) bool {
	return during(a, b) && !b.Start.Add(b.Duration).After(a.Start.Add(a.Duration))
}

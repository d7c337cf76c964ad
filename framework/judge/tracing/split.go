package tracing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// continuation finds where the path goes on after the segment: under another
// root of the same trace, or in a trace of its own that began while the
// segment's last span was under way.
func (j *judge) continuation(at segment) (segment, bool) {
	if s := bestChain(at.tree, j.unused(at.tree), at.last()+1); !s.empty() {
		return s, true
	}
	var best segment
	for _, t := range j.others {
		if slices.ContainsFunc(j.segments, func(s segment) bool { return s.tree.id == t.id }) {
			continue
		}
		var heads []int
		for _, root := range t.roots {
			if j.continues(at, t.spans[root]) && !j.leadsAstray(t, t.spans[root], at.last()+1) {
				heads = append(heads, root)
			}
		}
		if s := bestChain(t, heads, at.last()+1); !s.empty() && (best.empty() || s.better(best.shown)) {
			best = s
		}
	}
	return best, !best.empty()
}

// unused are the roots of the trace that no segment stands on.
func (j *judge) unused(t *tree) []int {
	return slices.DeleteFunc(slices.Clone(t.roots), func(root int) bool {
		return slices.ContainsFunc(j.segments, func(s segment) bool { return s.tree == t && s.root.ID == t.spans[root].ID })
	})
}

// continues tells whether a root of another trace is the next span after the
// segment: the next slot's span, made while the last one was under way, by the
// same sidecar (a client span) or called from the pod of the segment's last
// workload (a server span).
func (j *judge) continues(at segment, root evidence.Span) bool {
	if !during(at.end(), root) {
		return false
	}
	next := j.slots[at.last()+1]
	if next.fits(root) {
		return next.kind == evidence.Client || j.calledFrom(root, next.hop-1)
	}
	return next.kind == evidence.Client && j.slots[at.last()+2].fits(root) && j.calledFrom(root, next.hop)
}

// leadsAstray tells whether a client span at slot i has reached another service
// than the path's: then it is another call of the same workload.
func (j *judge) leadsAstray(t *tree, root evidence.Span, i int) bool {
	if root.Kind != evidence.Client {
		return false
	}
	below := t.childrenOf(root.ID)
	return len(below) > 0 && !slices.ContainsFunc(below, j.slots[i+1].fits)
}

// calledFrom tells whether the server span's peer is a pod of the path's hop.
func (j *judge) calledFrom(span evidence.Span, hop int) bool {
	w, _ := j.release.Workload(j.path.Hops[hop])
	return slices.ContainsFunc(j.pods.Items, func(p evidence.Pod) bool {
		return p.Workload == w.Name && p.IP != "" && p.IP == span.Tags["peer.address"]
	})
}

// split says what lies between two segments.
func (j *judge) split(at, next segment) {
	k := j.slots[at.last()].hop
	end, head := at.end(), next.root
	sameTrace := at.tree == next.tree
	switch {
	case sameTrace && next.first() > at.last()+1:
		// The spans between are named by holes.
	case sameTrace:
		j.severalRoots(k, end, head)
	case j.slots[at.last()].kind == evidence.Client:
		j.contextLost(k, end, head, next)
	default:
		j.headersDropped(k, end, head)
	}
}

func (j *judge) headersDropped(k int, end, head evidence.Span) {
	app := j.path.Hops[k]
	f := j.finding("headers-dropped", app, fmt.Sprintf("the trace splits at %s", j.hop(k)))
	later := milliseconds(after(end, head))
	if head.Kind == evidence.Client {
		f.Where = fmt.Sprintf("%s: server span %s of %s has no child; its client span %s starts a new trace %s later",
			j.arrow(k), short(end.ID), app, short(head.ID), later)
		f.Why = fmt.Sprintf("the application %s drops the headers: its sidecar reported both spans, its port is HTTP", app)
	} else {
		f.Where = fmt.Sprintf("%s: server span %s of %s has no child; server span %s of %s, called from its pod %s, starts a new trace %s later",
			j.arrow(k), short(end.ID), app, short(head.ID), j.path.Hops[k+1], head.Tags["peer.address"], later)
		f.Why = fmt.Sprintf("the application %s drops the headers: its sidecar reported the incoming request, and the request that left its pod carried none", app)
	}
	f.Next = fmt.Sprintf("make %s copy the trace headers (x-request-id, x-b3-*, traceparent, tracestate) to the requests it sends", app)
	j.findings = append(j.findings, f)
}

func (j *judge) contextLost(k int, end, head evidence.Span, next segment) {
	app := j.path.Hops[k+1]
	f := j.finding("context-lost", app, fmt.Sprintf("the trace splits at %s, between two sidecars", j.hop(k)))
	f.Where = fmt.Sprintf("%s: client span %s of %s has no child; server span %s of %s starts trace %s %s later",
		j.arrow(k), short(end.ID), j.path.Hops[k], short(head.ID), app, short(next.tree.id), milliseconds(after(end, head)))
	f.Why = "no application is to blame: the caller's sidecar writes the trace headers itself, and the callee's did not take them"
	f.Next = "see that both proxies use the same tracing provider, and that nothing between them strips headers"
	j.findings = append(j.findings, f)
}

func (j *judge) severalRoots(k int, end, head evidence.Span) {
	app := j.path.Hops[k]
	f := j.finding("several-roots", app, fmt.Sprintf("the trace loses its parent at %s", j.hop(k)))
	f.Where = fmt.Sprintf("%s: span %s has no child; span %s of the same trace names parent %s, which nobody reported",
		j.arrow(k), short(end.ID), short(head.ID), object.Text(short(head.Parent)))
	f.Why = "the trace id was passed on, the parent's span id was not"
	f.Next = fmt.Sprintf("see which of the trace headers %s passes on, and whether the tracing provider was changed a moment ago", app)
	j.findings = append(j.findings, f)
}

// end says why the path does not go on after its last segment.
func (j *judge) end(at segment) {
	k := j.slots[at.last()].hop
	end := at.end()
	if j.slots[at.last()].kind == evidence.Server {
		j.noCallSeen(k, end)
		return
	}
	callee := j.path.Hops[k+1]
	for _, child := range at.tree.childrenOf(end.ID) {
		if child.Kind == evidence.Server && child.Service != j.slots[at.last()+1].service {
			j.wrongService(k, end, child)
			return
		}
	}
	if j.withoutSidecar(callee) {
		j.sidecarMissing(callee)
		return
	}
	f := j.finding("missing-span", callee, fmt.Sprintf("the trace ends at %s: no server span of %s", j.hop(k), callee))
	f.Where = fmt.Sprintf("%s: client span %s to %s, status %s%s", j.arrow(k), short(end.ID),
		object.Text(end.Tags["upstream_cluster"]), object.Text(end.Tags["http.status_code"]), flags(end))
	f.Why = fmt.Sprintf("the sidecar of %s sent the request, that of %s reported nothing: the request did not arrive, the port is not treated as HTTP there, or the span is late",
		j.path.Hops[k], callee)
	f.Next = fmt.Sprintf("see the status of the call, the protocol of the port in %s's listener, and look again", callee)
	j.findings = append(j.findings, f)
}

func (j *judge) noCallSeen(k int, end evidence.Span) {
	app := j.path.Hops[k]
	f := j.finding("trace-incomplete", app, fmt.Sprintf("the trace ends at %s", j.hop(k)))
	f.Where = fmt.Sprintf("%s: server span %s of %s (status %s) has no child, and no trace of its own was found",
		j.arrow(k), short(end.ID), app, object.Text(end.Tags["http.status_code"]))
	f.Why = fmt.Sprintf("%s did not call %s, or the spans of that call are late or not sampled; which of them cannot be told from the spans", app, j.path.Hops[k+1])
	f.Next = fmt.Sprintf("see the answer to the request and the log of %s; look again", app)
	j.findings = append(j.findings, f)
}

func (j *judge) wrongService(k int, end, child evidence.Span) {
	f := j.finding("wrong-service", j.path.Hops[k], fmt.Sprintf("%s reaches another service", j.hop(k)))
	f.Where = fmt.Sprintf("%s: client span %s of %s has the server span %s of %s as child",
		j.arrow(k), short(end.ID), j.path.Hops[k], short(child.ID), child.Service)
	f.Why = "the request went to " + child.Service + " by " + object.Text(end.Tags["upstream_cluster"])
	f.Next = "see the route of the request: MSB's registration, or the Service's selector"
	j.findings = append(j.findings, f)
}

// holes names the slots of a segment, from index from on, that have no span
// although later ones have.
func (j *judge) holes(from int, s segment) {
	var absent []string
	app := ""
	for i := from; i < s.last(); i++ {
		if _, ok := s.spans[i]; ok {
			continue
		}
		name := j.path.Hops[j.slots[i].hop]
		if j.withoutSidecar(name) {
			j.sidecarMissing(name)
			continue
		}
		if app == "" {
			app = name
		}
		absent = append(absent, fmt.Sprintf("%s span of %s", j.slots[i].kind, name))
	}
	if len(absent) == 0 {
		return
	}
	f := j.finding("missing-span", app, "spans are missing in the middle of the trace")
	f.Where = "missing: " + strings.Join(absent, ", ")
	f.Why = "later spans of the request are there and its sidecar runs: the sidecar does not treat this traffic as HTTP, or the spans are late"
	f.Next = "see the protocol of the port in the listener of " + app + ", and look again"
	j.findings = append(j.findings, f)
}

// named bounds how many spans of one sort get a finding of their own.
const named = 20

// strays names spans of services the path does not lead over.
func (j *judge) strays() {
	var all []evidence.Span
	for _, s := range j.segments {
		all = append(all, s.strays...)
	}
	for i, span := range all[:min(len(all), named)] {
		f := j.finding("wrong-service", strings.TrimSuffix(span.Service, "."+j.pods.Namespace), "the request takes a hop that is not on its path")
		f.Where = fmt.Sprintf("%s span %s of %s", span.Kind, short(span.ID), span.Service) + andMore(i, len(all))
		f.Next = "see the route of the request, or bring the path in the catalogue up to date"
		j.findings = append(j.findings, f)
	}
}

// secondRoots names roots of the wanted trace that no segment stands on.
func (j *judge) secondRoots() {
	all := j.wanted.at(j.unused(j.wanted))
	for i, root := range all[:min(len(all), named)] {
		f := j.finding("several-roots", strings.TrimSuffix(root.Service, "."+j.pods.Namespace), "the trace has more than one root")
		f.Where = fmt.Sprintf("%s span %s of %s names parent %s, which nobody reported", root.Kind, short(root.ID), root.Service, object.Text(short(root.Parent))) +
			andMore(i, len(all))
		f.Why = "a span between is missing, or the parent's id was not passed on"
		f.Next = "look again; see whether the tracing provider was changed a moment ago"
		j.findings = append(j.findings, f)
	}
}

// andMore follows the last of those that are named.
func andMore(i, all int) string {
	if i+1 < named || all <= named {
		return ""
	}
	return fmt.Sprintf(", and %d more", all-named)
}

// nothingOfPath: the trace has spans, but none of the path.
func (j *judge) nothingOfPath() {
	gateway := j.path.Hops[0]
	var services []string
	for _, s := range j.wanted.spans {
		services = append(services, s.Service)
	}
	slices.Sort(services)
	services = slices.Compact(services)
	f := j.finding("wrong-service", gateway, "the trace holds no span of the path")
	f.Want, f.Got = j.want(), "spans of "+strings.Join(services[:min(len(services), named)], ", ")+andMore(named-1, len(services))
	f.Next = "see which workload answered the request"
	j.findings = append(j.findings, f)
}

func (j *judge) sidecarMissing(app string) {
	if j.bare[app] {
		return
	}
	if j.bare == nil {
		j.bare = map[string]bool{}
	}
	j.bare[app] = true
	f := j.finding("sidecar-missing", app, app+" reports no spans: it has no sidecar")
	f.Where = "no container " + catalogue.Proxy + " in its pods"
	f.Why = "spans are made by the sidecar; without one the hop is invisible"
	f.Next = "inject " + app + " and make its pods again"
	j.findings = append(j.findings, f)
}

// withoutSidecar tells whether the app's pods were seen and none has a proxy.
func (j *judge) withoutSidecar(app string) bool {
	w, _ := j.release.Workload(app)
	seen := false
	for _, p := range j.pods.Items {
		if p.Workload != w.Name {
			continue
		}
		seen = true
		if slices.ContainsFunc(slices.Concat(p.Containers, p.InitContainers), func(c evidence.Container) bool { return c.Name == catalogue.Proxy }) {
			return false
		}
	}
	return seen
}

func (j *judge) finding(kind verdict.Kind, app, summary string) verdict.Finding {
	return verdict.Finding{Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: j.object(app)}
}

func flags(s evidence.Span) string {
	if f := s.Tags["response_flags"]; f != "" && f != "-" {
		return ", flags " + f
	}
	return ""
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

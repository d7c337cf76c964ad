package tracing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// split says what lies between two segments.
func (j *judge) split(at, next segment) {
	k := j.slots[at.last()].hop
	end, head := at.end(), next.root
	sameTrace := at.tree == next.tree
	switch {
	case sameTrace && next.first() > at.last()+1:
		// The spans between are named by holes.
	case sameTrace:
		j.severalRoots(at, end, head)
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
	switch {
	case head.Kind == evidence.Server:
		f.Where = fmt.Sprintf("%s: server span %s of %s has no child; server span %s of %s, called from its pod %s, starts a new trace %s later",
			j.arrow(k), short(end.ID), app, short(head.ID), j.path.Hops[k+1], head.Tags["peer.address"], later)
		f.Why = fmt.Sprintf("the application %s drops the headers: its sidecar reported the incoming request, and the request that left its pod carried none", app)
	case head.Parent == "":
		f.Where = fmt.Sprintf("%s: server span %s of %s has no child; its client span %s starts a new trace %s later",
			j.arrow(k), short(end.ID), app, short(head.ID), later)
		f.Why = fmt.Sprintf("the application %s drops the headers: its sidecar reported both spans, its port is HTTP", app)
	default:
		f.Kind = "trace-id-changed"
		f.Where = fmt.Sprintf("%s: server span %s of %s has no child; its client span %s is in a new trace %s later, with parent %s, which nobody reported",
			j.arrow(k), short(end.ID), app, short(head.ID), later, short(head.Parent))
		f.Why = fmt.Sprintf("the application %s sends trace ids of its own instead of those it got: its sidecar reported both spans, and a sidecar that gets no headers names no parent", app)
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

// severalRoots: after a client span the callee is named, since the caller's
// sidecar writes the headers; after a server span the application does.
func (j *judge) severalRoots(at segment, end, head evidence.Span) {
	k := j.slots[at.last()].hop
	app := j.path.Hops[k]
	if j.slots[at.last()].kind == evidence.Client {
		app = j.path.Hops[k+1]
	}
	f := j.finding("several-roots", app, fmt.Sprintf("the trace loses its parent at %s", j.hop(k)))
	f.Where = fmt.Sprintf("%s: span %s has no child; span %s of the same trace names parent %s, which nobody reported",
		j.arrow(k), short(end.ID), short(head.ID), object.Text(short(head.Parent)))
	f.Next = fmt.Sprintf("see which of the trace headers %s passes on, and whether the tracing provider was changed a moment ago", app)
	orphan(&f, head, app)
	j.findings = append(j.findings, f)
}

// untold: what may be the rest of the path may as well belong to another request.
func (j *judge) untold(at, next segment, rivals []evidence.Span) {
	k := j.slots[at.last()].hop
	app := j.path.Hops[k]
	f := j.finding("trace-incomplete", app, fmt.Sprintf("the trace ends at %s, and whose call came next cannot be told", j.hop(k)))
	f.Verdict = verdict.Inconclusive
	f.Where = fmt.Sprintf("%s: server span %s of %s has no child; span %s starts trace %s %s later", j.arrow(k), short(at.end().ID), app,
		short(next.root.ID), short(next.tree.id), milliseconds(after(at.end(), next.root)))
	f.Why = fmt.Sprintf("%s was serving %d other requests at that moment (server span %s of trace %s): the call may be of one of them, so nobody is accused",
		app, len(rivals), short(rivals[0].ID), short(rivals[0].TraceID))
	f.Next = "run again while nobody else sends requests to " + app
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
	if _, ok := j.notHTTP(k + 1); ok {
		j.portNotHTTP(k+1, fmt.Sprintf("%s: client span %s of %s has no child", j.arrow(k), short(end.ID), j.path.Hops[k]))
		return
	}
	f := j.finding("missing-span", callee, fmt.Sprintf("the trace ends at %s: no server span of %s", j.hop(k), callee))
	f.Where = fmt.Sprintf("%s: client span %s to %s, status %s%s", j.arrow(k), short(end.ID),
		object.Text(end.Tags["upstream_cluster"]), object.Text(end.Tags["http.status_code"]), flags(end))
	f.Why = j.unheard(k, end)
	f.Next = fmt.Sprintf("see the status of the call, the protocol of the port in %s's listener, and look again", callee)
	j.findings = append(j.findings, f)
}

// unheard says what follows from a client span whose callee reported nothing.
func (j *judge) unheard(k int, end evidence.Span) string {
	caller, callee := j.path.Hops[k], j.path.Hops[k+1]
	for _, flag := range []struct{ name, means string }{
		{"UH", "found no healthy address of " + callee}, {"UF", "could not connect to " + callee}, {"NR", "has no route for the request"},
	} {
		if slices.Contains(strings.Split(end.Tags["response_flags"], ","), flag.name) {
			return fmt.Sprintf("flag %s: the sidecar of %s %s, so the request did not arrive and %s had nothing to report", flag.name, caller, flag.means, callee)
		}
	}
	return fmt.Sprintf("the sidecar of %s sent the request, that of %s reported nothing: the request did not arrive, the port is not treated as HTTP there, or the span is late or lost",
		caller, callee)
}

func (j *judge) noCallSeen(k int, end evidence.Span) {
	app := j.path.Hops[k]
	if _, tcp := j.notHTTP(k + 1); tcp {
		j.portNotHTTP(k+1, fmt.Sprintf("%s: server span %s of %s has no child", j.arrow(k), short(end.ID), app))
		return
	}
	if tracer, off := j.samplesLess(app); off {
		j.findings = append(j.findings, j.samplingOff(k, tracer,
			fmt.Sprintf("%s: server span %s of %s has no child, and no trace of its own was found", j.arrow(k), short(end.ID), app)))
		return
	}
	f := j.finding("trace-incomplete", app, fmt.Sprintf("the trace ends at %s", j.hop(k)))
	f.Where = fmt.Sprintf("%s: server span %s of %s (status %s) has no child, and no trace of its own was found",
		j.arrow(k), short(end.ID), app, object.Text(end.Tags["http.status_code"]))
	f.Why = fmt.Sprintf("%s did not call %s, or the spans of that call are late, lost or not sampled; which of them cannot be told from the spans", app, j.path.Hops[k+1])
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
	f.Where = "trace " + short(j.wanted.id)
	f.Why = "the id is the one that was sent, and no workload of the path reported it: the request went to others, or the path's own spans were all lost"
	f.Next = "see which workload answered the request, and where Service " + gateway + " leads"
	j.findings = append(j.findings, f)
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
